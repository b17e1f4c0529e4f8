"""What a catalogue keeps of a backing's track: few bytes, and the same decision whoever keeps it."""

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from sitwell.analysis import ANALYSIS_VERSION, Track, measure_features, measure_track, sketch, take_apart
from sitwell.analysis.sketch import BARK_STEP_DB, ENERGY_STEP_DB, Grid
from sitwell.audio import Audio
from sitwell.catalogue.pack import pack, unpack
from tests.songs import band, voice


def same(one: Track, other: Track) -> bool:
    figures, arrays = take_apart(one)
    again, found = take_apart(other)
    equal = all(np.array_equal(arrays[name], found[name]) for name in arrays) and arrays.keys() == found.keys()
    return figures == again and equal and all(arrays[name].dtype == found[name].dtype for name in arrays)


@pytest.fixture(scope="module")
def track() -> Track:
    return measure_track(band(12.0, 44100))


def test_a_sketch_of_a_sketch_is_the_same(track: Track) -> None:
    once = sketch(track)
    assert not same(once, track)
    assert same(sketch(once), once)


def test_a_packed_sketch_comes_back_bit_for_bit(track: Track) -> None:
    assert same(unpack(pack(sketch(track)), "here"), sketch(track))


@pytest.mark.parametrize("seconds", [0.0, 0.05, 0.6])
def test_short_and_silent_sounds_come_back_too(seconds: float) -> None:
    for level in (0.0, 0.1):
        found = sketch(measure_track(Audio.of(np.full(int(seconds * 44100), level), 44100)))
        assert same(unpack(pack(found), "here"), found)


def test_all_that_is_not_kept_on_a_grid_is_exact(track: Track) -> None:
    kept = dataclasses.replace(sketch(track), energies=track.energies, spectrum=track.spectrum)
    assert same(kept, track)


def test_gain_of_the_sound_does_not_move_the_grid(track: Track) -> None:
    louder = dataclasses.replace(
        track, energies=track.energies * 7.0, spectrum=dataclasses.replace(track.spectrum, bark=track.spectrum.bark * 7)
    )
    assert sketch(louder).spectrum.bark == pytest.approx(7 * sketch(track).spectrum.bark, rel=1e-5)


def test_levels_err_by_half_a_step_at_most(track: Track) -> None:
    found = sketch(track)
    for step_db, before, after in (
        (ENERGY_STEP_DB, track.energies, found.energies),
        (BARK_STEP_DB, track.spectrum.bark, found.spectrum.bark),
    ):
        loud = before > before.max() * 1e-7
        error_db = 10 * np.log10(after[loud] / before[loud])
        assert np.abs(error_db).max() < 0.5 * step_db + 1e-4
        assert np.abs(error_db).max() > 0.2 * step_db  # there is something to keep within


def test_pooled_frames_keep_their_mean() -> None:
    grid = Grid(0.001, 60_000, pool=4)
    power = np.random.default_rng(0).uniform(0.1, 1.0, (10, 3))
    codes, loudest = grid.encode(power)
    found = grid.decode(codes, loudest, frames=10)
    assert codes.shape == (3, 3)
    assert found[:4] == pytest.approx(np.tile(power[:4].mean(axis=0), (4, 1)), rel=2e-4)
    assert found[8:] == pytest.approx(np.tile(power[8:].mean(axis=0), (2, 1)), rel=2e-4)


def test_features_of_a_sketch_are_those_of_the_track(track: Track) -> None:
    vocal = measure_track(voice(12.0, 44100))
    exact, found = measure_features(vocal, track), measure_features(vocal, sketch(track))
    assert found == pytest.approx(exact, abs=0.4)  # dB: half a step is 0.75 where a note is held, and bands average


def _noise(track: Track, frames: int) -> Track:
    """Make the track of a long sound that is hard to keep: every band wanders on its own, as in noise."""
    rng = np.random.default_rng(3)
    shapes: dict[str, tuple[int, ...]] = {"bark": (frames, 24), "third_octave": (frames, 31)}
    powers: dict[str, Any] = {name: rng.chisquare(8, shape).astype(np.float32) for name, shape in shapes.items()}
    energies = rng.chisquare(8, int(frames / track.spectrum.frame_rate_hz * 10))
    return dataclasses.replace(track, energies=energies, spectrum=dataclasses.replace(track.spectrum, **powers))


@pytest.mark.parametrize("minutes", [3.0, 4.2, 30.0])
def test_a_track_takes_at_most_200_kb_whatever_its_length(track: Track, minutes: float) -> None:
    frames = int(minutes * 60 * track.spectrum.frame_rate_hz)
    assert 40_000 < len(pack(sketch(_noise(track, frames)))) <= 200_000


@pytest.mark.golden
def test_a_change_of_figures_raises_the_version_of_the_analysis(
    track: Track, golden: Callable[[str, Any], Any]
) -> None:
    """Fails when what is measured changes: raise ANALYSIS_VERSION, then `make golden`."""
    figures, arrays = take_apart(track)
    sums = {name: float(np.log10(array + 1e-12).mean()) for name, array in arrays.items()}
    found = {"version": ANALYSIS_VERSION, "figures": {**figures, "sums": sums}}
    stored = golden(f"analysis {ANALYSIS_VERSION}", found)
    assert _flat(found) == pytest.approx(_flat(stored), rel=1e-5, abs=1e-9)


def _flat(value: dict[str, Any], path: str = "") -> dict[str, float]:
    found: dict[str, float] = {}
    for name, inner in value.items():
        if isinstance(inner, dict):
            found |= _flat(inner, f"{path}{name}.")
        elif isinstance(inner, int | float):
            found[f"{path}{name}"] = float(inner)
    return found
