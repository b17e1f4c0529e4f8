"""How much of a known wrong colour a method takes away, and what it does to a colour that is right."""

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.audio import Audio
from sitwell.decide import Stem
from sitwell.evaluate.corruption import KINDS, Corruption, draw_corruption, remove_mean
from sitwell.evaluate.methods import plan_by, stem
from sitwell.evaluate.settings import Settings
from sitwell.plan import MixPlan

Floats = npt.NDArray[np.float64]
Row = dict[str, float]
NOTHING = "do nothing"
RANGES_HZ = {"": (200.0, 10000.0), "_wide": (80.0, 16000.0)}  # by the ending of a figure's name
_POINTS = 64


def equalizer_rows(vocal: Audio, backing: Stem, *, settings: Settings, rng: np.random.Generator) -> dict[str, Row]:
    """Corrupt the vocal in every way, let each method correct it, and measure what is left, in dB rms.

    `residual_KIND` and `corruption_KIND` are means over the draws; `change` is the response of the correction
    that was not needed. Endings as in `RANGES_HZ`.
    """
    rows: dict[str, list[Row]] = {name: [] for name in (NOTHING, *settings.methods)}
    for kind in KINDS:
        for _ in range(settings.draws if kind != "none" else 1):
            corruption = draw_corruption(kind, rng)
            corrupted = stem(corruption.apply(vocal))
            rows[NOTHING].append(_figures(corruption, None, vocal.sample_rate))
            for method in settings.methods:
                plan = plan_by(method, corrupted, backing, settings=settings, stages=("equalizer",))
                rows[method].append(_figures(corruption, plan, vocal.sample_rate))
    return {name: _means(figures) for name, figures in rows.items()}


def residual_db(
    corruption: Corruption, plan: MixPlan | None, sample_rate: int, limits_hz: tuple[float, float]
) -> float:
    """Measure the rms in dB of corruption and correction together, the mean taken off, at 64 points."""
    left_db = corruption.response_db(grid_hz(sample_rate, limits_hz), sample_rate)
    if plan is not None:
        left_db = left_db + correction_db(plan, sample_rate, limits_hz)
    return float(np.sqrt(np.mean(remove_mean(left_db) ** 2)))


def correction_db(plan: MixPlan, sample_rate: int, limits_hz: tuple[float, float]) -> Floats:
    """Compute the response (64,) of the plan's equalizer in dB; the high-pass is not part of it."""
    sections = plan.vocal.equalizer.sections(sample_rate)
    return core.response_db(sections, sample_rate=sample_rate, frequencies_hz=grid_hz(sample_rate, limits_hz))


def grid_hz(sample_rate: int, limits_hz: tuple[float, float]) -> Floats:
    """Spread 64 frequencies evenly over octaves, below half the sample rate."""
    return np.minimum(np.geomspace(*limits_hz, _POINTS), 0.49 * sample_rate)


def _figures(corruption: Corruption, plan: MixPlan | None, sample_rate: int) -> Row:
    figures = {}
    for ending, limits_hz in RANGES_HZ.items():
        residual = residual_db(corruption, plan, sample_rate, limits_hz)
        if corruption.kind == "none":
            figures[f"change{ending}"] = residual
        else:
            figures[f"residual_{corruption.kind}{ending}"] = residual
            figures[f"corruption_{corruption.kind}{ending}"] = residual_db(corruption, None, sample_rate, limits_hz)
    return figures


def _means(figures: list[Row]) -> Row:
    names = sorted({name for row in figures for name in row})
    return {name: float(np.mean([row[name] for row in figures if name in row])) for name in names}
