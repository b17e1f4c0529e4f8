"""How fast the music goes and how sure that is, from the rises of its band powers."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from sitwell.analysis.spectrum import Active, BandFrames, Powers

Floats = npt.NDArray[np.float64]
_RANGE_BPM = (40.0, 220.0)
_STEPS_PER_OCTAVE = 96
_PRIOR_BPM, _PRIOR_OCTAVES = 120.0, 0.9  # most songs; half or double of it gets 0.54 of the weight
_BEATS, _LONG_BEATS = 4, 16  # beats over which a period must repeat; beats that tell it exactly
_COMPRESSION = 100.0
_TREND_S = 1.0
_SMOOTHING = (0.25, 0.5, 0.25)  # a beat that falls between two frames counts like one that does not
_WEAK = 0.1  # nats: the ripple of a held chord
_CLEAR = 0.5  # regularity of a beat nobody doubts


@dataclass(frozen=True)
class Tempo:
    """Tempo in beats a minute, and how sure it is.

    Confidence runs from 0 (no beat: `bpm` is then only the most common tempo) to 1; from about 0.3 the
    beat is audible. Half or double tempo is a matter of taste and may be named instead.
    """

    bpm: float
    confidence: float


def estimate_tempo(band_power: Powers, *, frame_rate_hz: float) -> Tempo:
    """Estimate the tempo from band powers (frames, bands).

    Log-compressed band flux, its autocorrelation summed over four beats, and a log-Gaussian preference
    for common tempi (after Ellis, "Beat tracking by dynamic programming", JNMR 36(1), 2007).
    """
    onset = onset_strength(band_power, frame_rate_hz=frame_rate_hz)
    if not onset.any():
        return Tempo(_PRIOR_BPM, 0.0)
    correlation = _autocorrelation(onset)
    bpm = _grid()
    regularity = _regularity(correlation, 60.0 / bpm * frame_rate_hz)
    prior = np.exp(-0.5 * (np.log2(bpm / _PRIOR_BPM) / _PRIOR_OCTAVES) ** 2)
    best = int(np.argmax(regularity * prior))
    refined = _refined(correlation, float(bpm[best]), frame_rate_hz)
    return Tempo(refined, _confidence(float(regularity[best]), onset))


def onset_strength(band_power: Powers, *, frame_rate_hz: float) -> Floats:
    """Measure how much the bands rise at each frame: (frames, bands) -> (frames,), its trend removed.

    Powers are compressed by log(1 + 100 p / mean), so that gain does not matter and soft bands count.
    """
    mean = band_power.mean(axis=0, dtype=np.float64) if len(band_power) else np.zeros(1)
    if len(band_power) < 4 or not mean.any():
        return np.zeros(len(band_power))
    floor = mean + 1e-4 * mean.max()
    compressed = np.log1p(band_power * (_COMPRESSION / floor).astype(np.float32))
    rise = np.maximum(np.diff(compressed, axis=0, prepend=compressed[:1]), 0.0).mean(axis=1, dtype=np.float64)
    rise = np.convolve(rise, _SMOOTHING, mode="same")
    return np.asarray(rise - _moving_mean(rise, max(3, round(_TREND_S * frame_rate_hz))))


def onsets_per_s(spectrum: BandFrames, active: Active) -> float:
    """Count the peaks of the rise of the bands that stand out from the rest, per active second."""
    rise = onset_strength(spectrum.third_octave[active], frame_rate_hz=spectrum.frame_rate_hz)
    if len(rise) < 3 or not rise.any():
        return 0.0
    reach = max(1, round(0.05 * spectrum.frame_rate_hz))
    around = sliding_window_view(np.pad(rise, reach), 2 * reach + 1).max(axis=1)
    peaks = np.count_nonzero((rise >= around) & (rise > rise.std()))
    return float(peaks * spectrum.frame_rate_hz / len(rise))


def _moving_mean(values: Floats, length: int) -> Floats:
    sums = np.cumsum(np.concatenate([[0.0], values]))
    index = np.arange(len(values))
    low = np.maximum(index - length // 2, 0)
    high = np.minimum(index + length // 2 + 1, len(values))
    mean: Floats = (sums[high] - sums[low]) / (high - low)
    return mean


def _autocorrelation(onset: Floats) -> Floats:
    """Correlate with itself: (frames,) -> (frames // 2,), 1 at lag 0, each lag weighted by its overlap."""
    frames = len(onset)
    n_fft = 2 ** math.ceil(math.log2(2 * frames))
    raw = np.fft.irfft(np.abs(np.fft.rfft(onset, n_fft)) ** 2, n_fft)[: frames // 2]
    unbiased = raw / (frames - np.arange(len(raw)))
    return np.asarray(unbiased / unbiased[0])


def _grid() -> Floats:
    low, high = _RANGE_BPM
    steps = math.floor(math.log2(high / low) * _STEPS_PER_OCTAVE)
    return np.asarray(low * 2.0 ** (np.arange(steps + 1) / _STEPS_PER_OCTAVE))


def _regularity(correlation: Floats, period_frames: Floats, beats: int = _BEATS) -> Floats:
    """Average the correlation at one to `beats` periods: (tempi,); those beyond the sound are left out."""
    lags = period_frames[:, None] * np.arange(1, beats + 1)
    inside = lags <= len(correlation) - 1
    at_lags = np.interp(lags, np.arange(len(correlation)), correlation) * inside
    return np.asarray(at_lags.sum(axis=1) / np.maximum(inside.sum(axis=1), 2))


def _refined(correlation: Floats, bpm: float, frame_rate_hz: float) -> float:
    """Find the tempo within 1 % that also holds over 16 beats, between steps by a parabola."""
    nearby = bpm * (1.0 + np.linspace(-0.01, 0.01, 41))
    score = _regularity(correlation, 60.0 / nearby * frame_rate_hz, _LONG_BEATS)
    best = int(np.clip(np.argmax(score), 1, len(nearby) - 2))
    before, peak, after = score[best - 1 : best + 2]
    bend = before - 2.0 * peak + after
    shift = np.clip(0.5 * (before - after) / bend, -1.0, 1.0) if bend < 0.0 else 0.0
    low, high = _RANGE_BPM
    return min(max(float(nearby[best] + shift * (nearby[1] - nearby[0])), low), high)


def _confidence(regularity: float, onset: Floats) -> float:
    """Map regularity to 0..1; chance gives 2.5 / sqrt(frames), and rises too weak to hear count little."""
    strength = float(onset.var())
    beyond_chance = (regularity - 2.5 / math.sqrt(len(onset))) / _CLEAR
    return min(max(beyond_chance, 0.0), 1.0) * strength / (strength + _WEAK**2)
