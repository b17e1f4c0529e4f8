"""The one sentence that says what was done, and whether what was asked was got."""

from sitwell.plan import MixPlan
from sitwell.render import Measured
from sitwell.report.numbers import number
from sitwell.report.stages import Aim, active_bands

_NEAR_LU = 0.5  # within this, two loudnesses are the same to a listener
_MET = 0.25
_STATUS = {"bypass": "left alone"}


def headline(plan: MixPlan, measured: Measured) -> str:
    """Say where the vocal sits now and what it took."""
    done = _done(plan)
    took = f" {done[0].upper()}{done[1:]}." if done else ""
    return f"{_balance(measured.vbr_lu)}{took}"


def judge(aim: Aim) -> str:
    """Say in a word or two whether a target was met."""
    target = aim.target
    if target.status and target.status != "met":
        return _STATUS.get(target.status, target.status)
    if target.asked is None or target.got is None:
        return ""
    off = target.got - target.asked
    if abs(off) <= _MET or (aim.is_limit and off < 0):
        return "met"
    way = "above" if off > 0 else "below"
    return f"{number(abs(off), 'LU' if aim.unit == 'LUFS' else aim.unit)} {way}"


def _balance(vbr_lu: float) -> str:
    if not abs(vbr_lu) < 100.0:  # infinite, or not a number
        return "The vocal has nothing to sit in: one of the two is silent."
    if abs(vbr_lu) <= _NEAR_LU:
        return "The vocal now sits level with the backing."
    return f"The vocal now sits {number(abs(vbr_lu), 'LU')} {'above' if vbr_lu > 0 else 'below'} the backing."


def _done(plan: MixPlan) -> str:
    bands, dips = len(active_bands(plan.vocal.equalizer)), len(active_bands(plan.backing.equalizer))
    deeds = [
        f"its tone was shaped in {_places(bands)}" if bands else "",
        "its loud phrases were held back" if plan.vocal.compressor.enabled else "",
        f"the backing gives way in {_places(dips)}" if dips else "",
        f"a room of {number(plan.reverb.decay_mid_s, 's')} was added" if plan.reverb.enabled else "",
    ]
    deeds = [deed for deed in deeds if deed]
    return ", ".join(deeds[:-1]) + (" and " if len(deeds) > 1 else "") + deeds[-1] if deeds else ""


def _places(count: int) -> str:
    return "one place" if count == 1 else f"{_WORDS.get(count, str(count))} places"


_WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
