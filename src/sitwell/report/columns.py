"""A long signal reduced to the columns of a picture, block by block: lowest and highest value of each."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sitwell.audio import Audio

Floats = npt.NDArray[np.float64]
COLUMNS = 1200


class Columns:
    """Collects `low` and `high`, both (columns,), of a signal of known length in samples."""

    def __init__(self, length: int, columns: int = COLUMNS) -> None:
        self.step = max(1, -(-length // columns))
        count = max(1, -(-length // self.step))
        self.low, self.high = np.full(count, np.inf), np.full(count, -np.inf)
        self._position = 0

    def process(self, low: npt.NDArray[np.float32], high: npt.NDArray[np.float32]) -> None:
        """Take the next samples: two series (n,), the lower and the upper one, often the same."""
        first = self._position // self.step
        starts = np.maximum(np.arange(first * self.step, self._position + len(low), self.step), self._position)
        starts -= self._position
        here = slice(first, first + len(starts))
        if len(starts):
            self.low[here] = np.minimum(self.low[here], np.minimum.reduceat(low, starts))
            self.high[here] = np.maximum(self.high[here], np.maximum.reduceat(high, starts))
        self._position += len(low)

    def finish(self) -> tuple[Floats, Floats]:
        """Give low and high, zero where nothing came."""
        return tuple(np.where(np.isfinite(side), side, 0.0) for side in (self.low, self.high))  # type: ignore[return-value]


def peaks(audio: Audio, *, start: int, length: int) -> tuple[Floats, Floats]:
    """Reduce a sound to the lowest and highest sample of each column, over both channels: (columns,) each."""
    columns = Columns(length)
    for block in audio.blocks(start=start, length=length):
        columns.process(block.min(axis=0), block.max(axis=0))
    return columns.finish()


def grouped(values: Floats, most: int, how: np.ufunc) -> Floats:
    """Merge neighbours with `np.minimum`, `np.maximum` or `np.add` until at most `most` are left."""
    step = max(1, -(-len(values) // most))
    return np.asarray(how.reduceat(values, np.arange(0, len(values), step))) if len(values) else values


def stacked(pieces: Iterable[Floats], shape: tuple[int, ...]) -> Floats:
    """Join pieces along the first axis; none at all give zeros of this shape."""
    found = list(pieces)
    return np.concatenate(found) if found else np.zeros(shape)
