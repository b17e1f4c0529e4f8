"""Finished mixes, any sound files below a folder, to be split into vocal and backing by a separator."""

import re
from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import SOUND_SUFFIXES, Found, Part, Skipped, artist_of


def find(folder: Path, artist_from: re.Pattern[str] | None = None) -> Iterator[Found | Skipped]:
    """Find mixes; the artist is the first group of `artist_from` in the path, or what stands before ` - `."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() not in SOUND_SUFFIXES or path.name.startswith(".") or not path.is_file():
            continue
        name = path.relative_to(folder).with_suffix("").as_posix()
        match = artist_from.search(name) if artist_from is not None else None
        yield Found(
            id=name,
            artist=match[1].strip() or name if match else artist_of(path.stem),
            mixture=Part(path),
            source=folder.name,
            kind="separated-from-released-mix",
        )
