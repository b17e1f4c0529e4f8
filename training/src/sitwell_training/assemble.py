"""From what an adapter found to songs of a catalogue: parts are summed or separated, checked, and written once.

What is written lies in a work folder; beside it a small file says from which sound files it was made, so that a
second run only does what is new.
"""

import functools
import hashlib
import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sitwell import io
from sitwell.audio import Audio
from sitwell.errors import InputError, Notice
from sitwell.songs import Song, split_of
from sitwell_training.adapters import Found, Part, Skipped
from sitwell_training.leaks import artist_key
from sitwell_training.parallel import Failure, run_all
from sitwell_training.progress import Progress, no_progress
from sitwell_training.separate import Separator, load_separator
from sitwell_training.sums import TOLERANCE_DB, Agreement, measure_agreement, sum_parts

_BALANCE_TOLERANCE_DB = 1.0  # beyond it the sum is not the balance that was released
_PEAK = 0.99
_VERSION = 1  # of what is written; a change makes everything anew


@dataclass(frozen=True)
class Settings:
    """How songs are assembled: where sums go, how far they may be from the mixture, and who splits mixes."""

    work: Path
    tolerance_db: float = TOLERANCE_DB
    separator: str | None = None
    test_share: float = 0.3
    workers: int | None = None


@dataclass(frozen=True)
class Assembly:
    """The songs of a catalogue, what was left out, and what a person should know."""

    songs: tuple[Song, ...]
    skipped: tuple[Skipped, ...]
    notices: tuple[Notice, ...]


def assemble(found: Iterable[Found | Skipped], settings: Settings, *, progress: Progress = no_progress) -> Assembly:
    """Make songs in the order in which they were found; artists are on one side of train and test only.

    Raises InputError `separator.unknown`, `separator.missing` or `separator.weights`; OutputError.
    """
    listed = list(found)
    songs = [item for item in listed if isinstance(item, Found)]
    skipped = [item for item in listed if isinstance(item, Skipped)]
    if settings.separator is not None:
        _separator(settings.separator)  # what is missing is said before the work begins
    made = dict[int, Song]()
    progress(0, len(songs))
    results = run_all(functools.partial(_song, settings), songs, workers=settings.workers)
    for done, (index, result) in enumerate(results, 1):
        if isinstance(result, Failure):
            skipped.append(Skipped(songs[index].id, result.code, result.message))
        else:
            made[index] = result
        progress(done, len(songs))
    chosen, notices = one_side(tuple(made[index] for index in sorted(made)))
    return Assembly(chosen, tuple(sorted(skipped, key=lambda item: item.id)), notices)


def _song(settings: Settings, found: Found) -> Song:
    vocal, backing, level_label = _sounds(found, settings)
    return Song(
        id=found.id,
        artist=found.artist,
        vocal=str(vocal.absolute()),
        backing=str(backing.absolute()),
        licence=found.licence,
        source=found.source,
        split=found.split or split_of(found.artist, settings.test_share),
        kind=found.kind,
        level_label=level_label,
    )


def _sounds(found: Found, settings: Settings) -> tuple[Path, Path, bool]:
    """Give the files of vocal and backing and whether their balance is the released one."""
    direct = _direct(found)
    if direct is not None and found.mixture is None:
        return *direct, found.level_label and found.released
    files = _Files.of(found, settings)
    made = files.read()
    if made is None:
        made = _make(found, settings, files, direct)
    vocal = direct[0] if direct and made["direct"] else files.vocal
    backing = direct[1] if direct and made["direct"] else files.backing
    return vocal, backing, found.level_label and _is_released(found, _agreement(made), settings)


def _direct(found: Found) -> tuple[Path, Path] | None:
    """Give both files when nothing needs to be summed or taken out of a file with several streams."""
    parts = (*found.vocal, *found.backing)
    if len(found.vocal) == 1 == len(found.backing) and all(part.stream is None for part in parts):
        return found.vocal[0].path, found.backing[0].path
    return None


def _make(found: Found, settings: Settings, files: "_Files", direct: tuple[Path, Path] | None) -> dict[str, Any]:
    vocal, backing, agreement = _split(found, settings) if not found.vocal else _summed(found)
    if agreement is not None and found.released and not agreement.residual_db <= settings.tolerance_db:
        text = f"the sum of the parts is {agreement.residual_db:.1f} dB away from the mixture"
        raise InputError("dataset.residual", f"{text}; at most {settings.tolerance_db:g} dB are allowed")
    if direct is None:
        _write(vocal, backing, files)
    found_agreement = None if agreement is None else [agreement.residual_db, agreement.balance_db]
    return files.write({"direct": direct is not None, "agreement": found_agreement})


def _summed(found: Found) -> tuple[Audio, Audio, Agreement | None]:
    parts = [*found.vocal, *found.backing, *([found.mixture] if found.mixture else [])]
    rate = io.common_rate([io.probe(part.path) for part in parts])
    vocal, backing = sum_parts(found.vocal, rate), sum_parts(found.backing, rate)
    if found.mixture is None:
        return vocal, backing, None
    return vocal, backing, measure_agreement(vocal, backing, sum_parts([found.mixture], rate))


def _split(found: Found, settings: Settings) -> tuple[Audio, Audio, None]:
    if settings.separator is None or found.mixture is None:
        raise InputError("separator.unknown", f"{found.id}: a mix needs a separator; name one with --separator")
    separator = _separator(settings.separator)
    mix = sum_parts([found.mixture], separator.sample_rate)
    vocal = separator.vocal_of(mix)
    backing = mix.samples - vocal.samples
    return vocal, Audio(backing, mix.sample_rate, mix.name), None


@functools.cache
def _separator(name: str) -> Separator:
    return load_separator(name)


def _write(vocal: Audio, backing: Audio, files: "_Files") -> None:
    """Write both sounds with one gain, so that neither clips and their balance stays."""
    peak = max(float(np.abs(sound.samples).max(initial=0.0)) for sound in (vocal, backing))
    gain = np.float32(min(1.0, _PEAK / peak)) if peak > 0.0 else np.float32(1.0)
    io.make_folder(files.vocal.parent)
    for sound, path in ((vocal, files.vocal), (backing, files.backing)):
        with io.open_writer(path, sample_rate=sound.sample_rate, bit_depth="24") as writer:
            for block in sound.blocks():
                writer.write(block * gain)


def _agreement(made: dict[str, Any]) -> Agreement | None:
    pair = made["agreement"]
    return None if pair is None else Agreement(*(math.nan if value is None else value for value in pair))


def _is_released(found: Found, agreement: Agreement | None, settings: Settings) -> bool:
    if agreement is None:
        return found.released
    near = agreement.residual_db <= settings.tolerance_db
    return near and not abs(agreement.balance_db) > _BALANCE_TOLERANCE_DB  # a balance that is unknown is no objection


@dataclass(frozen=True)
class _Files:
    """The files of one song in the work folder, and the key that tells whether they are up to date."""

    vocal: Path
    backing: Path
    note: Path
    key: str

    @classmethod
    def of(cls, found: Found, settings: Settings) -> "_Files":
        parts = [*found.vocal, None, *found.backing, None, *([found.mixture] if found.mixture else [])]
        told = [_VERSION, settings.separator if not found.vocal else None, *map(_stamp, parts)]
        key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
        written = re.sub(r"[^-.,() \w]", "_", found.id)[:80]  # any file system takes it; the hash keeps it unique
        name = f"{written}-{hashlib.sha256(found.id.encode()).hexdigest()[:8]}"
        work = settings.work.absolute()
        return cls(work / f"{name}.vocals.flac", work / f"{name}.backing.flac", work / f"{name}.json", key)

    def read(self) -> dict[str, Any] | None:
        """Read the note of an earlier run; None when there is none or anything has changed since."""
        try:
            note = json.loads(self.note.read_text(encoding="utf-8"))
            fits = note["key"] == self.key and (note["direct"] or (self.vocal.is_file() and self.backing.is_file()))
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return note if fits else None

    def write(self, note: dict[str, Any]) -> dict[str, Any]:
        """Write the note, last of all; what is not finite becomes null."""
        pair = note["agreement"]
        plain = None if pair is None else [value if math.isfinite(value) else None for value in pair]
        note = {"key": self.key, **note, "agreement": plain}
        io.make_folder(self.note.parent)
        io.write_text_atomic(self.note, json.dumps(note) + "\n")
        return note


def _stamp(part: Part | None) -> list[str | int | None] | None:
    if part is None:
        return None
    try:
        seen = part.path.stat()
    except OSError as error:
        raise InputError("audio.not_found", f"{part.path}: cannot be opened: {error.strerror}") from None
    return [str(part.path.absolute()), part.stream, seen.st_size, seen.st_mtime_ns]


def one_side(songs: Sequence[Song]) -> tuple[tuple[Song, ...], tuple[Notice, ...]]:
    """Move the training songs of artists with test songs to the test side: a split by song lets a model cheat."""
    tested = {artist_key(song.artist) for song in songs if song.split == "test"}
    moved = [song for song in songs if song.split == "train" and artist_key(song.artist) in tested]
    if not moved:
        return tuple(songs), ()
    names = ", ".join(sorted({song.artist for song in moved}))
    text = f"{len(moved)} songs for training moved to those for testing, where their artists have songs too: {names}"
    chosen = tuple(song.replace(split="test") if song in moved else song for song in songs)
    return chosen, (Notice("dataset.moved", text),)
