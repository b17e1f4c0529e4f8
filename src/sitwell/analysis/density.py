"""How dense the echoes and the modes of a reverberation are: what is heard as grain, and as a metallic ring."""

import math

import numpy as np
import numpy.typing as npt

from sitwell.audio import Samples

Floats = npt.NDArray[np.float64]

_WINDOW_S = 0.02
_OUTSIDE_OF_NOISE = 0.31731050786291415  # erfc(1 / sqrt 2): what of Gaussian noise exceeds its standard deviation
_AFTER_S = 0.05
_MODES_HZ = (500.0, 4000.0)
_SMOOTHING_HZ = 60.0


def measure_echo_density(samples: Samples, sample_rate: int, times_s: Floats) -> Floats:
    """Measure the normalized echo density at `times_s` (n,): 0 single echoes, 1 as dense as Gaussian noise.

    The mean over the channels (channels, samples) of the share that exceeds the local standard deviation, in Hann
    windows of 20 ms (Abel and Huang, "A simple, robust measure of reverberation echo density", AES 121, 2006, eq. 4).
    """
    half = round(_WINDOW_S * sample_rate / 2)
    window = np.hanning(2 * half + 1)
    sound = np.pad(samples.astype(np.float64), ((0, 0), (half, half)))
    starts = np.clip(np.round(times_s * sample_rate).astype(int), 0, samples.shape[1] - 1)
    inside = window * (starts[:, None] + np.arange(-half, half + 1) >= 0)  # (n, window): not before the start
    inside /= inside.sum(axis=1, keepdims=True)
    density = np.zeros(len(times_s))
    for channel in sound:
        pieces = channel[starts[:, None] + np.arange(2 * half + 1)]
        deviation = np.sqrt((inside * pieces**2).sum(axis=1, keepdims=True))
        density += (inside * (np.abs(pieces) > deviation)).sum(axis=1)
    return np.asarray(density / len(sound) / _OUTSIDE_OF_NOISE)


def measure_mode_spread(samples: Samples, sample_rate: int) -> float:
    """Measure how far the spectrum of the tail spreads around its trend, in dB: 5.6 where modes cannot be told apart.

    The standard deviation, over 500 Hz to 4 kHz and both channels, of the level of each bin against the mean power
    within 60 Hz, of all that comes after 50 ms. The power of many overlapping modes is exponentially distributed,
    which gives 5.57 dB (Schroeder, "Statistical parameters of the frequency response curves of large rooms", 1987).
    """
    tail = samples[:, round(_AFTER_S * sample_rate) :].astype(np.float64)
    power = np.abs(np.fft.rfft(tail)) ** 2
    hz = np.fft.rfftfreq(tail.shape[1], 1 / sample_rate)
    width = max(3, round(_SMOOTHING_HZ * tail.shape[1] / sample_rate)) | 1
    chosen = (hz > _MODES_HZ[0]) & (hz < _MODES_HZ[1])
    spreads = []
    for row in power:
        trend = np.convolve(row, np.full(width, 1 / width), mode="same")
        ratio = row[chosen] / np.maximum(trend[chosen], 1e-300)
        spreads.append(float(np.std(10 * np.log10(np.maximum(ratio, 1e-9)))))
    return math.fsum(spreads) / len(spreads)
