"""An evaluation as a value: settings, songs, tables, and the JSON of it all; the same for the same songs."""

from collections.abc import Sequence
from dataclasses import dataclass

from sitwell.errors import InputError
from sitwell.evaluate.published import PROFESSIONAL_RANGE_LU, PROFESSIONAL_VBR_LU
from sitwell.evaluate.run import Progress, judge_all
from sitwell.evaluate.settings import LEARNED, TABLES, Settings
from sitwell.evaluate.song import Judged
from sitwell.evaluate.tables import Table, make_table
from sitwell.songs import Song
from sitwell.value import Json
from sitwell.version import __version__

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class Evaluation:
    """What was measured: every song, and the tables over all of them; `notes` a reader must know."""

    settings: Settings
    model: str | None
    songs: tuple[Judged, ...]
    tables: tuple[Table, ...]
    notes: tuple[str, ...] = ()

    @property
    def judged(self) -> tuple[Judged, ...]:
        """The songs that could be judged."""
        return tuple(song for song in self.songs if not song.code)

    @property
    def failed(self) -> tuple[Judged, ...]:
        """The songs that could not, each with its code."""
        return tuple(song for song in self.songs if song.code)

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        settings = self.settings
        return {
            "schema_version": SCHEMA_VERSION,
            "engine": f"sitwell {__version__}",
            "model": self.model,
            "settings": {
                "methods": list(settings.methods),
                "seed": settings.seed,
                "excerpt_s": settings.excerpt_s,
                "draws": settings.draws,
                "stages": list(settings.stages),
                "constant_vbr_lu": settings.constant_vbr_lu,
                "constant_range_lu": settings.constant_range_lu,
                "professional_vbr_lu": list(PROFESSIONAL_VBR_LU),
                "professional_range_lu": list(PROFESSIONAL_RANGE_LU),
            },
            "notes": list(self.notes),
            "tables": {table.name: table.to_dict() for table in self.tables},
            "songs": [song.to_dict() for song in self.songs],
        }


def evaluate(
    songs: Sequence[Song],
    settings: Settings,
    *,
    model: str | None = None,
    notes: tuple[str, ...] = (),
    workers: int = 1,
    progress: Progress = lambda _done, _of: None,
) -> Evaluation:
    """Judge all songs and sum them up; `model` is how the model is called in the results."""
    judged = judge_all(songs, settings, workers=workers, progress=progress)
    tables = tuple(make_table(name, judged, seed=settings.seed) for name in TABLES)
    return Evaluation(settings, model, judged, tuple(table for table in tables if table.rows), notes)


def notes_on(songs: Sequence[Song], settings: Settings, *, catalogue: bool) -> tuple[str, ...]:
    """Say what a reader must know of the songs that were chosen; only a catalogue knows who trained on what."""
    notes = []
    seen = sum(song.split == "train" for song in songs)
    if LEARNED in settings.methods and seen and catalogue:
        notes.append(
            f"Songs that are not of the test split: {seen}. A model that was trained on them looks better than it is."
        )
    without = sum(not song.level_label for song in songs)
    if without:
        notes.append(
            f"Songs without a released balance: {without}. They count for range and equalizer, "
            "not for the balance and the damage test."
        )
    return tuple(notes)


def refuse_if_none(evaluation: Evaluation) -> None:
    """Raise InputError `evaluate.none_judged` when every song failed, with the reason of the first."""
    if evaluation.songs and not evaluation.judged:
        first = evaluation.failed[0]
        raise InputError(
            "evaluate.none_judged",
            f"none of {len(evaluation.songs)} songs could be judged; {first.song.id}: {first.message} [{first.code}]",
        )
