"""Spectral distance: an independent implementation, closed forms, and what it must and must not see."""

import numpy as np
import pytest
import scipy.signal

from sitwell.evaluate.mss import SIZES, a_weighting_power, spectral_distance

RATE = 44100


def noise(seed: int, seconds: float = 1.0) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal((2, int(seconds * RATE)))).astype(np.float32)


def by_scipy(wanted: np.ndarray, got: np.ndarray) -> float:
    """Follow auraloss with scipy's transform, channel by channel."""
    total = 0.0
    for size in SIZES:
        for x, y in zip(wanted.astype(np.float64), got.astype(np.float64), strict=True):
            spectra = []
            for signal in (x, y):
                hz, _, spectrum = scipy.signal.stft(
                    signal, RATE, "hann", size, size - size // 4, boundary="even", padded=False
                )
                power = np.abs(spectrum * scipy.signal.get_window("hann", size).sum()) ** 2
                spectra.append(np.sqrt(np.maximum(power * a_weighting_power(hz)[:, None], 1e-8)))
            first, second = spectra
            convergence = np.linalg.norm(second - first) / np.linalg.norm(first)
            total += convergence + np.mean(np.abs(np.log(first) - np.log(second)))
    return total / (2 * len(SIZES))


def test_agrees_with_an_independent_implementation() -> None:
    wanted = noise(0)
    got = (0.5 * wanted + 0.5 * noise(1)).astype(np.float32)
    found = spectral_distance(wanted, got, RATE)
    assert found.left_right == pytest.approx(by_scipy(wanted, got), rel=1e-4)
    mixed = [np.stack([sound[0] + sound[1], sound[0] - sound[1]]) for sound in (wanted, got)]
    assert found.mid_side == pytest.approx(by_scipy(*mixed), rel=1e-4)


def test_twice_as_loud_is_one_plus_the_logarithm_of_two() -> None:
    heard = np.mean([(size // 2) / (size // 2 + 1) for size in SIZES])  # all bins but the first, which has weight 0
    wanted = noise(2)
    assert spectral_distance(wanted, 2 * wanted, RATE).left_right == pytest.approx(1 + heard * np.log(2), rel=1e-3)


def test_equal_sounds_are_at_no_distance() -> None:
    wanted = noise(3)
    assert spectral_distance(wanted, wanted.copy(), RATE) == spectral_distance(0 * wanted, 0 * wanted, RATE)
    assert spectral_distance(wanted, wanted.copy(), RATE).left_right == 0.0
    assert spectral_distance(wanted, wanted.copy(), RATE).mid_side == 0.0


def test_a_narrower_image_is_seen_in_mid_and_side() -> None:
    wanted = noise(4)
    narrow = np.repeat(wanted.mean(axis=0, keepdims=True), 2, axis=0)
    found = spectral_distance(wanted, narrow, RATE)
    assert found.mid_side > 1.5 * found.left_right


@pytest.mark.parametrize(("hz", "db"), [(31.62, -39.4), (100, -19.1), (1000, 0.0), (4000, 1.0), (10000, -2.5)])
def test_weighting_is_that_of_the_standard(hz: float, db: float) -> None:
    assert 10 * np.log10(a_weighting_power(hz)) == pytest.approx(db, abs=0.06)  # IEC 61672-1, table 3: one decimal


def test_sounds_shorter_than_a_window_are_compared() -> None:
    wanted = noise(5, seconds=0.01)
    assert spectral_distance(wanted, -2 * wanted, RATE).left_right > 0.5
