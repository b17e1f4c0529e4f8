"""Solves the vocal's gain for a balance against the backing, from the energies of the parts as they will be."""

import math

import numpy as np

from sitwell.analysis import Balance, measure_balance
from sitwell.decide.aims import BY_HAND, Aim
from sitwell.decide.words import between, is_learned, whose
from sitwell.plan import MixPlan, Target
from sitwell.render import BACKING, VOCAL, Energies
from sitwell.units import vbr_to_vmr
from sitwell.wishes import Wishes

_SAME_LU = 0.05


def decide(plan: MixPlan, energies: Energies, aim: Aim, wishes: Wishes) -> MixPlan:
    """Solve the vocal's gain from cross energies (pieces, 3, 3) of parts rendered at unit vocal gain.

    The amount scales the way from the balance as recorded to the aim, up to all of it: going past a
    balance is not more of it. `--vocal-level` is added whole.
    """
    balance = measure_balance(
        np.ascontiguousarray(energies[:, VOCAL, VOCAL]), np.ascontiguousarray(energies[:, BACKING, BACKING])
    )
    now = balance.vbr_lu
    if not math.isfinite(now):
        text = "the backing is silent while the vocal sings, so there is nothing to balance against"
        nothing = Target(status="no backing to compare with")
        return plan.because("level", text, aim.citation).aim(vbr_lu=nothing, vmr_db=nothing)
    gain_db = wishes.vocal_level_lu
    if wishes.wants("level"):
        share = 1.0 if aim.exact else min(wishes.amount / 100.0, 1.0)
        gain_db += share * (aim.value - now)
    asked = now + gain_db
    plan = plan.replace(vocal=plan.vocal.replace(gain_db=_gain_knob(gain_db)))
    if "vocal.gain_db" in wishes.locked:
        by_hand = Target(source=BY_HAND, status="set by hand")
        plan = plan.because("level", f"set by hand; as recorded it was {now:+.1f} LU against the backing", BY_HAND)
        return plan.aim(vbr_lu=by_hand, vmr_db=by_hand)
    acts = wishes.wants("level")
    plan = plan.because("level", _text(balance, asked, gain_db, aim if acts else None), aim.citation)
    if not acts:
        return plan.aim(vbr_lu=Target(status="not asked"), vmr_db=Target(status="not asked"))
    return plan.aim(vbr_lu=aim.asked(asked), vmr_db=_against_mix(aim.asked(asked)))


def _against_mix(target: Target) -> Target:
    """Turn a target against the backing in LU into one against the mix in dB."""
    ends = {name: getattr(target, name) for name in ("asked", "low", "high")}
    return target.replace(**{name: None if lu is None else vbr_to_vmr(lu) for name, lu in ends.items()})


def _gain_knob(gain_db: float) -> float:
    return min(max(gain_db, -80.0), 80.0)


def _text(balance: Balance, asked_lu: float, gain_db: float, aim: Aim | None) -> str:
    now_lu = balance.vbr_lu
    if aim is not None and is_learned(aim):
        end = "" if abs(asked_lu - aim.value) < _SAME_LU else f" brings it to {asked_lu:+.1f} LU"
        sit = f"{whose(aim)} sit at {aim.value:+.1f} LU {between(aim, signed=True)}"
        return f"{sit}; yours was at {now_lu:+.1f}; gain {gain_db:+.1f} dB{end}"
    if abs(gain_db) < 0.005:
        return f"left as recorded: {now_lu:+.1f} LU against the backing while it sings"
    asked_db = vbr_to_vmr(asked_lu)
    wish = f"{aim.value:+.1f} LU were asked for by hand; " if aim is not None and aim.exact else ""
    return (
        f"{wish}while it sings ({balance.active_share:.0%} of the song) the processed vocal was {now_lu:+.1f} LU "
        f"against the backing; {gain_db:+.1f} dB brings it to {asked_lu:+.1f} LU, {asked_db:.1f} dB against the mix"
    )
