"""How far two vocals are apart in their dynamics; knows nothing of spectra, loudness or mixes.

Microdynamics distance of DiffVox (Yu et al., 2025): L1 of log energy in a short against a long exponential
mean, which is moved back to the middle of the short one; 50 against 1000 ms, and 100 against 2000 ms.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import BLOCK, Samples

Floats = npt.NDArray[np.float64]
TIMES_MS = ((50.0, 1000.0), (100.0, 2000.0))
_FLOOR_POWER = 1e-8
_STRIDE_S = 0.0005  # between looks: a fortieth of the shortest time constant


@dataclass(frozen=True)
class DynamicsDistance:
    """Distances in nepers of energy, 0 for equal sounds: of left and right, and of mid and side."""

    left_right: float
    mid_side: float


def dynamics_distance(wanted: Samples, got: Samples, sample_rate: int) -> DynamicsDistance:
    """Compare sounds (2, n) that are aligned and equally loud."""
    length = min(wanted.shape[1], got.shape[1])
    distance = np.zeros(4)
    for short_ms, long_ms in TIMES_MS:
        first, second = (
            short_against_long(sound[:, :length], sample_rate, short_ms=short_ms, long_ms=long_ms)
            for sound in (wanted, got)
        )
        if first.shape[1]:
            distance += np.abs(first - second).mean(axis=1)
    left, right, mid, side = distance.tolist()
    return DynamicsDistance((left + right) / 2, (mid + side) / 2)


def short_against_long(samples: Samples, sample_rate: int, *, short_ms: float, long_ms: float) -> Floats:
    """Compute the log of short over long mean energy of left, right, mid and side: (2, n) -> (4, looks).

    The long mean is late by half the difference of the two times and is read that much later; sounds
    shorter than this give no looks.
    """
    step = max(1, round(_STRIDE_S * sample_rate))
    late = round(sample_rate * (long_ms - short_ms) * 0.0005 / step)  # in looks
    short, long = (
        np.log(mean_energies(samples, sample_rate, time_ms=time_ms, step=step)) for time_ms in (short_ms, long_ms)
    )
    return np.asarray(short[:, : max(0, short.shape[1] - late)] - long[:, late:])


def mean_energies(samples: Samples, sample_rate: int, *, time_ms: float, step: int) -> Floats:
    """Average energy exponentially, rising from 10 to 90 % in `time_ms`: (2, n) -> (4, looks), at least 1e-9."""
    share = 1.0 - math.exp(-2200.0 / (time_ms * sample_rate))
    smoother = core.Biquads(np.array([[share, 0.0, 0.0, share - 1.0, 0.0]]), 4)
    means, frames = [np.zeros((4, 0))], BLOCK // step * step
    for start in range(0, samples.shape[1], frames):
        left, right = samples[:, start : start + frames]
        half = np.float32(math.sqrt(0.5))
        block = np.stack([left, right, half * (left + right), half * (left - right)])
        energy = np.maximum(block * block, np.float32(_FLOOR_POWER))
        smoother.process(energy)
        means.append(energy[:, ::step].astype(np.float64))
    return np.maximum(np.concatenate(means, axis=1), 0.1 * _FLOOR_POWER)
