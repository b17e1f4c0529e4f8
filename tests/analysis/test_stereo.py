"""Width, correlation and balance of the stereo image."""

import math

import numpy as np
import pytest

from sitwell.analysis import Stereo, measure_track
from sitwell.audio import Audio
from tests.analysis.sounds import Floats, noise, tone


def image(left: Floats, right: Floats) -> Stereo:
    return measure_track(Audio.of(np.stack([left, right]), 44100)).stereo


def test_mono_has_no_width() -> None:
    found = image(noise(1.0), noise(1.0))
    assert (found.width_db, found.balance_db) == (-math.inf, 0.0)
    assert found.correlation == pytest.approx(1.0, abs=1e-6)


def test_independent_channels_are_as_wide_as_they_are_deep() -> None:
    found = image(noise(5.0, seed=1), noise(5.0, seed=2))
    assert found.width_db == pytest.approx(0.0, abs=0.1)  # dB, 220 000 samples of noise
    assert found.correlation == pytest.approx(0.0, abs=0.01)


def test_opposite_polarity_is_all_side() -> None:
    found = image(noise(1.0), -noise(1.0))
    assert found.width_db == math.inf
    assert found.correlation == pytest.approx(-1.0, abs=1e-6)


@pytest.mark.parametrize("side_db", [-60.0, -20.0, -6.0])
def test_width_is_side_over_middle(side_db: float) -> None:
    middle, side = tone(441.0, 1.0, peak=0.3), tone(882.0, 1.0, peak=0.3 * 10 ** (side_db / 20))
    assert image(middle + side, middle - side).width_db == pytest.approx(side_db, abs=0.02)


@pytest.mark.parametrize("right_db", [-12.0, 0.0, 6.0])
def test_balance_is_right_over_left(right_db: float) -> None:
    left = tone(441.0, 1.0, peak=0.3)
    found = image(left, left * 10 ** (right_db / 20))
    assert found.balance_db == pytest.approx(right_db, abs=1e-3)
    assert found.correlation == pytest.approx(1.0, abs=1e-5)


def test_swapping_channels_mirrors_the_balance_only() -> None:
    left, right = noise(1.0, seed=1), 0.5 * noise(1.0, seed=2)
    one, other = image(left, right), image(right, left)
    assert other.balance_db == pytest.approx(-one.balance_db)
    assert (other.width_db, other.correlation) == pytest.approx((one.width_db, one.correlation), abs=1e-5)


def test_a_silent_channel_and_silence_have_defined_images() -> None:
    silence = np.zeros(44100)
    left = image(tone(441.0, 1.0), silence)
    assert left.width_db == pytest.approx(0.0, abs=1e-5)  # dB
    assert (left.correlation, left.balance_db) == (0.0, -math.inf)
    assert image(silence, tone(441.0, 1.0)).balance_db == math.inf
    assert image(silence, silence) == Stereo(-math.inf, 1.0, 0.0)
