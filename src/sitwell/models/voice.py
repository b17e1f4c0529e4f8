"""What the equalizer's model hears in a portrait of a voice: a correction, and whether it is a voice it knows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.analysis import SPECTRA, VOICE_HZ, Portrait
from sitwell.errors import ModelError
from sitwell.value import Json

Floats = npt.NDArray[np.float64]
Run = Callable[[Mapping[str, npt.NDArray[Any]]], dict[str, npt.NDArray[Any]]]


@dataclass(frozen=True, eq=False)
class Heard:
    """The correction (46,) in dB at full strength, its limit, and how much the voice resembles those learned from.

    Noise, speech and instruments stay below a confidence of 0.75.
    """

    response_db: Floats
    limit_db: float
    confidence: float


def hear(task: Json, portrait: Portrait, run: Run, *, label: str) -> Heard:
    """Look at a portrait; raises ModelError `model.features` or `model.failed`."""
    known = (task.get("spectra"), task.get("traits"), len(task.get("frequencies_hz", ())))
    if known != (list(SPECTRA), portrait.traits.size, VOICE_HZ.size):
        raise ModelError(
            "model.features", f"{label}: its equalizer was trained on another portrait of the voice; train it anew"
        )
    inputs = {name: getattr(portrait, name)[None].astype(np.float32) for name in ("spectra_db", "traits", "audible")}
    found = run(inputs)
    response_db, confidence = found["response_db"][0].astype(np.float64), float(found["confidence"][0])
    if not np.isfinite(response_db).all() or not np.isfinite(confidence):
        raise ModelError("model.failed", f"{label}: its correction is not a number for this vocal")
    return Heard(response_db, float(task["limit_db"]), confidence)
