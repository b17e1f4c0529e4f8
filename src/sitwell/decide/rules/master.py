"""Master rule: -14 LUFS by default, true peaks at most at the ceiling.

Sources: EBU R 128 and ITU-R BS.1770-5 for the measures; -14 LUFS is what the large streaming services
normalize to.
"""

import math

from sitwell import core
from sitwell.plan import MixPlan, Target
from sitwell.render import Energies, Measured, mix_energies, scaled_energies
from sitwell.wishes import Wishes

_TOLERANCE_LU = 0.05
_MOST_DB = 3.0  # a limiter that took more is being asked for too much
SOURCE = "EBU R 128; BS.1770-5; streaming services play at -14 LUFS"


def decide(plan: MixPlan, energies: Energies, wishes: Wishes, *, unit: MixPlan) -> MixPlan:
    """Solve the master gain for the loudness asked, from cross energies measured with the plan `unit`.

    `unit` differs from `plan` only in vocal gain and reverb return, which scale linearly.
    """
    if wishes.only:
        off = plan.replace(master=plan.master.replace(enabled=False))
        return off.because("master", "off, as asked: the mix is the plain sum of its parts", SOURCE)
    now = core.integrated_lufs(mix_energies(scaled_energies(energies, unit, plan)))
    master = plan.master.replace(ceiling_dbtp=wishes.ceiling_dbtp, gain_db=0.0)
    if wishes.loudness_lufs is None or not math.isfinite(now):
        text = f"loudness kept at {now:.1f} LUFS; true peaks at most {wishes.ceiling_dbtp:g} dBTP"
        return plan.replace(master=master).because("master", text, SOURCE)
    gain_db = min(max(wishes.loudness_lufs - now, -60.0), 60.0)
    text = (
        f"the sum was at {now:.1f} LUFS; {gain_db:+.1f} dB brings it to {wishes.loudness_lufs:g} LUFS, "
        f"true peaks at most {wishes.ceiling_dbtp:g} dBTP"
    )
    plan = plan.replace(master=master.replace(gain_db=gain_db)).because("master", text, SOURCE)
    if "master.gain_db" in wishes.locked:
        return plan.aim(integrated_lufs=Target(source="by hand", status="set by hand"))
    return plan.aim(integrated_lufs=Target(asked=wishes.loudness_lufs))


def refine(plan: MixPlan, measured: Measured) -> MixPlan | None:
    """Raise the gain by what the limiter took, or give None when the mix is within 0.1 LU or cannot be."""
    asked, got = plan.targets.integrated_lufs.asked, measured.mix.integrated_lufs
    if asked is None or not plan.master.enabled or not math.isfinite(got):
        return None
    missing_db = asked - got
    if missing_db < _TOLERANCE_LU or missing_db > _MOST_DB:
        return None
    gain_db = min(plan.master.gain_db + missing_db, 60.0)
    return plan.replace(master=plan.master.replace(gain_db=gain_db)).rounded()
