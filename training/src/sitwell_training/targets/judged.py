"""A finished bundle judged on songs that were kept for testing: looked at once, when all is decided."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FEATURES
from sitwell.evaluate.bootstrap import Figure, estimate
from sitwell.models import Bundle
from sitwell.models.prediction import LOG
from sitwell.value import Json
from sitwell_training.targets.examples import Example
from sitwell_training.targets.nested import Songs, view_means
from sitwell_training.targets.skill import Skill, judge_predictions, table
from sitwell_training.targets.target import LEVEL, RANGE, Target
from sitwell_training.targets.task import songs_of, unit_of_errors, usable

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Judged:
    """What a bundle is worth on unseen songs: by task its source, the methods, and the coverage of its interval."""

    sources: dict[str, str]
    units: dict[str, str]
    skills: dict[str, dict[str, Skill]]
    coverage: dict[str, Figure]

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        return {
            task: {
                "source": self.sources[task],
                "unit": self.units[task],
                "methods": [skill.to_dict() for skill in skills.values()],
                "coverage": self.coverage[task].to_dict(),
            }
            for task, skills in self.skills.items()
        }

    def text(self) -> str:
        """Write it as Markdown."""
        parts = []
        for task, skills in self.skills.items():
            covered = self.coverage[task]
            share = "-" if covered.value is None else f"{covered.value:.0%}"
            if covered.low is not None and covered.high is not None:
                share += f" ({covered.low:.0%} to {covered.high:.0%})"
            heading = f"## {task} on the songs kept for testing: {covered.songs} songs by {covered.artists} artists"
            source = f"Source: {self.sources[task]}; {share} of songs in its 80 % interval."
            parts.append(f"{heading}\n\n{table(skills, self.units[task])}\n\n{source}")
        return "\n\n".join(parts)


def judge_bundle(
    bundle: Bundle, examples: Sequence[Example], *, seed: int, targets: Sequence[Target] = (LEVEL, RANGE)
) -> Judged:
    """Judge figures of a bundle on examples that it was not trained on."""
    sources, units, skills, coverage = {}, {}, {}, {}
    for target in targets:
        known = usable(examples, target)
        if not bundle.has(target.task) or not known:
            continue
        songs = songs_of(known, target, seed=seed)
        predicted, inside = _predicted(bundle, target, songs)
        constant = np.full_like(predicted, float(bundle.config["tasks"][target.task]["constant"]))
        units[target.task] = unit_of_errors(target)
        sources[target.task] = bundle.label if bundle.shows_skill(target.task) else "prior"
        coverage[target.task] = estimate(inside.mean(axis=1), songs.artists)
        found = judge_predictions({"constant": constant, "bundle": predicted}, songs, target)
        covered = {"bundle": coverage[target.task].value}  # by its own interval, not by one made from these songs
        skills[target.task] = {
            name: dataclasses.replace(skill, coverage=covered.get(name)) for name, skill in found.items()
        }
    return Judged(sources, units, skills, coverage)


def _predicted(bundle: Bundle, target: Target, songs: Songs) -> tuple[Floats, Floats]:
    """Predict the views of each song and tell whether its label is inside the interval: (songs, views) twice."""
    rows = songs.rows
    seen = np.zeros((len(rows.song), len(FEATURES)))
    seen[:, [FEATURES.index(name) for name in songs.names]] = rows.features
    found = [bundle.predict(target.task, features) for features in seen]
    figures = np.array([[each.value, each.low, each.high] for each in found])
    values, low, high = (np.log(figures) if target.scale == LOG else figures).T
    labels = songs.labels[rows.song]
    inside = (low <= labels) & (labels <= high)
    return view_means(values, rows).round(9), view_means(inside.astype(np.float64), rows)
