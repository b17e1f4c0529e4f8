"""One figure from a song's features: the model's answer, drawn to the constant where the song is unusual."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.value import Json

Floats = npt.NDArray[np.float64]

PRIOR = "prior"
LINEAR, LOG = "linear", "log"  # what a figure is told as: with the second a task and its graph speak of logarithms
_LARGEST_LOG = 20.0


@dataclass(frozen=True)
class Prediction:
    """A value with its 80 % interval, how usual the song is (0 to 1, None where that is unknown), and who says so."""

    value: float
    low: float
    high: float
    confidence: float | None
    source: str


def predict(
    task: Json, features: Floats, *, answer: Callable[[Floats], float] | None, source: str, at_most: float = 1.0
) -> Prediction:
    """Combine a task's constant with the model's answer to `features` (k,), those that the task lists.

    `constant + weight c (answer - constant)`, where `c = min(1, distance / d)` is the confidence and d the rms
    of the standardised features: within the songs that were learned from it is 1, far from them it goes to 0. It
    is `at_most` what else is known of the song.
    """
    own = _confidence(task, features)
    confidence = None if own is None else min(own, at_most)
    constant = float(task["constant"])
    value = constant
    if answer is not None:
        share = float(task["weight"]) * (1.0 if confidence is None else confidence)
        value += share * (answer(features) - constant)
    low, high = value + float(task["low"]), value + float(task["high"])
    if task.get("figure") == LOG:
        value, low, high = (math.exp(min(max(each, -_LARGEST_LOG), _LARGEST_LOG)) for each in (value, low, high))
    return Prediction(value, low, high, confidence, source)


def _confidence(task: Json, features: Floats) -> float | None:
    if not features.size:
        return None
    far = math.sqrt(float((((features - np.array(task["mean"])) / np.array(task["scale"])) ** 2).mean()))
    return min(1.0, float(task["distance"]) / far) if far > 0.0 else 1.0
