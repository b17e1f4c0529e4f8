"""Catalogues as JSON lines or Parquet, by the ending of the name; the only home of pyarrow for songs."""

import dataclasses
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sitwell.errors import InputError, PlanError
from sitwell.io.disk import replacing
from sitwell.songs import Song, absolute, read_songs, relative, unique, write_songs


def read_catalogue(path: str | os.PathLike[str]) -> tuple[Song, ...]:
    """Read a catalogue (.jsonl, .parquet) or a plain folder; paths come back absolute.

    Raises what `sitwell.songs.read_songs` raises.
    """
    path = Path(path)
    if path.suffix.lower() != ".parquet" or path.is_dir():
        return read_songs(path)
    if not path.exists():
        raise InputError("songs.not_found", f"{path}: there is no such catalogue; check the path")
    songs = tuple(absolute(_song(row, path, number), path.parent) for number, row in enumerate(_rows(path), 1))
    if not songs:
        raise InputError("songs.empty", f"{path}: holds no songs")
    return unique(songs, path)


def write_catalogue(path: str | os.PathLike[str], songs: Iterable[Song]) -> None:
    """Write a catalogue in the format of its ending, whole or not at all; paths inside its folder become relative.

    Raises what `sitwell.songs.write_songs` raises.
    """
    path = Path(path)
    check_format(path)
    if path.suffix.lower() != ".parquet":
        write_songs(path, songs)
        return
    chosen = unique(tuple(relative(song, path.parent) for song in songs), path)
    write_table(path, {field.name: [getattr(song, field.name) for song in chosen] for field in _FIELDS})


def check_format(path: Path) -> None:
    """Raise InputError `songs.format` when a catalogue cannot be written under this name, before long work begins."""
    if path.suffix.lower() not in (".jsonl", ".parquet"):
        raise InputError("songs.format", f"{path}: a catalogue is written as .jsonl or .parquet")


def write_table(path: Path, columns: Mapping[str, Sequence[Any]]) -> None:
    """Write named columns of equal length as Parquet, whole or not at all."""
    import pyarrow
    import pyarrow.parquet

    with replacing(path) as temporary:
        pyarrow.parquet.write_table(pyarrow.table(dict(columns)), temporary)


_FIELDS = dataclasses.fields(Song)


def _rows(path: Path) -> list[dict[str, Any]]:
    import pyarrow
    import pyarrow.parquet

    try:
        # A file object: a name alone could be taken for an address.
        with path.open("rb") as file:
            rows: list[dict[str, Any]] = pyarrow.parquet.read_table(file).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise InputError("songs.format", f"{path}: not a Parquet file that can be read: {error}") from None
    return rows


def _song(row: Mapping[str, Any], path: Path, number: int) -> Song:
    try:
        return Song.from_dict({name: value for name, value in row.items() if value is not None}, "song")
    except PlanError as error:
        raise InputError("songs.line", f"{path}, row {number}: {error.message}") from None
