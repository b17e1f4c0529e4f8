"""High-pass and parametric equalizers: cascades of RBJ biquads, one typed slot per band.

Source: R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.knob import knob, switch
from sitwell.value import Value

Floats = npt.NDArray[np.float64]

_INAUDIBLE_DB = 0.005  # a band below this is a wire
_TOP = 0.47  # of the sample rate: a band centred above has nothing to act on


@dataclass(frozen=True)
class HighPass(Value):
    """Second-order high-pass that takes rumble, steps and breath thumps out of the vocal."""

    enabled: bool = switch(True, doc="off lets every low frequency through")
    frequency_hz: float = knob(80.0, 20.0, 400.0, unit="Hz", scale="log", step=1.0, doc="-3 dB frequency")
    q: float = knob(0.71, 0.5, 1.5, unit="", doc="0.71 is maximally flat")

    def sections(self, sample_rate: int) -> Floats:
        """Design the biquads (k, 5)."""
        if not self.enabled:
            return np.empty((0, 5))
        return np.stack([core.design_highpass(sample_rate=sample_rate, frequency_hz=self.frequency_hz, q=self.q)])

    def processor(self, sample_rate: int) -> core.Biquads | None:
        """Make the block processor, or None when it is a wire."""
        return _biquads(self.sections(sample_rate))


@dataclass(frozen=True)
class Bell(Value):
    """One peaking band."""

    frequency_hz: float = knob(1000.0, 20.0, 20000.0, unit="Hz", scale="log", step=1.0, doc="centre")
    gain_db: float = knob(0.0, -12.0, 12.0, unit="dB", doc="boost or cut at the centre")
    q: float = knob(1.0, 0.3, 8.0, unit="", scale="log", doc="centre over bandwidth; 1 is 1.4 octaves")


@dataclass(frozen=True)
class Shelf(Value):
    """One shelving band."""

    frequency_hz: float = knob(1000.0, 20.0, 20000.0, unit="Hz", scale="log", step=1.0, doc="midpoint")
    gain_db: float = knob(0.0, -12.0, 12.0, unit="dB", doc="boost or cut of everything beyond")
    q: float = knob(0.71, 0.4, 1.0, unit="", doc="steepness; 0.71 is steepest without a bump")


@dataclass(frozen=True)
class Equalizer(Value):
    """Six bands that shape the vocal: low shelf, four bells, high shelf."""

    enabled: bool = switch(True, doc="off is a wire")
    low_shelf: Shelf = Shelf(frequency_hz=150.0)
    bell_1: Bell = Bell(frequency_hz=300.0)
    bell_2: Bell = Bell(frequency_hz=800.0)
    bell_3: Bell = Bell(frequency_hz=2000.0)
    bell_4: Bell = Bell(frequency_hz=4500.0)
    high_shelf: Shelf = Shelf(frequency_hz=8000.0)

    def sections(self, sample_rate: int) -> Floats:
        """Design the biquads (k, 5) of the bands that do something."""
        bells = (self.bell_1, self.bell_2, self.bell_3, self.bell_4)
        designs = (
            *_designed(core.design_low_shelf, (self.low_shelf,), sample_rate),
            *_designed(core.design_bell, bells, sample_rate),
            *_designed(core.design_high_shelf, (self.high_shelf,), sample_rate),
        )
        return np.stack(designs) if self.enabled and designs else np.empty((0, 5))

    def processor(self, sample_rate: int) -> core.Biquads | None:
        """Make the block processor, or None when it is a wire."""
        return _biquads(self.sections(sample_rate))


@dataclass(frozen=True)
class Dips(Value):
    """Three bells that make room for the vocal in the backing."""

    enabled: bool = switch(True, doc="off is a wire")
    bell_1: Bell = Bell(frequency_hz=800.0)
    bell_2: Bell = Bell(frequency_hz=2000.0)
    bell_3: Bell = Bell(frequency_hz=4000.0)

    def sections(self, sample_rate: int) -> Floats:
        """Design the biquads (k, 5) of the bands that do something."""
        designs = _designed(core.design_bell, (self.bell_1, self.bell_2, self.bell_3), sample_rate)
        return np.stack(designs) if self.enabled and designs else np.empty((0, 5))

    def processor(self, sample_rate: int) -> core.Biquads | None:
        """Make the block processor, or None when it is a wire."""
        return _biquads(self.sections(sample_rate))


class _Design(Protocol):
    def __call__(self, *, sample_rate: float, frequency_hz: float, gain_db: float, q: float) -> Floats: ...


def _designed(design: _Design, bands: tuple[Bell | Shelf, ...], sample_rate: int) -> list[Floats]:
    return [
        design(sample_rate=sample_rate, frequency_hz=band.frequency_hz, gain_db=band.gain_db, q=band.q)
        for band in bands
        if abs(band.gain_db) >= _INAUDIBLE_DB and band.frequency_hz < _TOP * sample_rate
    ]


def _biquads(sections: Floats) -> core.Biquads | None:
    return core.Biquads(sections, 2) if len(sections) else None
