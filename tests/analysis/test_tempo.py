"""Tempo and its confidence: steady beats are found at every rate, what has no beat is not trusted."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sitwell.analysis import SpectrumMeter, Tempo, estimate_tempo
from tests.analysis.sounds import Floats, clicks, drums, noise, pad, tone

AUDIBLE = 0.3  # confidence from which a tempo is used


def tempo(sound: Floats, sample_rate: int) -> Tempo:
    meter = SpectrumMeter(sample_rate)
    meter.process(np.ascontiguousarray(np.stack([sound] * 2), dtype=np.float32))
    spectrum = meter.finish()
    return estimate_tempo(spectrum.third_octave, frame_rate_hz=spectrum.frame_rate_hz)


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
@pytest.mark.parametrize("bpm", [60, 75, 90, 110, 120, 140, 160])
def test_a_metronome_is_found(bpm: float, sample_rate: int) -> None:
    found = tempo(clicks(bpm, 12.0, sample_rate), sample_rate)
    assert found.bpm == pytest.approx(bpm, rel=0.005)  # 0.5 %, a beat in 200
    assert found.confidence > 0.9


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
@pytest.mark.parametrize("bpm", [75, 90, 100, 120, 140])
def test_drums_are_found(bpm: float, sample_rate: int) -> None:
    found = tempo(drums(bpm, 12.0, sample_rate), sample_rate)
    assert found.bpm == pytest.approx(bpm, rel=0.005)
    assert found.confidence > 0.8


@pytest.mark.parametrize("sample_rate", [16000, 44100, 48000])
@pytest.mark.parametrize(("bpm", "octave"), [(60, 2.0), (66, 2.0), (150, 0.5), (180, 0.5)])
def test_slow_and_fast_drums_are_found_or_named_at_the_common_octave(
    bpm: float, octave: float, sample_rate: int
) -> None:
    found = tempo(drums(bpm, 12.0, sample_rate), sample_rate)
    error = min(abs(found.bpm / bpm - 1.0), abs(found.bpm / (octave * bpm) - 1.0))
    assert error < 0.005
    assert found.confidence > 0.8


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(noise(30.0), id="noise"),
        pytest.param(noise(3.0), id="three seconds of noise"),
        pytest.param(pad(30.0), id="pad"),
        pytest.param(pad(30.0) + noise(30.0, rms=0.001), id="pad with noise"),
        pytest.param(tone(440.0, 30.0), id="tone"),
        pytest.param(np.zeros(441000), id="silence"),
        pytest.param(np.zeros(0), id="nothing"),
        pytest.param(noise(0.05), id="50 ms"),
        pytest.param(noise(0.3), id="300 ms"),
    ],
)
def test_what_has_no_beat_is_not_trusted(sound: Floats) -> None:
    found = tempo(sound, 44100)
    assert found.confidence < AUDIBLE / 2
    assert 40.0 <= found.bpm <= 220.0


@pytest.mark.parametrize("seed", range(8))
def test_chance_in_a_short_sound_is_not_trusted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    bursts = np.repeat(rng.exponential(1.0, 100), 882) ** 2  # 2 s, loud or soft every 20 ms
    assert tempo(bursts * rng.normal(0.0, 0.1, 88200), 44100).confidence < AUDIBLE


def test_irregular_clicks_are_not_trusted() -> None:
    rng = np.random.default_rng(3)
    sound = np.zeros(30 * 44100)
    for start in rng.integers(0, 29 * 44100, 60):
        sound[start : start + 2000] += rng.normal(0.0, 0.3, 2000)
    assert tempo(sound, 44100).confidence < AUDIBLE / 2


def test_a_beat_under_noise_is_found_with_less_confidence() -> None:
    beat = drums(100, 20.0, 44100)
    found = tempo(beat + noise(20.0, rms=0.02), 44100)
    assert found.bpm == pytest.approx(100, rel=0.01)
    assert AUDIBLE < found.confidence < tempo(beat, 44100).confidence


@pytest.mark.parametrize("gain", [0.1, 10.0])
def test_gain_does_not_matter(gain: float) -> None:
    sound = drums(95, 15.0, 44100) + noise(15.0, rms=0.01)
    before, after = tempo(sound, 44100), tempo(gain * sound, 44100)
    assert after.bpm == pytest.approx(before.bpm, rel=1e-4)
    assert after.confidence == pytest.approx(before.confidence, abs=1e-3)


def test_leading_silence_does_not_matter() -> None:
    sound = drums(95, 20.0, 44100)
    found = tempo(np.concatenate([np.zeros(2 * 44100), sound]), 44100)
    assert found.bpm == pytest.approx(95, rel=0.005)


@pytest.mark.audio_data
@pytest.mark.parametrize(
    ("song", "bpm"),
    [
        ("cmt_contra", 136.0),
        ("evr_potassium", 90.0),
        ("sep_us_jonathan_coulton_better", 100.0),
        ("sep_us_jonathan_coulton_that_spells_dna", 140.0),
    ],
)
def test_songs_made_to_a_click_have_a_whole_tempo(data: Path, song: str, bpm: float) -> None:
    sound, sample_rate = soundfile.read(data / "pairs" / song / "backing.ogg", dtype="float32", always_2d=True)
    found = tempo(sound.mean(axis=1), sample_rate)
    assert found.bpm == pytest.approx(bpm, rel=0.002)
    assert found.confidence > 0.7
