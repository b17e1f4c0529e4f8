"""Preparing songs: measured once by content, damage is measured again, nothing is learned across the split."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.analysis import Track, measure_track
from sitwell.audio import Audio
from sitwell.errors import InputError
from sitwell.songs import Song
from sitwell_training import extras, prepare
from sitwell_training.extras import Extra
from sitwell_training.labels import measure_labels
from sitwell_training.prepare import Prepared
from training.tests import trees


def songs(folder: Path, count: int = 2, **changes: object) -> list[Song]:
    made = []
    for number in range(count):
        sounds = trees.stems(seed=number)
        vocal = trees.write(folder / f"{number}" / "vocals.wav", sounds["vocals"])
        backing = trees.write(folder / f"{number}" / "backing.wav", sounds["drums"])
        song = Song(f"song {number}", f"artist {number}", str(vocal), str(backing))
        made.append(song.replace(**changes))
    return made


def run(chosen: list[Song], cache: Path, *, workers: int = 1) -> Prepared:
    return prepare.prepare(chosen, cache=cache, workers=workers)


def same(one: Track, other: Track) -> bool:
    plain = one.to_dict() == other.to_dict() and one.seconds == other.seconds
    arrays = (
        (one.energies, other.energies),
        (one.spectrum.third_octave, other.spectrum.third_octave),
        (one.spectrum.bark, other.spectrum.bark),
    )
    return plain and all(a.dtype == b.dtype and np.array_equal(a, b) for a, b in arrays)


def test_what_comes_from_the_cache_is_what_was_measured(tmp_path: Path) -> None:
    (song,) = songs(tmp_path, 1)
    direct = [measure_track(io.read(path)) for path in (song.vocal, song.backing)]
    for _ in range(2):  # measured, then read
        (item,) = run([song], tmp_path / "cache").songs
        assert same(item.vocal, direct[0])
        assert same(item.backing, direct[1])
        assert item.labels == measure_labels(*direct)
        assert item.vocal.loudness == direct[0].loudness
        assert item.vocal.spectrum.frame_rate_hz == direct[0].spectrum.frame_rate_hz


def test_a_second_run_measures_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = songs(tmp_path)
    first = run(chosen, tmp_path / "cache")
    monkeypatch.setattr(prepare, "_measure", _must_not_run)
    again = run(chosen, tmp_path / "cache")
    assert again.sha256 == first.sha256
    assert [item.labels for item in again.songs] == [item.labels for item in first.songs]


def _must_not_run(_job: object) -> None:
    raise AssertionError("measured again")


def test_content_counts_and_not_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (song,) = songs(tmp_path, 1)
    run([song], tmp_path / "cache")
    moved = Path(shutil.copy(song.vocal, tmp_path / "elsewhere.wav"))
    monkeypatch.setattr(prepare, "_measure", _must_not_run)
    assert run([song.replace(vocal=str(moved))], tmp_path / "cache").songs
    monkeypatch.undo()
    trees.write(moved, trees.stems(seed=5)["vocals"])
    (item,) = run([song.replace(vocal=str(moved))], tmp_path / "cache").songs
    assert item.labels.vbr_lu != run([song], tmp_path / "cache").songs[0].labels.vbr_lu


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "another file"])
def test_a_damaged_entry_is_measured_again(tmp_path: Path, damage: str) -> None:
    (song,) = songs(tmp_path, 1)
    first = run([song], tmp_path / "cache").songs[0]
    (entry,) = (tmp_path / "cache").glob("*.npz")
    content = bytearray(entry.read_bytes())
    if damage == "flipped":
        content[len(content) // 2] ^= 0xFF
    damaged = {"cut": content[: len(content) // 2], "flipped": content, "emptied": b"", "another file": b"PK\3\4"}
    entry.write_bytes(bytes(damaged[damage]))
    (item,) = run([song], tmp_path / "cache").songs
    assert same(item.vocal, first.vocal)
    assert item.labels == first.labels


def test_two_processes_give_the_same_as_one(tmp_path: Path) -> None:
    chosen = songs(tmp_path, 3)
    one, two = (run(chosen, tmp_path / f"cache {workers}", workers=workers) for workers in (1, 2))
    assert one.sha256 == two.sha256
    assert all(same(a.vocal, b.vocal) for a, b in zip(one.songs, two.songs, strict=True))
    assert [item.song.id for item in two.songs] == ["song 0", "song 1", "song 2"]


def test_songs_that_cannot_be_used_are_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    good, silent, gone, broken = songs(tmp_path, 4)
    trees.write(Path(silent.vocal), np.zeros((2, 44100 * 8), dtype=np.float32))
    Path(gone.backing).unlink()
    Path(broken.vocal).write_bytes(b"no sound")
    found = run([good, silent, gone, broken], tmp_path / "cache", workers=2)
    assert [item.song.id for item in found.songs] == ["song 0"]
    assert [(id_, code) for id_, code, _ in found.skipped] == [
        ("song 1", "song.no_singing"), ("song 2", "audio.not_found"), ("song 3", "audio.unsupported"),
    ]  # fmt: skip


def test_a_level_is_no_label_where_the_sum_is_not_what_was_released(tmp_path: Path) -> None:
    released, other = songs(tmp_path)
    found = run([released, other.replace(level_label=False)], tmp_path / "cache").songs
    assert found[0].vbr_lu == found[0].labels.vbr_lu
    assert found[1].vbr_lu is None
    assert np.isfinite(found[1].labels.loudness_range_lu)


def test_progress_goes_from_what_was_there_to_all(tmp_path: Path) -> None:
    chosen, told = songs(tmp_path, 3), list[tuple[float, float]]()
    run(chosen[:1], tmp_path / "cache")
    prepare.prepare(
        chosen, cache=tmp_path / "cache", workers=1, progress=lambda done, total: told.append((done, total))
    )
    assert told[0][0] == pytest.approx(told[0][1] / 3)  # the songs are equally long
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1][0] == told[-1][1]


def test_a_registered_extra_is_measured_cached_and_given_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (song,) = songs(tmp_path, 1)
    run([song], tmp_path / "cache")
    monkeypatch.setitem(extras.EXTRAS, "peaks", Extra(1, _peaks))
    for _ in range(2):
        (item,) = run([song], tmp_path / "cache").songs
        assert item.extras["peaks"].tolist() == _peaks(io.read(song.vocal), io.read(song.backing)).tolist()
    monkeypatch.setitem(extras.EXTRAS, "peaks", Extra(2, lambda vocal, backing: -_peaks(vocal, backing)))
    (item,) = run([song], tmp_path / "cache").songs
    assert item.extras["peaks"].max() < 0.0  # another version is measured anew


def _peaks(vocal: Audio, backing: Audio) -> np.ndarray:
    return np.array([np.abs(sound.samples).max() for sound in (vocal, backing)])


def test_an_artist_on_both_sides_stops_the_work(tmp_path: Path) -> None:
    one, other = songs(tmp_path)
    leaking = [one.replace(artist="A Band"), other.replace(artist="ABand", split="test")]
    with pytest.raises(InputError, match=r"dataset\.artist_leak"):
        run(leaking, tmp_path / "cache")


def test_the_same_vocal_on_both_sides_stops_the_work(tmp_path: Path) -> None:
    one, other = songs(tmp_path)
    shutil.copy(one.vocal, other.vocal)
    with pytest.raises(InputError, match=r"dataset\.content_leak"):
        run([one, other.replace(split="test")], tmp_path / "cache")
    assert len(run([one, other], tmp_path / "cache").songs) == 2
