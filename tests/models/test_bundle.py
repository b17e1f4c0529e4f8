"""A bundle is used only when it is whole and fits; what it predicts is what its formula says."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from sitwell.analysis import FEATURES, FEATURES_VERSION
from sitwell.errors import ModelError
from sitwell.models import Bundle, bundle, default_bundle
from tests.models.bundles import (
    LEVEL_FEATURES,
    figure_task,
    linear_graph,
    linear_model,
    write_bundle,
)

NUMBERS = np.linspace(-1.0, 2.0, len(FEATURES))
CHOSEN = NUMBERS[[FEATURES.index(name) for name in LEVEL_FEATURES]]


def refused(folder: Path) -> ModelError:
    with pytest.raises(ModelError) as caught:
        Bundle.load(folder)
    assert str(folder) in caught.value.message  # a person knows which bundle is meant
    return caught.value


def set_in(value: Any, path: str, to: object) -> None:
    *way, last = path.split("/")
    for name in way:
        value = value[name]
    value[last] = to


def test_a_good_bundle_says_who_it_is_and_what_it_can(tmp_path: Path) -> None:
    loaded = Bundle.load(write_bundle(tmp_path / "b"))
    assert (loaded.identity, loaded.label) == ("small 7", "model small 7")
    assert [loaded.has(task) for task in ("level", "range", "equalizer")] == [True, True, False]
    assert [loaded.shows_skill(task) for task in ("level", "range", "equalizer")] == [True, False, False]


def test_a_prediction_is_the_graph_drawn_to_the_constant(tmp_path: Path) -> None:
    weights = [0.5, -1.0, 2.0]
    task = figure_task(-3.0, weight=0.6)
    folder = write_bundle(tmp_path / "b", {"level": task}, {"level.onnx": linear_graph(weights, -4.0)})
    found = Bundle.load(folder).predict("level", NUMBERS)
    answer = -4.0 + float(CHOSEN @ weights)
    assert found.value == pytest.approx(-3.0 + 0.6 * (answer + 3.0), abs=1e-5)  # float32
    assert (found.low - found.value, found.high - found.value) == pytest.approx((-2.0, 1.5))
    assert (found.confidence, found.source) == (1.0, "model small 7")


def test_an_unusual_song_is_drawn_to_the_constant_with_less_confidence(tmp_path: Path) -> None:
    far = float(np.sqrt((CHOSEN**2).mean()))
    task = figure_task(-3.0, distance=far / 4.0)
    graphs = {"level.onnx": linear_graph([0.0] * 3, -7.0)}
    found = Bundle.load(write_bundle(tmp_path / "b", {"level": task}, graphs)).predict("level", NUMBERS)
    assert found.confidence == pytest.approx(0.25)
    assert found.value == pytest.approx(-4.0, abs=1e-5)


def test_what_else_is_known_of_a_song_limits_its_confidence(tmp_path: Path) -> None:
    graphs = {"level.onnx": linear_graph([0.0] * 3, -7.0)}
    loaded = Bundle.load(write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, graphs))
    found = loaded.predict("level", NUMBERS, at_most=0.25)
    assert found.confidence == 0.25
    assert found.value == pytest.approx(-4.0, abs=1e-5)


def test_features_are_standardised_by_the_models_own_mean_and_scale(tmp_path: Path) -> None:
    task = figure_task(-3.0, distance=0.5) | {"mean": (CHOSEN - 1.0).tolist(), "scale": [2.0, 2.0, 2.0]}
    folder = write_bundle(tmp_path / "b", {"level": task}, {"level.onnx": linear_graph([0.0] * 3, -7.0)})
    assert Bundle.load(folder).predict("level", NUMBERS).confidence == 1.0  # rms of 1/2, as far as usual


def test_a_constant_is_a_prior(tmp_path: Path) -> None:
    found = Bundle.load(write_bundle(tmp_path / "b")).predict("range", NUMBERS)
    assert (found.value, found.low, found.high, found.source) == (9.0, 5.5, 13.5, "prior")


def test_a_constant_needs_no_features(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0, (), kind="constant")}, {})
    assert Bundle.load(folder).predict("level", NUMBERS).confidence is None


def test_an_answer_that_is_no_number_is_told(tmp_path: Path) -> None:
    model = linear_model([1.0, 1.0, 1.0], 0.0)
    model.graph.node.insert(0, helper.make_node("Log", ["features"], ["logs"]))
    model.graph.node[1].input[0] = "logs"
    del model.graph.node[-1]  # no clip
    model.graph.node[-1].output[0] = "value"
    task = {"level": figure_task(-3.0)}
    loaded = Bundle.load(write_bundle(tmp_path / "b", task, {"level.onnx": model.SerializeToString()}))
    with pytest.raises(ModelError, match="model.failed"):
        loaded.predict("level", -np.ones(len(FEATURES)))


def test_a_missing_folder_and_missing_files_are_told(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere").code == "model.not_found"
    for name in ("card.json", "config.json", "level.onnx"):
        folder = write_bundle(tmp_path / name)
        (folder / name).unlink()
        assert refused(folder).code == "model.not_found"


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"schema": NaN}', '{"schema": 1e999}', "[" * 100_000, "\xff"])
@pytest.mark.parametrize("name", ["card.json", "config.json"])
def test_what_is_no_json_is_refused(tmp_path: Path, name: str, text: str) -> None:
    content = text.encode("latin-1")
    digest = hashlib.sha256(content).hexdigest()
    folder = write_bundle(tmp_path / "b", spoil_card=lambda card: set_in(card, "sha256/config.json", digest))
    (folder / name).write_bytes(content)
    assert refused(folder).code == "model.json"


@pytest.mark.parametrize("name", ["config.json", "level.onnx"])
@pytest.mark.parametrize("how", ["one bit", "cut off", "longer"])
def test_a_file_that_is_not_the_hashed_one_is_refused(tmp_path: Path, name: str, how: str) -> None:
    folder = write_bundle(tmp_path / "b")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= how == "one bit"
    (folder / name).write_bytes({"cut off": content[:-7], "longer": content + b" "}.get(how, content))
    assert refused(folder).code == "model.hash"


def test_a_file_without_a_hash_is_refused(tmp_path: Path) -> None:
    one = write_bundle(tmp_path / "one", spoil_card=lambda card: card["sha256"].pop("level.onnx"))
    assert refused(one).code == "model.hash"
    assert refused(write_bundle(tmp_path / "b", spoil_card=lambda card: card["sha256"].clear())).code == "model.hash"
    no_hashes = write_bundle(tmp_path / "none", spoil_card=lambda card: card.pop("sha256"))
    assert refused(no_hashes).code == "model.hash"


@pytest.mark.parametrize("keep", [0, 1, 10, 60, 0.5, 0.9, -1])
def test_an_onnx_file_written_short_is_refused_whatever_its_hash(tmp_path: Path, keep: float) -> None:
    whole = linear_graph([0.0] * 3, -4.0)
    short = whole[: int(keep * len(whole)) if 0 < keep < 1 else int(keep)]
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": short})
    assert refused(folder).code == "model.unreadable"


@pytest.mark.parametrize("content", [b"PK\x03\x04" + b"zip" * 50, b"\x80\x04\x95pickle", bytes(4096)])
def test_what_is_no_onnx_file_is_refused(tmp_path: Path, content: bytes) -> None:
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": content})
    assert refused(folder).code == "model.unreadable"


def test_an_unknown_operation_is_refused(tmp_path: Path) -> None:
    model = linear_model([0.0] * 3, -4.0)
    model.graph.node[0].op_type = "MatMulOfTheFuture"
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": model.SerializeToString()})
    assert refused(folder).code == "model.unreadable"


@pytest.mark.parametrize("where", ["initializer", "node", "inner graph"])
def test_weights_in_other_files_are_refused(tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "weights.bin").write_bytes(np.zeros(3, dtype=np.float32).tobytes())
    monkeypatch.chdir(tmp_path)  # where the runtime would look
    model = linear_model([0.0] * 3, -4.0)
    outside = TensorProto(name="weights", data_type=TensorProto.FLOAT, dims=[3, 1])
    outside.data_location = TensorProto.EXTERNAL
    outside.external_data.add(key="location", value="weights.bin")
    if where == "initializer":
        model.graph.initializer[0].CopyFrom(outside)
    else:
        del model.graph.initializer[0]
        constant = helper.make_node("Constant", [], ["weights"], value=outside)
        if where == "inner graph":
            inner = helper.make_graph([constant], "inner", [], [helper.make_tensor_value_info("weights", 1, [3, 1])])
            yes = helper.make_node("Constant", [], ["yes"], value=helper.make_tensor("t", TensorProto.BOOL, [], [True]))
            constant = helper.make_node("If", ["yes"], ["weights"], then_branch=inner, else_branch=inner)
            model.graph.node.insert(0, yes)
        model.graph.node.insert(len(model.graph.node) - 3, constant)
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": model.SerializeToString()})
    assert "weights in other files" in refused(folder).message


@pytest.mark.parametrize(("inputs", "features"), [(4, LEVEL_FEATURES), (3, LEVEL_FEATURES[:2])])
def test_a_graph_of_another_width_is_refused(tmp_path: Path, inputs: int, features: tuple[str, ...]) -> None:
    graphs = {"level.onnx": linear_graph([0.0] * inputs, -4.0)}
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0, features)}, graphs)
    assert refused(folder).code == "model.schema"


@pytest.mark.parametrize("end", ["input", "output"])
def test_a_graph_with_other_names_is_refused(tmp_path: Path, end: str) -> None:
    model = linear_model([0.0] * 3, -4.0)
    old = getattr(model.graph, end)[0].name
    getattr(model.graph, end)[0].name = "other"
    for node in model.graph.node:
        for names in (node.input, node.output):
            for place, name in enumerate(names):
                if name == old:
                    names[place] = "other"
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": model.SerializeToString()})
    assert refused(folder).code == "model.schema"


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("schema", 2, "model.schema"),
        ("schema", None, "model.schema"),
        ("name", "", "model.schema"),
        ("name", "another", "model.schema"),
        ("version", "\x1b[2J", "model.schema"),
        ("version", 7, "model.schema"),
        ("features_version", FEATURES_VERSION + 1, "model.features"),
        ("features_version", None, "model.features"),
        ("tasks", {}, "model.schema"),
        ("tasks", [], "model.schema"),
        ("tasks/reverb", {"kind": "constant"}, "model.schema"),
        ("tasks/level", "model", "model.schema"),
        ("tasks/level/kind", "network", "model.schema"),
        ("tasks/level/file", "../level.onnx", "model.schema"),
        ("tasks/level/file", "card.json", "model.schema"),
        ("tasks/level/constant", "-3", "model.schema"),
        ("tasks/level/constant", True, "model.schema"),
        ("tasks/level/weight", 1.1, "model.schema"),
        ("tasks/level/low", 5.0, "model.schema"),
        ("tasks/level/distance", 0, "model.schema"),
        ("tasks/level/scale", [1.0, 1.0, 0.0], "model.schema"),
        ("tasks/level/scale", [1.0], "model.schema"),
        ("tasks/level/mean", [1.0, None, 1.0], "model.schema"),
        ("tasks/level/features", ["vocal_presence_db", "mood", "audible_share"], "model.features"),
        ("tasks/level/features", ["audible_share"] * 3, "model.features"),
        ("tasks/level/features", "audible_share", "model.schema"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(tmp_path: Path, path: str, value: object, code: str) -> None:
    folder = write_bundle(tmp_path / "b", spoil_config=lambda config: set_in(config, path, value))
    assert refused(folder).code == code


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("schema", 0, "model.schema"),
        ("name", 5, "model.schema"),
        ("knobs", None, "model.schema"),
        ("knobs/vocal.gain_db", [-80.0, 79.0], "model.knobs"),
        ("knobs/vocal.compressor.ratio", None, "model.knobs"),
        ("knobs/vocal.equalizer.bell_9.gain_db", [-12.0, 12.0], "model.knobs"),
    ],
)
def test_a_card_that_does_not_fit_is_refused(tmp_path: Path, path: str, value: object, code: str) -> None:
    folder = write_bundle(tmp_path / "b", spoil_card=lambda card: set_in(card, path, value))
    assert refused(folder).code == code


def test_a_knob_the_training_did_not_know_is_told_by_name(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", spoil_card=lambda card: card["knobs"].pop("vocal.compressor.knee_db"))
    assert "vocal.compressor.knee_db" in refused(folder).message


def test_files_beyond_the_size_allowed_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_bundle(tmp_path / "b")
    monkeypatch.setattr("sitwell.models.folder._MOST_GRAPH_BYTES", 100)
    assert refused(folder).code == "model.unreadable"


def test_a_runtime_that_does_not_start_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert refused(write_bundle(tmp_path / "b")).code == "model.runtime"


def test_constants_need_no_runtime(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0, kind="constant")}, {})
    program = f"import sys; from sitwell.models import Bundle; Bundle.load({str(folder)!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert "onnxruntime" not in done.stdout.split()


def test_an_installation_without_a_model_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    default_bundle.cache_clear()
    monkeypatch.setattr(bundle, "_DEFAULT", tmp_path)
    with pytest.raises(ModelError, match="model.not_found"):
        default_bundle()


def test_the_runtime_says_nothing(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": bytes(64)})
    good = write_bundle(tmp_path / "good")
    program = (
        "from sitwell.models import Bundle; from sitwell.errors import ModelError\n"
        f"Bundle.load({str(good)!r})\n"
        f"try: Bundle.load({str(folder)!r})\n"
        "except ModelError as e: pass"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")


def test_the_same_features_give_the_same_figure(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b", {"level": figure_task(-3.0)}, {"level.onnx": linear_graph([0.1] * 3, -4.0)})
    first, second = (Bundle.load(folder).predict("level", NUMBERS) for _ in range(2))
    assert first == second


def test_cards_are_json_with_sources_and_licences(tmp_path: Path) -> None:
    folder = write_bundle(tmp_path / "b")
    assert Bundle.load(folder).card == json.loads((folder / "card.json").read_text())
