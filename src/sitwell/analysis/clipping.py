"""Whether a recording was clipped, at full scale or below, by the pile-up of samples at its rails.

A rail is the highest or lowest value of a channel. In music, samples thin out towards it; in a clipped
recording they heap up there in runs. Levels are counted in steps of 0.5 mdB (the upper bits of float32), so
that runs survive a change of gain.
"""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from sitwell.audio import Samples

_RUN = 3  # equal samples in a row that music hardly makes
_NEAR = np.float32(0.98)  # levels from here to the rail are compared with the rail itself
_FLAT_SHARE = 0.5  # of them at the rail: a sine has 0.06 there, a sine clipped by 0.1 dB 0.6
_MOST = 0.5  # more of the whole sound at one value is a square wave or a constant, not clipping
_QUIETEST = 0.003  # below -50 dBFS the steps of 16 bits look like rails
_SHIFT = 9  # float32 bits dropped: relative steps of 2^-14
_MARGIN = _RUN - 1


class ClipMeter:
    """Counts clipped samples block by block, exactly and whatever the sizes of the blocks."""

    def __init__(self) -> None:
        self._rails = [[_Rail(), _Rail()], [_Rail(), _Rail()]]
        self._carry = np.zeros((2, _MARGIN), dtype=np.float32)
        self._samples = 0

    def process(self, block: Samples) -> None:
        """Take a block (2, n)."""
        self._samples += block.shape[1]
        signal = np.concatenate([self._carry, block], axis=1)
        self._carry = signal[:, -2 * _MARGIN :]
        for channel, rails in zip(signal, self._rails, strict=True):
            rails[0].count(channel, float(channel.max(initial=0.0)))
            if channel.min(initial=0.0) < 0.0:
                rails[1].count(-channel, -float(channel.min()))

    def finish(self) -> int:
        """Count the clipped samples of the worse channel; the meter is used up."""
        self.process(np.zeros((2, _MARGIN), dtype=np.float32))
        return max(sum(rail.clipped(self._samples) for rail in rails) for rails in self._rails)


@dataclass(eq=False)
class _Rail:
    """How many samples have each level near the rail, and how many of them stand in runs."""

    peak: float = 0.0
    samples: dict[int, int] = field(default_factory=dict)
    in_runs: dict[int, int] = field(default_factory=dict)

    def count(self, channel: npt.NDArray[np.float32], peak: float) -> None:
        """Count the inner samples of a channel (n,), whose margins are there to complete runs."""
        if peak <= 0.0 or peak < _NEAR * self.peak:
            return
        self.peak = max(self.peak, peak)
        near = np.flatnonzero(channel[_MARGIN:-_MARGIN] >= _NEAR * np.float32(self.peak)) + _MARGIN
        steps = channel.view(np.int32) >> _SHIFT if channel.flags.c_contiguous else _steps(channel)
        same = [steps[near + shift] == steps[near] for shift in (-2, -1, 1, 2)]
        run = (same[0] & same[1]) | (same[1] & same[2]) | (same[2] & same[3])
        _add(self.samples, steps[near])
        _add(self.in_runs, steps[near[run]])

    def clipped(self, samples: int) -> int:
        """Decide how many samples were clipped at this rail."""
        lowest = int(_steps(np.array([self.peak * _NEAR], dtype=np.float32))[0])
        runs = {step: count for step, count in self.in_runs.items() if step >= lowest}
        if not runs or self.peak < _QUIETEST:
            return 0
        rail = max(runs, key=lambda step: runs[step])
        flat = sum(runs.get(step, 0) for step in (rail - 1, rail, rail + 1))
        near = sum(count for step, count in self.samples.items() if step >= lowest)
        return flat if flat >= _FLAT_SHARE * near and flat <= _MOST * samples else 0


def _steps(values: npt.NDArray[np.float32]) -> npt.NDArray[np.int32]:
    return np.ascontiguousarray(values).view(np.int32) >> _SHIFT


def _add(counts: dict[int, int], steps: npt.NDArray[np.int32]) -> None:
    values, numbers = np.unique(steps, return_counts=True)
    for step, count in zip(values.tolist(), numbers.tolist(), strict=True):
        counts[step] = counts.get(step, 0) + count
