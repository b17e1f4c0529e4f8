"""Meters: they agree with libebur128 and FFmpeg at any rate, and with each other."""

import numpy as np
import pyebur128
import pytest

from sitwell import core
from tests.core.sounds import Sound, db, ebur128, ffmpeg_summary, noise, pieces, sine, stereo
from tests.core.test_ebu_3341 import energies

RATES = [8000, 11025, 22050, 32000, 44100, 48000, 96000, 192000]


def programme(sample_rate: int, seconds: float = 12) -> Sound:
    """Make coloured noise whose level steps every half second."""
    count = int(seconds * sample_rate)
    rng = np.random.default_rng(sample_rate)
    steps = 10 ** (rng.uniform(-25, 0, int(2 * seconds) + 1) / 20)
    sound = noise(sample_rate, count) * np.repeat(steps, sample_rate // 2 + 1)[:count]
    return np.ascontiguousarray(sound + 0.1 * np.roll(sound, 1, axis=1), dtype=np.float32)


@pytest.mark.parametrize("sample_rate", RATES)
def test_loudness_is_libebur128s_at_any_rate(sample_rate: int) -> None:
    sound = programme(sample_rate)
    expected = pyebur128.get_loudness_global(ebur128(sound, sample_rate))
    found = core.integrated_lufs(energies(sound, sample_rate))
    assert found == pytest.approx(expected, abs=0.1)  # LU; at 11025 Hz its pieces are too long


def test_loudness_and_range_are_ffmpegs(ffmpeg: str) -> None:
    sound = programme(48000, 60)
    energy = energies(sound, 48000)
    expected = ffmpeg_summary(ffmpeg, sound, 48000)
    assert core.integrated_lufs(energy) == pytest.approx(expected["I"], abs=0.1)  # LU, one printed decimal
    assert core.loudness_range_lu(energy) == pytest.approx(expected["LRA"], abs=0.2)  # LU; it bins by 0.1 LU


def test_true_peak_is_that_of_other_meters(ffmpeg: str) -> None:
    fade = np.hanning(44100) ** 0.1  # a tone that starts at once is read differently by all
    sound = np.stack([fade * sine(-1, 1, hz=hz, sample_rate=44100) for hz in (997, 10007)]).astype(np.float32)
    meter = core.Meter(sample_rate=44100, channels=2)
    meter.process(sound)
    state = ebur128(sound, 44100)
    expected = db(max(pyebur128.get_true_peak(state, c) for c in (0, 1)))
    assert db(meter.true_peak) == pytest.approx(expected, abs=0.1)  # dB
    assert db(meter.true_peak) == pytest.approx(ffmpeg_summary(ffmpeg, sound, 44100)["Peak"], abs=0.15)  # dB


def test_sample_peak_is_the_largest_sample() -> None:
    sound = noise(1, 10_000)
    meter = core.Meter(sample_rate=44100, channels=2)
    meter.process(sound)
    assert meter.sample_peak == np.abs(sound).max()
    assert meter.true_peak >= meter.sample_peak


def test_true_peak_of_a_sound_that_ends_hot_is_seen() -> None:
    """The last two samples are full scale: between them the signal rises above them."""
    sound = np.zeros((2, 5000), dtype=np.float32)
    sound[:, -2:] = 1
    meter = core.Meter(sample_rate=44100, channels=2)
    meter.process(sound)
    assert db(meter.true_peak) == pytest.approx(db(4 / np.pi), abs=0.2)  # dB; two sincs, half a sample from both


@pytest.mark.parametrize("sample_rate", [11025, 22050, 44100, 47999])
def test_pieces_lose_no_time(sample_rate: int) -> None:
    """A click after exactly 90 s falls into piece 900, also where a tenth of a second is no whole number of samples."""
    sound = np.zeros((1, 91 * sample_rate), dtype=np.float32)
    sound[:, 90 * sample_rate] = 1
    energy = energies(sound, sample_rate)
    assert len(energy) == 910
    assert int(np.argmax(energy > 0)) == 900


@pytest.mark.parametrize("hz", [60, 1000, 5000])
@pytest.mark.parametrize("sample_rate", [16000, 44100, 96000])
def test_weighting_is_the_same_at_all_rates(hz: float, sample_rate: int) -> None:
    at_48k = core.integrated_lufs(energies(stereo(sine(-20, 3, hz=hz)), 48000))
    found = core.integrated_lufs(energies(stereo(sine(-20, 3, hz=hz, sample_rate=sample_rate)), sample_rate))
    assert found == pytest.approx(at_48k, abs=0.12)  # LU; the bilinear transform bends the shelf at 16 kHz


def test_diagonal_of_cross_meter_is_meter() -> None:
    sounds = [noise(seed, 50_000) for seed in range(3)]
    cross = core.CrossMeter(sample_rate=44100, signals=3).process(sounds)
    for k, sound in enumerate(sounds):
        assert cross[:, k, k] == pytest.approx(energies(sound, 44100), rel=1e-12)


def test_cross_energies_predict_any_sum() -> None:
    sounds = [noise(seed, 50_000) for seed in range(3)]
    gains = np.array([0.5, -2.0, 1.5])
    cross = core.CrossMeter(sample_rate=44100, signals=3).process(sounds)
    total = sum(g * s.astype(np.float64) for g, s in zip(gains, sounds, strict=True))
    predicted = np.einsum("i,kij,j->k", gains, cross, gains)
    assert predicted == pytest.approx(energies(np.asarray(total, dtype=np.float32), 44100), rel=1e-5)  # float32 sum


def test_envelope_holds_peak_and_energy_of_each_hop() -> None:
    sound = noise(5, 44100)
    found = core.Envelope(sample_rate=44100, hop_samples=441).process(sound)
    assert found.shape == (100, 2)
    assert np.array_equal(found[:, 0], np.abs(sound).reshape(2, 100, 441).max(axis=(0, 2)))
    tenths = found[:, 1].reshape(10, 10).mean(axis=1)
    assert tenths == pytest.approx(energies(sound, 44100), rel=1e-12)


def test_windows_are_means_of_energies() -> None:
    energy = np.random.default_rng(1).uniform(0, 1, 50)
    for width, found in ((4, core.momentary_lufs(energy)), (30, core.short_term_lufs(energy))):
        windows = np.lib.stride_tricks.sliding_window_view(energy, width).mean(axis=1)
        assert found == pytest.approx(core.energies_lufs(windows), abs=1e-9)  # LU


def test_wrong_blocks_are_refused() -> None:
    meter = core.Meter(sample_rate=44100, channels=2)
    with pytest.raises(ValueError, match="float32"):
        meter.process(np.zeros((2, 10)))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="2 channels"):
        meter.process(np.zeros((1, 10), dtype=np.float32))
    with pytest.raises(ValueError, match="C-contiguous"):
        meter.process(np.zeros((10, 2), dtype=np.float32).T)
    with pytest.raises(ValueError, match="same length"):
        core.CrossMeter(sample_rate=44100, signals=2).process([noise(1, 10), noise(2, 11)])
    for _ in pieces(noise(1, 10)):
        meter.process(_)
