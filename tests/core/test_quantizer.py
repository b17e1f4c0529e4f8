"""The quantizer: dither is triangular and white, repeatable, and silence stays silent."""

import numpy as np
import pytest

from sitwell import core
from tests.core.sounds import noise

STEP = 1 / 32768


def test_error_is_that_of_triangular_dither() -> None:
    """Total error of a TPDF-dithered quantizer: mean 0, variance 1/4 step², whatever the signal."""
    sound = noise(1, 200_000)
    error = core.Quantizer(1).process(sound).T - sound.astype(np.float64) / STEP
    assert error.mean() == pytest.approx(0, abs=0.005)  # steps
    assert error.var() == pytest.approx(0.25, abs=0.005)  # steps²


def test_a_level_between_steps_is_kept_on_average() -> None:
    for level in (0.1, 0.25, 0.5, 0.9):
        sound = np.full((2, 100_000), level * STEP, dtype=np.float32)
        assert core.Quantizer(2).process(sound).mean() == pytest.approx(level, abs=0.01)  # steps


def test_dither_is_white_and_differs_between_channels() -> None:
    sound = np.full((2, 1 << 17), 0.5 * STEP, dtype=np.float32)
    error = core.Quantizer(3).process(sound).T - 0.5
    spectrum = np.abs(np.fft.rfft(error[0])) ** 2
    bands = spectrum[: 64 * 1024].reshape(64, -1).mean(axis=1)
    assert 10 * np.log10(bands.max() / bands.min()) < 1.5  # dB between 64 bands of 1024 bins
    assert np.corrcoef(error)[0, 1] == pytest.approx(0, abs=0.015)


def test_same_seed_same_bits_another_seed_other_bits() -> None:
    sound = noise(4, 1000)
    first = core.Quantizer(7).process(sound)
    assert np.array_equal(first, core.Quantizer(7).process(sound))
    assert not np.array_equal(first, core.Quantizer(8).process(sound))


def test_silence_stays_silent() -> None:
    assert not core.Quantizer().process(np.zeros((2, 1000), dtype=np.float32)).any()


def test_overload_clips() -> None:
    loud = np.array([[2.0, -2.0, 1.0, -1.0, 1e9, -1e9]], dtype=np.float32)
    found = core.Quantizer().process(loud)[:, 0].tolist()
    assert found[:2] == [32767, -32768]
    assert found[4:] == [32767, -32768]
    assert found[2] >= 32766
    assert found[3] <= -32767
