"""Audio-feature distance: closed forms for each term, an independent Bark spectrum, the floored side."""

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import scipy.signal

from sitwell.evaluate.features import BANDS, bark_triangles, feature_distance, measure_features
from sitwell.evaluate.matched import at_loudness, loudness_lufs

RATE = 44100


def noise(seed: int, seconds: float = 3.0) -> npt.NDArray[np.float32]:
    return (0.1 * np.random.default_rng(seed).standard_normal((1, int(seconds * RATE)))).astype(np.float32)


def stereo(mid: npt.NDArray[Any], side: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    return np.concatenate([mid + side, mid - side]).astype(np.float32)


def test_equal_mixes_are_at_no_distance_whatever_their_gain() -> None:
    mix = stereo(noise(0), 0.3 * noise(1))
    distance = feature_distance(measure_features(mix, RATE), measure_features(0.2 * mix, RATE))
    assert distance.all < 1e-9
    assert feature_distance(measure_features(mix, RATE), measure_features(mix, RATE)).all == 0.0


def test_mixes_are_brought_to_minus_16_lufs() -> None:
    mix = at_loudness(stereo(noise(0), 0 * noise(1)), RATE, lufs=-16.0)
    assert loudness_lufs(mix, RATE) == pytest.approx(-16.0, abs=0.01)
    assert measure_features(0.1 * mix, RATE).rms == pytest.approx(np.sqrt(np.mean(mix**2, axis=1)), rel=1e-3)


def test_crest_of_a_sine_is_3_db() -> None:
    tone = np.sin(2 * np.pi * 997 * np.arange(3 * RATE) / RATE)[None]
    found = measure_features(stereo(tone, 0 * tone), RATE)
    assert found.crest_db == pytest.approx([3.01, 3.01], abs=0.01)


def test_width_is_side_over_mid_power_and_imbalance_is_right_against_left() -> None:
    first, second = noise(2), noise(3)
    wide = measure_features(stereo(first, 0.5 * second), RATE)
    assert wide.width == pytest.approx(0.25, rel=0.02)
    left = measure_features(np.concatenate([first, 0 * first]), RATE)
    assert left.imbalance == -1.0
    quiet_left = measure_features(np.concatenate([first, 2 * first]).astype(np.float32), RATE)
    assert quiet_left.imbalance == pytest.approx(0.6, abs=1e-4)  # (4 - 1) / (4 + 1)


def test_bark_spectrum_agrees_with_an_independent_one() -> None:
    mix = at_loudness(stereo(noise(4), 0.5 * noise(5)), RATE, lufs=-16.0)
    found = measure_features(mix, RATE)
    for signal, bands in ((mix[0] + mix[1], found.bark_mid), (mix[0] - mix[1], found.bark_side)):
        _, _, spectrum = scipy.signal.stft(signal, RATE, "boxcar", 32768, 24576, boundary="even", padded=False)
        magnitudes = np.abs(spectrum).mean(axis=1) * 32768
        assert bands == pytest.approx(np.log(bark_triangles(RATE) @ magnitudes + 1e-8), abs=1e-4)


def test_triangles_overlap_to_one_between_the_outer_centres() -> None:
    triangles = bark_triangles(RATE)
    hz = np.linspace(0, RATE / 2, triangles.shape[1])
    centres_hz = hz[triangles.argmax(axis=1)]
    between = (hz > centres_hz[0]) & (hz < centres_hz[-1])
    assert triangles.sum(axis=0)[between] == pytest.approx(1.0)
    assert triangles.shape[0] == BANDS
    # Traunmueller: 26.81 f / (1960 + f) - 0.53, so the centres lie evenly on the Bark axis above 2 Bark
    bark = 26.81 * centres_hz / (1960 + centres_hz) - 0.53
    steps = np.diff(bark[(bark > 2.5) & (bark < 20)])
    assert steps == pytest.approx(np.full(steps.size, steps.mean()), rel=0.02)


def test_an_empty_side_decides_nothing() -> None:
    mid = noise(6)
    mono, nearly = (measure_features(stereo(mid, gain * mid), RATE) for gain in (0.0, 1e-4))
    assert feature_distance(mono, nearly).bark_side < 1e-6
    assert np.abs(np.log(1e-8) - nearly.bark_side).min() > 5.0  # what the floor is worth


def test_a_side_20_db_above_the_floor_is_seen_as_such() -> None:
    mid = noise(7)
    mono, wide = (measure_features(stereo(mid, gain * mid), RATE) for gain in (0.0, 1e-2))
    assert feature_distance(mono, wide).bark_side == pytest.approx(0.1 * np.log(10) ** 2, rel=1e-3)


def test_a_louder_vocal_moves_the_colour_of_the_middle() -> None:
    time_s = np.arange(3 * RATE) / RATE
    vocal = 0.3 * np.sin(2 * np.pi * 800 * time_s)[None]
    backing = stereo(noise(8), 0.3 * noise(9))
    mixes = [measure_features(backing + stereo(gain * vocal, 0 * vocal), RATE) for gain in (1.0, 1.2, 4.0)]
    near, far = (feature_distance(mixes[0], mix) for mix in mixes[1:])
    assert far.mid > 4 * near.mid > 0.0
    assert far.imbalance < 1e-6
    assert far.bark_mid > 0.8 * far.mid
