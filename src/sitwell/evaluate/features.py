"""How far two whole mixes are apart in level, punch, image and colour; knows nothing of what was done.

The audio-feature distance of Diff-MST (Vanka et al., ISMIR 2024), features after De Man et al., ISMIR 2014:
weighted mean squared errors of rms, crest factor, stereo width, stereo imbalance and Bark spectra of mid and
side. Here the side's spectrum is floored 60 dB below the mid's, band by band: otherwise a side channel that
is empty in one of two mixes decides everything. Mid and side count 0.1 each.
"""

import functools
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from sitwell.audio import Samples
from sitwell.evaluate.matched import at_loudness

Floats = npt.NDArray[np.float64]
LUFS = -16.0
BANDS = 24
_N_FFT = 32768
_BAND_LIMITS_HZ = (20.0, 20000.0)
_SIDE_FLOOR = 1e-3  # -60 dB below mid
_TINY = 1e-8
_RMS, _CREST, _WIDTH, _IMBALANCE, _BARK = 0.1, 0.001, 1.0, 1.0, 0.1


@dataclass(frozen=True, eq=False)
class Features:
    """Features of one mix at -16 LUFS; rms and crest of left and right, spectra (24,) in nepers of magnitude."""

    rms: Floats
    crest_db: Floats
    width: float
    imbalance: float
    bark_mid: Floats
    bark_side: Floats


@dataclass(frozen=True)
class FeatureDistance:
    """Weighted squared errors, 0 for equal mixes; `mid` is what the vocal in the middle moves, `all` the sum."""

    rms: float
    crest: float
    width: float
    imbalance: float
    bark_mid: float
    bark_side: float

    @property
    def mid(self) -> float:
        """Level, punch and colour of the middle: without width, imbalance and side."""
        return self.rms + self.crest + self.bark_mid

    @property
    def all(self) -> float:
        """The sum of all six terms."""
        return self.mid + self.width + self.imbalance + self.bark_side


def feature_distance(wanted: Features, got: Features) -> FeatureDistance:
    """Compare two mixes."""
    return FeatureDistance(
        rms=_RMS * _squared_error(wanted.rms, got.rms),
        crest=_CREST * _squared_error(wanted.crest_db, got.crest_db),
        width=_WIDTH * (wanted.width - got.width) ** 2,
        imbalance=_IMBALANCE * (wanted.imbalance - got.imbalance) ** 2,
        bark_mid=_BARK * _squared_error(wanted.bark_mid, got.bark_mid),
        bark_side=_BARK * _squared_error(wanted.bark_side, got.bark_side),
    )


def measure_features(mix: Samples, sample_rate: int) -> Features:
    """Measure a mix (2, n) after bringing it to -16 LUFS."""
    sound = at_loudness(mix, sample_rate, lufs=LUFS)
    left_power, right_power = np.mean(np.square(sound, dtype=np.float64), axis=1).tolist()
    mid, side = sound[0] + sound[1], sound[0] - sound[1]
    mid_power, side_power = (float(np.mean(np.square(part, dtype=np.float64))) for part in (mid, side))
    rms = np.sqrt(np.maximum([left_power, right_power], _TINY))
    bands_mid, bands_side = (_bark_magnitudes(part, sample_rate) for part in (mid, side))
    return Features(
        rms=rms,
        crest_db=20.0 * np.log10(np.maximum(np.abs(sound).max(axis=1, initial=0.0) / rms, _TINY)),
        width=side_power / max(mid_power, _TINY),
        imbalance=(right_power - left_power) / max(right_power + left_power, _TINY),
        bark_mid=np.log(bands_mid + _TINY),
        bark_side=np.log(np.maximum(bands_side, _SIDE_FLOOR * bands_mid) + _TINY),
    )


def _squared_error(first: Floats, second: Floats) -> float:
    return float(np.mean((first - second) ** 2))


def _bark_magnitudes(signal: Samples, sample_rate: int) -> Floats:
    """Average magnitudes over time and sum them in 24 triangles on the Bark axis: (n,) -> (24,)."""
    mode = "reflect" if len(signal) > _N_FFT // 2 else "constant"
    padded = np.pad(signal, _N_FFT // 2, mode=mode)  # type: ignore[call-overload]
    frames = sliding_window_view(padded, _N_FFT)[:: _N_FFT // 4]
    total = np.zeros(_N_FFT // 2 + 1)
    for frame in frames:  # a rectangular window, as in the original
        total += np.abs(np.fft.rfft(frame))
    return np.asarray(bark_triangles(sample_rate) @ (total / len(frames)))


@functools.cache
def bark_triangles(sample_rate: int) -> Floats:
    """Make 24 triangles that overlap by half on Traunmueller's Bark axis, 20 Hz to 20 kHz: (24, bins)."""
    low, high = _hz_to_bark(_BAND_LIMITS_HZ[0]), _hz_to_bark(_BAND_LIMITS_HZ[1])
    corners_hz = np.array([_bark_to_hz(bark) for bark in np.linspace(low, high, BANDS + 2)])
    hz = np.linspace(0.0, sample_rate / 2, _N_FFT // 2 + 1)
    left, centre, right = corners_hz[:-2, None], corners_hz[1:-1, None], corners_hz[2:, None]
    rising, falling = (hz - left) / (centre - left), (right - hz) / (right - centre)
    return np.asarray(np.maximum(0.0, np.minimum(rising, falling)))


def _hz_to_bark(hz: float) -> float:
    """Convert by Traunmueller, JASA 88, 1990, with his corrections at both ends."""
    bark = 26.81 * hz / (1960.0 + hz) - 0.53
    if bark < 2.0:
        return bark + 0.15 * (2.0 - bark)
    return bark + 0.22 * (bark - 20.1) if bark > 20.1 else bark


def _bark_to_hz(bark: float) -> float:
    if bark < 2.0:
        bark = (bark - 0.3) / 0.85
    elif bark > 20.1:
        bark = (bark + 4.422) / 1.22
    return 1960.0 * (bark + 0.53) / (26.28 - bark)
