"""From what a door was given to two sounds at one rate, each with what was measured of it."""

import dataclasses
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from sitwell import io
from sitwell.analysis import Track, measure_track, sketch
from sitwell.audio import Audio
from sitwell.catalogue import Entry
from sitwell.decide import Stem
from sitwell.pipeline.job import Progress


@dataclass(frozen=True)
class Foreign:
    """A stranger's file: `guard` reads it and holds its limits, `name` stands for its path in words.

    Its own rate in Hz may be known, and its entry in a catalogue, which knows what was measured of it.
    """

    guard: io.Guard
    path: Path
    name: str | None = None
    sample_rate: int | None = None
    entry: Entry | None = None


Source = str | os.PathLike[str] | Audio
Backing = Source | Entry | Stem | Foreign  # Entry: kept in a catalogue; Stem: from `load_backing`, for several takes


def silent(_stage: str, _share: float) -> None:
    """Ignore progress."""


def common_rate(*sounds: Backing) -> int:
    """Find the rate in Hz at which sounds are mixed: the highest, so that nothing is lost."""
    return max(map(_rate, sounds))


def load_pair(
    vocal: Source | Foreign, backing: Backing, *, max_seconds: float = io.MAX_SECONDS, progress: Progress = silent
) -> tuple[Audio, Audio]:
    """Read both sounds at their common rate."""
    rate = common_rate(vocal, backing)
    return (
        load(vocal, rate, max_seconds, lambda share: progress("read", 0.5 * share)),
        load(backing, rate, max_seconds, lambda share: progress("read", 0.5 + 0.5 * share)),
    )


def load_backing(backing: Backing, sample_rate: int, *, max_seconds: float = io.MAX_SECONDS) -> Stem:
    """Read and measure a backing at a rate in Hz, to be mixed with several vocals."""
    return measure_backing(load(backing, sample_rate, max_seconds, lambda _share: None), backing)


def measure_pair(sounds: tuple[Audio, Audio], backing: Backing, progress: Progress = silent) -> tuple[Stem, Stem]:
    """Measure both sounds; `backing` is where the second came from, and may know its track."""
    vocal = measure_track(sounds[0], progress=lambda share: progress("analyze", 0.5 * share))
    return Stem(sounds[0], vocal), measure_backing(sounds[1], backing, progress)


def measure_backing(audio: Audio, backing: Backing, progress: Progress = silent) -> Stem:
    """Measure a backing, unless that has been done at this rate.

    Its track is a sketch, the figures that a catalogue keeps: a plan does not depend on where a backing lies.
    """
    track = _known(backing, audio.sample_rate)
    if track is None:
        track = sketch(measure_track(audio, progress=lambda share: progress("analyze", 0.5 + 0.5 * share)))
        entry = backing.entry if isinstance(backing, Foreign) else backing
        if isinstance(entry, Entry):
            entry.remember(track)
    return Stem(audio, track)


def load(source: Backing, rate: int, max_seconds: float, progress: Callable[[float], None]) -> Audio:
    """Read a sound at a rate in Hz."""
    match source:
        case Audio():
            return io.resample(source, rate)
        case Stem(audio=audio):
            return io.resample(audio, rate)
        case Entry():
            read = partial(io.read, source.path(), sample_rate=rate, max_seconds=max_seconds, progress=progress)
            return dataclasses.replace(source.audio(rate, read), name=source.record.name)
        case Foreign(guard=guard, entry=entry):
            read = partial(guard.read, source.path, sample_rate=rate, name=source.name, progress=progress)
            return read() if entry is None else entry.audio(rate, read)
        case _:
            return io.read(source, sample_rate=rate, max_seconds=max_seconds, progress=progress)


def _rate(source: Backing) -> int:
    match source:
        case Audio() | Entry():
            return source.sample_rate
        case Stem(audio=audio):
            return audio.sample_rate
        case Foreign(sample_rate=int(known)) | Foreign(entry=Entry(sample_rate=known)):
            return known
        case Foreign(guard=guard):
            return guard.probe(source.path, name=source.name).sample_rate
        case _:
            return io.probe(source).sample_rate


def _known(backing: Backing, rate: int) -> Track | None:
    match backing:
        case Stem(track=track) if track.sample_rate == rate:
            return track
        case Entry() as entry:
            return entry.track(rate)
        case Foreign(entry=Entry() as entry):
            return entry.track(rate)
        case _:
            return None
