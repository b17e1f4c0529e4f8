"""Reverb rule: a plate whose decay follows the tempo, 13 dB below the dry vocal; and the reverb for any aims.

Sources: De Man, McNally, Reiss, JAES 65(1/2) 2017 (about -14 LU against the mix; err on too little);
Pestana and Reiss 2014 (9 LU below dry is the most people like); DiffVox 2025 (professional vocals: median
return -13.6 dB, decay 2.0 s at 1 kHz, high band 0.7 of it). That decay falls with tempo is studio practice.
"""

import math
from typing import Any

from sitwell.analysis import Tempo
from sitwell.decide.aims import BY_HAND, PRIOR, RULES, Aim, Aims
from sitwell.decide.words import between, is_learned, whose
from sitwell.effects import Reverb
from sitwell.extraction import WET, ReverbEstimate
from sitwell.plan import MixPlan, Target
from sitwell.wishes import Wishes

RETURN_DB = -13.0
NOTHING_DB = -35.0  # less than this is not heard
SOURCE = "De Man et al., JAES 2017; Pestana and Reiss 2014; DiffVox 2025"
AIM = Aim(RETURN_DB, RULES, SOURCE)
_CONFIDENT = 0.3  # below this a tempo is a guess
_UNKNOWN_DECAY_S = 1.5
_LOW_RATIO, _HIGH_RATIO = 0.85, 0.65
_PREDELAY_MS, _PREDELAY_RANGE_MS = 30.0, (15.0, 60.0)


def tempo_aims(tempo: Tempo) -> tuple[Aim, Aim, Aim, Aim]:
    """Give what the rule asks at a tempo: decay in s, brightness, pre-delay in ms, return in dB."""
    known = tempo.confidence >= _CONFIDENT
    decay_s = decay_at(tempo.bpm) if known else _UNKNOWN_DECAY_S
    predelay_ms = predelay_at(tempo.bpm) if known else _PREDELAY_MS
    asked = (decay_s, _HIGH_RATIO, predelay_ms)
    return (*(Aim(value, RULES, SOURCE) for value in asked), AIM)  # type: ignore[return-value]


def decide(plan: MixPlan, tempo: Tempo, aims: Aims, wishes: Wishes) -> MixPlan:
    """Choose decay, pre-delay and tone; the return's level is solved later, by measurement.

    A return of `NOTHING_DB` says that the reverb the take carries already is enough.
    """
    aim = aims.return_db
    off = _off(plan, aims)
    if not wishes.wants("reverb") or (wishes.amount <= 0 and not aim.exact):
        return off.because("reverb", "off, as asked", SOURCE)
    if not aim.exact and aim.value <= NOTHING_DB:
        return off.because("reverb", f"{_carried(aims.heard)}: that is enough, none is added", aim.citation)
    if wishes.reverb is not None:
        chosen = wishes.reverb.replace(enabled=True, return_db=0.0).rounded()
        text = f"the reverb asked for, {chosen.decay_mid_s:.1f} s, {_below(asked_return_db(aim, wishes))} the dry vocal"
        return plan.replace(reverb=chosen).because("reverb", text, BY_HAND)
    decay_s = aims.decay_s.value
    reverb = _reverb(
        predelay_ms=aims.predelay_ms.value,
        decay_low_s=_LOW_RATIO * decay_s,
        decay_mid_s=decay_s,
        decay_high_s=aims.brightness.value * decay_s,
    )
    plan = plan.replace(reverb=reverb).because("reverb", _text(reverb, tempo, aims, wishes), _source(aims))
    return plan.aim(**{name: _target(name, getattr(aims, name), wishes) for name in _KNOBS})


def _off(plan: MixPlan, aims: Aims) -> MixPlan:
    """Switch the reverb off; what a person named of it is told to come to nothing."""
    nothing = Target(source=BY_HAND, status="no reverb is added")
    plan = plan.aim(**{name: nothing for name in _KNOBS if getattr(aims, name).exact})
    return plan.replace(reverb=plan.reverb.replace(enabled=False))


_KNOBS = {
    "decay_s": {"reverb.decay_mid_s"}, "brightness": {"reverb.decay_mid_s", "reverb.decay_high_s"},
    "predelay_ms": {"reverb.predelay_ms"},
}  # fmt: skip


def _target(name: str, aim: Aim, wishes: Wishes) -> Target:
    if wishes.locked & _KNOBS[name]:
        return Target(source=BY_HAND, status="set by hand")
    return aim.asked(aim.value)


def _reverb(**knobs: float) -> Reverb:
    """Set knobs as near as they go to what is asked, at a return of 0 dB."""
    ranges = Reverb.knobs()
    within: dict[str, Any] = {
        name: knob.clamp(value) for name, value in knobs.items() if (knob := ranges[name]) is not None
    }
    return Reverb(return_db=0.0, low_cut_hz=250.0, high_cut_hz=8000.0, **within).rounded()


def _text(reverb: Reverb, tempo: Tempo, aims: Aims, wishes: Wishes) -> str:
    """Say why: what such vocals have, or the tempo; then what is added."""
    aim = aims.return_db
    end = f" {between(aim)}" if is_learned(aim) and aim.low is not None else ""
    by_whom = ", as asked for by hand" if aim.exact else ""
    text = (
        f"{_opening(tempo, aims.decay_s)} a plate of {reverb.decay_mid_s:.1f} s with {reverb.predelay_ms:.0f} ms of "
        f"pre-delay, without lows below 250 Hz and highs above 8 kHz, {_below(asked_return_db(aim, wishes))} the dry "
        f"vocal{by_whom}{end}"
    )
    if aims.heard is not None and aims.heard.verdict == WET:
        return f"{_carried(aims.heard)}; {'what is missing' if not aim.exact else 'more'} is added: {text}"
    return text


def _opening(tempo: Tempo, aim: Aim) -> str:
    if aim.exact:
        return f"{aim.value:.1f} s of decay were asked for by hand:"
    if is_learned(aim):
        who = "professional vocals" if aim.source == PRIOR else whose(aim)
        return f"{who} ring for {aim.value:.1f} s {between(aim)}:"
    if tempo.confidence >= _CONFIDENT:
        return f"at {tempo.bpm:.0f} beats a minute (confidence {tempo.confidence:.0%})"
    return f"with no clear tempo (confidence {tempo.confidence:.0%})"


def _source(aims: Aims) -> str:
    """Cite who asks for decay and return, each once; what a person asks for needs no source but the rule's."""
    cited = [aim.citation for aim in (aims.decay_s, aims.return_db) if not aim.exact]
    return "; ".join(dict.fromkeys(cited)) or SOURCE


def _carried(heard: ReverbEstimate | None) -> str:
    """Say what reverb the take has."""
    if heard is None:
        return "the take carries reverb already"
    length = f", of {heard.middle_decay_s:.1f} s," if heard.middle_decay_s is not None else ""
    return f"the take carries reverb already{length} about {heard.below} the voice"


def _below(return_db: float) -> str:
    return f"{abs(return_db):.0f} dB {'above' if return_db > 0 else 'below'}"


def asked_return_db(aim: Aim, wishes: Wishes) -> float:
    """Scale the return by the amount, 50 % is 6 dB less, and add what was asked; what a person named stays."""
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
