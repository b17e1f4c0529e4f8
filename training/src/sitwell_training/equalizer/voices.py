"""Lists of voices to learn an equalizer from: mixed vocals, with or without a backing, and dry ones."""

import json
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError, PlanError
from sitwell.songs import SPLITS, Song, split_of
from sitwell.value import Value

TEST_SHARE = 0.3


@dataclass(frozen=True)
class Voice(Value):
    """A vocal alone. A `dry` one is given random professional settings before anything is learned from it."""

    id: str
    artist: str
    vocal: str
    dry: bool = False
    licence: str = ""
    source: str = ""
    split: str = "train"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.split not in SPLITS or not all((self.id, self.artist, self.vocal)):
            raise PlanError("songs.line", f"voice {self.id!r} needs id, artist, vocal, and a split: train or test")


def voices_of(songs: Sequence[Song]) -> tuple[Voice, ...]:
    """Take the vocals of songs."""
    return tuple(
        Voice(song.id, song.artist, song.vocal, licence=song.licence, source=song.source, split=song.split)
        for song in songs
    )


def find_voices(
    folder: Path,
    *,
    files: str,
    artist: str,
    dry: bool = False,
    licence: str = "",
    source: str = "",
    test: str | None = None,
) -> tuple[Voice, ...]:
    """List the sound files under a folder that match the pattern `files`.

    The artist is the first group of the regular expression `artist` matched against the path in the folder. Those
    that match all of the expression `test` are kept for testing; without it, dry voices are all for training and
    others are split by artist. Raises InputError `songs.empty`, `songs.line`.
    """
    found = []
    for path in sorted(folder.glob(files)):
        name = path.relative_to(folder).as_posix()
        match = re.match(artist, name)
        if match is None or not match.groups():
            raise InputError("songs.line", f"{name}: the artist pattern {artist!r} finds no artist in it")
        who = match.group(1)
        split = _split(who, test) if test is not None else "train" if dry else split_of(who, TEST_SHARE)
        found.append(Voice(f"{folder.name}/{name}", who, str(path.absolute()), dry, licence, source, split))
    if not found:
        raise InputError("songs.empty", f"{folder}: no file matches {files!r}")
    return tuple(found)


def _split(artist: str, test: str) -> str:
    return "test" if re.fullmatch(test, artist) else "train"


def read_voices(path: str | os.PathLike[str]) -> tuple[Voice, ...]:
    """Read a list of voices (.jsonl); paths come back absolute. Raises InputError `songs.line`, `songs.empty`."""
    path = Path(path)
    voices = []
    for number, line in enumerate(io.read_text(path).splitlines(), 1):
        try:
            voice = Voice.from_dict(json.loads(line), "voice")
        except (ValueError, PlanError, RecursionError) as error:
            raise InputError("songs.line", f"{path}, line {number}: {error}") from None
        voices.append(voice.replace(vocal=os.path.normpath(path.absolute().parent / voice.vocal)))
    if not voices:
        raise InputError("songs.empty", f"{path}: holds no voices")
    return tuple(voices)


def write_voices(path: str | os.PathLike[str], voices: Iterable[Voice]) -> None:
    """Write a list of voices, one JSON object a line, whole or not at all."""
    io.write_text_atomic(
        Path(path), "".join(json.dumps(voice.to_dict(), ensure_ascii=False) + "\n" for voice in voices)
    )
