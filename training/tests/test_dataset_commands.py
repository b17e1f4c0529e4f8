"""`sitwell-train dataset` as a person runs it: a process, what it prints, its exit code, what it leaves behind."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest

from sitwell.songs import read_songs, write_songs
from training.tests import trees


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sitwell_training", *(str(argument) for argument in arguments)]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=300, check=False)


@pytest.fixture
def hq(tmp_path: Path) -> Path:
    """Give a folder with `set`: two songs in the layout of MUSDB18-HQ."""
    trees.musdb18_hq(tmp_path / "set", {"A Band - One": "train", "B - Two": "test"})
    return tmp_path


def test_from_a_data_set_to_labels(hq: Path) -> None:
    done = run("dataset", "musdb18-hq", "set", "-o", "songs.jsonl", "--json", "--workers", "1", cwd=hq)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert (told["songs"], told["artists"], told["test"], told["skipped"]) == (2, 2, 1, [])
    assert all(Path(song.backing).is_relative_to(hq / "songs.work") for song in read_songs(hq / "songs.jsonl"))

    done = run("dataset", "check", "songs.jsonl", "--json", cwd=hq)
    assert (done.returncode, json.loads(done.stdout)["findings"]) == (0, [])

    labels = ("dataset", "labels", "songs.jsonl", "--cache", "cache", "--workers", "1")
    done = run(*labels, "-o", "labels.csv", "--json", cwd=hq)
    assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)["songs"]
    with (hq / "labels.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    assert [float(row["vbr_lu"]) for row in written] == [row["vbr_lu"] for row in rows]
    assert {"vocal_1000hz_db", "backing_20hz_db", "vbr_slope", "vbr_spread_lu"} <= written[0].keys()
    done = run(*labels, "-o", "labels.parquet", cwd=hq)
    assert "2 songs measured" in done.stdout
    assert pyarrow.parquet.read_table(hq / "labels.parquet").to_pylist() == rows


def test_a_song_that_should_be_usable_and_is_not_gives_exit_4(hq: Path) -> None:
    (hq / "set" / "train" / "A Band - One" / "bass.wav").unlink()
    done = run("dataset", "musdb18-hq", "set", "-o", "songs.parquet", "--workers", "1", cwd=hq)
    assert done.returncode == 4
    assert "skipped musdb18hq_A Band - One" in done.stderr
    assert "[dataset.missing_file]" in done.stderr
    assert (hq / "songs.parquet").is_file()


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (("dsd100", "set", "-o", "songs.jsonl"), "songs.empty", 3),
        (("musdb18-hq", "nowhere", "-o", "songs.jsonl"), "songs.not_found", 3),
        (("musdb18-hq", "set", "-o", "songs.txt"), "songs.format", 3),
        (("mixes", "set", "-o", "songs.jsonl", "--separator", "nobody"), "separator.unknown", 3),
        (("plain", "set", "-o", "songs.jsonl", "--artist-from", "("), "dataset.artist_from", 2),
        (("plain", "set", "-o", "songs.jsonl", "--artist-from", "abc"), "dataset.artist_from", 2),
        (("check", "nowhere.jsonl"), "songs.not_found", 3),
        (("labels", "set"), "songs.empty", 3),
    ],
)
def test_errors_are_one_sentence_with_a_code(hq: Path, arguments: tuple[str, ...], code: str, status: int) -> None:
    done = run("dataset", *arguments, "--json", cwd=hq)
    assert done.returncode == status
    assert json.loads(done.stdout)["error"]["code"] == code
    assert done.stderr.count("\n") == 1
    assert "Traceback" not in done.stderr
    assert not (hq / "songs.jsonl").exists()


def test_a_catalogue_with_leaks_is_refused_by_check_and_labels(hq: Path) -> None:
    run("dataset", "musdb18-hq", "set", "-o", "songs.jsonl", "--quiet", cwd=hq)
    one, other = read_songs(hq / "songs.jsonl")
    write_songs(hq / "leak.jsonl", [one.replace(artist="B"), other])
    done = run("dataset", "check", "leak.jsonl", cwd=hq)
    assert done.returncode == 3
    assert "[dataset.artist_leak]" in done.stdout
    done = run("dataset", "labels", "leak.jsonl", "--cache", "cache", cwd=hq)
    assert done.returncode == 3
    assert "[dataset.artist_leak]" in done.stderr


def test_joined_catalogues_keep_artists_on_one_side(hq: Path) -> None:
    run("dataset", "musdb18-hq", "set", "-o", "songs.jsonl", "--quiet", cwd=hq)
    one, other = read_songs(hq / "songs.jsonl")
    write_songs(hq / "a.jsonl", [one.replace(artist="Same")])
    write_songs(hq / "b.jsonl", [other.replace(artist="same")])
    done = run("dataset", "join", "a.jsonl", "b.jsonl", "-o", "both.jsonl", cwd=hq)
    assert done.returncode == 0
    assert "[dataset.moved]" in done.stderr
    assert {song.split for song in read_songs(hq / "both.jsonl")} == {"test"}


def test_check_tells_of_missing_files_and_lengths_that_differ(hq: Path) -> None:
    run("dataset", "musdb18-hq", "set", "-o", "songs.jsonl", "--quiet", cwd=hq)
    one, other = read_songs(hq / "songs.jsonl")
    trees.write(Path(one.vocal), trees.stems(4.0)["vocals"])
    Path(other.backing).unlink()
    told = json.loads(run("dataset", "check", "songs.jsonl", "--json", cwd=hq).stdout)
    assert {(item["code"], item["error"]) for item in told["findings"]} == {
        ("dataset.lengths", False), ("audio.not_found", True),
    }  # fmt: skip
