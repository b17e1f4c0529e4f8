"""Whether a bundle fits this Sitwell: its schema, its features, and the knobs its answers become."""

from typing import Any, NoReturn

from sitwell.analysis import FEATURES, FEATURES_VERSION
from sitwell.errors import ModelError
from sitwell.knob import Knob
from sitwell.models.graph import Graph
from sitwell.models.prediction import LINEAR, LOG
from sitwell.plan import MixPlan
from sitwell.value import Json

SCHEMA = 1
REVERB = ("decay", "brightness", "predelay", "return")
FIGURES = ("level", "range", *REVERB)  # tasks that predict one figure from a song's features
TASKS = (*FIGURES, "equalizer", "extraction")
KNOBS = ("vocal.equalizer.", "vocal.compressor.", "vocal.gain_db")
_LONGEST_NAME = 64


def check_card(card: Json) -> None:
    """Check schema, name and knobs; raises ModelError `model.schema` or `model.knobs`."""
    _check_schema(card, "card.json")
    trained, known = card.get("knobs"), _knobs()
    if not isinstance(trained, dict):
        _wrong("card.json names no ranges of knobs")
    for path in sorted(trained.keys() | known.keys()):
        if trained.get(path) != known.get(path):
            raise ModelError(
                "model.knobs",
                f"the model was trained for {_range(path, trained.get(path))}, this Sitwell has "
                f"{_range(path, known.get(path))}; train it anew",
            )


def check_config(config: Json, card: Json) -> None:
    """Check versions, features and tasks; raises ModelError `model.schema` or `model.features`."""
    _check_schema(config, "config.json")
    if (config["name"], config["version"]) != (card["name"], card["version"]):
        _wrong("card.json and config.json name different models")
    if config.get("features_version") != FEATURES_VERSION:
        raise ModelError(
            "model.features",
            f"the model knows features of version {config.get('features_version')!r}, this Sitwell measures "
            f"version {FEATURES_VERSION}; train it anew",
        )
    tasks = config.get("tasks")
    if not isinstance(tasks, dict) or not tasks:
        _wrong("config.json lists no tasks")
    for name, task in tasks.items():
        _check_task(name, task)


def check_graph(name: str, task: Json, graph: Graph) -> None:
    """Check what a level or range model takes and gives; raises ModelError `model.schema`."""
    wanted = {"features": (None, len(task["features"]))}, {"value": (None, 1)}
    found = tuple({key: (None, *shape[1:]) for key, shape in ends.items()} for ends in (graph.inputs, graph.outputs))
    if found != wanted:
        _wrong(f"{name}.onnx must take features (n, {len(task['features'])}) and give value (n, 1), not {found}")


def _check_schema(value: Json, file: str) -> None:
    if value.get("schema") != SCHEMA:
        _wrong(f"{file} has schema {value.get('schema')!r}, this Sitwell reads {SCHEMA}")
    for key in ("name", "version"):
        text = value.get(key)
        if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_NAME or not text.isprintable():
            _wrong(f"{file} needs a {key} of at most {_LONGEST_NAME} printable letters")


def _check_task(name: str, task: Any) -> None:
    if name not in TASKS:
        _wrong(f"config.json has an unknown task {name!r}; known: {', '.join(TASKS)}")
    if not isinstance(task, dict) or task.get("kind") not in ("model", "constant"):
        _wrong(f"task {name} must be of kind model or constant")
    if task["kind"] == "model" and task.get("file") != f"{name}.onnx":
        _wrong(f"task {name} must name its file {name}.onnx")
    if name in FIGURES:
        _check_figure(name, task)


def _check_figure(name: str, task: Json) -> None:
    for key in ("constant", "weight", "low", "high", "distance"):
        if not _is_number(task.get(key)):
            _wrong(f"task {name} needs a number {key}")
    if not (0.0 <= task["weight"] <= 1.0 and task["low"] <= task["high"] and task["distance"] > 0.0):
        _wrong(f"task {name}: weight is 0 to 1, low at most high, distance above 0")
    if task.get("figure", LINEAR) not in (LINEAR, LOG):
        _wrong(f"task {name}: its figure is {LINEAR} or {LOG}")
    features = task.get("features")
    if not isinstance(features, list) or not all(isinstance(feature, str) for feature in features):
        _wrong(f"task {name} lists no features")
    unknown = [feature for feature in features if feature not in FEATURES]
    if unknown or len(set(features)) < len(features):
        what = f"unknown feature {unknown[0]!r}" if unknown else "a feature twice"
        raise ModelError("model.features", f"task {name} asks for {what}; train the model anew")
    for key in ("mean", "scale"):
        values = task.get(key)
        if not isinstance(values, list) or len(values) != len(features) or not all(map(_is_number, values)):
            _wrong(f"task {name}: {key} must hold one number for each of its {len(features)} features")
    if not all(value > 0.0 for value in task["scale"]):
        _wrong(f"task {name}: scale must be above 0")
    if task["kind"] == "model" and not features:
        _wrong(f"task {name} is a model without features")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _knobs() -> dict[str, list[float]]:
    return {
        path: [knob.low, knob.high]
        for path, knob in MixPlan.knobs().items()
        if isinstance(knob, Knob) and path.startswith(KNOBS)
    }


def _range(path: str, ends: object) -> str:
    return f"{path} from {ends[0]} to {ends[1]}" if isinstance(ends, list) and len(ends) == 2 else f"no {path}"


def _wrong(what: str) -> NoReturn:
    raise ModelError("model.schema", f"{what}; train the model anew or get a Sitwell that fits it")
