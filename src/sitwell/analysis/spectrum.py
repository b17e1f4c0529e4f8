"""One short-time Fourier transform for all features: band powers per frame; knows no levels or decisions.

Frame i is centred on hop i, that is on `(i + 0.5) * hop_length` samples, and reaches half a hop beyond it
on both sides; outside the sound there are zeros.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.bands import BARK, THIRD_OCTAVE, Bands
from sitwell.audio import Samples
from sitwell.core import BandPowers

Powers = npt.NDArray[np.float32]  # (frames, bands)
Active = npt.NDArray[np.bool_]  # (frames,)
WINDOW_S = 0.0464  # 2048 samples at 44.1 kHz: resolves 100 Hz bands, blurs an onset by less than 25 ms
_FLOOR_POWER = 1e-20  # -200 dB, stands for digital silence in levels that must stay finite


@dataclass(frozen=True, eq=False)
class BandFrames:
    """Band powers of a sound: third_octave (frames, 31) and bark (frames, 24), float32.

    Power is the mean over both channels of the mean square in the band, so that a full-scale sine reads
    0.5 (-3.01 dB) in its band.
    """

    frame_rate_hz: float
    third_octave: Powers
    bark: Powers

    @property
    def frames(self) -> int:
        """Number of frames."""
        return int(self.bark.shape[0])

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """Centre of each frame in seconds, (frames,)."""
        return np.asarray((np.arange(self.frames) + 0.5) / self.frame_rate_hz)


def fft_length(sample_rate: int) -> int:
    """Choose the power of two nearest to 46 ms."""
    return int(max(64, 2 ** round(math.log2(WINDOW_S * sample_rate))))


def mean_level_db(band_power: Powers, active: Active | None = None) -> npt.NDArray[np.float64]:
    """Average band powers (frames, bands) over the active frames: (bands,) in dB, -200 dB for silence."""
    chosen = band_power if active is None else band_power[active]
    if chosen.shape[0] == 0:
        return np.full(band_power.shape[1], 10.0 * math.log10(_FLOOR_POWER))
    level_db: npt.NDArray[np.float64] = 10.0 * np.log10(chosen.mean(axis=0, dtype=np.float64) + _FLOOR_POWER)
    return level_db


class SpectrumMeter:
    """Collects band powers block by block; the sizes of the blocks do not matter."""

    def __init__(self, sample_rate: int) -> None:
        self.n_fft = fft_length(sample_rate)
        self.hop_length = self.n_fft // 2
        self._frame_rate_hz = sample_rate / self.hop_length
        self._transform = BandPowers(_scaled_hann(self.n_fft), _weights(sample_rate, self.n_fft))
        self._carry: Samples = np.zeros((2, self.hop_length // 2), dtype=np.float32)
        self._powers: list[Powers] = [np.zeros((0, len(THIRD_OCTAVE) + len(BARK)), dtype=np.float32)]
        self._samples = 0

    def process(self, block: Samples) -> None:
        """Take a block (2, n); the frames that it completes are kept."""
        self._samples += block.shape[1]
        signal = np.concatenate([self._carry, block], axis=1)
        powers = self._transform.process(signal, self.hop_length)
        self._powers.append(powers)
        self._carry = signal[:, len(powers) * self.hop_length :]

    def finish(self) -> BandFrames:
        """Give one frame for each hop begun; the meter is used up."""
        frames = -(-self._samples // self.hop_length)
        left = frames - sum(len(powers) for powers in self._powers)
        missing = (left - 1) * self.hop_length + self.n_fft - self._carry.shape[1] if left else 0
        self.process(np.zeros((2, missing), dtype=np.float32))
        third_octave, bark = np.split(np.concatenate(self._powers), [len(THIRD_OCTAVE)], axis=1)
        return BandFrames(self._frame_rate_hz, np.ascontiguousarray(third_octave), np.ascontiguousarray(bark))


def _scaled_hann(n_fft: int) -> npt.NDArray[np.float32]:
    """Make a Hann window scaled so that 2 |X(k)|^2, summed over bins, is the mean square of the signal."""
    window = 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(n_fft) / n_fft)
    scaled = window / math.sqrt(n_fft * np.sum(window**2))
    return scaled.astype(np.float32)


def _weights(sample_rate: int, n_fft: int) -> npt.NDArray[np.float32]:
    """Stack both band sets: (n_fft // 2, 31 + 24) for bins 1..N/2 of the folded power 2 (|L|^2 + |R|^2)."""
    sets: tuple[Bands, Bands] = (THIRD_OCTAVE, BARK)
    both = [bands.weights(sample_rate=sample_rate, n_fft=n_fft)[1:] for bands in sets]
    both[0][-1] *= 0.5  # the bin at half the sample rate is folded onto itself
    both[1][-1] *= 0.5
    return (0.5 * np.hstack(both)).astype(np.float32)
