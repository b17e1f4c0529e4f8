"""How wide a sound is and to which side it leans."""

import math
from dataclasses import dataclass

from sitwell.analysis.levels import HopLevels
from sitwell.units import power_to_db

_NOTHING = 1e-12  # a side channel 120 dB below the middle is rounding, not width


@dataclass(frozen=True)
class Stereo:
    """Stereo image over the whole sound.

    `width_db` is side over mid level (-inf for mono, +inf for opposite polarity), `correlation` of left
    and right -1..1 (1 for mono and for silence, 0 when one channel is silent), `balance_db` right over
    left level (0 centred, positive leans right, infinite when one channel is silent).
    """

    width_db: float
    correlation: float
    balance_db: float


def measure_stereo(levels: HopLevels) -> Stereo:
    """Measure the image from mean squares per hop (hops,)."""
    left, right = float(levels.left.sum()), float(levels.right.sum())
    if left + right <= 0.0:
        return Stereo(width_db=-math.inf, correlation=1.0, balance_db=0.0)
    side, cross = float(levels.side.sum()), float(levels.cross.sum())
    middle = max((left + right) / 2 - side, 0.0)
    return Stereo(
        width_db=_ratio_db(side, middle),
        correlation=max(-1.0, min(1.0, cross / math.sqrt(left * right))) if left > 0 < right else 0.0,
        balance_db=_ratio_db(right, left),
    )


def _ratio_db(power: float, reference: float) -> float:
    if power <= _NOTHING * reference:
        return -math.inf
    if reference <= _NOTHING * power:
        return math.inf
    return power_to_db(power / reference)
