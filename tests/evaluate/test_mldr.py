"""Microdynamics distance: an independent implementation, and what it must and must not see."""

import numpy as np
import pytest
import scipy.signal

from sitwell.evaluate.mldr import TIMES_MS, dynamics_distance, short_against_long

RATE = 44100


def swelling(seed: int, *, depth_db: float = 6.0, seconds: float = 6.0) -> np.ndarray:
    time_s = np.arange(int(seconds * RATE)) / RATE
    level_db = depth_db * np.sin(2 * np.pi * 0.8 * time_s)
    sound = 0.1 * np.random.default_rng(seed).standard_normal((2, time_s.size)) * 10 ** (level_db / 20)
    return sound.astype(np.float32)


def by_scipy(wanted: np.ndarray, got: np.ndarray) -> float:
    """Follow DiffVox sample by sample, leaving out the end that it wraps around."""
    total = 0.0
    for short_ms, long_ms in TIMES_MS:
        curves = []
        for sound in (wanted, got):
            energy = np.maximum(sound.astype(np.float64) ** 2, 1e-8)
            means = []
            for time_ms in (short_ms, long_ms):
                share = 1 - np.exp(-2200 / time_ms / RATE)
                means.append(scipy.signal.lfilter([share], [1, share - 1], energy, axis=1))
            late = int(RATE * (long_ms - short_ms) * 0.0005)
            curves.append(np.log(means[0][:, :-late]) - np.log(means[1][:, late:]))
        total += np.abs(curves[0] - curves[1]).mean()
    return total


def test_agrees_with_an_independent_implementation() -> None:
    wanted, got = swelling(0), swelling(0, depth_db=2.0)
    found = dynamics_distance(wanted, got, RATE)
    assert found.left_right == pytest.approx(by_scipy(wanted, got), rel=1e-3)
    half = np.sqrt(0.5)
    mixed = [half * np.stack([sound[0] + sound[1], sound[0] - sound[1]]) for sound in (wanted, got)]
    assert found.mid_side == pytest.approx(by_scipy(*mixed), rel=1e-3)


def test_equal_sounds_are_at_no_distance() -> None:
    sound = swelling(1)
    assert dynamics_distance(sound, sound.copy(), RATE).left_right == 0.0


def test_a_constant_gain_is_not_seen() -> None:
    sound = swelling(2)
    assert dynamics_distance(sound, 4 * sound, RATE).left_right < 1e-4


def test_more_uneven_is_further() -> None:
    wanted = swelling(3, depth_db=2.0)
    near, far = (dynamics_distance(wanted, swelling(3, depth_db=db), RATE) for db in (4.0, 8.0))
    assert far.left_right > 2 * near.left_right > 0.1


def test_a_jump_of_level_is_seen_as_high_as_it_is() -> None:
    time_s = np.arange(20 * RATE) / RATE
    tone = np.sin(2 * np.pi * 1000 * time_s) * np.where(time_s < 10, 0.1, 0.2)
    ratio = short_against_long(np.stack([tone, tone]).astype(np.float32), RATE, short_ms=50, long_ms=1000)[0]
    # right after the jump the short mean has risen by 6.02 dB and the long one, read 0.475 s later, in part
    late_s, since_s = 0.475, 0.1
    rise = 1 - np.exp(-2.2 * (since_s + late_s) / 1.0)
    expected = np.log(4.0) - np.log(1 + 3 * rise)
    assert ratio[int((10 + since_s) / 20 * 20 * 2000)] == pytest.approx(expected, abs=0.05)


def test_sounds_shorter_than_the_long_mean_are_at_no_distance() -> None:
    assert dynamics_distance(swelling(4, seconds=0.3), swelling(5, seconds=0.3), RATE).left_right == 0.0
