"""Sound on its way to the page: samples exactly as they are, and peaks to draw."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.audio import Audio, Samples
from sitwell.value import Json

PEAK_HOP = 256  # samples a peak: 6 ms at 44.1 kHz, finer than a pixel until one zooms in far
_STEPS_16 = np.float32(32768.0)
_PIECE = 1 << 20  # samples looked at or sent at a time


@dataclass(frozen=True, eq=False)
class Sound:
    """Samples (channels, n), 16 bits where that loses nothing and else float32; peaks (k, 2) int8, low and high."""

    samples: Samples | npt.NDArray[np.int16]
    sample_rate: int
    peaks: npt.NDArray[np.int8]

    @classmethod
    def of(cls, audio: Audio) -> "Sound":
        """Take a sound; a mono recording has one channel."""
        mono = audio.samples.strides[0] == 0
        samples = audio.samples[: 1 if mono else 2]
        return cls(_shortest(samples), audio.sample_rate, measure_peaks(samples))

    def to_dict(self) -> Json:
        """Say how to read `chunks`: channel after channel, little-endian."""
        return {
            "sample_rate": self.sample_rate,
            "channels": self.samples.shape[0],
            "frames": self.samples.shape[1],
            "format": "s16" if self.samples.dtype == np.int16 else "f32",
            "peak_hop": PEAK_HOP,
        }

    @property
    def nbytes(self) -> int:
        """Length of all chunks."""
        return int(self.samples.nbytes)

    def chunks(self) -> "list[memoryview]":
        """Give the samples as bytes, channel after channel."""
        little = self.samples.astype(self.samples.dtype.newbyteorder("<"), copy=False)
        channels = [np.ascontiguousarray(channel).data.cast("B") for channel in little]
        return [channel[at : at + _PIECE] for channel in channels for at in range(0, len(channel), _PIECE)]


def measure_peaks(samples: Samples) -> npt.NDArray[np.int8]:
    """Measure the lowest and highest sample of every 256 over all channels: (k, 2) in 1/127."""
    frames = samples.shape[1]
    if not frames:
        return np.zeros((0, 2), dtype=np.int8)
    starts = np.arange(0, frames, PEAK_HOP)
    low = np.minimum.reduceat(samples.min(axis=0), starts)
    high = np.maximum.reduceat(samples.max(axis=0), starts)
    return np.asarray(np.clip(np.rint(np.stack([low, high], axis=1) * 127.0), -127, 127), dtype=np.int8)


def _shortest(samples: Samples) -> Samples | npt.NDArray[np.int16]:
    """Turn into 16 bits if each sample is a whole step of 16 bits, as most recordings are."""
    whole = np.empty(samples.shape, dtype=np.int16)
    for at in range(0, samples.shape[1], _PIECE):
        piece = samples[:, at : at + _PIECE] * _STEPS_16
        rounded = np.rint(piece)
        if not np.array_equal(piece, rounded) or rounded.max() > 32767 or rounded.min() < -32768:
            return samples
        whole[:, at : at + _PIECE] = rounded
    return whole
