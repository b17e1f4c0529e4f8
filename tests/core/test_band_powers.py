"""Band powers against numpy's transform in double precision."""

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.core import BandPowers

Floats = npt.NDArray[np.float64]


def random_case(n_fft: int, samples: int) -> tuple[npt.NDArray[np.float32], ...]:
    rng = np.random.default_rng(n_fft)
    window = rng.uniform(0.1, 1.0, n_fft).astype(np.float32)
    weights = (rng.uniform(0, 1, (n_fft // 2, 5)) * (rng.uniform(0, 1, (n_fft // 2, 5)) > 0.5)).astype(np.float32)
    return window, weights, rng.standard_normal((2, samples)).astype(np.float32)


def by_numpy(window: Floats, weights: Floats, sound: Floats, hop_length: int) -> Floats:
    n_fft = len(window)
    starts = range(0, sound.shape[1] - n_fft + 1, hop_length)
    frames = np.stack([sound[:, start : start + n_fft] * window for start in starts])
    power = np.abs(np.fft.rfft(frames.astype(np.float64), axis=2)) ** 2  # (frames, 2, bins)
    return np.asarray(2.0 * power.sum(axis=1)[:, 1:] @ weights)


@pytest.mark.parametrize("n_fft", [16, 32, 128, 512, 2048, 8192])  # powers of four, and not
def test_powers_are_those_of_numpy(n_fft: int) -> None:
    window, weights, sound = random_case(n_fft, 11 * n_fft + 3)
    found = BandPowers(window, weights).process(sound, n_fft // 2)
    expected = by_numpy(window.astype(np.float64), weights.astype(np.float64), sound.astype(np.float64), n_fft // 2)
    assert found == pytest.approx(expected, rel=2e-5, abs=1e-5 * float(expected.max()))  # float32 sums


def test_a_frame_does_not_depend_on_its_neighbours() -> None:
    window, weights, sound = random_case(256, 256 * 12)
    powers = BandPowers(window, weights)
    whole = powers.process(sound, 128)
    alone = [powers.process(np.ascontiguousarray(sound[:, i * 128 : i * 128 + 256]), 128) for i in range(len(whole))]
    assert np.array_equal(np.concatenate(alone), whole)


def test_too_little_sound_gives_no_frame() -> None:
    window, weights, sound = random_case(64, 63)
    assert BandPowers(window, weights).process(sound, 32).shape == (0, 5)


def test_wrong_tables_are_refused() -> None:
    window, weights, _ = random_case(64, 64)
    with pytest.raises(ValueError, match="power of two"):
        BandPowers(window[:60].copy(), weights)
    with pytest.raises(ValueError, match="rows"):
        BandPowers(window, weights[:30].copy())
