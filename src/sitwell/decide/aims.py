"""What a mix is solved for: figures with their interval and their source, and a correction of the tone.

Rules, models and people fill these in; the chain that solves for them is the same for all.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.extraction import ReverbEstimate
from sitwell.plan import Target
from sitwell.units import vmr_to_vbr
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]

RULES, BY_HAND, PRIOR = "rules", "by hand", "prior"


@dataclass(frozen=True)
class Aim:
    """One figure to reach, the interval in which 80 % of released songs lie where that is known, and who asks.

    `source` is `rules`, `prior`, `model NAME VERSION` or `by hand`; `citation` says more of it.
    """

    value: float
    source: str
    citation: str
    low: float | None = None
    high: float | None = None
    confidence: float | None = None

    @property
    def exact(self) -> bool:
        """Tell whether a person named the figure, so that the amount does not scale it."""
        return self.source == BY_HAND

    def asked(self, value: float) -> Target:
        """Make the target of a plan that asks for `value`, which is this aim after the amount."""
        return Target(asked=value, low=self.low, high=self.high, source=self.source, confidence=self.confidence)


@dataclass(frozen=True, eq=False)
class Correction:
    """A response in dB that the vocal's tone is to be changed by, at `frequencies_hz`, all (n,), limited already.

    `deviation_db` is what was seen, `text` the reason in one sentence; a correction is scaled with its
    `confidence` before it gets here.
    """

    frequencies_hz: Floats
    wanted_db: Floats
    deviation_db: Floats
    text: str
    source: str
    citation: str
    confidence: float | None = None


_FIELDS = {  # by the name of a target that a person may set
    "range": "loudness_range_lu", "decay": "decay_s", "brightness": "brightness", "predelay": "predelay_ms",
    "return": "return_db",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Aims:
    """Everything a chain is solved for; without a correction the equalizer stays off.

    `decay_s`, `brightness` (decay at 8 kHz over that at 1 kHz) and `predelay_ms` are the reverb's. `heard` is the
    reverb that the take carries already, None where nobody listened; `return_db` is what it lacks.
    """

    vbr_lu: Aim
    loudness_range_lu: Aim
    decay_s: Aim
    brightness: Aim
    predelay_ms: Aim
    return_db: Aim
    correction: Correction | None
    heard: ReverbEstimate | None = None

    def by_hand(self, wishes: Wishes) -> "Aims":
        """Put the figures a person named in the place of others."""
        aims, vmr_db = self, wishes.target("vmr")
        vbr_lu = wishes.target("vbr") if vmr_db is None else vmr_to_vbr(vmr_db)
        if vbr_lu is not None:
            aims = replace(aims, vbr_lu=_named(vbr_lu))
        named = {field: wishes.target(name) for name, field in _FIELDS.items()}
        changes: dict[str, Any] = {field: _named(value) for field, value in named.items() if value is not None}
        return replace(aims, **changes)


def _named(value: float) -> Aim:
    return Aim(value, BY_HAND, BY_HAND)
