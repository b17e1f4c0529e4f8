"""How professionals set the reverb of a vocal: distributions behind the labels, and in their place where there are few.

Decay and brightness are those of the settings in a table where one is at hand, else the quantiles published of them.
The return cannot be had from the table: it holds the norms of the network's gains but not their directions, and by
norms alone three settings in ten would return more than the dry vocal.
"""

from pathlib import Path
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

from sitwell.fit import reverb_from_figures
from sitwell_training.extraction.presets import DECAYS_HZ, read_decays
from sitwell_training.targets.target import Prior

Floats = npt.NDArray[np.float64]

DIFFVOX = "professional vocal settings (DiffVox, Yu et al., DAFx 2025)"
# 10th, 50th and 90th percentile; pre-delay: 20 to 40 ms is what engineers teach, and no data says more.
DECAY_S, BRIGHTNESS, RETURN_DB, PREDELAY_MS = (
    (0.77, 2.03, 3.06), (0.29, 0.70, 1.28), (-18.5, -13.6, -9.1), (20.0, 30.0, 40.0),
)  # fmt: skip
_ARTISTS = 20.0  # how many with one song each the settings are worth, against labels that are only estimates
_SETTINGS = 21


def priors(table: Path | None = None) -> dict[str, Prior]:
    """Give the prior of each task; decay, brightness and pre-delay as logarithms. Raises `presets.unreadable`."""
    source = DIFFVOX
    decay, brightness = (_spread(np.log(np.array(ends))) for ends in (DECAY_S, BRIGHTNESS))
    if table is not None:
        decay, brightness = read_settings(table)
        source = f"{len(decay)} {DIFFVOX}"
    settings = {"decay": decay, "brightness": brightness, "return": _spread(np.array(RETURN_DB))}
    known = {task: Prior.of(values.tolist(), artists=_ARTISTS, source=source) for task, values in settings.items()}
    taught = _spread(np.log(np.array(PREDELAY_MS))).tolist()
    return known | {"predelay": Prior.of(taught, artists=_ARTISTS, source="what engineers teach: 20 to 40 ms")}


def read_settings(table: Path) -> tuple[Floats, Floats]:
    """Read the logarithms of decay and brightness of every setting, (n,) each, as knobs of our reverb."""
    knobs = [reverb_from_figures(decay_s=dict(zip(DECAYS_HZ, row, strict=True))) for row in read_decays(table).tolist()]
    decay_s = np.array([knob.decay_mid_s for knob in knobs])
    return np.log(decay_s), np.log(np.array([knob.decay_high_s for knob in knobs]) / decay_s)


def _spread(ends: Floats) -> Floats:
    """Spread settings (21,) over a distribution with these three percentiles, normal on either side of its middle."""
    low, middle, high = ends
    tail = NormalDist().inv_cdf(0.9)
    at = np.array([NormalDist().inv_cdf((number + 0.5) / _SETTINGS) for number in range(_SETTINGS)])
    return np.asarray(middle + at * np.where(at < 0.0, middle - low, high - middle) / tail)
