"""Band powers of one shared transform: exact levels, no bin lost or counted twice, any block size."""

import numpy as np
import pytest

from sitwell.analysis import BARK, THIRD_OCTAVE, BandFrames, Bands, SpectrumMeter, hz_to_bark, mean_level_db
from sitwell.analysis.spectrum import fft_length
from tests.analysis.sounds import Floats, noise, tone

RATES = (8000, 16000, 22050, 44100, 48000, 96000, 192000)


def spectrum(sound: Floats, sample_rate: int = 44100, *, block: int = 16384) -> BandFrames:
    stereo = np.atleast_2d(sound).astype(np.float32)
    stereo = np.ascontiguousarray(np.broadcast_to(stereo, (2, stereo.shape[1])))
    meter = SpectrumMeter(sample_rate)
    for start in range(0, stereo.shape[1], block):
        meter.process(np.ascontiguousarray(stereo[:, start : start + block]))
    return meter.finish()


def db(power: float) -> float:
    return float(10.0 * np.log10(power))


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("hz", [250.0, 1000.0, 2512.0])
def test_full_scale_sine_reads_minus_3_db_in_its_band(hz: float, sample_rate: int) -> None:
    found = spectrum(tone(hz, 1.0, sample_rate), sample_rate)
    inner = found.third_octave[2:-2].mean(axis=0)
    at = int(np.argmax(inner))
    assert THIRD_OCTAVE.edges_hz[at] < hz < THIRD_OCTAVE.edges_hz[at + 1]
    assert db(inner[at]) == pytest.approx(-3.01, abs=0.5)  # dB, some leaks past a narrow band's edge
    assert db(inner.sum()) == pytest.approx(-3.0103, abs=0.01)  # dB, nothing is lost


@pytest.mark.parametrize("bands", ["third_octave", "bark"])
def test_white_noise_has_power_in_proportion_to_bandwidth(bands: str) -> None:
    found = getattr(spectrum(noise(20.0, rms=0.1)), bands).mean(axis=0)
    chosen = THIRD_OCTAVE if bands == "third_octave" else BARK
    expected = 0.01 * np.diff(np.minimum(chosen.edges_hz, 22050.0)) / 22050.0
    inside = slice(6, -1)  # from 70 Hz: wide enough for 20 s of noise to settle
    error_db = 10 * np.log10(found[inside] / expected[inside])
    assert np.abs(error_db).max() < 0.6  # dB, 860 frames in a band three bins wide


@pytest.mark.parametrize("sample_rate", RATES)
@pytest.mark.parametrize("bands", [THIRD_OCTAVE, BARK], ids=lambda bands: bands.name)
def test_every_bin_is_shared_out_exactly_once(bands: Bands, sample_rate: int) -> None:
    n_fft = fft_length(sample_rate)
    weights = bands.weights(sample_rate=sample_rate, n_fft=n_fft)
    width_hz = sample_rate / n_fft
    centre_hz = np.arange(n_fft // 2 + 1) * width_hz
    covered = (centre_hz - width_hz / 2 > bands.edges_hz[0]) & (centre_hz + width_hz / 2 < bands.edges_hz[-1])
    np.testing.assert_allclose(weights[covered].sum(axis=1), 1.0, rtol=1e-12)
    reached = bands.edges_hz[1:] < sample_rate / 2
    assert (weights.sum(axis=0)[reached] > 0.0).all()  # narrow low bands are not empty


@pytest.mark.parametrize("block", [1, 777, 1024, 3000, 100_000])
def test_block_size_changes_nothing_but_rounding(block: int) -> None:
    sound = np.stack([noise(0.4, seed=1), noise(0.4, seed=2)])
    sound = sound[:, :1500] if block == 1 else sound
    expected = spectrum(sound)
    found = spectrum(sound, block=block)
    assert found.frames == expected.frames
    np.testing.assert_allclose(found.bark, expected.bark, rtol=2e-5)  # order of float32 sums
    np.testing.assert_allclose(found.third_octave, expected.third_octave, rtol=2e-5)


def test_both_channels_at_once_equals_each_alone() -> None:
    left, right = noise(1.0, seed=1), 0.3 * noise(1.0, seed=2) + tone(440.0, 1.0, peak=0.2)
    alone = (spectrum(left).bark.astype(np.float64) + spectrum(right).bark) / 2
    np.testing.assert_allclose(spectrum(np.stack([left, right])).bark, alone, rtol=1e-4, atol=1e-12)


def test_mono_equals_dual_mono_that_differs_by_a_hair() -> None:
    sound = noise(1.0)
    hair = np.where(np.arange(sound.size) % 1000 == 0, 1e-7, 0.0)
    np.testing.assert_allclose(spectrum(np.stack([sound, sound + hair])).bark, spectrum(sound).bark, rtol=1e-4)


def test_channels_can_be_swapped() -> None:
    sound = np.stack([noise(0.5, seed=1), noise(0.5, seed=2, rms=0.02)])
    np.testing.assert_allclose(spectrum(sound[::-1]).bark, spectrum(sound).bark, rtol=1e-5)


@pytest.mark.parametrize("samples", [0, 1, 1023, 1024, 1025, 44100])
def test_there_is_one_frame_for_each_hop_begun(samples: int) -> None:
    found = spectrum(np.ones(samples))
    assert found.frames == -(-samples // 1024)
    assert len(found.times_s) == found.frames


def test_a_click_is_seen_at_its_time() -> None:
    sound = np.zeros(44100)
    sound[30000] = 1.0
    found = spectrum(sound)
    seen_s = found.times_s[int(np.argmax(found.bark.sum(axis=1)))]
    assert seen_s == pytest.approx(30000 / 44100, abs=0.012)  # s, half a hop


def test_fft_is_near_46_ms_at_every_rate() -> None:
    assert fft_length(44100) == 2048
    assert all(0.7 < fft_length(rate) / rate / 0.0464 < 1.42 for rate in RATES)


def test_mean_level_of_silence_is_finite() -> None:
    assert mean_level_db(np.zeros((5, 24), dtype=np.float32)).tolist() == [-200.0] * 24
    assert mean_level_db(np.zeros((0, 24), dtype=np.float32)).tolist() == [-200.0] * 24


def test_mean_level_counts_active_frames_only() -> None:
    power = np.array([[1.0], [100.0]], dtype=np.float32)
    assert mean_level_db(power, np.array([True, False]))[0] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("hz", "bark"), [(100, 1), (510, 5), (1080, 9), (5300, 19), (15500, 24), (150, 1.5)])
def test_bark_scale_is_zwickers(hz: float, bark: float) -> None:
    assert float(hz_to_bark(hz)) == pytest.approx(bark)


def test_third_octaves_have_their_nominal_centres() -> None:
    assert len(THIRD_OCTAVE) == 31
    assert THIRD_OCTAVE.centres_hz[[0, 10, 17, 30]] == pytest.approx([20, 200, 1000, 20000], rel=0.005)
