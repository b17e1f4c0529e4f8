"""Training of blind extraction to a task of a bundle: takes, a model, what its answers are worth, the graph."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from sitwell.analysis import OCTAVES_HZ
from sitwell.analysis.tails import TAIL_FEATURES, TAILS_VERSION
from sitwell.errors import InputError
from sitwell.value import Json
from sitwell_training.bundle import TaskResult
from sitwell_training.extraction.examples import TRAIN, WET_TAKES, Examples, Sources, make_examples
from sitwell_training.extraction.figures import figures_of, table
from sitwell_training.extraction.graph import to_onnx
from sitwell_training.extraction.judge import calibrate, cross_read
from sitwell_training.extraction.model import Model, fit_model

Progress = Callable[[float, float], None]
_FEW = 8  # singers, and responses


def fit_extraction_task(
    sources: Sources,
    *,
    seed: int,
    cache: Path,
    takes: int = WET_TAKES,
    workers: int | None = None,
    stage: Callable[[str], Progress] = lambda _: lambda _done, _total: None,
) -> TaskResult:
    """Make takes, learn from them, calibrate and judge on singers and responses left out.

    The same sources, seed and number of takes give the same bytes. Raises InputError `fit.too_few` with fewer than
    eight singers or responses.
    """
    _refuse_few(sources)
    examples = make_examples(sources, TRAIN, takes, seed=seed, cache=cache, workers=workers, progress=stage("takes"))
    progress = stage("extraction")
    with threadpool_limits(1):  # sums in another order would be other bytes

        def fit(some: Examples) -> Model:
            return fit_model(some, seed=seed, networks=1)  # one is a little less sure than three

        readings = cross_read(examples, fit, progress=lambda share: progress(0.8 * share, 1.0))
        calibration = calibrate(examples, readings)
        figures = figures_of(examples.of(readings.judged), readings.octaves[readings.judged], calibration)
        model = fit_model(examples, seed=seed, progress=lambda share: progress(0.8 + 0.2 * share, 1.0))
    config = {
        "kind": "model", "file": "extraction.onnx", "features": TAIL_FEATURES, "tails_version": TAILS_VERSION,
        "octaves_hz": list(OCTAVES_HZ), **calibration,
    }  # fmt: skip
    return TaskResult(config, to_onnx(model), _described(sources, examples, figures))


def _described(sources: Sources, examples: Examples, figures: Json) -> Json:
    return {
        "kind": "model",
        "verdict": "reads decay and level from made-up takes of singers and in responses left out: a model",
        "voices": sum(voice.split == "train" for voice in sources.singers),
        "artists": len(np.unique(examples.singer)),
        "responses": len({each.artist for each in sources.responses if each.split == "train"}),
        "examples": len(examples.wet),
        "left_out": figures,
        "table": table({"takes of singers and in responses left out": figures}),
    }


def _refuse_few(sources: Sources) -> None:
    for what, voices in (("dry singers", sources.singers), ("responses", sources.responses)):
        known = {voice.artist for voice in voices if voice.split == "train"}
        if len(known) < _FEW:
            raise InputError("fit.too_few", f"extraction: {len(known)} {what}; at least {_FEW} are needed")
