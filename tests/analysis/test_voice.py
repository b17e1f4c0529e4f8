"""A voice frame by frame and its portrait: pitch, an envelope blind to the melody, traits blind to the equalizer."""

import numpy as np
import pytest

from sitwell import io
from sitwell.analysis import VOICE_HZ, Portrait, VoiceFrames, measure_track, measure_voice, portray
from sitwell.audio import Audio
from sitwell.evaluate.corruption import Corruption
from tests.songs import voice

RATE = 44100
MIDDLE = (VOICE_HZ > 500.0) & (VOICE_HZ < 5000.0)


def _frames(audio: Audio, limit: int | None = None) -> VoiceFrames:
    return measure_voice(audio, measure_track(audio), limit=limit)


def _portrait(audio: Audio) -> Portrait:
    found = portray(_frames(audio))
    assert found is not None
    return found


def _sung(f0_hz: float, *, seconds: float = 2.0, rate: int = RATE) -> Audio:
    """Sing a steady note of harmonics that fall by 6 dB an octave in density, whatever the note."""
    t = np.arange(int(seconds * rate)) / rate
    count = int(8000 / f0_hz)
    harmonics = sum(
        np.sqrt(f0_hz) / (k * f0_hz) * np.sin(2 * np.pi * k * f0_hz * t + 2.4 * k * k) for k in range(1, count + 1)
    )
    return Audio.of(0.3 * np.asarray(harmonics) / np.abs(harmonics).max(), rate)


@pytest.mark.parametrize("f0_hz", [90.0, 140.0, 220.0, 330.0, 520.0, 700.0])
def test_pitch_of_a_steady_note_is_found(f0_hz: float) -> None:
    frames = _frames(_sung(f0_hz))
    assert np.median(frames.f0_hz) == pytest.approx(f0_hz, rel=0.03)  # half a semitone
    assert np.median(frames.voicing) > 0.55


def test_noise_is_not_voiced() -> None:
    noise = Audio.of(0.1 * np.random.default_rng(0).standard_normal(RATE * 2), RATE)
    assert np.median(_frames(noise).voicing) < 0.4


def test_the_envelope_does_not_follow_the_melody() -> None:
    """Two notes of one timbre differ by up to 20 dB in narrow bands, and by a dB or two in the envelope."""
    low, high = (_frames(_sung(f0)).envelope_db.mean(axis=0) for f0 in (130.0, 310.0))
    difference = (low - high)[MIDDLE]
    assert np.abs(difference - difference.mean()).max() < 2.5  # dB; the harmonics of 310 Hz alone make 10 dB ripples


def test_a_portrait_does_not_know_the_level() -> None:
    sound = voice(8.0, RATE)
    quiet = Audio(sound.samples * np.float32(0.25), sound.sample_rate)
    first, second = _portrait(sound), _portrait(quiet)
    moved = second.spectra_db - first.spectra_db
    assert np.abs(moved + 20 * np.log10(4.0)).max() < 0.01  # dB
    assert np.abs(second.traits - first.traits).max() < 1e-3


def test_leading_silence_changes_nothing() -> None:
    sound = voice(8.0, RATE)
    silence = np.zeros((2, 2048 * 40), dtype=np.float32)  # whole frames, so that the same frames are cut
    later = Audio(np.concatenate([silence, sound.samples], axis=1), sound.sample_rate)
    first, second = _portrait(sound), _portrait(later)
    assert np.abs(second.spectra_db[0] - first.spectra_db[0])[MIDDLE].max() < 0.5  # dB


def test_another_sample_rate_is_the_same_voice() -> None:
    sound = voice(8.0, RATE)
    first, second = _portrait(sound), _portrait(io.resample(sound, 48000))
    difference = (second.spectra_db[0] - first.spectra_db[0])[MIDDLE]
    assert np.abs(difference - difference.mean()).max() < 1.0  # dB


def test_an_equalizer_moves_the_envelope_and_neither_pitch_nor_voicing() -> None:
    sound = voice(12.0, RATE)
    strong = Corruption("medium", (("bell", 400.0, -8.0, 1.0), ("bell", 2000.0, 8.0, 1.0)))
    first, second = _frames(sound), _frames(strong.apply(sound))
    assert second.f0_hz.size == first.f0_hz.size  # the same frames are heard as singing
    assert np.mean(np.abs(second.f0_hz / first.f0_hz - 1) > 0.03) < 0.05
    assert np.abs(second.voicing - first.voicing).mean() < 0.02
    error = second.envelope_db - first.envelope_db - strong.response_db(VOICE_HZ, RATE)
    assert np.sqrt((error[:, MIDDLE] ** 2).mean()) < 1.0  # dB


def test_an_equalizer_moves_all_spectra_alike_and_no_trait() -> None:
    sound = voice(12.0, RATE)
    bell = Corruption("medium", (("bell", 2000.0, 6.0, 1.0),))
    first, second = _portrait(sound), _portrait(bell.apply(sound))
    moved = (second.spectra_db - first.spectra_db)[:, MIDDLE]
    error = moved - bell.response_db(VOICE_HZ, sound.sample_rate)[MIDDLE]
    assert np.sqrt((error**2).mean(axis=1)).max() < 1.0  # dB
    assert np.abs(error[0]).max() < 0.7
    assert np.median(np.abs(second.traits - first.traits)) < 0.02


def test_a_voice_without_treble_says_which_bands_are_empty() -> None:
    sound = io.resample(voice(8.0, RATE), 16000)
    found = _portrait(sound)
    assert not found.audible[VOICE_HZ > 7300.0].any()
    assert found.audible[(VOICE_HZ > 500.0) & (VOICE_HZ < 4000.0)].all()


def test_opposite_polarity_in_the_channels_is_still_a_voice() -> None:
    sound = _sung(220.0)
    turned = Audio(np.stack([sound.samples[0], -sound.samples[1]]), RATE)
    assert np.median(_frames(turned).f0_hz) == pytest.approx(220.0, rel=0.03)


def test_too_little_singing_has_no_portrait() -> None:
    assert portray(_frames(Audio.of(np.zeros(RATE), RATE))) is None
    assert portray(_frames(_sung(220.0, seconds=0.3))) is None


def test_at_most_so_many_frames_are_measured_and_they_span_the_song() -> None:
    sound = voice(20.0, RATE)
    some, every = _frames(sound, limit=100), _frames(sound)
    assert some.f0_hz.size == 100
    assert every.f0_hz.size > 300
    difference = (some.envelope_db.mean(axis=0) - every.envelope_db.mean(axis=0))[MIDDLE]
    assert np.abs(difference - difference.mean()).max() < 1.0  # dB
