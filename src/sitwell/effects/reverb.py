"""Plate-like reverb: a 16-line feedback delay network whose decay time is exact in three bands.

Sources: Jot and Chaigne, "Digital delay networks for designing artificial reverberators", AES 90, 1991;
Schroeder allpass diffusion, 1962.
"""

from dataclasses import dataclass

from sitwell import core
from sitwell.audio import Samples
from sitwell.knob import knob, switch
from sitwell.units import db_to_gain
from sitwell.value import Value


@dataclass(frozen=True)
class Reverb(Value):
    """A send of the dry vocal into a room; what comes out is the return alone."""

    enabled: bool = switch(True, doc="off: no return")
    return_db: float = knob(-13.0, -60.0, 20.0, unit="dB", doc="return against a unit-energy response")
    predelay_ms: float = knob(30.0, 0.0, 200.0, unit="ms", step=0.1, doc="silence before the first echo")
    decay_low_s: float = knob(1.3, 0.2, 10.0, unit="s", scale="log", doc="time to fall by 60 dB at 100 Hz")
    decay_mid_s: float = knob(1.5, 0.2, 10.0, unit="s", scale="log", doc="time to fall by 60 dB at 1 kHz")
    decay_high_s: float = knob(1.0, 0.2, 10.0, unit="s", scale="log", doc="time to fall by 60 dB at 8 kHz")
    damping_hz: float = knob(4000.0, 1500.0, 9000.0, unit="Hz", scale="log", step=1.0, doc="where the high band begins")
    size: float = knob(1.0, 0.5, 1.8, unit="", doc="scales the delays: small and dense to large and open")
    diffusion: float = knob(0.8, 0.0, 1.0, unit="", doc="how fast single echoes become a wash")
    low_cut_hz: float = knob(250.0, 20.0, 1000.0, unit="Hz", scale="log", step=1.0, doc="12 dB per octave high-pass")
    high_cut_hz: float = knob(
        9000.0, 1000.0, 20000.0, unit="Hz", scale="log", step=1.0, doc="12 dB per octave low-pass"
    )
    width: float = knob(1.0, 0.0, 1.0, unit="", doc="0 is mono, 1 fully decorrelated")

    def processor(self, sample_rate: int) -> "ReturnProcessor | None":
        """Make the block processor (dry in, return out), or None when it is off."""
        if not self.enabled:
            return None
        return ReturnProcessor(self.network(sample_rate), db_to_gain(self.return_db))

    def network(self, sample_rate: int) -> core.Reverb:
        """Make the network alone, whose response has unit energy before the cuts."""
        return core.Reverb(
            sample_rate=sample_rate,
            decay_low_s=self.decay_low_s,
            decay_mid_s=self.decay_mid_s,
            decay_high_s=self.decay_high_s,
            damping_hz=self.damping_hz,
            predelay_ms=self.predelay_ms,
            size=self.size,
            diffusion=self.diffusion,
            low_cut_hz=self.low_cut_hz,
            high_cut_hz=self.high_cut_hz,
            width=self.width,
        )


class ReturnProcessor:
    """A reverb network followed by its return gain."""

    def __init__(self, network: core.Reverb, gain: float) -> None:
        self._network, self._gain = network, gain

    def process(self, block: Samples) -> None:
        """Replace a dry block (2, n) by the return."""
        self._network.process(block)
        block *= self._gain
