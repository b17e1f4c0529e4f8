"""Lists of mixed songs: catalogues of JSON lines and plain folders; knows nothing of what is in the sound files."""

import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError, PlanError
from sitwell.value import Value

SPLITS = ("train", "test")
_SUFFIXES = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".mp4", ".aif", ".aiff", ".caf")
_VOCALS, _BACKINGS = ("vocals", "vocal"), ("backing", "backings")
_TEST_SHARE = 0.3


@dataclass(frozen=True)
class Song(Value):
    """A vocal as it was mixed and the backing it was mixed with; paths are relative to the catalogue's folder.

    `kind` is what the data set says of its songs. Without `level_label` the sum of both parts is not a released
    balance: nothing may be learned from how loud the vocal is.
    """

    id: str
    artist: str
    vocal: str
    backing: str
    licence: str = ""
    source: str = ""
    split: str = "train"
    kind: str = ""
    level_label: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.split not in SPLITS:
            raise PlanError("songs.line", f"split of song {self.id!r} is {self.split!r}; allowed are train and test")
        if not all((self.id, self.artist, self.vocal, self.backing)):
            raise PlanError("songs.line", f"song {self.id!r} needs an id, an artist, a vocal and a backing")


def read_songs(path: str | os.PathLike[str]) -> tuple[Song, ...]:
    """Read a catalogue (.jsonl) or a folder of `*/vocals.*` and `*/backing.*`; paths come back absolute.

    In a folder the artist is the text of `artist.txt` beside the sound files, or else each song is its own artist;
    artists are split into train and test by `split_of`, 30 % for testing.

    Raises InputError `songs.not_found`, `songs.format`, `songs.line`, `songs.twice` or `songs.empty`.
    """
    path = Path(path)
    if not path.exists():
        raise InputError("songs.not_found", f"{path}: there is no such folder or catalogue; check the path")
    if path.is_dir():
        songs = tuple(
            song for folder in sorted(path.absolute().iterdir()) if (song := _folder_song(folder)) is not None
        )
        wanted = "folders with vocals.* and backing.*"
    elif path.suffix.lower() == ".jsonl":
        lines = enumerate(io.read_text(path).splitlines(), 1)
        songs = tuple(absolute(_parsed(line, path, number), path.parent) for number, line in lines if line.strip())
        wanted = "lines with songs"
    else:
        raise InputError("songs.format", f"{path}: a list of songs is a folder or a .jsonl file")
    if not songs:
        raise InputError("songs.empty", f"{path}: holds no songs; expected {wanted}")
    return unique(songs, path)


def write_songs(path: str | os.PathLike[str], songs: Iterable[Song]) -> None:
    """Write a catalogue, one JSON object a line, whole or not at all; paths inside its folder become relative.

    Raises InputError `songs.format` or `songs.twice`; OutputError `output.no_folder`, `output.not_writable` or
    `output.disk_full`.
    """
    path = Path(path)
    if path.suffix.lower() != ".jsonl":
        raise InputError("songs.format", f"{path}: a catalogue is written as .jsonl")
    chosen = unique(tuple(relative(song, path.parent) for song in songs), path)
    io.write_text_atomic(path, "".join(json.dumps(song.to_dict(), ensure_ascii=False) + "\n" for song in chosen))


def split_of(artist: str, test_share: float) -> str:
    """Choose `train` or `test` for an artist, always the same, whatever other artists there are."""
    number = int(hashlib.sha256(f"sitwell{artist}".encode()).hexdigest()[:8], 16)
    return "test" if number / 2**32 < test_share else "train"


def absolute(song: Song, folder: Path) -> Song:
    """Make the paths of a song absolute, those that are relative seen from `folder`."""
    base = folder.absolute()
    return song.replace(
        vocal=os.path.normpath(base / song.vocal),
        backing=os.path.normpath(base / song.backing),
    )


def relative(song: Song, folder: Path) -> Song:
    """Make paths inside `folder` relative to it, so that the folder can be moved; others stay."""
    base = folder.absolute()

    def seen(name: str) -> str:
        inside = Path(name)
        return inside.relative_to(base).as_posix() if inside.is_relative_to(base) else name

    return song.replace(vocal=seen(song.vocal), backing=seen(song.backing))


def unique(songs: tuple[Song, ...], path: Path) -> tuple[Song, ...]:
    """Give the songs back; raises InputError `songs.twice` when two have the same id."""
    seen = set[str]()
    for song in songs:
        if song.id in seen:
            raise InputError("songs.twice", f"{path}: two songs are called {song.id!r}; every id is used once")
        seen.add(song.id)
    return songs


def _parsed(line: str, path: Path, number: int) -> Song:
    try:
        return Song.from_dict(json.loads(line), "song")
    except (json.JSONDecodeError, RecursionError):
        raise InputError("songs.line", f"{path}, line {number}: not JSON; each line is one object") from None
    except PlanError as error:
        raise InputError("songs.line", f"{path}, line {number}: {error.message}") from None


def _folder_song(folder: Path) -> Song | None:
    vocal, backing = _sound(folder, _VOCALS), _sound(folder, _BACKINGS)
    if vocal is None or backing is None:
        return None
    artist = folder.name
    if (folder / "artist.txt").is_file():
        artist = io.read_text(folder / "artist.txt").strip() or folder.name
    song = Song(folder.name, artist, str(vocal), str(backing), split=split_of(artist, _TEST_SHARE))
    return absolute(song, folder)


def _sound(folder: Path, stems: tuple[str, ...]) -> Path | None:
    """Find the sound file of one of these names, in the order of `_SUFFIXES`."""
    return next(
        (file for stem in stems for suffix in _SUFFIXES if (file := folder / f"{stem}{suffix}").is_file()), None
    )
