"""Synthetic sounds for the tests of analysis: tones, noise, beats, all (samples,) or (2, samples)."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def tone(hz: float, seconds: float, sample_rate: int = 44100, *, peak: float = 1.0) -> Floats:
    """Make a sine (samples,)."""
    return np.asarray(peak * np.sin(2 * np.pi * hz * np.arange(round(seconds * sample_rate)) / sample_rate))


def noise(seconds: float, sample_rate: int = 44100, *, rms: float = 0.1, seed: int = 0) -> Floats:
    """Make white noise (samples,)."""
    return np.random.default_rng(seed).normal(0.0, rms, round(seconds * sample_rate))


def clicks(bpm: float, seconds: float, sample_rate: int, *, seed: int = 0) -> Floats:
    """Make a metronome (samples,): the same short burst of noise on every beat."""
    length = round(0.05 * sample_rate)
    decay = np.exp(-np.arange(length) / (0.01 * sample_rate))
    burst = 0.3 * np.random.default_rng(seed).standard_normal(length) * decay
    return _placed(dict.fromkeys(np.arange(0.0, seconds - 0.1, 60.0 / bpm), burst), seconds, sample_rate)


def drums(bpm: float, seconds: float, sample_rate: int, *, seed: int = 0) -> Floats:
    """Make a drum pattern (samples,): kick and snare in turn, a soft hi-hat on every half beat."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(0.15 * sample_rate)) / sample_rate
    kick = 0.3 * np.sin(2 * np.pi * 60 * time_s) * np.exp(-time_s / 0.05)
    snare = 0.15 * rng.standard_normal(time_s.size) * np.exp(-time_s / 0.04)
    hat = 0.04 * np.diff(rng.standard_normal(time_s.size + 1)) * np.exp(-time_s / 0.015)
    halves = np.arange(0.0, seconds - 0.2, 30.0 / bpm)
    hits = {at: (kick, hat, snare, hat)[index % 4] for index, at in enumerate(halves)}
    return _placed(hits, seconds, sample_rate)


def pad(seconds: float, sample_rate: int = 44100) -> Floats:
    """Make a held chord (samples,) that swells slowly."""
    time_s = np.arange(round(seconds * sample_rate)) / sample_rate
    pitches_hz = (110.0, 164.8, 220.0, 277.2, 329.6, 440.0)
    swells = [1 + 0.3 * np.sin(2 * np.pi * 0.2 * time_s + phase) for phase in range(len(pitches_hz))]
    tones = [swell * np.sin(2 * np.pi * hz * time_s) for hz, swell in zip(pitches_hz, swells, strict=True)]
    return np.asarray(0.05 * np.sum(tones, axis=0))


def _placed(hits: dict[float, Floats], seconds: float, sample_rate: int) -> Floats:
    sound = np.zeros(round(seconds * sample_rate))
    for at_s, hit in hits.items():
        start = round(at_s * sample_rate)
        sound[start : start + len(hit)] += hit[: len(sound) - start]
    return sound
