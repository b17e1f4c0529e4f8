"""How far two vocals are apart in their spectrograms; knows nothing of loudness, lags or mixes.

Multi-resolution STFT distance as in DiffVox (Yu et al., 2025), after auraloss (Steinmetz and Reiss, 2020):
spectral convergence plus L1 of log magnitudes, Hann windows of 128, 512 and 2048, hop a quarter, A-weighted,
the mean over resolutions and channels. The weighting is the curve itself, not a filter fitted to it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from sitwell.audio import Samples

Floats = npt.NDArray[np.float64]
SIZES = (128, 512, 2048)
_FLOOR_POWER = 1e-8
_CHUNK = 2**18  # FFT points at a time, so that the spectra stay in the cache


@dataclass(frozen=True)
class SpectralDistance:
    """Distances without unit, 0 for equal sounds: of left and right, and of mid and side."""

    left_right: float
    mid_side: float


def spectral_distance(wanted: Samples, got: Samples, sample_rate: int) -> SpectralDistance:
    """Compare sounds (2, n) that are aligned and equally loud; the convergence is relative to `wanted`."""
    length = min(wanted.shape[1], got.shape[1])
    sums = [_compare(wanted[:, :length], got[:, :length], size, sample_rate) for size in SIZES]
    left, right, mid, side = np.mean(sums, axis=0).tolist()
    return SpectralDistance((left + right) / 2, (mid + side) / 2)


def a_weighting_power(frequencies_hz: npt.ArrayLike) -> Floats:
    """Compute the power gain (n,) of A-weighting at frequencies (n,) in Hz, 1 at 1 kHz (IEC 61672-1, annex E)."""
    f2 = np.asarray(frequencies_hz, dtype=np.float64) ** 2
    return np.asarray(_a_curve(f2) / _a_curve(np.array(1000.0**2)))


def _a_curve(f2: Floats) -> Floats:
    poles = (f2 + 20.598997**2) ** 2 * (f2 + 107.65265**2) * (f2 + 737.86223**2) * (f2 + 12194.217**2) ** 2
    return np.asarray(f2**4 / poles)


def _compare(wanted: Samples, got: Samples, size: int, sample_rate: int) -> Floats:
    """Compare at one resolution: the distance (4,) of left, right, mid and side."""
    weights = a_weighting_power(np.fft.rfftfreq(size, 1.0 / sample_rate)).astype(np.float32)
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    first, second = _frames(wanted, size), _frames(got, size)  # (2, frames, size)
    frames, step = first.shape[1], max(1, _CHUNK // size)
    error, energy, log_error = np.zeros(4), np.zeros(4), np.zeros(4)
    for start in range(0, frames, step):
        chunk = slice(start, start + step)
        x, y = (_magnitudes(sound[:, chunk] * window, weights) for sound in (first, second))  # (4, frames, bins)
        error += np.sum((x - y) ** 2, axis=(1, 2), dtype=np.float64)
        energy += np.sum(x**2, axis=(1, 2), dtype=np.float64)
        log_error += np.sum(np.abs(np.log(x) - np.log(y)), axis=(1, 2), dtype=np.float64)
    return np.asarray(np.sqrt(error / energy) + log_error / (frames * len(weights)))


def _frames(samples: Samples, size: int) -> Samples:
    """Cut (2, n) into centred frames (2, frames, size); the ends are mirrored."""
    mode = "reflect" if samples.shape[1] > size // 2 else "constant"
    padded = np.pad(samples, ((0, 0), (size // 2, size // 2)), mode=mode)  # type: ignore[call-overload]
    frames: Samples = sliding_window_view(padded, size, axis=1)[:, :: size // 4]
    return frames


def _magnitudes(frames: Samples, weights: Samples) -> Samples:
    """Transform (2, frames, size) to magnitudes of left, right, sum and difference (4, frames, bins)."""
    left, right = np.fft.rfft(frames, axis=-1)
    spectra = np.stack([left, right, left + right, left - right])
    power = (spectra.real**2 + spectra.imag**2) * weights
    magnitudes: Samples = np.sqrt(np.maximum(power, np.float32(_FLOOR_POWER)))
    return magnitudes
