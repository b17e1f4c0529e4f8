"""One short-time Fourier transform for all features: band powers per frame; knows no levels or decisions.

Frame i is centred on hop i, that is on `(i + 0.5) * hop_length` samples, and reaches half a hop beyond it
on both sides; outside the sound there are zeros.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import as_strided

from sitwell.analysis.bands import BARK, THIRD_OCTAVE, Bands
from sitwell.audio import Samples

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
        self._window = _scaled_hann(self.n_fft)
        self._weights = _weights(sample_rate, self.n_fft)
        self._carry = np.zeros(self.hop_length // 2, dtype=np.complex64)  # left + i right, frame by frame
        self._powers: list[Powers] = [np.zeros((0, self._weights.shape[1]), dtype=np.float32)]
        self._samples = 0

    def process(self, block: Samples) -> None:
        """Take a block (2, n); the frames that it completes are kept."""
        self._samples += block.shape[1]
        begun = len(self._carry)
        signal = np.empty(begun + block.shape[1], dtype=np.complex64)
        signal[:begun] = self._carry
        signal.real[begun:] = block[0]
        signal.imag[begun:] = block[1]
        count = max(0, (len(signal) - self.n_fft) // self.hop_length + 1)
        self._carry = signal[count * self.hop_length :].copy()
        if count == 0:
            return
        step = signal.itemsize
        frames = as_strided(signal, (count, self.n_fft), (self.hop_length * step, step), writeable=False)
        mono = _alike(signal[:: self.hop_length]) and _alike(signal)  # few samples tell most stereo sounds
        self._powers.append(self._mono(frames) if mono else self._stereo(frames))

    def finish(self) -> BandFrames:
        """Give one frame for each hop begun; the meter is used up."""
        frames = -(-self._samples // self.hop_length)
        left = frames - sum(len(powers) for powers in self._powers)
        missing = (left - 1) * self.hop_length + self.n_fft - len(self._carry) if left else 0
        self.process(np.zeros((2, missing), dtype=np.float32))
        third_octave, bark = np.split(np.concatenate(self._powers), [len(THIRD_OCTAVE)], axis=1)
        return BandFrames(self._frame_rate_hz, np.ascontiguousarray(third_octave), np.ascontiguousarray(bark))

    def _stereo(self, frames: npt.NDArray[np.complex64]) -> Powers:
        """Transform both channels at once: |Z(k)|^2 + |Z(N-k)|^2 = 2 (|L(k)|^2 + |R(k)|^2), Z = L + iR."""
        spectrum = np.fft.fft(frames * self._window, axis=1)
        power = np.square(spectrum.real) + np.square(spectrum.imag)  # (frames, n_fft)
        half = self.n_fft // 2
        folded = power[:, 1 : half + 1] + power[:, : half - 1 : -1]  # bins 1..N/2, the last one twice
        banded: Powers = (folded @ self._weights).astype(np.float32, copy=False)
        return banded

    def _mono(self, frames: npt.NDArray[np.complex64]) -> Powers:
        spectrum = np.fft.rfft(frames.real * self._window, axis=1)[:, 1:]
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        banded: Powers = (4.0 * power @ self._weights).astype(np.float32, copy=False)
        return banded


def _alike(signal: npt.NDArray[np.complex64]) -> bool:
    return bool(np.array_equal(signal.real, signal.imag))


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
