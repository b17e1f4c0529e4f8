"""Figures of songs become figures over songs: each with its number of songs, artists and 95 % interval."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.evaluate.bootstrap import Figure, estimate, wins
from sitwell.evaluate.columns import LOWER, MEASURES, Measure
from sitwell.evaluate.equalizer import NOTHING
from sitwell.evaluate.level import CONSTANT, ORACLE
from sitwell.evaluate.remix import DAMAGED
from sitwell.evaluate.settings import LEARNED, RULES
from sitwell.evaluate.song import Judged
from sitwell.value import Json

Floats = npt.NDArray[np.float64]
ROWS = (NOTHING, DAMAGED, CONSTANT, RULES, LEARNED, ORACLE)  # in this order, where a table has them
_PAIRS = ((RULES, NOTHING), (RULES, DAMAGED), (RULES, CONSTANT), (LEARNED, RULES), (LEARNED, CONSTANT))


@dataclass(frozen=True)
class Comparison:
    """Two rows, song by song: in what share of the songs the first is lower, and by how much it differs."""

    first: str
    second: str
    measure: str
    closer_share: Figure
    difference: Figure

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        return {
            "first": self.first, "second": self.second, "measure": self.measure,
            "closer_share": self.closer_share.to_dict(), "difference": self.difference.to_dict(),
        }  # fmt: skip


@dataclass(frozen=True)
class Table:
    """One table: figures by row and measure, and the comparisons of rows."""

    name: str
    rows: dict[str, dict[str, Figure]]
    comparisons: tuple[Comparison, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that some row has a value of, in their order."""
        return tuple(
            measure
            for measure in MEASURES[self.name]
            if any(figures[measure.key].value is not None for figures in self.rows.values())
        )

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        units = {measure.key: measure.unit for measure in self.measures}
        rows = {
            row: {measure.key: figures[measure.key].to_dict() for measure in self.measures}
            for row, figures in self.rows.items()
        }
        return {"units": units, "rows": rows, "comparisons": [pair.to_dict() for pair in self.comparisons]}


def make_table(name: str, judged: Iterable[Judged], *, seed: int) -> Table:
    """Sum the songs up; songs that failed or have no such table are left out."""
    songs = [song for song in judged if name in song.tables]
    artists = [song.song.artist for song in songs]
    there = {row for song in songs for row in song.tables[name]}
    rows = {
        row: {
            measure.key: estimate(_values(songs, name, row, measure.figures), artists, measure.statistic, seed=seed)
            for measure in MEASURES[name]
        }
        for row in ROWS
        if row in there
    }
    pairs = [pair for pair in _PAIRS if set(pair) <= there]
    comparisons = [
        _compare(songs, artists, name, pair, measure, seed)
        for pair in pairs
        for measure in MEASURES[name]
        if measure.better == LOWER
    ]
    return Table(name, rows, tuple(pair for pair in comparisons if pair.difference.value is not None))


def _compare(
    songs: Sequence[Judged], artists: Sequence[str], name: str, pair: tuple[str, str], measure: Measure, seed: int
) -> Comparison:
    first, second = (_values(songs, name, row, measure.figures[:1])[:, 0] for row in pair)
    return Comparison(
        *pair,
        measure.key,
        estimate(np.stack([first, second], axis=1), artists, wins, seed=seed),
        estimate(first - second, artists, seed=seed),
    )


def _values(songs: Sequence[Judged], name: str, row: str, figures: tuple[str, ...]) -> Floats:
    """Gather figures (songs, figures); NaN where a song has none."""
    values = [[song.tables[name].get(row, {}).get(figure, math.nan) for figure in figures] for song in songs]
    return np.array(values, dtype=np.float64).reshape(len(songs), len(figures))
