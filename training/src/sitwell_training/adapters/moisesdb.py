"""MoisesDB: `<uuid>/data.json` names stems and their tracks, `<uuid>/<stem>/<track id>.<extension>` are the sounds.

Layout as read by https://github.com/moises-ai/moises-db (moisesdb/track.py); there is no mixture: it is the sum.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sitwell_training.adapters.found import Found, Part, Skipped, missing_file

_VOCALS = "vocals"


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs anywhere below a folder."""
    for description in sorted(folder.rglob("data.json")):
        yield _song(description)


def _song(description: Path) -> Found | Skipped:
    song = description.parent
    id_ = f"moisesdb_{song.name}"
    try:
        read = json.loads(description.read_text(encoding="utf-8"))
        artist = str(read.get("artist") or "").strip() or song.name
        vocal, backing = _tracks(song, read, voices=True), _tracks(song, read, voices=False)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Skipped(id_, "dataset.metadata", f"data.json cannot be read: {type(error).__name__}: {error}")
    if not vocal:
        return Skipped(id_, "dataset.no_vocal", "no stem is called vocals")
    if not backing:
        return Skipped(id_, "dataset.no_backing", "all stems are vocals")
    if any(vocal.values()):
        return Skipped(id_, "dataset.bleed", "other instruments are heard in the vocal (has_bleed)")
    return missing_file(id_, [*vocal, *backing]) or Found(
        id=id_,
        artist=artist,
        vocal=tuple(map(Part, vocal)),
        backing=tuple(map(Part, backing)),
        licence="MoisesDB: CC BY-NC-SA 4.0",
        source="MoisesDB",
        kind="professional-stems",
        level_label=not any(backing.values()),  # a vocal heard in the backing has no level of its own
    )


def _tracks(song: Path, read: dict[str, Any], *, voices: bool) -> dict[Path, bool]:
    """List the sound files of the vocal or of all other stems, and whether each has bleed."""
    return {
        song / stem["stemName"] / f"{track['id']}.{track['extension']}": bool(track.get("has_bleed"))
        for stem in read["stems"]
        if (stem["stemName"] == _VOCALS) == voices
        for track in stem["tracks"]
    }
