"""Figures of extraction, by the product's own reading of what a model says: errors, confidence, verdicts."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sitwell.analysis import OCTAVES_HZ
from sitwell.extraction import DRY, UNKNOWN, WET, ReverbEstimate
from sitwell.extraction.estimate import SURE, read_octaves
from sitwell.value import Json
from sitwell_training.extraction.examples import Examples

Floats = npt.NDArray[np.float64]

BODY_HZ = ("500", "1000", "2000", "4000")


def figures_of(examples: Examples, octaves: Floats, config: Json) -> Json:
    """Judge what a model says of octaves (n, 7, 5)."""
    return judge(
        examples, [read_octaves(row, shares, config) for row, shares in zip(octaves, examples.shares, strict=True)]
    )


def judge(examples: Examples, estimates: Sequence[ReverbEstimate]) -> Json:
    """Compare estimates with the truth; errors are of octaves from 500 Hz to 4 kHz and of takes called wet."""
    decays, surest, levels, clarity, sure_levels = [], [], [], [], []
    for index, estimate in enumerate(estimates):
        if not examples.wet[index] or estimate.verdict != WET:
            continue
        for hz in BODY_HZ:
            true_s, found_s = examples.decay_s[index, OCTAVES_HZ.index(int(hz))], estimate.decay_s[hz]
            if found_s is not None and np.isfinite(true_s):
                decays.append(abs(found_s / true_s - 1.0))
                if estimate.confidence.decay_s[hz] >= SURE:
                    surest.append(decays[-1])
        assert estimate.return_db is not None
        assert estimate.early_to_late_db is not None
        levels.append(abs(estimate.return_db - examples.return_db[index]))
        clarity.append(abs(estimate.early_to_late_db - examples.early_to_late_db[index]))
        if estimate.confidence.return_db >= SURE:
            sure_levels.append(levels[-1])
    wet, verdicts = examples.wet, np.array([estimate.verdict for estimate in estimates])
    asked = int(np.isfinite(examples.decay_s[wet, 2:6]).sum())
    return {
        "wet_takes": int(wet.sum()), "dry_takes": int((~wet).sum()),
        "called_wet": _share(verdicts[wet] == WET), "called_dry": _share(verdicts[~wet] == DRY),
        "unknown": _share(verdicts == UNKNOWN), "decays_told": len(decays) / asked if asked else None,
        "decay_error": _spread(decays), "decay_error_sure": _spread(surest),
        "decays_sure": len(surest) / asked if asked else None,
        "return_error_db": _spread(levels), "return_error_sure_db": _spread(sure_levels),
        "early_to_late_error_db": _spread(clarity),
    }  # fmt: skip


def table(rows: Mapping[str, Json]) -> str:
    """Write figures as a Markdown table; errors are medians with 90th percentiles in brackets."""
    lines = [
        "| takes | called wet | called dry | decays told | decay error | surest | their error | return, dB | C80, dB |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in rows.items():
        cells = [
            _percent(row["called_wet"]), _percent(row["called_dry"]), _percent(row["decays_told"]),
            _error(row["decay_error"], 100.0, " %"), _percent(row["decays_sure"]),
            _error(row["decay_error_sure"], 100.0, " %"), _error(row["return_error_db"], 1.0, ""),
            _error(row["early_to_late_error_db"], 1.0, ""),
        ]  # fmt: skip
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _spread(errors: Sequence[float]) -> Json | None:
    if not errors:
        return None
    return {"median": float(np.median(errors)), "p90": float(np.percentile(errors, 90)), "count": len(errors)}


def _share(found: npt.NDArray[np.bool_]) -> float | None:
    return float(found.mean()) if found.size else None


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _error(spread: Json | None, unit: float, sign: str) -> str:
    return "-" if spread is None else f"{unit * spread['median']:.1f}{sign} ({unit * spread['p90']:.1f})"
