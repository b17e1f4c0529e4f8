"""Training of one target from examples to a task of a bundle: rows, honest judgement, choice, interval, graph."""

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from sitwell.errors import InputError
from sitwell.models.prediction import LINEAR, LOG
from sitwell.value import Json
from sitwell_training.bundle import TaskResult
from sitwell_training.targets.conformal import COVERAGE, Interval, interval
from sitwell_training.targets.estimators import Fitted, Recipe, recipes, standardisation
from sitwell_training.targets.examples import Example
from sitwell_training.targets.graph import run_onnx, to_onnx
from sitwell_training.targets.nested import VIEWS, Choice, Nested, Songs, choose, fit, nested
from sitwell_training.targets.rows import TAKES, Rows, make_rows
from sitwell_training.targets.skill import Skill, judge_predictions, table
from sitwell_training.targets.target import Target, weighted_quantile

Floats = npt.NDArray[np.float64]
Progress = Callable[[str, float], None]  # what is being done, share of the whole task done

PROFESSIONALS = "professionals' median"
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
    rows: Rows | None = None,
    progress: Callable[[float], None] | None = None,
) -> Songs:
    """Measure what is learned from, of usable examples; `rows` are theirs where they are made already."""
    rows = rows or make_rows(examples, seed=seed, takes=takes, progress=progress)
    labels = np.array([label for example in examples if (label := target.label(example)) is not None])
    seconds = np.array([min(example.vocal.seconds, example.backing.seconds) for example in examples])
    artists = tuple(example.artist for example in examples)
    return Songs(rows.seeing(target.features), artists, labels, target.features, seconds)


def fit_target(
    examples: Sequence[Example],
    target: Target,
    *,
    seed: int,
    choices: Sequence[Recipe] | None = None,
    takes: int = TAKES,
    rows: Rows | None = None,
    progress: Progress | None = None,
) -> TaskResult:
    """Train a target on songs, or find that no model beats the constant; the same seed gives the same bytes.

    `rows` are those of all examples, where they are made already. Raises InputError `fit.too_few` with fewer than
    three artists, since nobody could be left out to judge by, unless professional settings are known.
    """
    tell = progress if progress is not None else (lambda _what, _share: None)
    known = usable(examples, target)
    artists = len({example.artist for example in known})
    if artists < _FEW and target.prior.settings:
        return _without_songs(target, len(known), artists)
    if artists < _FEW:
        raise InputError(
            "fit.too_few",
            f"{target.task}: {len(known)} usable songs by {artists} artists (with a label, {target.shortest_s:g} s "
            f"or longer); at least {_FEW} artists are needed, since each must be judged by others",
        )
    if rows is not None:
        there = {id(example) for example in known}
        rows = rows.of(np.flatnonzero([id(example) in there for example in examples]))
    songs = songs_of(
        known, target, seed=seed, takes=takes, rows=rows, progress=lambda share: tell("features", 0.1 * share)
    )
    candidates = tuple(choices) if choices is not None else recipes()
    with threadpool_limits(1):  # sums in another order would be other bytes
        out = nested(
            songs, target, recipes=candidates, seed=seed, progress=lambda share: tell("judging", 0.1 + 0.8 * share)
        )
        skills = judge_predictions(out.predicted | _professionals(songs, target), songs, target)
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
    constant = target.constant(songs.labels, songs.weights)
    by_settings = fitted is None and bool(target.prior.settings)
    method = "constant" if fitted is None else "chosen"
    bounds = (
        _settings_interval(target, songs, constant)
        if by_settings
        else interval(songs.labels[:, None] - out.predicted[method], songs.artists, songs.weights)
    )
    mean, scale, distance = _distance(songs)
    config = _scale(target) | {
        "kind": "constant" if fitted is None else "model",
        "constant": _rounded(constant),
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
        "unit": target.unit,
        "songs": len(songs.labels),
        "artists": len(set(songs.artists)),
        "kind": config["kind"],
        "chosen": str(choice) if fitted is not None else "constant",
        "verdict": _verdict(skills["chosen"], fitted is not None),
        "label_mean": _rounded(float(songs.labels.mean())),
        "label_sd": _rounded(float(songs.labels.std())),
        "prior": _prior(target),
        "interval": {
            "low": _rounded(bounds.low), "high": _rounded(bounds.high),
            "of_labels" if by_settings else "coverage": _rounded(bounds.coverage),
        },
        "methods": [skill.to_dict() for skill in skills.values()],
        "table": table(skills, unit_of_errors(target)),
    }  # fmt: skip
    graph = None
    if fitted is not None:
        graph = to_onnx(fitted, target, features=len(songs.names))
        figures["onnx_error"] = _rounded(onnx_error(graph, fitted, target, songs.rows.features))
    return TaskResult(config, graph, figures)


def unit_of_errors(target: Target) -> str:
    """Name what errors are in: 0.1 of a natural logarithm is about 10 %."""
    return "log" if target.scale == LOG else target.unit


def _without_songs(target: Target, songs: int, artists: int) -> TaskResult:
    """Fall back to the middle of professional settings, with the interval in which 80 % of them lie."""
    settings = target.prior.songs()
    low, middle, high = (weighted_quantile(settings, np.ones(len(settings)), share) for share in (0.1, 0.5, 0.9))
    config = _scale(target) | {
        "kind": "constant", "constant": _rounded(middle), "weight": 0.0, "low": _rounded(low - middle),
        "high": _rounded(high - middle), "features": [], "mean": [], "scale": [], "distance": 1.0,
    }  # fmt: skip
    figures = {
        "unit": target.unit, "songs": songs, "artists": artists, "kind": "constant", "chosen": "constant",
        "verdict": f"{songs} songs by {artists} artists with a label are too few to learn from: the middle of "
        "professional settings is used",
        "prior": _prior(target),
        "interval": {"low": config["low"], "high": config["high"]},
    }  # fmt: skip
    return TaskResult(config, None, figures)


def _settings_interval(target: Target, songs: Songs, constant: float) -> Interval:
    """Span 80 % of professional settings and labels together around a constant; coverage is of the labels."""
    low, high = (target.quantile(songs.labels, songs.weights, share) - constant for share in (0.1, 0.9))
    inside = (songs.labels >= constant + low) & (songs.labels <= constant + high)
    return Interval(low, high, float(np.average(inside, weights=songs.weights)), COVERAGE)


def _professionals(songs: Songs, target: Target) -> dict[str, Floats]:
    """Let the middle of professional settings predict every song, where they are known."""
    if not target.prior.settings:
        return {}
    return {PROFESSIONALS: np.full((len(songs.labels), len(VIEWS)), float(np.median(target.prior.songs())))}


def _scale(target: Target) -> Json:
    return {"figure": target.scale} if target.scale != LINEAR else {}


def _prior(target: Target) -> Json:
    prior = target.prior
    return {"mean": _rounded(prior.mean), "sd": _rounded(prior.sd), "artists": prior.artists, "source": prior.source}


def onnx_error(graph: bytes, fitted: Fitted, target: Target, features: Floats) -> float:
    """Find the largest difference between the graph and scikit-learn."""
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
