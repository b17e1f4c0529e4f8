"""Assembling: sums keep their balance, are checked against the mixture and made once; artists stay on one side."""

import os
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.analysis import measure_balance, measure_track
from sitwell.audio import Audio
from sitwell_training.adapters import Found, Part
from sitwell_training.assemble import Assembly, Settings, assemble
from sitwell_training.sums import measure_agreement, sum_parts
from training.tests import trees

SOUNDS = trees.stems(6.0)


def song(folder: Path, id_: str = "one", *, artist: str = "A", split: str | None = None, gain: float = 1.0) -> Found:
    """Describe a song whose backing is two files."""
    for stem in ("vocals", "drums", "bass"):
        trees.write(folder / id_ / f"{stem}.wav", np.float32(gain) * SOUNDS[stem])
    vocal, *backing = (Part(folder / id_ / f"{stem}.wav") for stem in ("vocals", "drums", "bass"))
    return Found(id_, artist, (vocal,), tuple(backing), split=split)


def with_mixture(found: Found, folder: Path, mixture: np.ndarray) -> Found:
    path = trees.write(folder / found.id / "mixture.wav", mixture)
    return Found(found.id, found.artist, found.vocal, found.backing, Part(path))


def run(found: Found, folder: Path, **changes: float) -> Assembly:
    return assemble([found], Settings(folder / "work", workers=1, **changes))  # type: ignore[arg-type]


def test_a_loud_sum_is_turned_down_together_with_its_vocal(tmp_path: Path) -> None:
    quiet, loud = run(song(tmp_path), tmp_path), run(song(tmp_path, "loud", gain=20.0), tmp_path)

    def vbr_lu(made: Assembly) -> float:
        vocal, backing = (measure_track(io.read(path)) for path in (made.songs[0].vocal, made.songs[0].backing))
        assert max(vocal.loudness.sample_peak_dbfs, backing.loudness.sample_peak_dbfs) < 0.0
        return measure_balance(vocal.energies, backing.energies).vbr_lu

    assert vbr_lu(loud) == pytest.approx(vbr_lu(quiet), abs=0.01)  # LU


def test_a_missing_stem_is_found_by_the_mixture(tmp_path: Path) -> None:
    found = song(tmp_path)
    whole = SOUNDS["vocals"] + SOUNDS["drums"] + SOUNDS["bass"]
    assert run(with_mixture(found, tmp_path, whole), tmp_path).songs[0].level_label
    without_bass = SOUNDS["vocals"] + SOUNDS["drums"]
    made = run(with_mixture(found, tmp_path, without_bass + 0.1), tmp_path)
    assert made.songs == ()
    assert made.skipped[0].code == "dataset.residual"
    assert run(with_mixture(found, tmp_path, without_bass + 0.1), tmp_path, tolerance_db=10.0).songs


def test_the_gain_of_the_whole_mixture_does_not_matter() -> None:
    parts = {name: Audio.of(SOUNDS[name], trees.RATE) for name in ("vocals", "drums")}
    mixture = Audio.of(0.3 * (SOUNDS["vocals"] + SOUNDS["drums"]), trees.RATE)
    agreement = measure_agreement(parts["vocals"], parts["drums"], mixture)
    assert agreement.residual_db < -60.0
    assert agreement.balance_db == pytest.approx(0.0, abs=0.01)  # dB


def test_the_balance_of_a_mixture_is_found() -> None:
    parts = {name: Audio.of(SOUNDS[name], trees.RATE) for name in ("vocals", "drums")}
    mixture = Audio.of(2.0 * SOUNDS["vocals"] + SOUNDS["drums"], trees.RATE)
    agreement = measure_agreement(parts["vocals"], parts["drums"], mixture)
    assert agreement.balance_db == pytest.approx(6.02, abs=0.05)  # dB


def test_silence_agrees_with_nothing() -> None:
    silence, sound = Audio.of(np.zeros(1000), 44100), Audio.of(np.ones(1000) * 0.1, 44100)
    assert measure_agreement(silence, silence, silence).residual_db == np.inf
    assert measure_agreement(silence, silence, sound).residual_db == pytest.approx(0.0)


def test_sounds_of_other_rates_and_lengths_are_summed_at_the_highest_rate(tmp_path: Path) -> None:
    short = trees.write(tmp_path / "a.wav", SOUNDS["vocals"][:, :44100])
    fast = trees.write(tmp_path / "b.wav", trees.stems(2.0, sample_rate=48000)["drums"], 48000)
    total = sum_parts([Part(short), Part(fast)])
    assert total.sample_rate == 48000
    assert total.seconds == pytest.approx(2.0, abs=0.001)


def test_a_second_run_makes_only_what_is_new(tmp_path: Path) -> None:
    first = run(song(tmp_path), tmp_path)
    backing = Path(first.songs[0].backing)
    os.utime(backing, ns=(1, 1))
    assert run(song_as_is(tmp_path), tmp_path).songs == first.songs
    assert backing.stat().st_mtime_ns == 1  # not written again
    os.utime(tmp_path / "one" / "bass.wav", ns=(1, 1))  # an input that changed
    assert run(song_as_is(tmp_path), tmp_path).songs == first.songs
    assert backing.stat().st_mtime_ns != 1


def test_a_sum_that_was_lost_is_made_again(tmp_path: Path) -> None:
    first = run(song(tmp_path), tmp_path)
    Path(first.songs[0].backing).unlink()
    assert Path(run(song_as_is(tmp_path), tmp_path).songs[0].backing).is_file()


def test_a_damaged_note_of_an_earlier_run_is_no_obstacle(tmp_path: Path) -> None:
    run(song(tmp_path), tmp_path)
    (note,) = (tmp_path / "work").glob("*.json")
    note.write_text("{", encoding="utf-8")
    assert run(song_as_is(tmp_path), tmp_path).songs


def song_as_is(folder: Path) -> Found:
    """Describe the song again without writing its files."""
    vocal, *backing = (Part(folder / "one" / f"{stem}.wav") for stem in ("vocals", "drums", "bass"))
    return Found("one", "A", (vocal,), tuple(backing))


def test_unreadable_stems_are_skipped_and_the_rest_is_made(tmp_path: Path) -> None:
    good, bad = song(tmp_path, "good"), song(tmp_path, "bad")
    (tmp_path / "bad" / "bass.wav").write_bytes(b"RIFF\x00\x00\x00\x00WAVEjunk")
    made = assemble([bad, good], Settings(tmp_path / "work", workers=2))
    assert [item.id for item in made.songs] == ["good"]
    assert [(item.id, item.code) for item in made.skipped] == [("bad", "audio.unreadable")]


def test_an_artist_tested_with_is_not_trained_with(tmp_path: Path) -> None:
    found = [
        song(tmp_path, "a", artist="Music Delta", split="train"),
        song(tmp_path, "b", artist="MusicDelta", split="test"),
        song(tmp_path, "c", artist="Other", split="train"),
    ]
    made = assemble(found, Settings(tmp_path / "work", workers=1))
    assert {item.id: item.split for item in made.songs} == {"a": "test", "b": "test", "c": "train"}
    assert [notice.code for notice in made.notices] == ["dataset.moved"]


def test_ids_that_are_no_file_names_get_files_of_their_own(tmp_path: Path) -> None:
    found = [song(tmp_path, "x")] * 2
    named = [Found(id_, "A", found[0].vocal, found[0].backing) for id_ in ("a/b: c?", "a_b: c*")]
    made = assemble(named, Settings(tmp_path / "work", workers=1))
    assert len({item.backing for item in made.songs}) == 2
