"""`sitwell evaluate` as a person runs it: files, figures, exit codes, and the same answer however it is run."""

import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from sitwell import evaluate as judging
from sitwell.errors import InputError, PlanError
from sitwell.evaluate.run import in_processes
from tests.evaluate.songbook import write_songbook
from tests.models.bundles import write_bundle


def run(*arguments: str | int | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sitwell", "evaluate", *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_songbook(tmp_path_factory.mktemp("songbook"))


@pytest.fixture(scope="module")
def done(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(".", "--methods", "rules", "--excerpt", 8, "--workers", 2, "--json", "-o", "out", cwd=folder)


def test_a_song_that_fails_is_listed_and_stops_nothing(done: subprocess.CompletedProcess[str]) -> None:
    assert done.returncode == 4, done.stderr
    assert "1 of 3 songs could not be judged" in done.stderr
    songs = {song["id"]: song for song in json.loads(done.stdout)["songs"]}
    assert songs["three"]["error"]["code"] == "audio.unsupported"
    assert "level" in songs["one"]
    assert "damage" in songs["two"]


def test_all_tables_have_their_rows_with_intervals_and_counts(done: subprocess.CompletedProcess[str]) -> None:
    tables = json.loads(done.stdout)["tables"]
    assert list(tables["level"]["rows"]) == ["constant", "rules", "oracle"]
    assert list(tables["equalizer"]["rows"]) == ["do nothing", "rules"]
    assert list(tables["damage"]["rows"]) == ["damaged sum", "constant", "rules", "oracle"]
    asked = tables["level"]["rows"]["rules"]["vbr_asked"]
    assert asked == {"value": 0.0, "low": 0.0, "high": 0.0, "songs": 2, "artists": 2}
    oracle, damaged = (tables["damage"]["rows"][row]["features_mid"] for row in ("oracle", "damaged sum"))
    assert oracle["value"] == 0.0 < damaged["low"] <= damaged["value"] <= damaged["high"]


def test_files_are_those_of_the_object_that_is_printed(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    assert sorted(path.name for path in (folder / "out").iterdir()) == [
        "evaluation.json", "evaluation.md", "evaluation.svg",
    ]  # fmt: skip
    assert json.loads((folder / "out" / "evaluation.json").read_text()) == json.loads(done.stdout)
    assert "evaluation.svg" in (folder / "out" / "evaluation.md").read_text()
    assert ElementTree.parse(folder / "out" / "evaluation.svg").getroot().tag.endswith("svg")


def test_neither_workers_nor_other_songs_change_a_figure(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    songs = judging.choose_songs(folder)
    settings = judging.choose_methods(["rules"], None).settings(seed=0, excerpt_s=8.0)
    alone = judging.evaluate(songs[-1:], settings)
    assert alone.songs[0].to_dict() == json.loads(done.stdout)["songs"][-1]
    assert alone.songs[0].song.id == "two"


def test_seed_changes_the_damage(folder: Path, done: subprocess.CompletedProcess[str]) -> None:
    songs = judging.choose_songs(folder)
    settings = judging.choose_methods(["rules"], None).settings(seed=1, excerpt_s=8.0)
    other = judging.evaluate(songs[-1:], settings).songs[0].to_dict()
    same = json.loads(done.stdout)["songs"][-1]
    assert other["damage"]["damaged sum"]["vbr_error"] != same["damage"]["damaged sum"]["vbr_error"]
    assert other["level"] == same["level"]


def test_table_is_printed_without_json(folder: Path) -> None:
    found = run("songs.jsonl", "--split", "train", "--methods", "rules", "--excerpt", 8, cwd=folder)
    assert found.returncode == 0, found.stderr
    assert found.stdout.startswith("# Evaluation")
    assert "1 songs by 1 artists" in found.stdout
    assert "| vocal to backing, error, LU" in found.stdout


def test_a_catalogue_is_judged_on_its_test_songs(folder: Path) -> None:
    assert [song.id for song in judging.choose_songs(folder / "songs.jsonl")] == ["two", "three"]
    assert [song.id for song in judging.choose_songs(folder / "songs.jsonl", split="all", max_songs=1)] == ["one"]


def test_artists_take_turns_when_only_some_songs_are_wanted(folder: Path) -> None:
    from sitwell.songs import read_songs, write_songs

    one, two, _ = read_songs(folder / "songs.jsonl")
    again = one.replace(id="again")
    write_songs(folder / "turns.jsonl", (one, again, two))
    chosen = judging.choose_songs(folder / "turns.jsonl", split="all", max_songs=2)
    assert [song.id for song in chosen] == ["one", "two"]


def test_wrong_options_are_refused_with_a_code(folder: Path, tmp_path: Path) -> None:
    assert "[evaluate.method]" in run(".", "--methods", "magic", cwd=folder).stderr
    assert run(".", "--methods", "magic", cwd=folder).returncode == 2
    with pytest.raises(PlanError, match="evaluate.split"):
        judging.choose_songs(folder, split="dev")
    (tmp_path / "list.jsonl").write_text((folder / "songs.jsonl").read_text().splitlines()[0] + "\n")
    with pytest.raises(InputError, match="evaluate.no_songs"):
        judging.choose_songs(tmp_path / "list.jsonl")


def test_only_failing_songs_end_with_an_error(tmp_path: Path) -> None:
    (tmp_path / "list.jsonl").write_text(
        json.dumps({"id": "x", "artist": "x", "vocal": "no.wav", "backing": "no.wav", "split": "test"}) + "\n"
    )
    found = run("list.jsonl", "--methods", "rules", cwd=tmp_path)
    assert found.returncode == 3
    assert "evaluate.none_judged" in found.stderr
    assert "audio.not_found" in found.stderr


def test_a_process_that_dies_loses_its_own_songs_only() -> None:
    assert in_processes(os._exit, [(1,), (1,)], workers=2, progress=lambda _done, _of: None) == [None, None]


def test_every_song_has_a_corruption_of_its_own(folder: Path) -> None:
    song = judging.choose_songs(folder)[0]
    settings = judging.Settings(excerpt_s=5.0, draws=1)
    one, other = (judging.evaluate([song.replace(id=name)], settings).songs[0] for name in ("one", "eno"))
    for kind in ("mild", "medium", "origin"):
        first, second = (found.tables["equalizer"]["do nothing"][f"corruption_{kind}"] for found in (one, other))
        assert first != second


@pytest.mark.skipif(sys.platform == "win32", reason="signals to a group of processes")
def test_ctrl_c_ends_all_processes_with_one_sentence(tmp_path: Path) -> None:
    folder = write_songbook(tmp_path, seconds=60.0)
    command = [sys.executable, "-m", "sitwell", "evaluate", ".", "--methods", "rules", "--workers", "2", "-o", "out"]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as running:
        while running.poll() is None and not (folder / "out").is_dir():
            time.sleep(0.05)
        time.sleep(1.5)  # the workers are starting or at work
        os.killpg(running.pid, signal.SIGINT)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130, said
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not list((folder / "out").iterdir())


def test_a_learned_model_is_judged_with_its_interval_and_its_constants(folder: Path) -> None:
    model = write_bundle(folder / "model")
    found = run(
        "songs.jsonl", "--split", "train", "--model", "model", "--excerpt", 6, "--workers", 1, "--json", cwd=folder
    )
    assert found.returncode == 0, found.stderr
    seen = json.loads(found.stdout)
    assert seen["model"] == "model small 7"
    assert seen["settings"]["constant_vbr_lu"] == -3.0
    assert list(seen["tables"]["damage"]["rows"]) == ["damaged sum", "constant", "rules", "learned", "oracle"]
    learned = seen["tables"]["level"]["rows"]["learned"]
    assert learned["vbr_asked"]["value"] == pytest.approx(-4.0, abs=0.01)  # what the small model always says
    assert learned["vbr_width"]["value"] == pytest.approx(3.5)
    assert learned["range_asked"]["value"] == pytest.approx(9.0)
    assert {pair["second"] for pair in seen["tables"]["damage"]["comparisons"] if pair["first"] == "learned"} == {
        "rules", "constant",
    }  # fmt: skip
    assert any("shows no skill at the loudness range and asks for its constant" in note for note in seen["notes"])
    assert any("not of the test split: 1" in note for note in seen["notes"])
    (model / "level.onnx").write_bytes(b"changed")
    assert "[model." in run(".", "--model", "model", cwd=folder).stderr
