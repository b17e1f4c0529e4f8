"""The choice of reverb: professional settings, labels heard in vocals, what is learned of them, and the bundle."""

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile
from typer.testing import CliRunner

from sitwell.analysis import FEATURES, measure_features, measure_track
from sitwell.errors import InputError
from sitwell.extraction import DRY, WET, Confidence, ReverbEstimate
from sitwell.models import REVERB, Bundle
from sitwell.models.prediction import LOG
from sitwell.songs import Song
from sitwell_training.bundle import TaskResult, write_bundle
from sitwell_training.cli import app
from sitwell_training.equalizer.voices import Voice
from sitwell_training.labels import measure_labels
from sitwell_training.prepare import PreparedSong
from sitwell_training.reverb import ears_of, fit_reverb_tasks, with_rooms
from sitwell_training.reverb.labels import room_of
from sitwell_training.reverb.professionals import BRIGHTNESS, DECAY_S, PREDELAY_MS, RETURN_DB, priors
from sitwell_training.reverb.targets import ROBUST, reverb_targets
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.graph import run_onnx, to_onnx
from sitwell_training.targets.nested import Songs, choose, fit, nested
from sitwell_training.targets.rows import TAKE, WHOLE, Rows
from sitwell_training.targets.skill import judge
from sitwell_training.targets.target import Target
from tests.models.bundles import extraction_bundle, extraction_task
from tests.songs import band, voice

Floats = npt.NDArray[np.float64]
RIDGE = (Recipe("ridge", "dynamics", 6.0),)
PLANTED = FEATURES.index("backing_range_log_lu")


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitwell.evaluate.bootstrap.DRAWS", 100)


def target(task: str) -> Target:
    return reverb_targets(priors())[REVERB.index(task)]


# --- Professional settings


@pytest.mark.parametrize(
    ("task", "published"),
    [("decay", DECAY_S), ("brightness", BRIGHTNESS), ("predelay", PREDELAY_MS), ("return", RETURN_DB)],
)
def test_settings_have_the_published_percentiles(task: str, published: tuple[float, float, float]) -> None:
    wanted = target(task)
    found = [wanted.quantile(np.zeros(0), np.zeros(0), share) for share in (0.1, 0.5, 0.9)]
    told = np.exp(found) if wanted.scale == LOG else np.array(found)
    np.testing.assert_allclose(told, published, rtol=0.03)


def table(folder: Path, decays_s: list[list[float]]) -> Path:
    heads = [f"rt60_{hz}hz_s" for hz in (500, 1000, 2000, 4000, 8000)]
    lines = [",".join(heads), *(",".join(map(str, row)) for row in decays_s)]
    (folder / "presets.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "presets.csv"


def test_settings_of_a_table_become_knobs_of_our_reverb(tmp_path: Path) -> None:
    flat = [[decay_s] * 5 for decay_s in (0.8, 1.5, 3.0)]
    known = priors(table(tmp_path, flat))
    np.testing.assert_allclose(np.exp(known["decay"].settings), [0.8, 1.5, 3.0], rtol=0.05)
    np.testing.assert_allclose(np.exp(known["brightness"].settings), 1.0, rtol=0.1)
    assert known["decay"].source.startswith("3 professional")


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "presets.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="presets.unreadable"):
        priors(tmp_path / "presets.csv")


# --- Labels


def estimate(decay_s: float | None = 1.5, *, verdict: str = WET, sure: float = 0.9) -> ReverbEstimate:
    hz = ("125", "250", "500", "1000", "2000", "4000", "8000")
    decays: dict[str, float | None] = dict.fromkeys(hz, decay_s)
    return ReverbEstimate(verdict, decays, -12.0, 8.0, None, Confidence(dict.fromkeys(hz, 0.9), sure), decays)


def test_what_is_heard_becomes_labels() -> None:
    room = room_of(estimate())
    assert room.decay_s == pytest.approx(1.5, rel=0.05)
    assert room.brightness == pytest.approx(1.0, rel=0.1)
    assert (room.return_db, room.predelay_ms) == (-12.0, None)


def test_what_is_dry_or_unsure_is_no_label() -> None:
    assert room_of(estimate(verdict=DRY)).decay_s is None
    assert room_of(estimate(verdict=DRY)).return_db is None
    assert room_of(estimate(sure=0.2)).return_db is None
    assert room_of(estimate(None)).decay_s is None


def test_brightness_needs_the_highs() -> None:
    heard = estimate()
    dull = heard.replace(decay_s=heard.decay_s | {"4000": None, "8000": None})
    assert room_of(dull).decay_s is not None
    assert room_of(dull).brightness is None


@pytest.fixture(scope="module")
def songs() -> list[PreparedSong]:
    """Make four songs by four artists, of which one was separated and one was never mixed."""
    made = []
    for number, kind in enumerate(("professional-stems", "separated-from-released-mix", "raw-multitracks", "")):
        vocal, backing = measure_track(voice(12.0, 16000, seed=number)), measure_track(band(12.0, 16000, seed=number))
        song = Song(f"song{number}", f"artist{number}", "v", "b", "CC0", "made", "train", kind)
        made.append(PreparedSong(song, vocal, backing, measure_labels(vocal, backing)))
    return made


def test_separated_and_raw_vocals_have_no_labels(songs: list[PreparedSong], tmp_path: Path) -> None:
    ears = Bundle.load(extraction_bundle(tmp_path / "ears", decay_s=1.2))
    rooms = [example.room.decay_s for example in with_rooms(songs, ears)]
    assert [decay_s is not None for decay_s in rooms] == [True, False, False, True]
    assert rooms[0] == pytest.approx(1.2, rel=0.05)
    assert all(example.room.decay_s is None for example in with_rooms(songs, None))


def test_labels_are_heard_by_what_was_just_trained(songs: list[PreparedSong]) -> None:
    config, graph = extraction_task(decay_s=0.7)
    ears = ears_of(TaskResult(config, graph, {}))
    assert with_rooms(songs, ears)[0].room.decay_s == pytest.approx(0.7, rel=0.05)


def test_mixed_vocals_without_a_backing_judge_the_constants(songs: list[PreparedSong], tmp_path: Path) -> None:
    for number in range(3):
        sound = voice(6.0, 16000, seed=number)
        soundfile.write(tmp_path / f"{number}.wav", sound.samples.T, 16000, subtype="FLOAT")
    known = [Voice(f"{n}", f"singer {n}", str(tmp_path / f"{n}.wav"), dry=n == 2) for n in range(3)]
    gone = Voice("gone", "x", str(tmp_path / "gone.wav"), dry=False)
    ears, skipped = Bundle.load(extraction_bundle(tmp_path / "ears", decay_s=1.0)), list[tuple[str, str, str]]()
    results = fit_reverb_tasks(songs[1:3], ears, voices=[*known, gone], skipped=skipped, choices=RIDGE, takes=1)
    found = results["decay"].figures["voices"]["professionals' median"]
    assert (found["songs"], found["artists"]) == (2, 2)
    assert found["value"] == pytest.approx(math.log(2.03), abs=0.05)  # 1.0 s was heard
    assert "2 mixed vocals without a backing, by 2 artists" in results["decay"].figures["told"]
    assert [name for name, *_ in skipped] == ["gone"]


# --- Learning


def made_up(wanted: Target, *, slope: float) -> Songs:
    """Draw 40 songs by 20 artists whose label follows one feature of the backing by a slope, plus noise of 0.2."""
    rng = np.random.default_rng(0)
    count, views = 40, 3
    true = rng.standard_normal((count, len(FEATURES)))
    middle = float(np.median(wanted.prior.songs()))
    labels = middle + slope * true[:, PLANTED] + 0.2 * rng.standard_normal(count)
    song = np.repeat(np.arange(count), views)
    rows = Rows(
        true[song] + 0.1 * rng.standard_normal((count * views, len(FEATURES))), song,
        np.tile([WHOLE, TAKE, TAKE], count), np.full(count * views, 10.0),
    )  # fmt: skip
    artists = tuple(f"artist{number // 2}" for number in range(count))
    return Songs(rows.seeing(wanted.features), artists, labels, wanted.features, np.full(count, 100.0))


def test_a_house_whose_decays_follow_its_backings_is_learned() -> None:
    wanted = target("decay")
    some = made_up(wanted, slope=0.4)
    skills = judge(nested(some, wanted, recipes=RIDGE, seed=0), some, wanted)
    assert skills["chosen"].shown
    assert choose(some, wanted, recipes=RIDGE, seed=0)["chosen"].recipe == RIDGE[0]


def test_decays_that_follow_nothing_are_not_learned() -> None:
    wanted = target("decay")
    some = made_up(wanted, slope=0.0)
    assert not judge(nested(some, wanted, recipes=RIDGE, seed=0), some, wanted)["chosen"].shown


def test_the_graph_of_a_decay_speaks_of_logarithms() -> None:
    wanted = target("decay")
    some = made_up(wanted, slope=0.4)
    fitted = fit(RIDGE[0], some, wanted, seed=0)
    graph = to_onnx(fitted, wanted, features=len(ROBUST))
    expected = np.clip(fitted.predict(some.rows.features), math.log(0.2), math.log(10.0))
    np.testing.assert_allclose(run_onnx(graph, some.rows.features), expected, atol=1e-4)


# --- Bundle


def fitted_bundle(songs: list[PreparedSong], ears: Bundle | None, folder: Path) -> tuple[dict[str, TaskResult], Bundle]:
    results = fit_reverb_tasks(songs, ears, choices=RIDGE, takes=1)
    write_bundle(folder, name="house", version="1", tasks=results, songs=[item.song for item in songs])
    return results, Bundle.load(folder)


def test_without_labels_the_professionals_are_shipped(songs: list[PreparedSong], tmp_path: Path) -> None:
    results, bundle = fitted_bundle(songs, None, tmp_path / "house")
    assert {result.config["kind"] for result in results.values()} == {"constant"}
    features = measure_features(songs[0].vocal, songs[0].backing)
    for task, published in zip(REVERB, (DECAY_S, BRIGHTNESS, PREDELAY_MS, RETURN_DB), strict=True):
        found = bundle.predict(task, features)
        assert found.source == "prior"
        assert found.confidence is None
        np.testing.assert_allclose([found.low, found.value, found.high], published, rtol=0.03)


def test_the_command_needs_no_songs(tmp_path: Path) -> None:
    out = tmp_path / "house"
    done = CliRunner().invoke(app, ["fit", "reverb", "--out", str(out), "--cache", str(tmp_path / "cache")])
    assert done.exit_code == 0, done.output
    assert "constant 2.03 s; 80 % interval 0.38 to 1.51 times the aim" in done.output
    assert Bundle.load(out).constant("decay").value == pytest.approx(DECAY_S[1], rel=0.01)


def test_few_labels_move_the_constant_little_and_all_say_so(songs: list[PreparedSong], tmp_path: Path) -> None:
    mixed = [dataclasses.replace(item, song=item.song.replace(kind="")) for item in songs]
    ears = Bundle.load(extraction_bundle(tmp_path / "ears", decay_s=0.5))
    results, bundle = fitted_bundle(mixed, ears, tmp_path / "house")
    decay = results["decay"]
    assert decay.config["kind"] == "constant"
    assert decay.figures["songs"] == 4
    assert "| professionals' median |" in decay.figures["table"]
    found = bundle.predict("decay", measure_features(songs[0].vocal, songs[0].backing))
    assert 0.8 * DECAY_S[1] < found.value < DECAY_S[1]  # towards 0.5 s, by four artists against twenty
    assert results["predelay"].figures["songs"] == 0


def test_the_same_songs_give_the_same_bytes(songs: list[PreparedSong], tmp_path: Path) -> None:
    mixed = [dataclasses.replace(item, song=item.song.replace(kind="")) for item in songs]
    ears = Bundle.load(extraction_bundle(tmp_path / "ears"))
    first, second = (fit_reverb_tasks(mixed, ears, choices=RIDGE, takes=1) for _ in range(2))
    assert [json.dumps(result.config) for result in first.values()] == [
        json.dumps(result.config) for result in second.values()
    ]
