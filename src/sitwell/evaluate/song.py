"""One song judged by every table; a song that cannot be judged says why and stops nothing."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from sitwell.errors import SitwellError
from sitwell.evaluate.equalizer import equalizer_rows
from sitwell.evaluate.excerpt import cut, most_singing_s
from sitwell.evaluate.level import level_rows
from sitwell.evaluate.methods import stem
from sitwell.evaluate.remix import damage_rows
from sitwell.evaluate.settings import TABLES, Settings
from sitwell.pipeline import load_pair
from sitwell.songs import Song
from sitwell.value import Json

Row = dict[str, float]
Tick = Callable[[float], None]  # share done


@dataclass(frozen=True)
class Judged:
    """Figures of one song: rows of each table by name, or the code and the sentence of what went wrong."""

    song: Song
    tables: dict[str, dict[str, Row]] = field(default_factory=dict)
    truth: Row = field(default_factory=dict)
    excerpt: tuple[float, float] | None = None  # begin and length in seconds
    code: str = ""
    message: str = ""

    def to_dict(self) -> Json:
        """Turn into plain JSON types; what has no value is None."""
        about: Json = {"id": self.song.id, "artist": self.song.artist, "split": self.song.split}
        if self.code:
            return about | {"error": {"code": self.code, "message": self.message}}
        begin_s, length_s = self.excerpt or (0.0, 0.0)
        tables = {name: {row: _plain(figures) for row, figures in rows.items()} for name, rows in self.tables.items()}
        excerpt = {"start_s": round(begin_s, 3), "seconds": round(length_s, 3)}
        return about | {"excerpt": excerpt, "truth": _plain(self.truth)} | tables


def judge(song: Song, settings: Settings, tick: Tick = lambda _: None) -> Judged:
    """Judge one song whose paths can be opened as they are."""
    try:
        return _judge(song, settings, tick)
    except SitwellError as error:
        return Judged(song, code=error.code, message=error.message)
    except Exception as error:  # the border of a batch: a fault in one song must not lose the others
        return Judged(song, code="internal", message=f"{type(error).__name__}: {error}")


def _judge(song: Song, settings: Settings, tick: Tick) -> Judged:
    vocal, backing = (stem(audio) for audio in load_pair(song.vocal, song.backing))
    tick(0.2)
    tables = {}
    tables["level"], truth = level_rows(vocal, backing, released=song.level_label, settings=settings)
    start_s = most_singing_s(vocal.track, settings.excerpt_s)
    sung, played = (cut(sound.audio, start_s=start_s, seconds=settings.excerpt_s) for sound in (vocal, backing))
    under = stem(played)
    tick(0.3)
    tables["equalizer"] = equalizer_rows(sung, under, settings=settings, rng=_rng(song, settings, "equalizer"))
    tick(0.6)
    if song.level_label:  # else the sum is no mix that one could wish to have back
        tables["damage"] = damage_rows(sung, under, settings=settings, rng=_rng(song, settings, "damage"))
    tick(1.0)
    return Judged(song, tables, truth, (start_s, sung.seconds))


def _rng(song: Song, settings: Settings, table: str) -> np.random.Generator:
    """Seed by song and table, so that neither order nor number of songs changes a figure."""
    return np.random.default_rng([settings.seed, zlib.crc32(song.id.encode()), TABLES.index(table)])


def _plain(figures: Row) -> Json:
    return {name: round(value, 6) if np.isfinite(value) else None for name, value in figures.items()}
