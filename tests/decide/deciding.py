"""What tests of the learned method share: two small bundles, sounds that are no singing, and a way to decide."""

from pathlib import Path

import numpy as np
import pytest

from sitwell.analysis import measure_track
from sitwell.audio import Audio
from sitwell.decide import Decision, Stem, decide
from sitwell.errors import ModelError
from sitwell.models import Bundle, default_bundle
from sitwell.wishes import Wishes
from tests.models.bundles import (
    LEVEL_FEATURES,
    RANGE_FEATURES,
    centred_task,
    figure_task,
    linear_graph,
    tone_task,
    write_bundle,
)
from tests.songs import band, voice

ODD = ("noise", "speech", "instruments", "bass", "clicks")
SENSITIVE = [0.2, -0.3, 4.0]  # LU for a dB of presence of either, for all of the vocal audible
_SECONDS, _RATE = 16.0, 44100


def sensitive_bundle(folder: Path) -> Path:
    """Write a level model that looks at the song, and a range model that asks for 6 LU."""
    tasks = {
        "level": figure_task(-3.0, LEVEL_FEATURES),
        "range": figure_task(9.0, RANGE_FEATURES, name="range", low=-3.0, high=4.0),
    }
    graphs = {"level.onnx": linear_graph(SENSITIVE, -4.0), "range.onnx": linear_graph([0.0, 0.0], 6.0)}
    return write_bundle(folder, tasks, graphs)


def careful_bundle(folder: Path) -> Path:
    """Write a bundle that knows four songs with a voice, by all features: level -5, range 7 LU, 3 dB of tone."""
    sounds = [(voice(_SECONDS, _RATE, seed=seed), band(_SECONDS, _RATE, seed=seed + 9)) for seed in range(4)]
    tracks = [(measure_track(vocal), measure_track(backing)) for vocal, backing in sounds]
    level, ranges = centred_task(tracks, -3.0), centred_task(tracks, 9.0) | {"file": "range.onnx"}
    tone, tone_graph = tone_task([vocal for vocal, _ in sounds], 3.0)
    none = [0.0] * len(level["features"])
    graphs = {
        "level.onnx": linear_graph(none, -5.0),
        "range.onnx": linear_graph(none, 7.0),
        "equalizer.onnx": tone_graph,
    }
    return write_bundle(folder, {"level": level, "range": ranges, "equalizer": tone}, graphs)


def decided(vocal: Audio, backing: Audio, model: Path | Bundle, **wishes: object) -> Decision:
    """Decide by a model."""
    first, second = (Stem(audio, measure_track(audio)) for audio in (vocal, backing))
    if isinstance(model, Bundle):
        return decide(first, second, Wishes(method="learned", **wishes), bundle=model)  # type: ignore[arg-type]
    return decide(first, second, Wishes(model=str(model), **wishes))  # type: ignore[arg-type]


def model_that_comes_along() -> Bundle:
    """Load the default model; skip where none is shipped, but not where one is broken."""
    try:
        return default_bundle()
    except ModelError as error:
        if error.code != "model.not_found":
            raise
        pytest.skip("no model comes with this installation")


def odd_vocal(kind: str) -> Audio:
    """Make 16 s of what is no singing."""
    rng, time_s = np.random.default_rng(5), np.arange(int(_SECONDS * _RATE)) / _RATE
    match kind:
        case "noise":
            sound = 0.1 * rng.standard_normal(time_s.size)
        case "speech":
            sound = _speech(rng)
        case "instruments":
            sound = band(_SECONDS, _RATE, seed=3).samples.mean(axis=0)
        case "bass":
            sound = 0.3 * np.sin(2 * np.pi * 55.0 * time_s) * (time_s % 0.5 < 0.4)
        case _:
            sound = 0.2 * rng.standard_normal(time_s.size) * (np.arange(time_s.size) % 22050 < 40)
    return Audio.of(sound, _RATE, name=kind)


def _speech(rng: np.random.Generator) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Speak in syllables of formant noise and buzz, four a second, the pitch falling, with pauses."""
    count = int(_SECONDS * _RATE)
    time_s, hz = np.arange(count) / _RATE, np.fft.rfftfreq(count, 1.0 / _RATE)
    buzz = np.sign(np.sin(2 * np.pi * np.cumsum(110.0 - 20.0 * (time_s % 2.0)) / _RATE))
    formants = sum(1.0 / (1.0 + ((hz - at) / wide) ** 2) for at, wide in ((500, 90), (1500, 130), (2500, 200)))
    sound = np.fft.irfft(np.fft.rfft(0.3 * buzz + 0.7 * rng.standard_normal(count)) * formants, count)
    syllables = np.maximum(np.sin(2 * np.pi * 4.0 * time_s), 0.0) * (time_s % 3.0 < 2.2)
    return np.asarray(0.5 * sound * syllables)
