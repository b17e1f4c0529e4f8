"""What the predictions for unseen artists are worth, against the constant and the rules, with intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.evaluate.bootstrap import Figure, estimate, mean_ratio
from sitwell.value import Json
from sitwell_training.targets.conformal import interval
from sitwell_training.targets.nested import VIEWS, Nested, Songs, folds, view_means
from sitwell_training.targets.rows import TAKE, WHOLE
from sitwell_training.targets.target import Target

Floats = npt.NDArray[np.float64]

MARGIN = 0.05  # of the constant's error; less is not worth a model
SURE = 0.9  # a model that is wrongly believed costs little, since it was shrunk to the constant before
_FOLDS = 5
_WHOLE, _TAKE = VIEWS.index(WHOLE), VIEWS.index(TAKE)


@dataclass(frozen=True)
class Skill:
    """One method judged on songs of artists it has not seen.

    Mean absolute errors from the song as mixed (`whole`) and from made-up takes of it (`takes`), in the unit of the
    target; `gain` is the share of the constant's error that is saved (artists weighed as in training), `sure` the
    share of bootstrap draws of artists in which anything is; `coverage` is the share of songs in the 80 %
    interval; `worse_folds` counts the fold means, of five, above the constant's.
    """

    method: str
    whole: Figure | None
    takes: Figure
    gain: Figure
    sure: float
    coverage: float | None
    worse_folds: int

    @property
    def shown(self) -> bool:
        """Tell whether the method beats the constant by a margin, surely enough."""
        return self.gain.value is not None and self.gain.value >= MARGIN and self.sure >= SURE

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        return {
            "method": self.method,
            "mae_whole": self.whole.to_dict() if self.whole is not None else None,
            "mae_takes": self.takes.to_dict(),
            "gain": self.gain.to_dict(),
            "sure": round(self.sure, 4),
            "coverage": None if self.coverage is None else round(self.coverage, 4),
            "worse_folds": self.worse_folds,
        }


def judge(nested: Nested, songs: Songs, target: Target) -> dict[str, Skill]:
    """Judge every method of a nested cross-validation, and the rules: by name, the constant first."""
    return judge_predictions(nested.predicted, songs, target)


def judge_predictions(predicted: Mapping[str, Floats], songs: Songs, target: Target) -> dict[str, Skill]:
    """Judge predictions (songs, views), by name; "constant" must be among them."""
    constant = np.abs(predicted["constant"] - songs.labels[:, None])
    found = {"constant": _skill("constant", predicted["constant"], constant, songs)}
    asked = target.rule(songs.rows, songs.names)
    rule_error = view_means(np.abs(asked - songs.labels[songs.rows.song]), songs.rows)
    # As mixed, the vocal's own range is the label itself: only takes tell what a rule would do.
    found["rules"] = Skill(
        "rules",
        whole=None if target.logarithmic else estimate(rule_error[:, _WHOLE], songs.artists),
        takes=estimate(rule_error[:, _TAKE], songs.artists),
        gain=_gain(rule_error[:, _TAKE], constant[:, _TAKE], songs),
        sure=_sure(rule_error[:, _TAKE], constant[:, _TAKE], songs),
        coverage=None,
        worse_folds=_worse_folds(rule_error[:, [_TAKE]], constant[:, [_TAKE]], songs),
    )
    for method, values in predicted.items():
        if method != "constant":
            found[method] = _skill(method, values, constant, songs)
    return found


def table(skills: Mapping[str, Skill], unit: str = "LU") -> str:
    """Write the judgement as a table in Markdown."""
    heads = (
        "method", f"error, as mixed, {unit}", f"error, takes, {unit}", "error saved", "sure", "in the 80 % interval",
        "worse folds of 5",
    )  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    for skill in skills.values():
        covered = "-" if skill.coverage is None else f"{skill.coverage:.0%}"
        gain = "-" if skill.method == "constant" else _text(skill.gain, "{:+.0%}")
        whole = "-" if skill.whole is None else _text(skill.whole, "{:.2f}")
        sure = "-" if skill.method == "constant" else f"{skill.sure:.0%}"
        cells = (skill.method, whole, _text(skill.takes, "{:.2f}"), gain, sure, covered, str(skill.worse_folds))
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _skill(method: str, values: Floats, constant: Floats, songs: Songs) -> Skill:
    error = np.abs(values - songs.labels[:, None])
    return Skill(
        method,
        whole=estimate(error[:, _WHOLE], songs.artists),
        takes=estimate(error[:, _TAKE], songs.artists),
        gain=_gain(error.mean(axis=1), constant.mean(axis=1), songs),
        sure=_sure(error.mean(axis=1), constant.mean(axis=1), songs),
        coverage=interval(songs.labels[:, None] - values, songs.artists, songs.weights).coverage,
        worse_folds=_worse_folds(error, constant, songs),
    )


def _gain(error: Floats, constant: Floats, songs: Songs) -> Figure:
    weights = songs.weights
    rows = np.stack([weights * error, weights * constant], axis=1)
    return estimate(rows, songs.artists, lambda drawn: 1.0 - mean_ratio(drawn))


def _sure(error: Floats, constant: Floats, songs: Songs) -> float:
    """Find the share of bootstrap draws of artists in which the error is below the constant's."""
    names, number = np.unique(np.asarray(songs.artists), return_inverse=True)
    saved = np.bincount(number, songs.weights * (constant - error), minlength=len(names))
    drawn = np.random.default_rng(0).integers(len(names), size=(2000, len(names)))
    return float((saved[drawn].sum(axis=1) > 0.0).mean())


def _worse_folds(error: Floats, constant: Floats, songs: Songs) -> int:
    return sum(
        float(error[left].mean()) > float(constant[left].mean()) + 1e-9 for _, left in folds(songs.artists, _FOLDS)
    )


def _text(figure: Figure, form: str) -> str:
    if figure.value is None:
        return "-"
    text = form.format(figure.value)
    if figure.low is None or figure.high is None:
        return text
    return f"{text} ({form.format(figure.low)} to {form.format(figure.high)})"
