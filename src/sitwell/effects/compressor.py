"""Soft-knee feed-forward compressor, stereo-linked, smooth decoupled detector.

Source: Giannoulis, Massberg, Reiss, "Digital dynamic range compressor design", JAES 60(6), 2012.
"""

from dataclasses import dataclass

from sitwell import core
from sitwell.knob import knob, switch
from sitwell.value import Value


@dataclass(frozen=True)
class Compressor(Value):
    """Turns loud singing down so that quiet singing can come up."""

    enabled: bool = switch(True, doc="off is a wire")
    threshold_db: float = knob(-22.0, -80.0, 0.0, unit="dB", doc="peak level above which it acts (dBFS)")
    ratio: float = knob(3.0, 1.0, 20.0, unit=":1", scale="log", doc="dB in per dB out above the threshold")
    knee_db: float = knob(6.0, 0.0, 24.0, unit="dB", doc="width of the soft transition")
    attack_ms: float = knob(5.0, 0.1, 100.0, unit="ms", scale="log", step=0.1, doc="time to act")
    release_ms: float = knob(150.0, 10.0, 2000.0, unit="ms", scale="log", step=0.1, doc="time to let go")
    makeup_db: float = knob(0.0, -12.0, 36.0, unit="dB", doc="gain after compression")

    def processor(self, sample_rate: int) -> core.Compressor | None:
        """Make the block processor, or None when it is a wire."""
        if not self.enabled:
            return None
        return core.Compressor(
            sample_rate=sample_rate,
            threshold_db=self.threshold_db,
            ratio=self.ratio,
            knee_db=self.knee_db,
            attack_ms=self.attack_ms,
            release_ms=self.release_ms,
            makeup_db=self.makeup_db,
        )
