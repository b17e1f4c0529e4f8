"""What an adapter finds: songs as lists of sound files, and songs that cannot be used, with the reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

SOUND_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".mp4", ".aif", ".aiff", ".caf")


@dataclass(frozen=True)
class Part:
    """A sound file, or one sound stream of a file that holds several."""

    path: Path
    stream: int | None = None


@dataclass(frozen=True)
class Found:
    """One song of a data set: what to sum into its vocal and its backing, and the mixture where there is one.

    `split` is that of the data set, None where it has none. Without vocal and backing the mixture is to be split
    by a separator. With `released` the sum of the parts claims to be the mixture: a song that is not is refused;
    without it a song that is not merely loses its level label, and so does one that has no mixture.
    """

    id: str
    artist: str
    vocal: tuple[Part, ...] = ()
    backing: tuple[Part, ...] = ()
    mixture: Part | None = None
    split: str | None = None
    licence: str = ""
    source: str = ""
    kind: str = ""
    level_label: bool = True
    released: bool = True


@dataclass(frozen=True)
class Skipped:
    """A song that is left out: stable code and sentence."""

    id: str
    code: str
    reason: str


@dataclass(frozen=True)
class Adapter:
    """A data set's layout: what it is called, what it is, how songs are found in a folder."""

    name: str
    text: str
    find: Callable[[Path], Iterator[Found | Skipped]]


def sound_files(folder: Path) -> list[Path]:
    """List the sound files of a folder by name, without hidden ones such as `._x.wav` of macOS."""
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SOUND_SUFFIXES and not path.name.startswith(".") and path.is_file()
    )


def missing_file(song: str, paths: list[Path]) -> Skipped | None:
    """Say which file of a song is missing, if any."""
    gone = [path for path in paths if not path.is_file()]
    return Skipped(song, "dataset.missing_file", f"{gone[0]} is missing") if gone else None


def artist_of(name: str) -> str:
    """Take the artist out of `Artist - Title`; the whole name where it has no such form."""
    artist, dash, _ = name.partition(" - ")
    return artist.strip() if dash and artist.strip() else name
