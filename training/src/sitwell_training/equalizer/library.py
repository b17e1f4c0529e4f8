"""Frames of many voices, measured once: in parallel, cached by content, whatever goes wrong with one of them."""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.analysis import VoiceFrames, measure_track, measure_voice
from sitwell.version import __version__
from sitwell_training.equalizer.voices import Voice
from sitwell_training.parallel import Failure, run_all

_FIELDS = ("envelope_db", "f0_hz", "voicing", "level_db")
_VERSION = 1


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
        else:
            found[index] = _read(Path(result))
        progress(done, len(voices))
    return Library(tuple((voices[index], found[index]) for index in sorted(found)), tuple(sorted(skipped)))


def _measured(job: tuple[str, str]) -> str:
    """Measure one file unless its content is known, and name the file in the cache."""
    file, cache = Path(job[0]), Path(job[1])
    audio_hash = hashlib.sha256(file.read_bytes()).hexdigest() if file.is_file() else "absent"
    place = cache / f"voice-{audio_hash[:32]}-{__version__}-{_VERSION}.npz"
    if not _whole(place):
        audio = io.read(file)
        frames = measure_voice(audio, measure_track(audio), limit=None)
        arrays = {name: getattr(frames, name) for name in _FIELDS}
        with tempfile.NamedTemporaryFile(dir=cache, suffix=".npz", delete=False) as spare:
            np.savez(spare, sample_rate=np.array(frames.sample_rate), **arrays)
        Path(spare.name).rename(place)
    return str(place)


def _whole(place: Path) -> bool:
    try:
        _read(place)
    except (OSError, ValueError, KeyError, EOFError):
        return False
    except Exception as error:  # zipfile's own error has no common base
        if type(error).__name__ == "BadZipFile":
            return False
        raise
    return True


def _read(place: Path) -> VoiceFrames:
    with np.load(place, allow_pickle=False) as arrays:
        envelope_db, f0_hz, voicing, level_db = (arrays[name] for name in _FIELDS)
        return VoiceFrames(envelope_db, f0_hz, voicing, level_db, int(arrays["sample_rate"]))
