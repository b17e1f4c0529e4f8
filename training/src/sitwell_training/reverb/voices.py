"""Mixed vocals without a backing: too little to learn a choice from, but the constants can be judged on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sitwell import io
from sitwell.analysis import measure_track
from sitwell.errors import InputError
from sitwell.evaluate.bootstrap import estimate
from sitwell.models import Bundle
from sitwell.value import Json
from sitwell_training.equalizer.voices import Voice
from sitwell_training.reverb.labels import hear_room
from sitwell_training.reverb.targets import label_of
from sitwell_training.targets.examples import RoomLabels


@dataclass(frozen=True)
class HeardVoice:
    """A mixed vocal: whose it is, and the reverb heard in it."""

    artist: str
    room: RoomLabels


def hear_voices(
    voices: Sequence[Voice], ears: Bundle, skipped: list[tuple[str, str, str]] | None = None
) -> list[HeardVoice]:
    """Listen to mixed vocals; dry ones carry no reverb that anybody chose. Those not to be read join `skipped`."""
    heard = []
    for voice in voices:
        if voice.dry:
            continue
        try:
            track = measure_track(io.read(voice.vocal))
        except InputError as error:
            (skipped if skipped is not None else []).append((voice.id, error.code, error.message))
            continue
        heard.append(HeardVoice(voice.artist, hear_room(track, ears)))
    return heard


def judge_on_voices(task: str, constants: Mapping[str, float], voices: Sequence[HeardVoice]) -> Json:
    """Find the mean absolute error of constants, by name, on the vocals that have the label of a task."""
    labels = [(voice.artist, label) for voice in voices if (label := label_of(task, voice.room)) is not None]
    heard, artists = np.array([label for _, label in labels]), [artist for artist, _ in labels]
    return {name: estimate(np.abs(heard - constant), artists).to_dict() for name, constant in constants.items()}


def told(errors: Json, unit: str) -> str:
    """Write what `judge_on_voices` found in one sentence."""
    first = next(iter(errors.values()))
    cells = [f"{name} {figure['value']:.2f}{_between(figure)}" for name, figure in errors.items()]
    whose = f"{first['songs']} mixed vocals without a backing, by {first['artists']} artists"
    return f"On {whose}, error in {unit}: {', '.join(cells)}."


def _between(figure: Json) -> str:
    return "" if figure["low"] is None else f" ({figure['low']:.2f} to {figure['high']:.2f})"
