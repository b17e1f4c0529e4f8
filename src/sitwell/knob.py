"""One number a person can turn, declared once: range, unit, scale, step and text; knows nothing of values.

ratio: float = knob(3.0, 1.0, 20.0, unit=":1", scale="log", doc="dB in per dB out above the threshold")
"""

import dataclasses
import math
from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True)
class Knob:
    """One number a person can turn: its range, unit, scale, the step it is rounded to, and its text."""

    low: float
    high: float
    unit: str
    doc: str
    scale: Literal["linear", "log"] = "linear"
    step: float = 0.01

    def from_unit(self, position: float) -> float:
        """Map a position in 0..1 on the knob's scale to its value."""
        if self.scale == "log":
            value = self.low * (self.high / self.low) ** position
        else:
            value = self.low + position * (self.high - self.low)
        return float(min(max(value, self.low), self.high))  # rounding may step outside

    def to_unit(self, value: float) -> float:
        """Map a value to its position in 0..1 on the knob's scale."""
        if self.scale == "log":
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def clamp(self, value: float) -> float:
        """Bring a value into the range and onto the step."""
        stepped = round(value / self.step) * self.step
        return min(max(round(stepped, 9), self.low), self.high)

    def describe(self) -> str:
        """Say the range in words, such as `-60 to 0 dB`."""
        return f"{self.low:g} to {self.high:g} {self.unit}".strip()


def knob(
    default: float,
    low: float,
    high: float,
    *,
    unit: str,
    doc: str,
    scale: Literal["linear", "log"] = "linear",
    step: float = 0.01,
) -> Any:
    """Declare a numeric field with its range, unit, default, scale, step and text."""
    return dataclasses.field(default=default, metadata={"knob": Knob(low, high, unit, doc, scale, step)})


def switch(default: bool, *, doc: str) -> Any:
    """Declare an on/off field; a stage that is off is a wire."""
    return dataclasses.field(default=default, metadata={"doc": doc})
