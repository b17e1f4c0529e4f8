"""Sets the compressor for a loudness range: nothing where it is small enough, else solved, rendered and checked.

Sources: EBU Tech 3342 for the range (3 s windows); attack and release from the crest factor: Giannoulis,
Massberg, Reiss, JAES 61(10), 2013; makeup by loudness, which listeners preferred to makeup by mean reduction.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import Audio
from sitwell.decide.aims import BY_HAND, RULES, Aim
from sitwell.decide.compressor_solver import (
    RATIOS,
    Solved,
    VocalEnvelope,
    crest_factor_squared,
    envelope_of,
    solve,
)
from sitwell.decide.words import between, is_learned, whose
from sitwell.effects import Compressor
from sitwell.errors import Notice
from sitwell.plan import MixPlan, Target
from sitwell.render import vocal_energies
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]

_EQUALIZER_MOVES_LU = 3.0  # at most
TOLERANCE_LU = 0.25  # worth another look; 0.5 LU is what is promised
SOURCE = "EBU Tech 3342; Giannoulis et al., JAES 2013"
_ROUNDS = 3
_THRESHOLD_DB = -4.0  # against the loudness: the median of 365 professional vocals (DiffVox)
_LOCKABLE = ("threshold_db", "ratio", "knee_db", "attack_ms", "release_ms", "enabled")


def decide(
    plan: MixPlan, vocal: Audio, raw_range_lu: float, aim: Aim, wishes: Wishes
) -> tuple[MixPlan, tuple[Notice, ...]]:
    """Solve the compressor for the loudness range, verify it by rendering, and set makeup by loudness.

    `raw_range_lu` is the vocal's range before its equalizer, which moves it by less than 3 LU; when that is
    clearly narrow the equalized vocal need not be looked at.
    """
    by_hand = _by_hand(wishes)
    if not wishes.wants("compressor") and "enabled" not in by_hand:
        return _bypass(plan, raw_range_lu, "off, as asked", SOURCE), ()
    if not by_hand and not raw_range_lu > aim.value - _EQUALIZER_MOVES_LU:
        return _narrow(plan, raw_range_lu, aim), ()
    envelope = envelope_of(plan, vocal)
    pieces = envelope.pieces()
    range_lu = core.loudness_range_lu(pieces)
    if by_hand & {"threshold_db", "enabled"}:
        return _with_makeup(_started(plan, envelope, wishes), vocal, pieces, wishes, range_lu), ()
    if not math.isfinite(range_lu) or range_lu <= aim.value:
        return _narrow(plan, range_lu, aim), ()
    share = 1.0 if aim.exact else wishes.amount / 100.0
    if share <= 0:
        return _bypass(plan, range_lu, "off at amount 0", SOURCE), ()
    asked_lu = range_lu + share * (aim.value - range_lu)
    return _compress(plan, vocal, envelope, _Task(aim, range_lu, asked_lu), wishes)


@dataclass(frozen=True)
class _Task:
    """What is aimed at, what range there was, and what is asked after the amount, in LU."""

    aim: Aim
    range_lu: float
    asked_lu: float


def _compress(
    plan: MixPlan, vocal: Audio, envelope: VocalEnvelope, task: _Task, wishes: Wishes
) -> tuple[MixPlan, tuple[Notice, ...]]:
    start = _started(plan, envelope, wishes).vocal.compressor
    ratios = (start.ratio,) if "ratio" in _by_hand(wishes) else RATIOS
    asked_lu = aim_lu = task.asked_lu
    solved = None
    for _ in range(_ROUNDS):
        solved = solve(envelope, range_lu=aim_lu, start=start, ratios=ratios)
        bare = solved.compressor.rounded().replace(makeup_db=0.0)
        tried = plan.replace(vocal=plan.vocal.replace(compressor=bare))
        after = vocal_energies(tried, vocal)
        got_lu = core.loudness_range_lu(after)
        if solved.limit_reached or abs(got_lu - asked_lu) <= TOLERANCE_LU:
            break
        aim_lu -= got_lu - asked_lu
    assert solved is not None
    limited = solved.limit_reached or abs(got_lu - asked_lu) > 0.5
    plan = _made_up(tried, envelope.pieces(), after, wishes)
    text = _text(plan.vocal.compressor, solved, task, got_lu, limited)
    plan = plan.because("compressor", text, _citation(task.aim))
    status = "limit reached" if limited else "met"
    plan = plan.aim(loudness_range_lu=task.aim.asked(asked_lu).replace(got=got_lu, status=status))
    usual = task.aim.low is not None and task.aim.high is not None and task.aim.low <= got_lu <= task.aim.high
    if not limited or usual:  # what engineers do is nothing to warn of
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
        return _bypass(plan, range_lu, "off, as asked", SOURCE)
    bare = plan.replace(vocal=plan.vocal.replace(compressor=compressor))
    return _made_up(bare, before, vocal_energies(bare, vocal), wishes)


def _made_up(bare: MixPlan, before: Floats, after: Floats, wishes: Wishes) -> MixPlan:
    """Give back the loudness that a compressor without makeup takes, from energies (pieces,) before and after it."""
    loss_db = core.integrated_lufs(before) - core.integrated_lufs(after)
    makeup_db = min(max(loss_db, 0.0), 36.0) if math.isfinite(loss_db) else 0.0
    compressor = bare.vocal.compressor.replace(makeup_db=makeup_db).rounded()
    plan = wishes.apply(bare.replace(vocal=bare.vocal.replace(compressor=compressor)))
    text = f"set by hand; {makeup_db:.1f} dB of makeup keep the vocal's loudness"
    plan = plan.because("compressor", text, SOURCE)
    got = core.loudness_range_lu(after)
    return plan.aim(loudness_range_lu=Target(got=got, source=BY_HAND, status="set by hand"))


def _narrow(plan: MixPlan, range_lu: float, aim: Aim) -> MixPlan:
    seen = f"bypass: the vocal's loudness range is {range_lu:.1f} LU"
    if is_learned(aim):
        text = f"{seen}, within the {aim.value:.1f} LU of {whose(aim)} {between(aim)}"
    elif aim.exact:
        text = f"{seen}, not above the {aim.value:.1f} LU asked for by hand; a compressor can only make it smaller"
    else:
        text = f"{seen}, within the {aim.value:g} LU allowed"
    return _bypass(plan, range_lu, text, _citation(aim), aim.asked(aim.value))


def _bypass(plan: MixPlan, range_lu: float, text: str, citation: str, target: Target | None = None) -> MixPlan:
    off = plan.replace(vocal=plan.vocal.replace(compressor=plan.vocal.compressor.replace(enabled=False)))
    got = range_lu if math.isfinite(range_lu) else None
    target = (target or Target()).replace(got=got, status="bypass")
    return off.because("compressor", text, citation).aim(loudness_range_lu=target)


def _by_hand(wishes: Wishes) -> set[str]:
    prefix = "vocal.compressor."
    names = {path.removeprefix(prefix) for path in wishes.locked if path.startswith(prefix)}
    return names & set(_LOCKABLE)


def _citation(aim: Aim) -> str:
    return SOURCE if aim.source == RULES else f"{aim.citation}; {SOURCE}"


def _text(compressor: Compressor, solved: Solved, task: _Task, got_lu: float, limited: bool) -> str:
    aim = task.aim
    was = f"the vocal's loudness range was {task.range_lu:.1f} LU"
    end = f"; at most {aim.value:g} LU are allowed at full amount"
    if is_learned(aim):
        was = (
            f"{whose(aim)} have a loudness range of {aim.value:.1f} LU {between(aim)}; yours had {task.range_lu:.1f} LU"
        )
        end = ""
    elif aim.exact:
        end = f"; {aim.value:.1f} LU were asked for by hand"
    return (
        f"{was}; {compressor.ratio:g}:1 above "
        f"{compressor.threshold_db:.1f} dB brings it to {got_lu:.1f} LU with "
        f"{solved.mean_reduction_db:.1f} dB of mean reduction while singing and "
        f"{compressor.makeup_db:.1f} dB of makeup{'; limit reached' if limited else end}"
    )
