"""`sitwell-train fit` and `skill` on a small generated catalogue: from sound files to a bundle the product loads."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner, Result

from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell.models import Bundle
from sitwell.songs import Song, write_songs
from sitwell_training import fit as module
from sitwell_training import work
from sitwell_training.cli import app
from sitwell_training.fit import fit_tasks, report, write_fit
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.task import fit_target
from sitwell_training.work import Effort
from tests.songs import band, voice

EFFORT = Effort(recipes=(Recipe("ridge", "range", 2.0),), takes=2)
RATE = 8000


@pytest.fixture(scope="module", autouse=True)
def few_draws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sitwell.evaluate.bootstrap.DRAWS", 50)
        yield


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write eight songs of 18 s by four artists, the last of them for testing."""
    folder = tmp_path_factory.mktemp("songs")
    songs = []
    for number in range(8):
        swell = np.interp(np.arange(18 * RATE), [0, 9 * RATE, 18 * RATE], [1.0, 0.1 + 0.1 * number, 1.0])
        for part, sound in (
            ("vocals", voice(18.0, RATE, swing_db=2.0 + 8.0 * (7 - number) / 7, seed=number)),
            ("backing", band(18.0, RATE, seed=number)),
        ):
            path = folder / f"song{number}" / f"{part}.wav"
            path.parent.mkdir(exist_ok=True)
            samples = sound.samples * swell.astype(np.float32) if part == "backing" else sound.samples
            soundfile.write(path, Audio.of(samples, RATE).samples.T, RATE, subtype="FLOAT")
        songs.append(
            Song(f"song{number}", f"artist{number // 2}", f"song{number}/vocals.wav", f"song{number}/backing.wav",
                 licence="CC0", source="made", split="test" if number >= 6 else "train")
        )  # fmt: skip
    write_songs(folder / "songs.jsonl", songs)
    return folder / "songs.jsonl"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


def train_songs(catalogue: Path) -> tuple[Song, ...]:
    from sitwell_training.catalogue import read_catalogue

    return tuple(song for song in read_catalogue(catalogue) if song.split == "train")


def fitted(catalogue: Path, cache: Path) -> module.Fit:
    return fit_tasks(train_songs(catalogue), tasks=("level", "range"), cache=cache, effort=EFFORT, workers=1)


def test_two_targets_are_trained_to_a_bundle(catalogue: Path, cache: Path, tmp_path: Path) -> None:
    done = fitted(catalogue, cache)
    write_fit(done, tmp_path / "house", name="house", version="3")
    bundle = Bundle.load(tmp_path / "house")
    assert bundle.label == "model house 3"
    assert bundle.has("level")
    assert bundle.has("range")
    assert bundle.card["data"]["songs"] == 6
    assert bundle.card["data"]["artists"] == 3
    assert bundle.card["data"]["sha256"] == done.sha256
    saved = json.loads((tmp_path / "house" / "report.json").read_text(encoding="utf-8"))
    assert saved["tasks"]["range"]["songs"] == 6
    assert "## level" in (tmp_path / "house" / "report.md").read_text(encoding="utf-8")


def test_test_songs_are_refused(catalogue: Path, cache: Path) -> None:
    from sitwell_training.catalogue import read_catalogue

    with pytest.raises(InputError, match="fit.test_song"):
        fit_tasks(read_catalogue(catalogue), cache=cache, effort=EFFORT)


def test_finished_tasks_are_not_done_twice(catalogue: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fitted(catalogue, cache)
    monkeypatch.setattr(work, "fit_target", lambda *_args, **_more: pytest.fail("trained again"))
    again = fitted(catalogue, cache)
    assert again.to_dict() == before.to_dict()
    assert {task: result.onnx for task, result in again.tasks.items()} == {
        task: result.onnx for task, result in before.tasks.items()
    }


def test_another_seed_is_another_training(catalogue: Path, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted(catalogue, cache)
    monkeypatch.setattr(work, "fit_target", lambda *_args, **_more: pytest.fail("trained again"))
    with pytest.raises(pytest.fail.Exception):
        fit_tasks(train_songs(catalogue), tasks=("range",), seed=1, cache=cache, effort=EFFORT, workers=1)


def test_an_interrupted_run_goes_on(catalogue: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = fit_target
    done: list[str] = []

    def interrupted(examples, target, **more):  # type: ignore[no-untyped-def]
        if target.task == "range" and "stop" not in done:
            done.append("stop")
            raise KeyboardInterrupt
        done.append(target.task)
        return real(examples, target, **more)

    monkeypatch.setattr(work, "fit_target", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fitted(catalogue, tmp_path)
    result = fitted(catalogue, tmp_path)
    assert done == ["level", "stop", "range"]
    assert set(result.tasks) == {"level", "range"}


def test_a_song_that_cannot_be_read_is_named(catalogue: Path, cache: Path) -> None:
    songs = train_songs(catalogue)
    gone = songs[0].replace(id="gone", vocal=str(catalogue.parent / "nowhere.wav"))
    done = fit_tasks((*songs, gone), tasks=("range",), cache=cache, effort=EFFORT, workers=1)
    assert [song for song, *_ in done.skipped] == ["gone"]
    assert "- gone: " in report(done)


def test_commands_write_and_judge_a_bundle(
    catalogue: Path, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "Effort", lambda: EFFORT)
    runner, out = CliRunner(), tmp_path / "bundle"
    common = ["--cache", str(cache), "--workers", "1"]
    trained = runner.invoke(app, ["fit", "range", "--data", str(catalogue), "--out", str(out), *common])
    assert trained.exit_code == 0, trained.output
    assert "## range" in trained.output
    assert Bundle.load(out).has("range")
    judged = runner.invoke(app, ["skill", str(catalogue), "--bundle", str(out), "--json", *common])
    assert judged.exit_code == 0, judged.output
    figures = json.loads(judged.stdout)
    assert figures["test"]["range"]["coverage"]["songs"] == 2
    assert figures["left_out"]["tasks"]["level"]["songs"] == 6


def fit_all(data: Path, folder: Path) -> Result:
    return CliRunner().invoke(app, ["fit", "all", "--data", str(data), "--out", str(folder / "x")])


def test_a_catalogue_without_songs_of_the_split_is_refused(catalogue: Path, tmp_path: Path) -> None:
    songs = [song.replace(split="test") for song in train_songs(catalogue)]
    write_songs(tmp_path / "test.jsonl", songs)
    found = CliRunner().invoke(
        app, ["fit", "all", "--data", str(tmp_path / "test.jsonl"), "--out", str(tmp_path / "x")]
    )
    assert found.exit_code == 3
    assert "fit.no_songs" in found.output


def test_an_artist_on_both_sides_is_refused(catalogue: Path, tmp_path: Path) -> None:
    songs = train_songs(catalogue)
    write_songs(tmp_path / "leak.jsonl", [songs[0].replace(split="test"), *songs[1:]])
    found = CliRunner().invoke(
        app, ["fit", "all", "--data", str(tmp_path / "leak.jsonl"), "--out", str(tmp_path / "x")]
    )
    assert found.exit_code == 3
    assert "dataset.artist_leak" in found.output
