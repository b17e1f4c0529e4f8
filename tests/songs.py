"""Small generated songs: a voice-like sound in phrases over drums, bass and chords; the same for a seed."""

import numpy as np
import numpy.typing as npt

from sitwell.audio import Audio

Floats = npt.NDArray[np.float64]
BPM = 120.0
_PITCHES_HZ = (220.0, 246.9, 261.6, 293.7, 261.6, 246.9, 196.0, 220.0)
_FORMANTS_HZ = ((600.0, 130.0), (1100.0, 180.0), (2600.0, 300.0))


def voice(seconds: float, sample_rate: int, *, swing_db: float = 6.0, seed: int = 0) -> Audio:
    """Sing phrases of 1.5 s with pauses of 0.5 s; `swing_db` is how far phrases differ in level."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(seconds * sample_rate)) / sample_rate
    phrase = (time_s / 2.0).astype(int)
    pitch_hz = np.array(_PITCHES_HZ)[phrase % len(_PITCHES_HZ)] * (1 + 0.01 * np.sin(2 * np.pi * 5.5 * time_s))
    angle = 2 * np.pi * np.cumsum(pitch_hz) / sample_rate
    sound = np.zeros_like(time_s)
    for harmonic in range(1, 30):
        hz = harmonic * pitch_hz
        colour = sum(1.0 / (1.0 + ((hz - at) / width) ** 2) for at, width in _FORMANTS_HZ)
        sound += np.where(hz < 0.45 * sample_rate, (colour + 0.02) / harmonic**0.3, 0.0) * np.sin(harmonic * angle)
    within_s = time_s - 2.0 * phrase
    envelope = np.clip(within_s / 0.05, 0, 1) * np.clip((1.5 - within_s) / 0.1, 0, 1)
    level_db = rng.uniform(-swing_db, swing_db, phrase.max(initial=0) + 1)[phrase]
    sound = sound * envelope * 10 ** (level_db / 20) + 1e-4 * rng.standard_normal(time_s.size)
    return Audio.of(0.08 * sound, sample_rate, name="voice")


def band(seconds: float, sample_rate: int, *, seed: int = 1) -> Audio:
    """Play kick, snare and hi-hat at 120 beats a minute with bass and a stereo chord."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(int(seconds * sample_rate)) / sample_rate
    beat_s = time_s % (60.0 / BPM)
    kick = np.sin(2 * np.pi * 55 * beat_s) * np.exp(-beat_s / 0.08)
    off_s = (time_s - 60.0 / BPM) % (120.0 / BPM)
    snare = rng.standard_normal(time_s.size) * np.exp(-off_s / 0.05)
    hat = np.diff(rng.standard_normal(time_s.size + 1)) * np.exp(-(time_s % (30.0 / BPM)) / 0.02)
    bass = np.sin(2 * np.pi * 82.4 * time_s)
    chord = sum(np.sin(2 * np.pi * hz * time_s + phase) for hz, phase in ((330, 0), (415, 1), (494, 2), (1320, 3)))
    middle = 0.3 * kick + 0.12 * snare + 0.04 * hat + 0.1 * bass
    side = 0.03 * rng.standard_normal(time_s.size)
    left, right = middle + 0.05 * chord + side, middle + 0.05 * chord - side
    return Audio.of(0.6 * np.stack([left, right]), sample_rate, name="band")


def song(seconds: float = 16.0, sample_rate: int = 44100, *, swing_db: float = 6.0) -> tuple[Audio, Audio]:
    """Make a vocal and its backing."""
    return voice(seconds, sample_rate, swing_db=swing_db), band(seconds, sample_rate)


def scaled(audio: Audio, gain_db: float) -> Audio:
    """Change the level of a sound."""
    return Audio.of(audio.samples * np.float32(10 ** (gain_db / 20)), audio.sample_rate, name=audio.name)
