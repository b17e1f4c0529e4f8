"""Songs ready to be learned from: both parts measured and labelled, in processes, cached by content, resumable."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.typing as npt

from sitwell import io
from sitwell.analysis import Track, measure_track
from sitwell.engines import Engine
from sitwell.errors import InputError
from sitwell.songs import Song
from sitwell_training.extras import EXTRAS
from sitwell_training.labels import Labels, measure_labels
from sitwell_training.leaks import find_artist_leaks, find_content_leaks, refuse_leaks
from sitwell_training.parallel import Failure, run_all
from sitwell_training.progress import Progress, no_progress
from sitwell_training.store import Measured, entry_key, read_entry, write_entry


@dataclass(frozen=True, eq=False)
class PreparedSong:
    """A song with both parts measured; `extras` holds the arrays of `EXTRAS` by name."""

    song: Song
    vocal: Track
    backing: Track
    labels: Labels
    extras: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    @property
    def vbr_lu(self) -> float | None:
        """The vocal's level as a label, None when the sum of both parts is not what was released."""
        return self.labels.vbr_lu if self.song.level_label else None


@dataclass(frozen=True, eq=False)
class Prepared:
    """Songs in the order of the catalogue, and those left out as (id, code, reason).

    `contents` gives the SHA-256 of each prepared song's vocal by its id; `sha256` names everything that was prepared.
    """

    songs: list[PreparedSong]
    skipped: list[tuple[str, str, str]]
    contents: dict[str, str]
    sha256: str


def prepare(
    songs: Sequence[Song],
    *,
    cache: Path,
    workers: int | None = None,
    engine: Engine | None = None,
    progress: Progress = no_progress,
) -> Prepared:
    """Measure and label songs; what `cache` holds already is not measured again.

    `workers` processes, one for each core unless told, or an `engine` whose workers see the same files; `progress` is
    told bytes of sound files done and in all.
    A song that cannot be used is skipped with its reason. Raises InputError `dataset.artist_leak` or
    `dataset.content_leak` when train and test are not apart, and OutputError when the cache cannot be written.
    """
    refuse_leaks(find_artist_leaks(songs))
    io.make_folder(cache)
    contents, skipped = hash_sounds(songs, workers=workers)
    vocals = {name: pair[0] for name, pair in contents.items()}
    refuse_leaks(find_content_leaks(songs, vocals))
    entries = {song.id: cache / f"{entry_key(*contents[song.id])}.npz" for song in songs if song.id in contents}
    measured = {name: found for name, entry in entries.items() if (found := read_entry(entry)) is not None}
    jobs = [_Job(song, entries[song.id]) for song in songs if song.id in entries and song.id not in measured]
    sizes = {song.id: _bytes_of(song) for song in songs if song.id in entries}
    done = sum(sizes[name] for name in measured)
    progress(done, sum(sizes.values()))
    for index, failure in run_all(_measure, jobs, workers=workers, engine=engine):
        song, entry = jobs[index].song, jobs[index].entry
        found = read_entry(entry) if failure is None else None
        if found is not None:
            measured[song.id] = found
        elif isinstance(failure, Failure):
            skipped[song.id] = failure
        else:
            skipped[song.id] = Failure("song.cache", f"{entry}: was written but cannot be read again")
        done += sizes[song.id]
        progress(done, sum(sizes.values()))
    return _gathered(songs, measured, skipped, vocals, entries)


def hash_sounds(
    songs: Sequence[Song], *, workers: int | None = None
) -> tuple[dict[str, tuple[str, str]], dict[str, Failure]]:
    """Hash the content of vocal and backing of each song by its id; files that cannot be read give a Failure."""
    contents, failed = dict[str, tuple[str, str]](), dict[str, Failure]()
    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:  # hashing lets go of the interpreter
        for song, found in zip(songs, pool.map(_hashes, songs), strict=True):
            if isinstance(found, Failure):
                failed[song.id] = found
            else:
                contents[song.id] = found
    return contents, failed


@dataclass(frozen=True)
class _Job:
    song: Song
    entry: Path


def _measure(job: _Job) -> None:
    """Measure one song into the cache: the work of a process."""
    vocal, backing = io.read(job.song.vocal), io.read(job.song.backing)
    tracks = measure_track(vocal), measure_track(backing)
    labels = measure_labels(*tracks)
    extras = {name: extra.measure(vocal, backing) for name, extra in EXTRAS.items()}
    write_entry(job.entry, Measured(*tracks, labels, extras))


def _hashes(song: Song) -> tuple[str, str] | Failure:
    try:
        return _sha256(Path(song.vocal)), _sha256(Path(song.backing))
    except InputError as error:
        return Failure(error.code, error.message)


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise InputError("audio.not_found", f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise InputError("audio.unreadable", f"{path}: cannot be opened: {error.strerror}") from None


def _bytes_of(song: Song) -> int:
    return sum(Path(path).stat().st_size for path in (song.vocal, song.backing))


def _gathered(
    songs: Sequence[Song],
    measured: Mapping[str, Measured],
    skipped: Mapping[str, Failure],
    vocals: Mapping[str, str],
    entries: Mapping[str, Path],
) -> Prepared:
    """Put everything into the order of the catalogue."""
    ready = [
        PreparedSong(song, found.vocal, found.backing, found.labels, found.extras)
        for song in songs
        if (found := measured.get(song.id)) is not None
    ]
    left_out = [(song.id, skipped[song.id].code, skipped[song.id].message) for song in songs if song.id in skipped]
    named = "\n".join(f"{item.song.id} {entries[item.song.id].stem}" for item in ready)
    contents = {item.song.id: vocals[item.song.id] for item in ready}
    return Prepared(ready, left_out, contents, hashlib.sha256(named.encode()).hexdigest())
