"""The master, and the mix that comes out of it, block by block."""

from collections.abc import Iterator

import numpy as np

from sitwell.audio import BLOCK, Audio, Samples
from sitwell.plan import MixPlan
from sitwell.render.parts import StemBlock, stem_blocks


def render_blocks(
    plan: MixPlan, vocal: Audio, backing: Audio, *, frames: int = BLOCK
) -> Iterator[tuple[StemBlock | None, Samples, float]]:
    """Yield (parts, mix block, largest limiter reduction so far in dB).

    The mix is aligned with the parts in time but arrives later by the limiter's latency: the first
    block is shorter, and a last one comes without parts.
    """
    master = MasterStage(plan, vocal.sample_rate)
    for parts in stem_blocks(plan, vocal, backing, frames=frames):
        yield parts, master.process(parts.sum()), master.reduction_db
    yield None, master.finish(), master.reduction_db


class MasterStage:
    """Master gain and limiter, aligned in time: the first sample out is the first sample in."""

    def __init__(self, plan: MixPlan, sample_rate: int) -> None:
        self._processor = plan.master.processor(sample_rate)
        self._late = self._processor.latency_samples if self._processor else 0

    @property
    def reduction_db(self) -> float:
        """Largest reduction of the limiter so far in dB, >= 0."""
        return self._processor.max_reduction_db if self._processor else 0.0

    def process(self, block: Samples) -> Samples:
        """Change a block (2, n) in place; return what is finished, at first less than came in."""
        if self._processor is None:
            return block
        self._processor.process(block)
        skipped = min(self._late, block.shape[1])
        self._late -= skipped
        return np.ascontiguousarray(block[:, skipped:])

    def finish(self) -> Samples:
        """Return what is still under way, once all blocks are in."""
        rest = np.zeros((2, self._processor.latency_samples if self._processor else 0), dtype=np.float32)
        return self.process(rest)
