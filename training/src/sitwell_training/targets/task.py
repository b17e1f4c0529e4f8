"""Training of one target from examples to a task of a bundle: rows, honest judgement, choice, interval, graph."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from sitwell.analysis import FEATURES
from sitwell.errors import InputError
from sitwell_training.bundle import TaskResult
from sitwell_training.targets.conformal import interval
from sitwell_training.targets.estimators import Fitted, Recipe, recipes, standardisation
from sitwell_training.targets.examples import Example
from sitwell_training.targets.graph import run_onnx, to_onnx
from sitwell_training.targets.nested import Choice, Nested, Songs, choose, fit, nested
from sitwell_training.targets.rows import TAKES, make_rows
from sitwell_training.targets.skill import Skill, judge, table
from sitwell_training.targets.target import Target

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]  # what is being done, share of the whole task done

_TYPICAL = 0.95  # share of training songs that are no further away than `distance`
_FEW = 3  # artists below which nothing can be left out twice


def usable(examples: Sequence[Example], target: Target) -> list[Example]:
    """Keep the songs that are long enough and have this label."""
    return [
        example
        for example in examples
        if target.label(example) is not None and example.vocal.seconds >= target.shortest_s
    ]


def songs_of(
    examples: Sequence[Example],
    target: Target,
    *,
    seed: int,
    takes: int = TAKES,
    progress: Callable[[float], None] | None = None,
) -> Songs:
    """Measure what is learned from, of usable examples."""
    rows = make_rows(examples, seed=seed, takes=takes, progress=progress)
    labels = np.array([label for example in examples if (label := target.label(example)) is not None])
    seconds = np.array([min(example.vocal.seconds, example.backing.seconds) for example in examples])
    return Songs(rows, tuple(example.artist for example in examples), labels, FEATURES, seconds)


def fit_target(
    examples: Sequence[Example],
    target: Target,
    *,
    seed: int,
    choices: Sequence[Recipe] | None = None,
    takes: int = TAKES,
    progress: Progress | None = None,
) -> TaskResult:
    """Train a target on songs, or find that no model beats the constant; the same seed gives the same bytes.

    Raises InputError `fit.too_few` with fewer than three artists: nobody could be left out to judge by.
    """
    tell = progress if progress is not None else (lambda _what, _share: None)
    known = usable(examples, target)
    if len({example.artist for example in known}) < _FEW:
        artists = len({example.artist for example in known})
        raise InputError(
            "fit.too_few",
            f"{target.task}: {len(known)} usable songs by {artists} artists (with a label, {target.shortest_s:g} s "
            f"or longer); at least {_FEW} artists are needed, since each must be judged by others",
        )
    songs = songs_of(known, target, seed=seed, takes=takes, progress=lambda share: tell("features", 0.1 * share))
    candidates = tuple(choices) if choices is not None else recipes()
    with threadpool_limits(1):  # sums in another order would be other bytes
        out = nested(
            songs, target, recipes=candidates, seed=seed, progress=lambda share: tell("judging", 0.1 + 0.8 * share)
        )
        skills = judge(out, songs, target)
        tell("fitting", 0.9)
        choice = choose(songs, target, recipes=candidates, seed=seed)["chosen"] if skills["chosen"].shown else None
        known_as = choice.recipe if choice is not None else None
        fitted = fit(known_as, songs, target, seed=seed) if known_as is not None else None
        result = _result(songs, target, out, skills, choice, fitted)
    tell("done", 1.0)
    return result


def _result(
    songs: Songs, target: Target, out: Nested, skills: dict[str, Skill], choice: Choice | None, fitted: Fitted | None
) -> TaskResult:
    method = "constant" if fitted is None else "chosen"
    bounds = interval(songs.labels[:, None] - out.predicted[method], songs.artists, songs.weights)
    mean, scale, distance = _distance(songs)
    config = {
        "kind": "constant" if fitted is None else "model",
        "constant": _rounded(target.constant(songs.labels, songs.weights)),
        "weight": 0.0 if fitted is None or choice is None else _rounded(choice.trust),
        "low": _rounded(bounds.low),
        "high": _rounded(bounds.high),
        "features": list(songs.names),  # all of them: what is unusual about a song may be what the model does not see
        "mean": [_rounded(value) for value in mean.tolist()],
        "scale": [_rounded(value) for value in scale.tolist()],
        "distance": _rounded(distance),
    }
    if fitted is not None:
        config["file"] = f"{target.task}.onnx"
    figures = {
        "songs": len(songs.labels),
        "artists": len(set(songs.artists)),
        "kind": config["kind"],
        "chosen": str(choice) if fitted is not None else "constant",
        "verdict": _verdict(skills["chosen"], fitted is not None),
        "label_mean_lu": _rounded(float(songs.labels.mean())),
        "label_sd_lu": _rounded(float(songs.labels.std())),
        "prior": {"mean": target.prior.mean, "sd": target.prior.sd, "artists": target.prior.artists,
                  "source": target.prior.source},
        "interval": {"low": _rounded(bounds.low), "high": _rounded(bounds.high), "coverage": _rounded(bounds.coverage)},
        "methods": [skill.to_dict() for skill in skills.values()],
        "table": table(skills),
    }  # fmt: skip
    graph = None
    if fitted is not None:
        graph = to_onnx(fitted, target, features=len(songs.names))
        figures["onnx_error_lu"] = _rounded(onnx_error_lu(graph, fitted, target, songs.rows.features))
    return TaskResult(config, graph, figures)


def onnx_error_lu(graph: bytes, fitted: Fitted, target: Target, features: Floats) -> float:
    """Find the largest difference between the graph and scikit-learn, in LU."""
    expected = target.unscaled(fitted.predict(features))
    return float(np.abs(run_onnx(graph, features) - expected).max())


def _distance(songs: Songs) -> tuple[Floats, Floats, float]:
    """Find the mean and deviation of features, and how far from it most rows lie (rms of deviations)."""
    rows = songs.rows
    counts = np.bincount(rows.song)
    weights = songs.weights[rows.song] / counts[rows.song]
    mean, scale = standardisation(rows.features, weights)
    far = np.sqrt((((rows.features - mean) / scale) ** 2).mean(axis=1))
    return mean, scale, max(float(np.quantile(far, _TYPICAL)), 1e-6)


def _verdict(chosen: Skill, model: bool) -> str:
    gain = chosen.gain
    if gain.value is None or gain.low is None or gain.high is None:
        return "too few artists to judge; the constant is used"
    text = f"saves {gain.value:+.0%} of the constant's error on artists left out ({gain.low:+.0%} to {gain.high:+.0%})"
    return f"{text}: a model" if model else f"{text}: no skill shown, so the constant is used"


def _rounded(value: float) -> float:
    return round(float(value), 6)
