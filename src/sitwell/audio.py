"""Sound as a value: float32 samples of shape (2, samples) and a rate; knows nothing of files.

Samples are stored as float32; every filter keeps its state in float64. Inside the product all sound is
stereo; a mono recording is the same channel twice (a zero-stride view, so it costs no memory).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sitwell.errors import InputError, Notice

Samples = npt.NDArray[np.float32]  # (channels, samples)
BLOCK = 16384  # frames: 128 kB of stereo float32, so that a block stays in the second-level cache


@dataclass(frozen=True, eq=False)
class Audio:
    """Stereo sound: samples (2, n) float32 within about ±1 and the rate in Hz.

    `name` says where it came from, `notices` what was found or done while reading; `release` lets the
    owner of the samples drop pages that have been read (long songs live in a temporary file).
    """

    samples: Samples
    sample_rate: int
    name: str = "audio"
    notices: tuple[Notice, ...] = ()
    release: Callable[[], None] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.shape[0] != 2 or self.samples.dtype != np.float32:
            raise InputError(
                "audio.shape",
                f"{self.name}: samples must be float32 of shape (2, n), got "
                f"{self.samples.dtype} {self.samples.shape}; use Audio.of(array, sample_rate)",
            )

    def __getstate__(self) -> dict[str, object]:
        """Travel to other processes with the samples, and without the pages of this one."""
        return {**self.__dict__, "release": None}

    @classmethod
    def of(cls, samples: npt.ArrayLike, sample_rate: int, *, name: str = "audio") -> "Audio":
        """Make Audio from an array: (n,) mono, (1, n) mono or (2, n) stereo, any real type.

        Raises InputError `audio.shape` or `audio.not_finite`.
        """
        array = np.atleast_2d(np.asarray(samples, dtype=np.float32))
        if array.ndim != 2 or array.shape[0] > 2:
            raise InputError("audio.shape", f"{name}: expected (channels <= 2, samples), got {array.shape}")
        if not np.isfinite(array).all():
            raise InputError("audio.not_finite", f"{name}: holds NaN or infinite samples; repair the file")
        return cls(np.broadcast_to(array, (2, array.shape[1])), int(sample_rate), name)

    @property
    def length(self) -> int:
        """Number of samples per channel."""
        return int(self.samples.shape[1])

    @property
    def seconds(self) -> float:
        """Duration in seconds."""
        return self.length / self.sample_rate

    def blocks(self, frames: int = BLOCK, *, length: int | None = None, start: int = 0) -> Iterator[Samples]:
        """Yield fresh contiguous (2, frames) blocks, the last one shorter; zeros outside the sound.

        `start` may be negative (leading silence); `length` is how many samples to yield in all.
        """
        total = self.length - start if length is None else length
        for offset in range(0, total, frames):
            yield self._piece(start + offset, min(frames, total - offset))
            if self.release is not None:
                self.release()

    def _piece(self, start: int, frames: int) -> Samples:
        if start >= 0 and start + frames <= self.length:
            return np.array(self.samples[:, start : start + frames], order="C")
        piece = np.zeros((2, frames), dtype=np.float32)
        low, high = max(start, 0), min(start + frames, self.length)
        if low < high:
            piece[:, low - start : high - start] = self.samples[:, low:high]
        return piece
