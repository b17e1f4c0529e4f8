"""Masking rule: at most three gentle dips in the backing where it covers what the vocal lives by.

Sources: Hafezi and Reiss, JAES 63(5) 2015 (cut where a band is essential to the vocal and not to the
backing); Schroeder spreading for what is covered. Candidates are judged by what they would do to the share
of the vocal that is audible, computed from the two spectra frame by frame.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import BARK, THIRD_OCTAVE, active_cells, at_frequencies, audible_share, masked_threshold
from sitwell.effects import Bell, Dips
from sitwell.plan import MixPlan
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]
Power = npt.NDArray[np.float32]

SOURCE = "Hafezi and Reiss, JAES 2015"
GOAL_DB = 6.0  # of signal over masked threshold; beyond it nothing needs room
MAX_DIP_DB = 3.0
MAX_BACKING_LU = 0.5
_BAND_HZ = (200.0, 8000.0)
_PRESENCE_HZ = (1000.0, 5000.0)  # where words are understood
_Q = 1.0
_APART_OCTAVES = 0.6
_SMALLEST_DB = 0.5
_MAX_DIPS = 3


@dataclass(frozen=True, eq=False)
class Scene:
    """Both parts as the listener gets them: Bark power (frames, bands) at mixed level, and when it sings."""

    vocal: Power
    backing: Power
    active: npt.NDArray[np.bool_]
    vocal_thirds: Floats  # (31,) mean power while singing, at mixed level
    backing_thirds: Floats
    sample_rate: int


@dataclass(frozen=True)
class Dip:
    """One candidate and how much the vocal needs it."""

    frequency_hz: float
    depth_db: float


def decide(plan: MixPlan, scene: Scene, wishes: Wishes) -> MixPlan:
    """Choose up to three dips, deepest need first, and keep those that uncover more of the vocal."""
    if not wishes.wants("masking") or wishes.amount <= 0:
        off = plan.replace(backing=plan.backing.replace(equalizer=Dips(enabled=False)))
        return off.because("masking", "off, as asked", SOURCE)
    before = audible_share(scene.vocal, scene.backing, scene.active)
    strength = wishes.amount / 100.0
    offered = tuple(replace(dip, depth_db=dip.depth_db * strength) for dip in candidates(scene))
    chosen, share, shift_lu = _choose(scene, offered, before)
    plan = plan.replace(backing=plan.backing.replace(equalizer=_dips(chosen)))
    return plan.because("masking", _text(chosen, before, share, shift_lu), SOURCE)


def candidates(scene: Scene) -> tuple[Dip, ...]:
    """List the bands where the vocal needs room and the backing can spare it, greatest need first.

    Need is what the median moment of singing lacks to 6 dB over the masked threshold (the mean level, led by
    the loudest moments, hides that a third to a half of all moments are covered). The backing gives half of
    it, at most 3 dB, never in its own three strongest bands.
    """
    hz = THIRD_OCTAVE.centres_hz
    inside = (hz >= _BAND_HZ[0]) & (hz <= _BAND_HZ[1]) & (hz < 0.4 * scene.sample_rate)
    presence = (hz >= _PRESENCE_HZ[0]) & (hz <= _PRESENCE_HZ[1])
    missing_db = np.maximum(GOAL_DB - at_frequencies(_median_ratio_db(scene), hz), 0.0)
    need_db = missing_db * np.where(presence, 1.0, 0.5)
    vocal_rank = np.argsort(np.argsort(-np.where(inside, scene.vocal_thirds, 0.0)))
    backing_rank = np.argsort(np.argsort(-np.where(inside, scene.backing_thirds, 0.0)))
    essential = vocal_rank < int(inside.sum()) * 2 // 3
    depth_db = np.minimum(0.5 * need_db, MAX_DIP_DB)
    able = inside & essential & (backing_rank >= 3) & (depth_db >= _SMALLEST_DB)
    return tuple(Dip(float(hz[k]), float(depth_db[k])) for k in np.argsort(-need_db) if able[k])


def _median_ratio_db(scene: Scene) -> Floats:
    cells = active_cells(scene.vocal, scene.active)
    ratio_db = 10.0 * np.log10((scene.vocal + 1e-20) / (masked_threshold(scene.backing) + 1e-20))
    medians = [np.median(ratio_db[cells[:, k], k]) if cells[:, k].any() else 60.0 for k in range(cells.shape[1])]
    return np.asarray(medians)


def _choose(scene: Scene, offered: tuple[Dip, ...], before: float) -> tuple[tuple[Dip, ...], float, float]:
    """Greedily take the dip that uncovers most, while the backing loses at most 0.5 LU."""
    chosen: tuple[Dip, ...] = ()
    share, shift_lu = before, 0.0
    while len(chosen) < _MAX_DIPS:
        trials = [
            (_share_with(scene, (*chosen, dip)), dip)
            for whole in offered
            for dip in (whole, replace(whole, depth_db=whole.depth_db / 2.0))
            if all(abs(np.log2(dip.frequency_hz / other.frequency_hz)) > _APART_OCTAVES for other in chosen)
            and _loudness_change(scene, (*chosen, dip)) >= -MAX_BACKING_LU
        ]
        if not trials:
            break
        best_share, best = max(trials, key=lambda trial: trial[0])
        if best_share <= share:
            break
        chosen, share = (*chosen, best), best_share
        shift_lu = _loudness_change(scene, chosen)
    return chosen, share, shift_lu


def _share_with(scene: Scene, dips: tuple[Dip, ...]) -> float:
    """Predict the audible share with these dips; the vocal follows the backing down, as its level will."""
    response = 10.0 ** (_response(dips, BARK.centres_hz, scene.sample_rate) / 10.0)
    follow = 10.0 ** (_loudness_change(scene, dips) / 10.0)
    return audible_share(scene.vocal * np.float32(follow), scene.backing * response.astype(np.float32), scene.active)


def _loudness_change(scene: Scene, dips: tuple[Dip, ...]) -> float:
    response = 10.0 ** (_response(dips, THIRD_OCTAVE.centres_hz, scene.sample_rate) / 10.0)
    weight = scene.backing_thirds * _K_WEIGHT
    return float(10.0 * np.log10((weight * response).sum() / weight.sum())) if weight.sum() > 0 else 0.0


def _response(dips: tuple[Dip, ...], hz: Floats, sample_rate: int) -> Floats:
    below = np.minimum(hz, 0.49 * sample_rate)
    return core.response_db(_sections(dips, sample_rate), sample_rate=sample_rate, frequencies_hz=below)


@lru_cache(64)  # every candidate is looked at several times
def _sections(dips: tuple[Dip, ...], sample_rate: int) -> Floats:
    return _dips(dips).sections(sample_rate)


def _dips(dips: tuple[Dip, ...]) -> Dips:
    ordered = sorted(dips, key=lambda dip: dip.frequency_hz)
    bells = {
        f"bell_{slot}": Bell(frequency_hz=dip.frequency_hz, gain_db=-dip.depth_db, q=_Q)
        for slot, dip in enumerate(ordered, start=1)
    }
    return Dips(enabled=bool(dips)).replace(**bells).rounded()


def _k_weight() -> Floats:
    """Approximate K-weighting by third octaves: the BS.1770 shelf (+4 dB above 1.7 kHz) and high-pass."""
    shelf = core.design_high_shelf(sample_rate=96000, frequency_hz=1682.0, gain_db=4.0, q=0.71)
    low = core.design_highpass(sample_rate=96000, frequency_hz=38.0, q=0.5)
    response = core.response_db(np.stack([shelf, low]), sample_rate=96000, frequencies_hz=THIRD_OCTAVE.centres_hz)
    return np.asarray(10.0 ** (response / 10.0))


_K_WEIGHT = _k_weight()


def _text(chosen: tuple[Dip, ...], before: float, share: float, shift_lu: float) -> str:
    if not chosen:
        return f"{before:.0%} of the vocal is audible between 1 and 5 kHz; no dip would uncover more of it"
    places = ", ".join(f"{-dip.depth_db:.1f} dB at {dip.frequency_hz:.0f} Hz" for dip in sorted(
        chosen, key=lambda dip: dip.frequency_hz))  # fmt: skip
    return (
        f"{before:.1%} of the vocal was audible between 1 and 5 kHz over this backing; {places} in the "
        f"backing make that {share:.1%} and change its loudness by {shift_lu:+.1f} LU"
    )
