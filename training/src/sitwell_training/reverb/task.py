"""Training of the choice of reverb: labels by the extraction of the same run, four targets, one set of rows."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from sitwell.analysis import without_tails
from sitwell.errors import ModelError
from sitwell.models import REVERB, Bundle, default_bundle
from sitwell.models.graph import open_graph
from sitwell_training.bundle import TaskResult
from sitwell_training.equalizer.voices import Voice
from sitwell_training.prepare import PreparedSong
from sitwell_training.reverb.labels import carries_reverb, hear_room
from sitwell_training.reverb.professionals import priors
from sitwell_training.reverb.targets import label_of, reverb_targets
from sitwell_training.reverb.voices import hear_voices, judge_on_voices, told
from sitwell_training.targets.estimators import Recipe
from sitwell_training.targets.examples import Example
from sitwell_training.targets.prepared import examples_of
from sitwell_training.targets.rows import TAKES, make_rows
from sitwell_training.targets.task import PROFESSIONALS, Progress, fit_target, unit_of_errors

EXTRACTION, GRAPH = "extraction", "extraction.onnx"


def ears_of(extraction: TaskResult | None, known: Bundle | None = None) -> Bundle | None:
    """Choose a bundle that extracts reverb: the task just trained, else one that is known or comes along, else none."""
    if extraction is not None and extraction.onnx is not None:
        card = {"sha256": {GRAPH: hashlib.sha256(extraction.onnx).hexdigest()}}
        config = {"tasks": {EXTRACTION: extraction.config}}
        return Bundle("trained", "0", card, config, {EXTRACTION: open_graph(extraction.onnx, GRAPH)})
    if known is not None and known.shows_skill(EXTRACTION):
        return known
    try:
        bundle = default_bundle()
    except ModelError:
        return None
    return bundle if bundle.shows_skill(EXTRACTION) else None


def hash_of(ears: Bundle | None) -> str | None:
    """Hash what labels follow from, besides the songs."""
    if ears is None:
        return None
    told = json.dumps([ears.card["sha256"][GRAPH], ears.config["tasks"][EXTRACTION]])
    return hashlib.sha256(told.encode()).hexdigest()


def with_rooms(songs: Sequence[PreparedSong], ears: Bundle | None, *, split: str = "train") -> list[Example]:
    """Make examples of one split with labels of reverb, which are empty without ears or where a vocal carries none.

    The vocals are cleaned of what was heard in them, as in the product.
    """
    kept = [item for item in songs if item.song.split == split] if split != "train" else list(songs)
    return [
        dataclasses.replace(example, vocal=without_tails(item.vocal), room=hear_room(item.vocal, ears))
        if ears is not None and carries_reverb(item.song)
        else example
        for item, example in zip(kept, examples_of(kept, split=split), strict=True)
    ]


def fit_reverb_tasks(
    songs: Sequence[PreparedSong],
    ears: Bundle | None,
    *,
    voices: Sequence[Voice] = (),
    skipped: list[tuple[str, str, str]] | None = None,
    presets: Path | None = None,
    seed: int = 0,
    choices: Sequence[Recipe] | None = None,
    takes: int = TAKES,
    progress: Progress = lambda _what, _share: None,
) -> dict[str, TaskResult]:
    """Train all tasks of the reverb; with too few labels each is the middle of the professionals.

    On mixed `voices`, which have no backing, the constants are judged; those that cannot be read join `skipped`.
    The same songs, ears and seed give the same bytes. Raises InputError `presets.unreadable`.
    """
    targets = reverb_targets(priors(presets))
    heard = [
        example for example in with_rooms(songs, ears) if any(target.label(example) is not None for target in targets)
    ]
    progress("features", 0.0)
    rows = make_rows(heard, seed=seed, takes=takes)
    found = {}
    for number, target in enumerate(targets):
        share = _shared(progress, number)
        found[target.task] = fit_target(
            heard, target, seed=seed, choices=choices, takes=takes, rows=rows, progress=share
        )
    unheard = hear_voices(voices, ears, skipped) if ears is not None else []
    for target in targets:
        result = found[target.task]
        constants = {
            "constant": float(result.config["constant"]), PROFESSIONALS: float(np.median(target.prior.songs())),
        }  # fmt: skip
        if any(label_of(target.task, voice.room) is not None for voice in unheard):
            result.figures["voices"] = judge_on_voices(target.task, constants, unheard)
            result.figures["told"] = told(result.figures["voices"], unit_of_errors(target))
    return found


def _shared(progress: Progress, number: int) -> Callable[[str, float], None]:
    """Tell one target's progress as its share of all."""
    return lambda what, share: progress(what, (number + share) / len(REVERB))
