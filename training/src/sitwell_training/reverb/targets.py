"""What is predicted of a reverb, from features that the vocal's own reverb cannot move."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FEATURES, Tempo
from sitwell.decide.rules.reverb import tempo_aims
from sitwell.models import REVERB
from sitwell.models.prediction import LINEAR, LOG
from sitwell_training.targets.examples import Example, RoomLabels
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


def reverb_targets(priors: Mapping[str, Prior]) -> tuple[Target, ...]:
    """Make the targets of all reverb tasks with their priors."""
    return (
        _target("decay", lambda room: room.decay_s, (0.2, 10.0), "s", priors),
        _target("brightness", lambda room: room.brightness, (0.1, 1.5), "times", priors),
        _target("predelay", lambda room: room.predelay_ms, (1.0, 200.0), "ms", priors),
        _target("return", lambda room: room.return_db, (-30.0, -3.0), "dB", priors, scale=LINEAR),
    )


def _target(
    task: str,
    figure: Callable[[RoomLabels], float | None],
    ends: tuple[float, float],
    unit: str,
    priors: Mapping[str, Prior],
    *,
    scale: str = LOG,
) -> Target:
    def scaled(value: float | None) -> float | None:
        return value if value is None or scale == LINEAR else math.log(max(value, ends[0]))

    def label(example: Example) -> float | None:
        return scaled(figure(example.room))

    def rule(rows: Rows, names: Sequence[str]) -> Floats:
        octaves, confidence = (rows.features[:, names.index(name)] for name in ("tempo_octaves", "tempo_confidence"))
        tempi = [
            Tempo(120.0 * 2.0**each, sure) for each, sure in zip(octaves.tolist(), confidence.tolist(), strict=True)
        ]
        return np.array([scaled(tempo_aims(tempo)[REVERB.index(task)].value) for tempo in tempi])

    low, high = (float(scaled(end) or 0.0) for end in ends)
    return Target(
        task, label, False, low, high, priors[task], rule, _SHORTEST_S, unit=unit, scale=scale, features=ROBUST
    )
