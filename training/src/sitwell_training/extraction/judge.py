"""How well extraction does for singers and responses nobody has seen, and how sure it may be of what it says."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.isotonic import IsotonicRegression

from sitwell.extraction.estimate import whole
from sitwell_training.extraction.examples import SYNTHETIC, Examples
from sitwell_training.extraction.model import LEVEL_UNIT_DB, Model

Floats = npt.NDArray[np.float64]
Chosen = npt.NDArray[np.bool_]

FOLDS = 4
NEAR_DECAY, NEAR_DB = 0.25, 2.5
DRY_CALLED_DRY = 0.93  # of dry takes of singers left out: the threshold; the aim is 0.90
_GROUPS = 20  # of examples by their scale: what is called sure rests on at least a twentieth of them
BODY = slice(2, 6)  # 500 Hz to 4 kHz


@dataclass(frozen=True, eq=False)
class Readings:
    """What a model says of examples it has not learned from: octaves (n, 7, 5), and which were judged (n,)."""

    octaves: Floats
    judged: Chosen


def cross_read(
    examples: Examples, fit: Callable[[Examples], Model], *, progress: Callable[[float], None] = lambda _: None
) -> Readings:
    """Read each example by a model that knows neither its singer nor its response; made-up reverbs are all new."""
    singers, responses = _folds(examples.singer), _folds(examples.response)
    made_up = np.isin(examples.response, (*SYNTHETIC, "dry"))
    octaves, judged = np.full((len(examples.wet), 7, 5), np.nan), np.zeros(len(examples.wet), dtype=np.bool_)
    for fold in range(FOLDS):
        out = (singers == fold) & (made_up | (responses == fold))
        seen = (singers != fold) & (made_up | (responses != fold))
        if out.any() and seen.any():
            octaves[out], judged[out] = fit(examples.of(seen))(examples.of(out).features), True
        progress((fold + 1) / FOLDS)
    return Readings(octaves, judged)


def calibrate(examples: Examples, readings: Readings) -> dict[str, object]:
    """Find what turns readings into figures: thresholds of the verdict, offsets, and how sure each figure is."""
    examples, octaves = examples.of(readings.judged), readings.octaves[readings.judged]
    wetness = octaves[:, BODY, 4].mean(axis=1)
    dry_below = float(np.quantile(wetness[~examples.wet], DRY_CALLED_DRY))
    wet = examples.wet & (wetness >= dry_below)
    examples, octaves = examples.of(wet), octaves[wet]
    body, decay_s = octaves[:, BODY], examples.decay_s[:, BODY]
    there = np.isfinite(decay_s)
    near_decay = np.abs(np.exp(body[..., 0]) / decay_s - 1.0) <= NEAR_DECAY
    return_db, clarity_db = whole(np.exp(octaves[..., 0]), LEVEL_UNIT_DB * octaves[..., 1], examples.shares)
    offsets = float(np.median(examples.return_db - return_db)), float(np.median(examples.early_to_late_db - clarity_db))
    near_return = np.abs(return_db + offsets[0] - examples.return_db) <= NEAR_DB
    near_clarity = np.abs(clarity_db + offsets[1] - examples.early_to_late_db) <= NEAR_DB
    level_scale = body[..., 3].mean(axis=1)
    return {
        "dry_below": dry_below,
        "return_offset_db": offsets[0],
        "early_to_late_offset_db": offsets[1],
        "sureness": {
            "decay_s": _curve(body[..., 2][there], near_decay[there]),
            "return_db": _curve(level_scale, near_return),
            "early_to_late_db": _curve(level_scale, near_clarity),
        },
    }


def _curve(log_scale: Floats, near: Chosen) -> dict[str, list[float]]:
    """Say how often a figure is near the truth over its log scale: shares of twentieths, made to fall throughout."""
    groups = np.array_split(np.argsort(log_scale, kind="stable"), _GROUPS)
    at = np.array([log_scale[group].mean() for group in groups])
    share = np.array([near[group].mean() for group in groups])
    falling = IsotonicRegression(increasing=False).fit(at, share).predict(at)
    return {"log_scale": [round(float(x), 4) for x in at], "near": [round(float(y), 4) for y in falling]}


def _folds(names: npt.NDArray[np.str_]) -> npt.NDArray[np.intp]:
    """Share names among folds, the commonest first, so that all folds are about as large."""
    unique, counts = np.unique(names, return_counts=True)
    sizes, fold = np.zeros(FOLDS), {}
    for index in np.argsort(-counts, kind="stable"):
        fold[unique[index]] = int(sizes.argmin())
        sizes[fold[unique[index]]] += counts[index]
    return np.array([fold[name] for name in names.tolist()], dtype=np.intp)
