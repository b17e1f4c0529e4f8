"""How near the balance and the loudness range that a method asks for are to those of the human mix."""

import math

import numpy as np

from sitwell import core
from sitwell.analysis import measure_balance
from sitwell.decide import Stem
from sitwell.evaluate.methods import plan_by
from sitwell.evaluate.settings import Settings
from sitwell.plan import Target

Row = dict[str, float]
CONSTANT, ORACLE = "constant", "oracle"
VBR, RANGE = "vbr", "range"


def level_rows(vocal: Stem, backing: Stem, *, released: bool, settings: Settings) -> tuple[dict[str, Row], Row]:
    """Compare what is asked with what the human mix has; rows by method, and the truth.

    What a method *asks* is judged, not what it gets: left alone, a vocal that was mixed already would get its
    own loudness range. Without a released balance there is no truth for the balance: NaN.
    """
    balance = measure_balance(vocal.track.energies, backing.track.energies)
    truth = {
        VBR: balance.vbr_lu if released and math.isfinite(balance.vbr_lu) else math.nan,
        RANGE: core.loudness_range_lu(vocal.track.energies),
    }
    constants = {VBR: settings.constant_vbr_lu, RANGE: settings.constant_range_lu}
    rows = {CONSTANT: _row(VBR, Target(constants[VBR]), truth) | _row(RANGE, Target(constants[RANGE]), truth)}
    for method in settings.methods:
        targets = plan_by(method, vocal, backing, settings=settings).targets
        rows[method] = _row(VBR, targets.vbr_lu, truth) | _row(RANGE, targets.loudness_range_lu, truth)
    rows[ORACLE] = _row(VBR, Target(truth[VBR]), truth) | _row(RANGE, Target(truth[RANGE]), truth)
    return rows, truth


def _row(name: str, target: Target, truth: Row) -> Row:
    asked = math.nan if target.asked is None else target.asked
    row = {f"{name}_asked": asked, f"{name}_error": abs(asked - truth[name])}
    if target.low is not None and target.high is not None and np.isfinite(truth[name]):
        row[f"{name}_covered"] = float(target.low <= truth[name] <= target.high)
        row[f"{name}_width"] = target.high - target.low
    return row
