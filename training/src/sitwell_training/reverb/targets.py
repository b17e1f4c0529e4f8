"""What is predicted of a reverb, from features that the vocal's own reverb cannot move."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FEATURES, Tempo
from sitwell.decide.rules.reverb import tempo_aims
from sitwell.models import REVERB
from sitwell.models.prediction import LINEAR, LOG
from sitwell_training.targets.examples import RoomLabels
from sitwell_training.targets.rows import Rows
from sitwell_training.targets.target import Prior, Target

Floats = npt.NDArray[np.float64]

# Of a vocal that was cleaned of its tails these move by less than a tenth of their spread between singers. When it
# sings, how it is masked and how many onsets it has move by more, and with them where the backing plays louder.
ROBUST = (
    *(name for name in FEATURES if name.startswith(("backing_", "tempo_")) and name != "backing_lift_lu"),
    "vocal_register_octaves", "vocal_centre_octaves",
)  # fmt: skip
_SHORTEST_S = 10.0


@dataclass(frozen=True)
class _Figure:
    """A figure of `RoomLabels`: its field, the range of predictions, its unit and scale."""

    field: str
    ends: tuple[float, float]
    unit: str
    scale: str = LOG

    def scaled(self, value: float) -> float:
        return value if self.scale == LINEAR else math.log(max(value, self.ends[0]))


_FIGURES = {
    "decay": _Figure("decay_s", (0.2, 10.0), "s"), "brightness": _Figure("brightness", (0.1, 1.5), "times"),
    "predelay": _Figure("predelay_ms", (1.0, 200.0), "ms"), "return": _Figure("return_db", (-30.0, -3.0), "dB", LINEAR),
}  # fmt: skip


def reverb_targets(priors: Mapping[str, Prior]) -> tuple[Target, ...]:
    """Make the targets of all reverb tasks with their priors."""
    return tuple(_target(task, priors[task]) for task in REVERB)


def label_of(task: str, room: RoomLabels) -> float | None:
    """Read the label of a task, on its scale."""
    value = getattr(room, _FIGURES[task].field)
    return None if value is None else _FIGURES[task].scaled(value)


def _target(task: str, prior: Prior) -> Target:
    figure = _FIGURES[task]

    def rule(rows: Rows, names: Sequence[str]) -> Floats:
        beats = rows.features[:, [names.index("tempo_octaves"), names.index("tempo_confidence")]].tolist()
        tempi = [Tempo(120.0 * 2.0**octaves, confidence) for octaves, confidence in beats]
        return np.array([figure.scaled(tempo_aims(tempo)[REVERB.index(task)].value) for tempo in tempi])

    low, high = map(figure.scaled, figure.ends)
    return Target(
        task, lambda example: label_of(task, example.room), False, low, high, prior, rule, _SHORTEST_S,
        unit=figure.unit, scale=figure.scale, features=ROBUST,
    )  # fmt: skip
