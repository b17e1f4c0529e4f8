"""All features of one sound: what must not change with gain, rate, silence, channels and blocks."""

import json
import math
from dataclasses import asdict

import numpy as np
import numpy.typing as npt
import pytest

from sitwell import analysis
from sitwell.analysis import Track, active_frames, measure_track
from sitwell.audio import Audio
from tests.analysis.sounds import Floats, drums, noise, tone
from tests.songs import song

RATES = (8000, 16000, 22050, 44100, 48000, 96000)


def track(sound: npt.ArrayLike, sample_rate: int = 44100) -> Track:
    return measure_track(Audio.of(sound, sample_rate))


@pytest.fixture(scope="module")
def band() -> Audio:
    return song(12.0)[1]


@pytest.fixture(scope="module")
def measured(band: Audio) -> Track:
    return measure_track(band)


@pytest.mark.parametrize("gain_db", [-20.0, 20.0])
def test_gain_shifts_levels_and_nothing_else(band: Audio, measured: Track, gain_db: float) -> None:
    louder = track(band.samples * np.float32(10 ** (gain_db / 20)))
    for name, value in asdict(measured.loudness).items():
        shift = 0.0 if name == "loudness_range_lu" else gain_db
        assert asdict(louder.loudness)[name] == pytest.approx(value + shift, abs=1e-3), name  # dB
    assert louder.crest_db == pytest.approx(measured.crest_db, abs=1e-3)
    assert asdict(louder.stereo) == pytest.approx(asdict(measured.stereo), abs=1e-3)
    assert asdict(louder.tempo) == pytest.approx(asdict(measured.tempo), rel=1e-3)
    assert louder.defects.silent_share == measured.defects.silent_share
    floor_db = louder.defects.noise_floor_dbfs - measured.defects.noise_floor_dbfs
    assert floor_db == pytest.approx(gain_db, abs=1e-3)
    assert (active_frames(louder) == active_frames(measured)).all()
    expected = measured.spectrum.bark * 10 ** (gain_db / 10)
    np.testing.assert_allclose(louder.spectrum.bark, expected, rtol=1e-3, atol=1e-12)


@pytest.mark.parametrize("sample_rate", RATES)
def test_sample_rate_changes_features_within_tolerance(sample_rate: int) -> None:
    def at(rate: int) -> Track:  # nothing above 3.5 kHz, so that 8 kHz holds all of it
        time_s = np.arange(10 * rate) / rate
        pulse = np.exp(-(time_s % 0.5) / 0.1)
        tones = [np.sin(2 * np.pi * hz * time_s + hz) for hz in (150, 440, 1320, 3100)]
        return track(0.1 * pulse * np.sum(tones, axis=0), rate)

    found, expected = at(sample_rate), at(44100)
    tolerance_lu = 0.3 if sample_rate == 8000 else 0.1  # LU, the filter's shelf ends at half the rate
    assert found.loudness.integrated_lufs == pytest.approx(expected.loudness.integrated_lufs, abs=tolerance_lu)
    assert found.crest_db == pytest.approx(expected.crest_db, abs=0.3)  # dB, between samples at 8 kHz
    assert found.tempo.bpm == pytest.approx(120.0, rel=0.01)
    strong = expected.spectrum.bark.mean(axis=0) > 1e-4
    assert strong.sum() >= 4
    ratio = found.spectrum.bark.mean(axis=0)[strong] / expected.spectrum.bark.mean(axis=0)[strong]
    assert np.abs(10 * np.log10(ratio)).max() < 0.5  # dB, windows differ by up to 40 %


def test_leading_silence_changes_only_what_it_must(band: Audio, measured: Track) -> None:
    late = track(np.concatenate([np.zeros((2, 3 * 44100)), band.samples], axis=1))
    assert late.loudness.integrated_lufs == pytest.approx(measured.loudness.integrated_lufs, abs=0.05)  # LU
    assert late.loudness.true_peak_dbtp == pytest.approx(measured.loudness.true_peak_dbtp, abs=1e-6)
    assert late.crest_db == pytest.approx(measured.crest_db, abs=0.1)  # dB, the edges of activity move
    assert late.tempo.bpm == pytest.approx(measured.tempo.bpm, rel=0.005)
    assert late.defects.noise_floor_dbfs == pytest.approx(measured.defects.noise_floor_dbfs, abs=0.5)
    assert active_frames(late).sum() == pytest.approx(active_frames(measured).sum(), abs=10)  # 0.2 s


def test_swapping_channels_changes_nothing_but_the_balance(band: Audio, measured: Track) -> None:
    swapped = track(band.samples[::-1])
    assert asdict(swapped.loudness) == pytest.approx(asdict(measured.loudness), abs=1e-6)
    assert swapped.crest_db == pytest.approx(measured.crest_db, abs=1e-6)
    assert asdict(swapped.defects) == pytest.approx(asdict(measured.defects), abs=1e-6)
    assert asdict(swapped.tempo) == pytest.approx(asdict(measured.tempo), rel=1e-3)


def test_mono_is_dual_mono() -> None:
    sound = drums(120, 4.0, 44100)
    mono, dual = track(sound), track(np.stack([sound, sound]))
    assert mono.to_dict() == dual.to_dict()


@pytest.mark.parametrize("block", [1000, 4096, 50_000])
def test_block_size_changes_nothing(band: Audio, measured: Track, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitwell.analysis.track.BLOCK", block)
    found = measure_track(band)
    assert (found.energies == measured.energies).all()
    assert found.loudness == measured.loudness
    assert found.defects.clipped_samples == measured.defects.clipped_samples
    assert found.crest_db == pytest.approx(measured.crest_db, abs=1e-5)
    assert asdict(found.stereo) == pytest.approx(asdict(measured.stereo), abs=1e-4)
    np.testing.assert_allclose(found.spectrum.bark, measured.spectrum.bark, rtol=1e-4, atol=1e-15)


def test_tone_reads_its_level() -> None:
    found = track(tone(997.0, 5.0, 48000, peak=0.1), 48000)
    assert found.loudness.integrated_lufs == pytest.approx(-20.0, abs=0.05)  # LU: 997 Hz in two channels
    assert found.loudness.sample_peak_dbfs == pytest.approx(-20.0, abs=0.01)
    assert found.loudness.true_peak_dbtp == pytest.approx(-20.0, abs=0.1)
    assert found.loudness.loudness_range_lu == pytest.approx(0.0, abs=0.05)
    assert found.seconds == 5.0


@pytest.mark.parametrize(
    ("sound", "crest_db"), [(tone(997.0, 5.0), 3.01), (np.sign(tone(997.0, 5.0)), 0.0)], ids=["sine", "square"]
)
def test_crest_factor_of_known_waves(sound: Floats, crest_db: float) -> None:
    assert track(sound).crest_db == pytest.approx(crest_db, abs=0.02)  # dB


def test_crest_factor_is_that_of_the_active_parts() -> None:
    sound = np.concatenate([tone(997.0, 10.0), np.zeros(10 * 44100)])
    assert track(sound).crest_db == pytest.approx(3.01, abs=0.2)  # dB; 6 with the pause
    assert track(np.stack([tone(997.0, 5.0), np.zeros(5 * 44100)])).crest_db == pytest.approx(3.01, abs=0.02)
    half = np.stack([sound, np.zeros(20 * 44100)])
    assert track(half).crest_db == pytest.approx(3.01, abs=0.2)


def test_a_short_last_hop_is_not_diluted() -> None:
    assert track(np.ones(1500)).crest_db == pytest.approx(0.0, abs=1e-4)  # dB


@pytest.mark.parametrize("samples", [0, 1, 2, 100, 4409, 13230, 17640, 88200, 132300])
@pytest.mark.parametrize("kind", ["silence", "noise", "constant", "one channel"])
def test_any_short_sound_is_measured(samples: int, kind: str) -> None:
    sounds = {
        "silence": np.zeros((2, samples)),
        "noise": np.random.default_rng(0).normal(0, 0.1, (2, samples)),
        "constant": np.full((2, samples), 0.5),
        "one channel": np.stack([noise(samples / 44100), np.zeros(samples)]),
    }
    found = track(sounds[kind])
    assert found.energies.shape == (samples // 4410,)
    assert active_frames(found).shape == (found.spectrum.frames,)
    assert math.isfinite(found.crest_db)
    as_json = json.dumps(found.to_dict(), allow_nan=False)  # also: warnings are errors
    assert json.loads(as_json) == found.to_dict()
    assert analysis.audible_share(found.spectrum.bark, found.spectrum.bark, active_frames(found)) >= 0.0


def test_silence_has_no_levels_and_no_tempo_in_json() -> None:
    plain = track(np.zeros(5 * 44100)).to_dict()
    assert plain["loudness"]["integrated_lufs"] is None
    assert plain["tempo"] == {"bpm": None, "confidence": 0.0}
    assert plain["defects"]["silent_share"] == 1.0
    assert plain["stereo"]["width_db"] is None


def test_json_holds_the_spectrum_of_active_frames() -> None:
    sound = np.concatenate([tone(1000.0, 5.0), np.zeros(5 * 44100)])
    spectrum = track(sound).to_dict()["spectrum"]
    assert len(spectrum["centres_hz"]) == len(spectrum["level_db"]) == 31
    at_1_khz = spectrum["level_db"][spectrum["centres_hz"].index(1000.0)]
    assert at_1_khz == pytest.approx(-3.0, abs=0.2)  # dB; -6 with the pause


def test_progress_runs_to_one(band: Audio) -> None:
    told: list[float] = []
    measure_track(band, progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) > 10


def test_all_that_is_public_exists() -> None:
    assert sorted(analysis.__all__) == sorted(set(analysis.__all__))
    assert all(hasattr(analysis, name) for name in analysis.__all__)
