"""Equalizer responses of professional vocal settings, to put on dry voices before they are learned from.

The table is one row a vocal, with columns named like those of DiffVox (Yu et al., DAFx 2025): two bells, two
shelves, a low-pass and a high-pass.
"""

import csv
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import VOICE_HZ
from sitwell.errors import InputError

Floats = npt.NDArray[np.float64]
_RATE = 44100


def read_presets(path: Path) -> Floats:
    """Read the responses (presets, 46) in dB at `VOICE_HZ`. Raises InputError `presets.unreadable`."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = [
                _response({key: float(text) for key, text in row.items() if _is_number(text)})
                for row in csv.DictReader(file)
            ]
    except (OSError, KeyError, ValueError, csv.Error) as error:
        raise InputError("presets.unreadable", f"{path}: no table of vocal settings: {error!r}") from None
    if not rows:
        raise InputError("presets.unreadable", f"{path}: holds no settings")
    return np.stack(rows)


def _response(row: dict[str, float]) -> Floats:
    sections = [
        core.design_bell(sample_rate=_RATE, frequency_hz=row["pk1_freq"], gain_db=row["pk1_gain_db"], q=row["pk1_q"]),
        core.design_bell(sample_rate=_RATE, frequency_hz=row["pk2_freq"], gain_db=row["pk2_gain_db"], q=row["pk2_q"]),
        core.design_low_shelf(sample_rate=_RATE, frequency_hz=row["ls_freq"], gain_db=row["ls_gain_db"], q=0.71),
        core.design_high_shelf(sample_rate=_RATE, frequency_hz=row["hs_freq"], gain_db=row["hs_gain_db"], q=0.71),
        core.design_lowpass(sample_rate=_RATE, frequency_hz=row["lp_freq"], q=row["lp_q"]),
        core.design_highpass(sample_rate=_RATE, frequency_hz=row["hp_freq"], q=row["hp_q"]),
    ]
    return core.response_db(np.stack(sections), sample_rate=_RATE, frequencies_hz=VOICE_HZ)


def _is_number(text: str | None) -> bool:
    try:
        return text is not None and np.isfinite(float(text))
    except ValueError:
        return False
