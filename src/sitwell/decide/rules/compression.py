"""Compression rule: bring the vocal's loudness range to 14 LU at most; below that, leave it alone.

Sources: EBU Tech 3342 for the range (3 s windows); the 14 LU ceiling is Sitwell's starting point (of 21
commercial lead vocals 14 % exceed it); attack and release from the crest factor: Giannoulis, Massberg,
Reiss, JAES 61(10), 2013; makeup by loudness, which listeners preferred to makeup by mean reduction.
"""

import math

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import Audio
from sitwell.decide.compressor_solver import (
    RATIOS,
    Solved,
    VocalEnvelope,
    crest_factor_squared,
    envelope_of,
    solve,
)
from sitwell.effects import Compressor
from sitwell.errors import Notice
from sitwell.plan import MixPlan, Target
from sitwell.render import vocal_energies
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]

TARGET_LU = 14.0
_CLEARLY_NARROW_LU = TARGET_LU - 3.0
TOLERANCE_LU = 0.25  # worth another look; 0.5 LU is what is promised
SOURCE = "EBU Tech 3342; Giannoulis et al., JAES 2013"
_ROUNDS = 3
_THRESHOLD_DB = -4.0  # against the loudness: the median of 365 professional vocals (DiffVox)
_LOCKABLE = ("threshold_db", "ratio", "knee_db", "attack_ms", "release_ms", "enabled")


def decide(plan: MixPlan, vocal: Audio, raw_range_lu: float, wishes: Wishes) -> tuple[MixPlan, tuple[Notice, ...]]:
    """Solve the compressor for the loudness range, verify it by rendering, and set makeup by loudness.

    `raw_range_lu` is the vocal's range before its equalizer, which moves it by less than 3 LU; when that is
    clearly narrow the equalized vocal need not be looked at.
    """
    by_hand = _by_hand(wishes)
    if not wishes.wants("compressor") and "enabled" not in by_hand:
        return _bypass(plan, raw_range_lu, "off, as asked", asked=None), ()
    if not by_hand and not raw_range_lu > _CLEARLY_NARROW_LU:
        return _narrow(plan, raw_range_lu), ()
    envelope = envelope_of(plan, vocal)
    pieces = envelope.pieces()
    range_lu = core.loudness_range_lu(pieces)
    asked_lu = range_lu + wishes.amount / 100.0 * (TARGET_LU - range_lu)
    if by_hand & {"threshold_db", "enabled"}:
        return _with_makeup(_started(plan, envelope, wishes), vocal, pieces, wishes, range_lu), ()
    if not math.isfinite(range_lu) or range_lu <= TARGET_LU:
        return _narrow(plan, range_lu), ()
    if wishes.amount <= 0:
        return _bypass(plan, range_lu, "off at amount 0", asked=None), ()
    return _compress(plan, vocal, envelope, range_lu=range_lu, asked_lu=asked_lu, wishes=wishes)


def _compress(
    plan: MixPlan, vocal: Audio, envelope: VocalEnvelope, *, range_lu: float, asked_lu: float, wishes: Wishes
) -> tuple[MixPlan, tuple[Notice, ...]]:
    start = _started(plan, envelope, wishes).vocal.compressor
    ratios = (start.ratio,) if "ratio" in _by_hand(wishes) else RATIOS
    aim_lu, solved = asked_lu, None
    for _ in range(_ROUNDS):
        solved = solve(envelope, range_lu=aim_lu, start=start, ratios=ratios)
        tried = plan.replace(vocal=plan.vocal.replace(compressor=solved.compressor.rounded()))
        got_lu = core.loudness_range_lu(vocal_energies(tried, vocal))
        if solved.limit_reached or abs(got_lu - asked_lu) <= TOLERANCE_LU:
            break
        aim_lu -= got_lu - asked_lu
    assert solved is not None
    limited = solved.limit_reached or abs(got_lu - asked_lu) > 0.5
    plan = _with_makeup(tried, vocal, envelope.pieces(), wishes, range_lu)
    plan = plan.because("compressor", _text(plan.vocal.compressor, solved, range_lu, got_lu, limited), SOURCE)
    status = "limit reached" if limited else "met"
    plan = plan.aim(loudness_range_lu=Target(asked=asked_lu, got=got_lu, status=status))
    if not limited:
        return plan, ()
    message = (
        f"limit reached: the vocal's loudness range is {got_lu:.1f} LU, {asked_lu:.1f} LU were asked; "
        f"more would need over 8 dB of mean reduction. Level the loudest and quietest phrases by hand first"
    )
    return plan, (Notice("compressor.limit_reached", message),)


def _started(plan: MixPlan, envelope: VocalEnvelope, wishes: Wishes) -> MixPlan:
    crest2 = max(crest_factor_squared(envelope), 1.0)
    attack_ms = min(max(1000.0 * 2.0 * 0.080 / crest2, 1.0), 50.0)
    release_ms = min(max(1000.0 * 2.0 / crest2 - attack_ms, 40.0), 1000.0)
    loudness_lufs = core.integrated_lufs(envelope.pieces())
    threshold_db = max(loudness_lufs, -70.0) + _THRESHOLD_DB  # a start; the solver finds its own
    compressor = Compressor(
        enabled=True, threshold_db=min(threshold_db, 0.0), attack_ms=attack_ms, release_ms=release_ms
    ).rounded()
    return wishes.apply(plan.replace(vocal=plan.vocal.replace(compressor=compressor)))


def _with_makeup(plan: MixPlan, vocal: Audio, before: Floats, wishes: Wishes, range_lu: float) -> MixPlan:
    compressor = plan.vocal.compressor.replace(makeup_db=0.0)
    if not compressor.enabled:
        return _bypass(plan, range_lu, "off, as asked", asked=None)
    bare = plan.replace(vocal=plan.vocal.replace(compressor=compressor))
    after = vocal_energies(bare, vocal)
    loss_db = core.integrated_lufs(before) - core.integrated_lufs(after)
    makeup_db = min(max(loss_db, 0.0), 36.0) if math.isfinite(loss_db) else 0.0
    compressor = compressor.replace(makeup_db=makeup_db).rounded()
    plan = wishes.apply(plan.replace(vocal=plan.vocal.replace(compressor=compressor)))
    text = f"set by hand; {makeup_db:.1f} dB of makeup keep the vocal's loudness"
    plan = plan.because("compressor", text, SOURCE)
    got = core.loudness_range_lu(after)
    return plan.aim(loudness_range_lu=Target(got=got, source="by hand", status="set by hand"))


def _narrow(plan: MixPlan, range_lu: float) -> MixPlan:
    text = f"bypass: the vocal's loudness range is {range_lu:.1f} LU, within the {TARGET_LU:g} LU allowed"
    return _bypass(plan, range_lu, text, asked=TARGET_LU)


def _bypass(plan: MixPlan, range_lu: float, text: str, *, asked: float | None) -> MixPlan:
    off = plan.replace(vocal=plan.vocal.replace(compressor=plan.vocal.compressor.replace(enabled=False)))
    target = Target(asked=asked, got=range_lu if math.isfinite(range_lu) else None, status="bypass")
    return off.because("compressor", text, SOURCE).aim(loudness_range_lu=target)


def _by_hand(wishes: Wishes) -> set[str]:
    prefix = "vocal.compressor."
    names = {path.removeprefix(prefix) for path in wishes.locked if path.startswith(prefix)}
    return names & set(_LOCKABLE)


def _text(compressor: Compressor, solved: Solved, range_lu: float, got_lu: float, limited: bool) -> str:
    end = "limit reached" if limited else f"at most {TARGET_LU:g} LU are allowed at full amount"
    return (
        f"the vocal's loudness range was {range_lu:.1f} LU; {compressor.ratio:g}:1 above "
        f"{compressor.threshold_db:.1f} dB brings it to {got_lu:.1f} LU with "
        f"{solved.mean_reduction_db:.1f} dB of mean reduction while singing and "
        f"{compressor.makeup_db:.1f} dB of makeup; {end}"
    )
