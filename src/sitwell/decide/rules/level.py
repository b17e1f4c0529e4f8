"""Level rule: the vocal 3 dB below the mix, that is as loud as the backing while it sings.

Source: De Man et al., "An analysis and evaluation of audio features for multitrack music mixtures",
ISMIR 2014, and the vocal-to-mix median of -3.05 LU over student mixes in De Man's thesis.
"""

import math

import numpy as np

from sitwell.analysis import measure_balance
from sitwell.plan import MixPlan, Target
from sitwell.render import BACKING, VOCAL, Energies
from sitwell.units import vbr_to_vmr
from sitwell.wishes import Wishes

TARGET_VBR_LU = 0.0  # vocal-to-mix -3.01 dB
SOURCE = "De Man et al., ISMIR 2014: vocal about -3 LU against the mix"


def decide(plan: MixPlan, energies: Energies, wishes: Wishes) -> MixPlan:
    """Solve the vocal's gain from cross energies (pieces, 3, 3) of parts rendered at unit vocal gain.

    The amount scales the way from the balance as recorded to the target, up to all of it: going past a
    balance is not more of it. `--vocal-level` is added whole.
    """
    balance = measure_balance(
        np.ascontiguousarray(energies[:, VOCAL, VOCAL]), np.ascontiguousarray(energies[:, BACKING, BACKING])
    )
    now = balance.vbr_lu
    if not math.isfinite(now):
        text = "the backing is silent while the vocal sings, so there is nothing to balance against"
        nothing = Target(status="no backing to compare with")
        return plan.because("level", text, SOURCE).aim(vbr_lu=nothing, vmr_db=nothing)
    gain_db = wishes.vocal_level_lu
    if wishes.wants("level"):
        gain_db += min(wishes.amount / 100.0, 1.0) * (TARGET_VBR_LU - now)
    asked = now + gain_db
    plan = plan.replace(vocal=plan.vocal.replace(gain_db=_gain_knob(gain_db)))
    plan = plan.because("level", _text(now, asked, gain_db, balance.active_share), SOURCE)
    if "vocal.gain_db" in wishes.locked:
        by_hand = Target(source="by hand", status="set by hand")
        plan = plan.because("level", f"set by hand; as recorded it was {now:+.1f} LU against the backing", "by hand")
        return plan.aim(vbr_lu=by_hand, vmr_db=by_hand)
    if not wishes.wants("level"):
        return plan.aim(vbr_lu=Target(status="not asked"), vmr_db=Target(status="not asked"))
    return plan.aim(vbr_lu=Target(asked=asked), vmr_db=Target(asked=vbr_to_vmr(asked)))


def _gain_knob(gain_db: float) -> float:
    return min(max(gain_db, -80.0), 80.0)


def _text(now_lu: float, asked_lu: float, gain_db: float, active_share: float) -> str:
    if abs(gain_db) < 0.005:
        return f"left as recorded: {now_lu:+.1f} LU against the backing while it sings"
    asked_db = vbr_to_vmr(asked_lu)
    return (
        f"while it sings ({active_share:.0%} of the song) the processed vocal was {now_lu:+.1f} LU against "
        f"the backing; {gain_db:+.1f} dB brings it to {asked_lu:+.1f} LU, {asked_db:.1f} dB against the mix"
    )
