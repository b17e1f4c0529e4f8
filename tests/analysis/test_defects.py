"""Clipping, DC, silence and noise floor."""

import numpy as np
import pytest

from sitwell.analysis import Defects, measure_track
from sitwell.analysis.clipping import ClipMeter
from sitwell.audio import Audio
from tests.analysis.sounds import Floats, noise, tone


def voice(seconds: float = 4.0, sample_rate: int = 44100) -> Floats:
    """Make a buzz with vibrato and tremolo, peak 1."""
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    angle = 2 * np.pi * 220.3 * time_s + 0.8 * np.sin(2 * np.pi * 5.3 * time_s)
    sound = sum(np.sin(k * angle + k) / k for k in range(1, 20)) * (1 + 0.5 * np.sin(2 * np.pi * 1.7 * time_s))
    return np.asarray(sound / np.abs(sound).max())


def quantised(sound: Floats, bits: int) -> Floats:
    return np.round(sound * 2.0 ** (bits - 1)) / 2.0 ** (bits - 1)


def defects(sound: Floats, sample_rate: int = 44100) -> Defects:
    return measure_track(Audio.of(sound, sample_rate)).defects


@pytest.mark.parametrize("bits", [16, 24, 32])
@pytest.mark.parametrize("ceiling", [1.0, 0.9, 0.1])
@pytest.mark.parametrize("over_db", [2.0, 6.0])
def test_clipping_is_counted(over_db: float, ceiling: float, bits: int) -> None:
    clipped = np.clip(voice() * 10 ** (over_db / 20), -1.0, 1.0)
    expected = np.count_nonzero(np.abs(clipped) == 1.0)
    found = defects(quantised(ceiling * clipped, bits)).clipped_samples
    assert found == pytest.approx(expected, rel=0.15)  # peaks of one and two samples are not told apart


@pytest.mark.parametrize("bits", [8, 16, 24, 32])
def test_a_clean_sound_is_not_called_clipped(bits: int) -> None:
    assert defects(quantised(0.9 * voice(), bits)).clipped_share < 1e-5


@pytest.mark.parametrize("hz", [1.0, 20.3, 50.3, 440.7, 5000.3])
@pytest.mark.parametrize("bits", [16, 32])
def test_a_clean_tone_is_not_called_clipped(hz: float, bits: int) -> None:
    assert defects(quantised(tone(hz, 3.0, peak=0.99), bits)).clipped_samples == 0


@pytest.mark.parametrize("peak", [0.001, 0.003, 0.01])
def test_a_quiet_smooth_tone_that_is_flat_within_a_step_is_not_called_clipped(peak: float) -> None:
    assert defects(quantised(tone(500.3, 3.0, peak=peak), 16)).clipped_samples == 0


def test_coarse_steps_of_changing_size_are_not_called_clipped() -> None:
    level = np.repeat(np.random.default_rng(0).uniform(0.7, 1.0, 40), 4410)  # as an adaptive codec does
    assert defects(level * quantised(voice(), 7)).clipped_samples == 0


def test_flat_peaks_far_below_the_loudest_are_not_called_clipped() -> None:
    clipped = np.clip(2.0 * voice(), -1.0, 1.0)
    assert defects(np.concatenate([voice(), 0.3 * clipped])).clipped_samples > 1000
    assert defects(np.concatenate([voice(), 0.2 * clipped])).clipped_samples == 0


def test_noise_silence_constants_and_square_waves_are_not_called_clipped() -> None:
    assert defects(quantised(noise(3.0), 16)).clipped_share < 1e-5
    assert defects(np.zeros(44100)).clipped_samples == 0
    assert defects(np.full(44100, 0.5)).clipped_samples == 0
    assert defects(np.sign(tone(440.7, 1.0))).clipped_samples == 0


def test_clipping_survives_a_change_of_level() -> None:
    clipped = quantised(np.clip(2.0 * voice(), -1.0, 1.0), 16)
    faded = clipped * np.repeat([1.0, 0.7, 0.5, 0.8], 44100)
    assert defects(faded).clipped_samples == pytest.approx(defects(clipped).clipped_samples, rel=0.02)


def test_one_clipped_channel_is_enough() -> None:
    clean, clipped = 0.4 * voice(), np.clip(2.0 * voice(), -0.9, 0.9)
    assert defects(np.stack([clean, clipped])).clipped_samples == defects(clipped).clipped_samples > 1000


@pytest.mark.parametrize("block", [7, 100, 1000])
def test_blocks_may_end_within_a_flat_peak(block: int) -> None:
    sound = np.clip(2.0 * voice(0.05), -0.9, 0.9).astype(np.float32)
    whole, pieces = ClipMeter(), ClipMeter()
    whole.process(np.stack([sound, sound]))
    for start in range(0, len(sound), block):
        pieces.process(np.stack([sound[start : start + block]] * 2))
    assert pieces.finish(sample_peak=0.9) == whole.finish(sample_peak=0.9) > 100


def test_dc_is_the_mean_of_the_worse_channel() -> None:
    sound = np.stack([tone(441.0, 1.0, peak=0.3), tone(441.0, 1.0, peak=0.3) - 0.02])
    assert defects(sound).dc_offset == pytest.approx(-0.02, abs=1e-5)


def test_pauses_are_silent_and_quiet_singing_is_not() -> None:
    sound = np.concatenate([tone(440.0, 3.0), 0.01 * tone(440.0, 3.0), np.zeros(3 * 44100)])
    assert defects(sound).silent_share == pytest.approx(1 / 3, abs=0.02)
    assert defects(0.1 * sound).silent_share == defects(sound).silent_share
    assert defects(np.zeros(44100)).silent_share == 1.0
    assert defects(tone(440.0, 3.0)).silent_share == 0.0


def test_noise_floor_is_read_in_the_pauses() -> None:
    gate = (np.arange(8 * 44100) // 44100) % 2
    sound = gate * tone(440.0, 8.0, peak=0.5) + noise(8.0, rms=1e-3)
    assert defects(sound).noise_floor_dbfs == pytest.approx(-60.0, abs=0.6)  # dB, the quietest of 170 hops
    assert defects(np.zeros(44100)).noise_floor_dbfs == -np.inf


def test_notices_name_what_is_wrong_and_nothing_else() -> None:
    clean = Audio.of(0.5 * voice(), 44100, name="take")
    broken = Audio.of(np.clip(2.0 * voice(), -0.9, 0.9) + 0.05, 44100, name="take")
    assert measure_track(clean).notices == ()
    assert [notice.code for notice in measure_track(broken).notices] == ["audio.clipped", "audio.dc_offset"]
    assert "take" in measure_track(broken).notices[0].message
