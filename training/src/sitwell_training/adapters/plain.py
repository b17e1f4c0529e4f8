"""Plain folders: `*/vocals.*` with `*/backing.*` or with other stems, which are summed; `mixture.*` checks them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from sitwell_training.adapters.found import Found, Part, Skipped, sound_files

_VOCALS, _BACKINGS = ("vocals", "vocal"), ("backing", "accompaniment", "instrumental", "no_vocals")
_MIXTURES = ("mixture", "mix", "master")


def find(folder: Path, artist_from: re.Pattern[str] | None = None) -> Iterator[Found | Skipped]:
    """Find songs anywhere below a folder; the artist is the text of `artist.txt` beside the files, or the first
    group of `artist_from` in the path of the song's folder, or else each song is its own artist."""
    for place, names, _ in os.walk(folder):
        names.sort()
        files = {path.stem.lower(): path for path in reversed(sound_files(Path(place)))}
        vocal = [files[name] for name in _VOCALS if name in files][:1]
        others = [path for name, path in sorted(files.items()) if name not in (*_VOCALS, *_MIXTURES)]
        if not vocal:
            continue
        song = Path(place)
        name = song.relative_to(folder).as_posix() if song != folder else song.name
        backing = [files[name] for name in _BACKINGS if name in files][:1] or others
        if not backing:
            yield Skipped(name, "dataset.no_backing", "there is nothing beside the vocal")
            continue
        mixture = next((files[name] for name in _MIXTURES if name in files), None)
        yield Found(
            id=name,
            artist=_artist(song, name, artist_from),
            vocal=tuple(map(Part, vocal)),
            backing=tuple(map(Part, backing)),
            mixture=Part(mixture) if mixture else None,
            source=folder.name,
        )


def _artist(song: Path, name: str, artist_from: re.Pattern[str] | None) -> str:
    written = song / "artist.txt"
    if written.is_file() and (text := written.read_text(encoding="utf-8-sig").strip()):
        return text
    found = artist_from.search(name) if artist_from is not None else None
    return found[1].strip() or name if found else name
