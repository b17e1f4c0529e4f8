"""Frames of many voices, measured once: in parallel, cached by content, whatever goes wrong with one of them."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.analysis import VoiceFrames, measure_track, measure_voice
from sitwell.io.disk import output_errors, replacing
from sitwell.version import __version__
from sitwell_training.equalizer.voices import Voice
from sitwell_training.parallel import Failure, run_all
from sitwell_training.store import DAMAGE

_FIELDS = ("envelope_db", "f0_hz", "voicing")
_VERSION = 3


@dataclass(frozen=True, eq=False)
class Library:
    """Voices with their frames, and (id, code, reason) of those that could not be used."""

    voices: tuple[tuple[Voice, VoiceFrames], ...]
    skipped: tuple[tuple[str, str, str], ...]


def measure_voices(
    voices: Sequence[Voice],
    *,
    cache: Path,
    workers: int | None = None,
    progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> Library:
    """Measure all active frames of every voice; what is in the cache folder already is not measured again."""
    cache.mkdir(parents=True, exist_ok=True)
    found: dict[int, VoiceFrames] = {}
    skipped = []
    progress(0, len(voices))
    jobs = [(voice.vocal, str(cache)) for voice in voices]
    for done, (index, result) in enumerate(run_all(_measured, jobs, workers=workers), 1):
        if isinstance(result, Failure):
            skipped.append((voices[index].id, result.code, result.message))
        elif (frames := _read(Path(result))) is not None:
            found[index] = frames
        progress(done, len(voices))
    return Library(tuple((voices[index], found[index]) for index in sorted(found)), tuple(sorted(skipped)))


def _measured(job: tuple[str, str]) -> str:
    """Measure one file unless its content is known, and name the file in the cache."""
    file, cache = Path(job[0]), Path(job[1])
    content = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "absent"
    place = cache / f"voice-{content[:32]}-{__version__}-{_VERSION}.npz"
    if _read(place) is None:
        audio = io.read(file)
        frames = measure_voice(audio, measure_track(audio), limit=None)
        arrays = {name: getattr(frames, name) for name in _FIELDS}
        with replacing(place) as temporary, output_errors(place), temporary.open("wb") as spare:
            np.savez(spare, allow_pickle=False, sample_rate=np.array(frames.sample_rate), **arrays)
    return str(place)


def _read(place: Path) -> VoiceFrames | None:
    """Read what was measured; None when there is nothing, or something damaged."""
    try:
        with place.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            envelope_db, f0_hz, voicing = (arrays[name] for name in _FIELDS)
            return VoiceFrames(envelope_db, f0_hz, voicing, int(arrays["sample_rate"]))
    except DAMAGE:
        return None
