"""Reverb rule: a plate whose decay follows the tempo, 13 dB below the dry vocal.

Sources: De Man, McNally, Reiss, JAES 65(1/2) 2017 (about -14 LU against the mix; err on too little);
Pestana and Reiss 2014 (9 LU below dry is the most people like); DiffVox 2025 (professional vocals: median
return -13.6 dB, decay 2.0 s at 1 kHz, high band 0.7 of it). That decay falls with tempo is studio practice.
"""

import math

from sitwell.analysis import Tempo
from sitwell.decide.aims import BY_HAND, RULES, Aim
from sitwell.effects import Reverb
from sitwell.plan import MixPlan, Target
from sitwell.wishes import Wishes

RETURN_DB = -13.0
SOURCE = "De Man et al., JAES 2017; Pestana and Reiss 2014; DiffVox 2025"
AIM = Aim(RETURN_DB, RULES, SOURCE)
_CONFIDENT = 0.3  # below this a tempo is a guess
_UNKNOWN_DECAY_S = 1.5
_LOW_RATIO, _HIGH_RATIO = 0.85, 0.65
_PREDELAY_MS, _PREDELAY_RANGE_MS = 30.0, (15.0, 60.0)


def decide(plan: MixPlan, tempo: Tempo, aim: Aim, wishes: Wishes) -> MixPlan:
    """Choose decay, pre-delay and tone; the return's level is solved later, by measurement."""
    if not wishes.wants("reverb") or (wishes.amount <= 0 and not aim.exact):
        off = plan.replace(reverb=plan.reverb.replace(enabled=False))
        return off.because("reverb", "off, as asked", SOURCE)
    known = tempo.confidence >= _CONFIDENT
    decay_s = decay_at(tempo.bpm) if known else _UNKNOWN_DECAY_S
    predelay_ms = predelay_at(tempo.bpm) if known else _PREDELAY_MS
    reverb = Reverb(
        return_db=0.0,
        predelay_ms=predelay_ms,
        decay_low_s=_LOW_RATIO * decay_s,
        decay_mid_s=decay_s,
        decay_high_s=_HIGH_RATIO * decay_s,
        low_cut_hz=250.0,
        high_cut_hz=8000.0,
    ).rounded()
    beat = (
        f"at {tempo.bpm:.0f} beats a minute (confidence {tempo.confidence:.0%})"
        if known
        else f"with no clear tempo (confidence {tempo.confidence:.0%})"
    )
    return_db = asked_return_db(aim, wishes)
    side = "above" if return_db > 0 else "below"
    by_whom = ", as asked for by hand" if aim.exact else ""
    text = (
        f"{beat} a plate of {reverb.decay_mid_s:.1f} s with {reverb.predelay_ms:.0f} ms of pre-delay, "
        f"without lows below "
        f"250 Hz and highs above 8 kHz, {abs(return_db):.0f} dB {side} the dry vocal{by_whom}"
    )
    return plan.replace(reverb=reverb).because("reverb", text, SOURCE)


def asked_return_db(aim: Aim, wishes: Wishes) -> float:
    """Scale the return by the amount: 100 % is -13 dB, 50 % is 6 dB less; what a person named stays."""
    if aim.exact:
        return aim.value
    return aim.value + 20.0 * math.log10(wishes.amount / 100.0) + wishes.reverb_level_db


def solve(plan: MixPlan, ratio_db: float, aim: Aim, wishes: Wishes) -> MixPlan:
    """Set the return so that its energy is what is asked; `ratio_db` was measured at this plan's return."""
    if not plan.reverb.enabled or not math.isfinite(ratio_db):
        return plan
    if "reverb.return_db" in wishes.locked or (wishes.amount <= 0 and not aim.exact):
        return plan.aim(return_db=Target(source=BY_HAND, status="set by hand"))
    asked = asked_return_db(aim, wishes)
    return_db = min(max(plan.reverb.return_db + asked - ratio_db, -60.0), 20.0)
    plan = plan.replace(reverb=plan.reverb.replace(return_db=return_db))
    return plan.aim(return_db=aim.asked(asked))


def decay_at(bpm: float) -> float:
    """Give the decay time in s at a tempo: 2.0 s at 100 beats a minute, shorter when faster, 0.9 to 2.8 s."""
    return min(max(2.0 * math.sqrt(100.0 / bpm), 0.9), 2.8)


def predelay_at(bpm: float) -> float:
    """Give the 1/64 or 1/32 note in ms that is nearest to 30 ms, within 15 to 60 ms."""
    whole_ms = 4.0 * 60_000.0 / bpm
    nearest = min((whole_ms / 64.0, whole_ms / 32.0), key=lambda ms: abs(ms - _PREDELAY_MS))
    return min(max(nearest, _PREDELAY_RANGE_MS[0]), _PREDELAY_RANGE_MS[1])
