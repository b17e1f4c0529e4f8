"""Decay times of professional vocal reverbs: the table that also holds their equalizers (DiffVox, Yu et al., 2025)."""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell.errors import InputError

Floats = npt.NDArray[np.float64]

DECAYS_HZ = (500, 1000, 2000, 4000, 8000)


def read_decays(path: Path) -> Floats:
    """Read decay times (presets, 5) in s at `DECAYS_HZ`. Raises InputError `presets.unreadable`."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [[float(row[f"rt60_{hz}hz_s"]) for hz in DECAYS_HZ] for row in csv.DictReader(file)]
    except (OSError, KeyError, ValueError, TypeError, csv.Error) as error:
        raise InputError("presets.unreadable", f"{path}: no table of vocal settings: {error!r}") from None
    if not rows:
        raise InputError("presets.unreadable", f"{path}: holds no settings")
    return np.array(rows)
