"""Which songs of a folder or a catalogue are evaluated; knows nothing of what is in them."""

from itertools import zip_longest
from pathlib import Path

from sitwell.errors import InputError, PlanError
from sitwell.songs import Song, read_songs

SPLITS = ("test", "train", "all")


def choose_songs(path: Path, *, split: str | None = None, max_songs: int | None = None) -> tuple[Song, ...]:
    """Read songs and keep those of a split: of a catalogue `test` unless told, of a folder all.

    With `max_songs` artists take turns, so that few songs still are of many artists. Raises PlanError
    `evaluate.split`, InputError `evaluate.no_songs`, and what `read_songs` raises.
    """
    if split is not None and split not in SPLITS:
        raise PlanError("evaluate.split", f"unknown split {split!r}; known: {', '.join(SPLITS)}")
    wanted = split or ("all" if path.is_dir() else "test")
    found = read_songs(path)
    songs = [song for song in found if wanted in ("all", song.split)]
    if not songs:
        elsewhere = f"; it holds {len(found)} songs of other splits, see --split" if found else ""
        raise InputError("evaluate.no_songs", f"{path}: no songs to evaluate ({wanted}){elsewhere}")
    return tuple(_in_turns(songs)[:max_songs])


def _in_turns(songs: list[Song]) -> list[Song]:
    artists: dict[str, list[Song]] = {}
    for song in songs:
        artists.setdefault(song.artist, []).append(song)
    return [song for turn in zip_longest(*artists.values()) for song in turn if song is not None]
