"""Whether a recording was clipped, at full scale or below, even if its level was changed afterwards.

A clipped peak is flat: three or more equal samples, higher than both neighbours, with an edge. A smooth
peak that happens to be flat within a quantisation step q falls by less than 5 q right after (a parabola
within q over n samples falls by less than 4 q over the next n / 2), so an edge of 16 q is none. Where
equal samples come as often on slopes as on peaks, they come from coarse quantisation or chance.
"""

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import Samples

_EDGE_STEPS = 16.0
_EDGE_SHARE = 1e-4  # of the value: smallest edge in sounds without quantisation
_LOUD_SHARE = 0.25  # of the sound's peak: nothing below is called clipped
_MOST_TERRACES = 0.1  # of the flat peaks
_STEP_BLOCKS = 16  # one in so many is enough to see the quantisation step


class ClipMeter:
    """Counts clipped samples block by block; blocks may end within a flat peak."""

    def __init__(self) -> None:
        self._channels = (_FlatPeaks(), _FlatPeaks())

    def process(self, block: Samples) -> None:
        """Take a block (2, n)."""
        for peaks, channel in zip(self._channels, block, strict=True):
            peaks.process(channel)

    def finish(self, *, sample_peak: float) -> int:
        """Count the clipped samples of the worse channel of a sound whose largest magnitude is known."""
        return max(peaks.clipped(sample_peak) for peaks in self._channels)


class _FlatPeaks:
    """The runs of equal samples in one channel: magnitude, falls on the gentler and steeper side, length."""

    def __init__(self) -> None:
        self._plateaus = core.Plateaus()
        self._found: list[npt.NDArray[np.float64]] = []  # (runs, 4)
        self._blocks, self._step = 0, np.inf

    def process(self, channel: npt.NDArray[np.float32]) -> None:
        if self._blocks % _STEP_BLOCKS == 0:
            steps = np.diff(np.sort(channel))
            self._step = min(self._step, float(steps.min(initial=np.inf, where=steps > 0.0)))
        self._blocks += 1
        self._found.append(self._plateaus.process(channel))

    def clipped(self, sample_peak: float) -> int:
        """Count the samples in flat peaks that are loud and have an edge."""
        if not self._found:
            return 0
        value, gentle, steep, length = np.concatenate(self._found).T
        least = np.maximum(_EDGE_STEPS * self._step, _EDGE_SHARE * value)
        edged = (value >= _LOUD_SHARE * sample_peak) & (steep >= least)
        flat = edged & (gentle > 0.0)
        terraces = np.count_nonzero(edged & (gentle < 0.0))
        quantised = terraces > _MOST_TERRACES * np.count_nonzero(flat)
        return 0 if quantised else int(length[flat].sum())
