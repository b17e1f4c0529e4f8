"""Sounds brought to one loudness, so that a comparison does not reward the louder one; judges nothing."""

import math

import numpy as np

from sitwell import core
from sitwell.audio import Audio, Samples
from sitwell.units import db_to_gain


def loudness_lufs(samples: Samples, sample_rate: int) -> float:
    """Measure the integrated loudness of (2, n) in LUFS (BS.1770-5); -inf for silence and below 400 ms."""
    return core.integrated_lufs(k_energies(samples, sample_rate))


def at_loudness(samples: Samples, sample_rate: int, *, lufs: float) -> Samples:
    """Scale (2, n) to an integrated loudness; silence stays as it is."""
    now = loudness_lufs(samples, sample_rate)
    if not math.isfinite(now):
        return samples
    scaled: Samples = samples * np.float32(db_to_gain(lufs - now))
    return scaled


def k_energies(samples: Samples, sample_rate: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Measure the K-weighted energy of each full 100 ms: (2, n) -> (pieces,)."""
    meter = core.Meter(sample_rate=sample_rate, channels=2)
    pieces = [meter.process(block) for block in Audio(samples, sample_rate).blocks()]
    return np.concatenate(pieces) if pieces else np.zeros(0)
