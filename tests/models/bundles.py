"""Small bundles of models for tests: written in one call, spoiled in any way a test wants."""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import ModelProto, TensorProto, helper, numpy_helper

from sitwell.analysis import (
    FEATURES,
    FEATURES_VERSION,
    OCTAVES_HZ,
    SPECTRA,
    VOICE_HZ,
    Track,
    measure_features,
    measure_track,
    measure_voice,
    portray,
)
from sitwell.analysis.tails import TAIL_FEATURES, TAILS_VERSION
from sitwell.audio import Audio
from sitwell.knob import Knob
from sitwell.plan import MixPlan
from sitwell.value import Json

Floats = npt.NDArray[np.float64]

LEVEL_FEATURES = ("vocal_presence_db", "backing_presence_db", "audible_share")
RANGE_FEATURES = ("vocal_onsets_per_s", "backing_range_log_lu")
VERY_FAR = 1e6  # every song is usual


def linear_graph(weights: list[float], constant: float, *, inputs: int | None = None) -> bytes:
    """Make a graph that gives `constant + features @ weights`, clipped to -30 to 30."""
    model = linear_model(weights, constant, inputs=inputs)
    return bytes(model.SerializeToString(deterministic=True))


def linear_model(weights: list[float], constant: float, *, inputs: int | None = None) -> ModelProto:
    """Make the graph as a model that a test can spoil."""
    numbers = {
        "weights": np.array(weights, dtype=np.float32)[:, None],
        "constant": np.array([constant], dtype=np.float32),
        "lowest": np.array(-30.0, dtype=np.float32),
        "highest": np.array(30.0, dtype=np.float32),
    }
    graph = helper.make_graph(
        [
            helper.make_node("MatMul", ["features", "weights"], ["product"]),
            helper.make_node("Add", ["product", "constant"], ["sum"]),
            helper.make_node("Clip", ["sum", "lowest", "highest"], ["value"]),
        ],
        "linear",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, inputs or len(weights)])],
        [helper.make_tensor_value_info("value", TensorProto.FLOAT, [None, 1])],
        [numpy_helper.from_array(values, name) for name, values in numbers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return model


def figure_task(
    constant: float,
    features: tuple[str, ...] = LEVEL_FEATURES,
    *,
    kind: str = "model",
    name: str = "level",
    weight: float = 1.0,
    low: float = -2.0,
    high: float = 1.5,
    distance: float = VERY_FAR,
) -> Json:
    """Describe a level or range task whose songs are centred at 0 with deviation 1."""
    task: Json = {
        "kind": kind, "constant": constant, "weight": weight if kind == "model" else 0.0, "low": low, "high": high,
        "features": list(features), "mean": [0.0] * len(features), "scale": [1.0] * len(features),
        "distance": distance,
    }  # fmt: skip
    return task | ({"file": f"{name}.onnx"} if kind == "model" else {})


def write_bundle(
    folder: Path,
    tasks: Mapping[str, Json] | None = None,
    graphs: Mapping[str, bytes] | None = None,
    *,
    spoil_config: Callable[[Json], Any] = lambda _: None,
    spoil_card: Callable[[Json], Any] = lambda _: None,
) -> Path:
    """Write a bundle of a level model and a constant range; `spoil_...` change a file before its hash is taken."""
    tasks = tasks if tasks is not None else {
        "level": figure_task(-3.0),
        "range": figure_task(9.0, RANGE_FEATURES, kind="constant", name="range", low=-3.5, high=4.5),
    }  # fmt: skip
    graphs = graphs if graphs is not None else {"level.onnx": linear_graph([0.0] * len(LEVEL_FEATURES), -4.0)}
    config: Json = {
        "schema": 1, "name": "small", "version": "7", "features_version": FEATURES_VERSION,
        "tasks": json.loads(json.dumps(tasks)),
    }  # fmt: skip
    spoil_config(config)
    files = {"config.json": json.dumps(config).encode()} | dict(graphs)
    card: Json = {
        "schema": 1, "name": "small", "version": "7", "commit": None,
        "created_with": {"sitwell": "0", "features_version": FEATURES_VERSION},
        "knobs": knob_ranges(), "features": list(FEATURES),
        "data": {"sha256": "0", "songs": 12, "artists": 8,
                 "sources": [{"source": "generated", "licence": "CC0", "songs": 12}]},
        "figures": {"level": {"kind": "model", "verdict": "saves 12 % of the constant's error", "songs": 12,
                              "artists": 8, "interval": {"low": -2.0, "high": 1.5, "coverage": 0.81}}},
        "sha256": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()},
    }  # fmt: skip
    spoil_card(card)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in (files | {"card.json": json.dumps(card).encode()}).items():
        (folder / name).write_bytes(content)
    return folder


def knob_ranges() -> dict[str, list[float]]:
    """List the knobs a model's answers become."""
    own = ("vocal.equalizer.", "vocal.compressor.", "vocal.gain_db")
    return {
        path: [knob.low, knob.high]
        for path, knob in MixPlan.knobs().items()
        if isinstance(knob, Knob) and path.startswith(own)
    }


def centred_task(songs: list[tuple[Track, Track]], constant: float) -> Json:
    """Describe a level model in all features for which these songs are usual, and others are not."""
    rows = np.stack([measure_features(vocal, backing) for vocal, backing in songs])
    scale = np.maximum(rows.std(axis=0), 0.25)
    far = np.sqrt((((rows - rows.mean(axis=0)) / scale) ** 2).mean(axis=1))
    return figure_task(constant, FEATURES, distance=float(far.max())) | {
        "mean": rows.mean(axis=0).tolist(), "scale": scale.tolist(),
    }  # fmt: skip


def tone_task(voices: list[Audio], response_db: float) -> tuple[Json, bytes]:
    """Describe an equalizer, with its graph, that asks for one change in all bands and knows these voices."""
    portraits = [portray(measure_voice(audio, measure_track(audio))) for audio in voices]
    traits = np.stack([portrait.traits for portrait in portraits if portrait is not None])
    mean, scale = traits.mean(axis=0), np.maximum(traits.std(axis=0), 0.1)
    distance = float(np.sqrt((((traits - mean) / scale) ** 2).mean(axis=1)).max())
    task: Json = {
        "kind": "model", "file": "equalizer.onnx", "limit_db": 6.0, "spectra": list(SPECTRA),
        "traits": traits.shape[1], "frequencies_hz": VOICE_HZ.tolist(),
    }  # fmt: skip
    return task, _tone_graph(mean, scale, distance, response_db)


def extraction_task(
    *, wetness: float = 9.0, decay_s: float = 1.5, level_db: float = -12.0, log_scale: float = -2.5
) -> tuple[Json, bytes]:
    """Describe an extraction, with its graph, that hears the same reverb in every vocal; offsets are 0."""
    curve = {"log_scale": [-2.0, -1.0], "near": [0.97, 0.1]}
    task: Json = {
        "kind": "model", "file": "extraction.onnx", "features": TAIL_FEATURES, "tails_version": TAILS_VERSION,
        "octaves_hz": list(OCTAVES_HZ), "dry_below": 0.0, "return_offset_db": 0.0,
        "early_to_late_offset_db": 0.0,
        "sureness": {"decay_s": curve, "return_db": curve, "early_to_late_db": curve},
    }  # fmt: skip
    answer = np.tile([np.log(decay_s), level_db / 10.0, log_scale, log_scale, wetness], (1, len(OCTAVES_HZ), 1))
    numbers = {"first": np.array([1]), "end": np.array([2]), "axis": np.array([2]), "zero": np.array(0.0, np.float32)}
    graph = helper.make_graph(
        [
            helper.make_node("Slice", ["features", "first", "end", "axis"], ["one"]),
            helper.make_node("Mul", ["one", "zero"], ["nothing"]),
            helper.make_node("Add", ["nothing", "answer"], ["octaves"]),
        ],
        "extraction",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, len(OCTAVES_HZ), TAIL_FEATURES])],
        [helper.make_tensor_value_info("octaves", TensorProto.FLOAT, [None, len(OCTAVES_HZ), 5])],
        [
            numpy_helper.from_array(values, name)
            for name, values in (numbers | {"answer": answer.astype(np.float32)}).items()
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return task, bytes(model.SerializeToString(deterministic=True))


def extraction_bundle(folder: Path, **heard: float) -> Path:
    """Write a bundle that does nothing but hear the same reverb in every vocal."""
    task, graph = extraction_task(**heard)
    return write_bundle(folder, {"extraction": task}, {"extraction.onnx": graph})


def _tone_graph(mean: Floats, scale: Floats, distance: float, response_db: float) -> bytes:
    """Make the graph of `tone_task`: confidence is distance / rms of the standardised traits, at most 1."""
    numbers = {
        "mean": mean, "scale": scale, "distance": np.array(distance), "zero": np.array(0.0),
        "one": np.array(1.0), "change": np.full((1, VOICE_HZ.size), response_db),
    }  # fmt: skip
    steps = (
        ("Sub", ["traits", "mean"], "apart"),
        ("Div", ["apart", "scale"], "unit"),
        ("Mul", ["unit", "unit"], "squared"),
        ("Sqrt", ["mean_square"], "far"),
        ("Div", ["distance", "far"], "near"),
        ("Clip", ["near", "zero", "one"], "confidence"),
        ("Mul", ["audible", "zero"], "nothing"),
        ("Add", ["nothing", "change"], "response_db"),
    )
    nodes = [helper.make_node(operator, given, [made]) for operator, given, made in steps]
    nodes.insert(3, helper.make_node("ReduceMean", ["squared"], ["mean_square"], axes=[1], keepdims=0))
    sizes = {"spectra_db": [len(SPECTRA), VOICE_HZ.size], "traits": [mean.size], "audible": [VOICE_HZ.size]}
    graph = helper.make_graph(
        nodes,
        "tone",
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, *size]) for name, size in sizes.items()],
        [
            helper.make_tensor_value_info("response_db", TensorProto.FLOAT, [None, VOICE_HZ.size]),
            helper.make_tensor_value_info("confidence", TensorProto.FLOAT, [None]),
        ],
        [numpy_helper.from_array(values.astype(np.float32), name) for name, values in numbers.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    model.ir_version = 8
    return bytes(model.SerializeToString(deterministic=True))
