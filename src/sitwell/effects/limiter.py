"""Master gain and true-peak limiter: 4x oversampled, look-ahead, never above its ceiling.

Source: ITU-R BS.1770-5, annex 2, for what a true peak is.
"""

from dataclasses import dataclass

from sitwell import core
from sitwell.audio import Samples
from sitwell.knob import knob, switch
from sitwell.units import db_to_gain
from sitwell.value import Value


@dataclass(frozen=True)
class Master(Value):
    """Brings the mix to its loudness and keeps its true peaks below the ceiling."""

    enabled: bool = switch(True, doc="off: the mix is the plain sum of its parts")
    gain_db: float = knob(0.0, -60.0, 60.0, unit="dB", doc="gain before the limiter")
    ceiling_dbtp: float = knob(-1.0, -12.0, 0.0, unit="dBTP", doc="highest true peak that leaves")
    lookahead_ms: float = knob(3.0, 1.0, 10.0, unit="ms", step=0.1, doc="how early the limiter begins to act")
    release_ms: float = knob(120.0, 10.0, 1000.0, unit="ms", scale="log", step=1.0, doc="time to let go")

    def processor(self, sample_rate: int) -> "MasterProcessor | None":
        """Make the block processor, or None when it is a wire; it delays by `latency_samples`."""
        return MasterProcessor(self, sample_rate) if self.enabled else None


class MasterProcessor:
    """Gain, then limiter."""

    def __init__(self, master: Master, sample_rate: int) -> None:
        self._gain = db_to_gain(master.gain_db)
        self._limiter = core.Limiter(
            sample_rate=sample_rate,
            channels=2,
            ceiling_dbtp=master.ceiling_dbtp,
            lookahead_ms=master.lookahead_ms,
            release_ms=master.release_ms,
        )

    @property
    def latency_samples(self) -> int:
        """Samples by which the output is late."""
        return self._limiter.latency_samples

    @property
    def max_reduction_db(self) -> float:
        """Largest gain reduction so far in dB, >= 0."""
        return self._limiter.max_reduction_db

    def process(self, block: Samples) -> None:
        """Change a block (2, n) in place."""
        block *= self._gain
        self._limiter.process(block)
