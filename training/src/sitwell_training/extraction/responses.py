"""Reverbs to put on dry vocals: real responses without their direct sound, our own network, and shaped noise.

All are returns alone, stereo, at `RATE`; how long each octave takes to fall by 60 dB is measured, never assumed.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell import io
from sitwell.analysis.octaves import OCTAVES_HZ
from sitwell.analysis.response import measure_response, measure_reverberation
from sitwell.audio import Audio, Samples
from sitwell.effects import Reverb
from sitwell.errors import InputError

Floats = npt.NDArray[np.float64]

RATE = 24_000  # the frames of 48 kHz, up to the octave of 8 kHz, at half the cost
_LONGEST_S = 6.0
_FADE_S = 0.05


@dataclass(frozen=True, eq=False)
class Tail:
    """A return: samples (2, n) of unit power against a mono input, decay_s (7,), NaN where it cannot be read."""

    kind: str
    samples: Samples
    decay_s: Floats


def read_tail(path: Path) -> Tail:
    """Read a real response and take its direct sound away; raises InputError as `measure_response` does."""
    audio = io.read(path, sample_rate=RATE)
    _, found = measure_reverberation(audio)
    return tail_of("real", found.samples[:, : round(_LONGEST_S * RATE)])


def shortened(tail: Tail, decay_s: float) -> Tail:
    """Damp a return, as if its room had more absorption: 1 / T becomes 1 / T + 1 / decay_s in every octave."""
    time_s = np.arange(tail.samples.shape[1]) / RATE
    return tail_of(tail.kind, tail.samples * (10.0 ** (-3.0 * time_s / decay_s)).astype(np.float32))


def network_tail(decays_s: Floats, rng: np.random.Generator) -> Tail:
    """Make a return by the product's reverb with decays near those given for 500 Hz to 8 kHz (5,)."""
    low_s, mid_s, high_s = np.clip(decays_s[[0, 1, 4]] * rng.uniform((0.7, 1.0, 1.0), (1.3, 1.0, 1.0)), 0.2, 6.0)
    reverb = Reverb(
        return_db=0.0, predelay_ms=0.0, decay_low_s=low_s, decay_mid_s=mid_s, decay_high_s=high_s,
        damping_hz=rng.uniform(2000.0, 8000.0), size=rng.uniform(0.5, 1.6), diffusion=rng.uniform(0.4, 1.0),
        low_cut_hz=np.exp(rng.uniform(np.log(20.0), np.log(500.0))), high_cut_hz=rng.uniform(4000.0, 11_000.0),
        width=rng.uniform(0.3, 1.0),
    )  # fmt: skip
    samples = np.zeros((2, round(min(1.3 * max(low_s, mid_s, high_s) + 0.2, _LONGEST_S) * RATE)), dtype=np.float32)
    samples[:, 0] = 1.0
    processor = reverb.processor(RATE)
    assert processor is not None
    processor.process(samples)
    return tail_of("network", samples)


def noise_tail(decays_s: Floats, rng: np.random.Generator) -> Tail:
    """Make a return of noise: a decay for each octave, a tone, a build-up, at times early reflections."""
    octaves = np.log2(np.array(OCTAVES_HZ) / 1000.0)
    known = np.log(np.clip(decays_s, 0.15, 6.0))
    wanted_s = np.exp(np.interp(octaves, [-1.0, 0.0, 1.0, 2.0, 3.0], known))
    wanted_s[:2] *= rng.uniform(0.6, 1.4, 2)
    length = round(min(1.3 * wanted_s.max() + 0.2, _LONGEST_S) * RATE)
    tone_db = np.cumsum(rng.normal(-0.5, 2.5, octaves.size))
    time_s = np.arange(length) / RATE
    samples = np.zeros((2, length))
    side = rng.uniform(0.3, 1.0)
    for octave, decay_s, gain_db in zip(octaves, wanted_s, tone_db, strict=True):
        mid, other = _band_noise(rng, length, 1000.0 * 2.0**octave)
        envelope = 10.0 ** (gain_db / 20.0 - 3.0 * time_s / decay_s)
        samples += envelope * np.stack([mid + side * other, mid - side * other])
    build_s = rng.uniform(0.0, 0.03)
    samples *= np.minimum(1.0, (time_s + 1e-4) / (build_s + 1e-4))
    if rng.random() < 0.5:
        early = rng.integers(0, round(0.07 * RATE), (2, 8))
        strength = np.abs(samples).max() * rng.uniform(0.5, 3.0)
        for channel, at in zip(samples, early, strict=True):
            channel[at[at < length]] += strength * rng.normal(0.0, 1.0, 8)[at < length]
    return tail_of("noise", samples)


def tail_of(kind: str, samples: npt.NDArray[np.floating]) -> Tail:
    """Bring a return to unit power and measure its decays."""
    samples = samples.astype(np.float32)
    fade = min(round(_FADE_S * RATE), samples.shape[1])
    samples[:, -fade:] *= np.linspace(1.0, 0.0, fade, dtype=np.float32)
    samples /= np.sqrt((samples.astype(np.float64) ** 2).sum() / 2.0) + 1e-12
    try:
        response = measure_response(Audio.of(samples, RATE, name=kind))
    except InputError:
        return Tail(kind, samples, np.full(len(OCTAVES_HZ), np.nan))
    return Tail(kind, samples, np.array([response.decay_at(hz) or np.nan for hz in OCTAVES_HZ]))


def _band_noise(rng: np.random.Generator, length: int, centre_hz: float) -> Floats:
    """Make two noises (2, length) of one octave, with slopes that meet those of its neighbours."""
    spectrum = np.fft.rfft(rng.standard_normal((2, length)))
    away = np.abs(np.log2(np.maximum(np.fft.rfftfreq(length, 1.0 / RATE), 1.0) / centre_hz))
    return np.asarray(np.fft.irfft(spectrum * np.cos(np.pi / 2.0 * np.clip(away, 0.0, 1.0)), length))
