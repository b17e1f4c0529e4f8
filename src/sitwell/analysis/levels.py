"""Mean squares of both channels hop by hop: what crest factor, stereo image and silence are judged from."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.activity import Active
from sitwell.audio import Samples
from sitwell.units import gain_to_db, power_to_db

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class HopLevels:
    """Mean squares per hop, all (hops,): left, right, side ((L - R) / 2) and cross (L times R).

    Hops are those of `BandFrames`: frame i of the spectrum is centred on hop i. `mean` (2,) is the mean
    sample of each channel.
    """

    left: Floats
    right: Floats
    side: Floats
    cross: Floats
    mean: Floats

    @property
    def power(self) -> Floats:
        """Mean of both channels, (hops,)."""
        return np.asarray((self.left + self.right) / 2)


def crest_db(levels: HopLevels, active: Active, *, sample_peak: float) -> float:
    """Measure peak over rms in dB, the rms of the louder channel over active hops; 0 when silent."""
    chosen = active if active.any() else np.ones_like(active)
    if not sample_peak > 0.0 or len(chosen) == 0:
        return 0.0
    rms_power = max(float(levels.left[chosen].mean()), float(levels.right[chosen].mean()))
    return gain_to_db(sample_peak) - power_to_db(rms_power)


class HopMeter:
    """Collects levels block by block; the sizes of the blocks do not matter."""

    def __init__(self, hop_length: int) -> None:
        self._hop_length = hop_length
        self._carry = np.zeros((2, 0), dtype=np.float32)
        self._squares = [np.zeros((4, 0), dtype=np.float32)]
        self._sum = np.zeros(2)
        self._samples = 0

    def process(self, block: Samples) -> None:
        """Take a block (2, n)."""
        self._sum += block @ np.ones(block.shape[1], dtype=np.float32)
        self._samples += block.shape[1]
        signal = np.concatenate([self._carry, block], axis=1) if self._carry.size else block
        whole = signal.shape[1] - signal.shape[1] % self._hop_length
        self._carry = signal[:, whole:].copy()
        self._measure(signal[:, :whole])

    def finish(self) -> HopLevels:
        """Give the levels of everything processed; the meter is used up."""
        short = -self._samples % self._hop_length
        if short:
            self._measure(np.pad(self._carry, ((0, 0), (0, short))))
        squares = np.concatenate(self._squares, axis=1)
        counts = np.full(squares.shape[1], self._hop_length)
        counts[-1:] -= short
        left, right, side, cross = squares.astype(np.float64) / counts
        return HopLevels(left, right, side, cross, self._sum / max(self._samples, 1))

    def _measure(self, signal: Samples) -> None:
        left, right = signal.reshape(2, -1, self._hop_length)
        side = (left - right) * np.float32(0.5)
        pairs = ((left, left), (right, right), (side, side), (left, right))
        self._squares.append(np.stack([_dots(a, b) for a, b in pairs]))


def _dots(a: npt.NDArray[np.float32], b: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Multiply rows: (hops, n) twice -> (hops,)."""
    products: npt.NDArray[np.float32] = np.matmul(a[:, None, :], b[:, :, None])[:, 0, 0]
    return products
