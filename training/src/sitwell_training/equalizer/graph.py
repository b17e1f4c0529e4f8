"""The estimator as an ONNX graph: a portrait in, the correcting response and its confidence out."""

from typing import Any

import numpy as np

from sitwell.analysis import SPECTRA, VOICE_HZ
from sitwell_training.equalizer.mixture import CLIP, JUDGED, Mixture

OPSET = 17
_BANDS = VOICE_HZ.size


def to_onnx(model: Mixture) -> bytes:
    """Write the graph; n portraits at once.

    Inputs "spectra_db" (n, 20, 46), "traits" (n, m), "audible" (n, 46), all float32; outputs "response_db" (n, 46), the
    correction at full strength, and "confidence" (n,), how much the voice resembles those learned from.
    """
    import onnx
    from onnx import helper, numpy_helper

    nodes, numbers = [], []
    traits = model.mean.size - (len(SPECTRA) - 1) * _BANDS // 2

    def number(name: str, values: object, kind: type = np.float32) -> str:
        numbers.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values, dtype=kind)), name))
        return name

    def node(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def centred(values: str, name: str) -> str:
        weighted = node(
            "ReduceSum", [node("Mul", [values, "weight"], f"{name}_w"), "last_axis"], f"{name}_s", keepdims=1
        )
        mean = node("Div", [weighted, "weights"], f"{name}_m")
        return node("Mul", [node("Sub", [values, mean], f"{name}_c"), "audible"], name)

    number("last_axis", [-1], np.int64)
    number("one", 1.0)
    node("Mul", ["audible", number("judged", JUDGED)], "weight")
    node("Max", [node("ReduceSum", ["weight", "last_axis"], "weight_sum", keepdims=1), "one"], "weights")
    split = number("split_spectra", [1, len(SPECTRA) - 1], np.int64)
    nodes.append(helper.make_node("Split", ["spectra_db", split], ["first", "others"], axis=1))
    node("Sub", ["others", "first"], "differences")
    half = [-1, len(SPECTRA) - 1, _BANDS // 2, 2]
    node(
        "ReduceMean",
        [node("Reshape", ["differences", number("half", half, np.int64)], "paired")],
        "pairs",
        axes=[3],
        keepdims=0,
    )
    flat = number("flat", [-1, (len(SPECTRA) - 1) * _BANDS // 2], np.int64)
    node("Concat", [node("Reshape", ["pairs", flat], "flat_pairs"), "traits"], "features", axis=1)
    paired = number("audible_pairs", [-1, 1, _BANDS // 2, 2], np.int64)
    node("ReduceMin", [node("Reshape", ["audible", paired], "audible_paired")], "both", axes=[3], keepdims=0)
    tile = number("tile", [1, len(SPECTRA) - 1, 1], np.int64)
    node("Reshape", [node("Tile", ["both", tile], "tiled"), flat], "mask_pairs")
    node("Add", [node("Mul", ["traits", number("zero", 0.0)], "no_traits"), "one"], "mask_traits")
    node("Concat", ["mask_pairs", "mask_traits"], "mask", axis=1)
    node(
        "Div",
        [node("Sub", ["features", number("mean", model.mean)], "moved"), number("scale", model.scale)],
        "standard",
    )
    node("Clip", ["standard", number("lowest", -CLIP), number("highest", CLIP)], "clipped")
    node("Mul", ["clipped", "mask"], "unit")

    node(
        "Add",
        [node("MatMul", ["unit", number("ridge", model.ridge)], "leaning"), number("expected", model.expected)],
        "natural",
    )
    node("Reshape", ["first", number("spectrum_shape", [-1, _BANDS], np.int64)], "spectrum")
    left = centred(node("Sub", ["spectrum", "natural"], "surprise"), "left")

    strengths = len(model.wiener)
    wide = np.concatenate(list(model.precision), axis=1)  # (46, (k + 1) * 46)
    parts = number("parts", [-1, strengths + 1, _BANDS], np.int64)
    node("Reshape", [node("MatMul", [left, number("precision", wide)], "turned"), parts], "turned_parts")
    one_each = number("one_each", [-1, 1, _BANDS], np.int64)
    node("Mul", ["turned_parts", node("Reshape", [left, one_each], "left_each")], "products")
    node("ReduceSum", ["products", "last_axis"], "odd_sum", keepdims=0)
    node("Div", ["odd_sum", number("bands", float(_BANDS))], "odd")
    nodes.append(
        helper.make_node("Split", ["odd", number("split_odd", [1, strengths], np.int64)], ["plain", "rest"], axis=1)
    )
    node("Log", [node("Add", ["plain", number("tiny", 1e-6)], "plain_up")], "plain_log")
    node("Concat", ["odd", "plain_log"], "evidence", axis=1)
    gate_mean, gate_scale, first, bias, second, last = model.gate
    node(
        "Div",
        [node("Sub", ["evidence", number("gate_mean", gate_mean)], "ev_moved"), number("gate_scale", gate_scale)],
        "ev",
    )
    node(
        "Tanh",
        [node("Add", [node("MatMul", ["ev", number("gate_first", first)], "h0"), number("gate_bias", bias)], "h1")],
        "hidden",
    )
    node("Add", [node("MatMul", ["hidden", number("gate_second", second)], "l0"), number("gate_last", last)], "logits")
    nodes.append(
        helper.make_node(
            "Split", [node("Softmax", ["logits"], "chances", axis=1), "split_odd"], ["none", "some"], axis=1
        )
    )
    guess = number("guess_shape", [-1, strengths, _BANDS], np.int64)
    filters = number("wiener", np.concatenate(list(model.wiener), axis=1))
    node("Reshape", [node("MatMul", [left, filters], "filtered"), guess], "guesses")
    node("Reshape", ["some", number("some_shape", [-1, strengths, 1], np.int64)], "each_chance")
    node(
        "ReduceSum",
        [node("Mul", ["guesses", "each_chance"], "shares"), number("middle", [1], np.int64)],
        "mixed",
        keepdims=0,
    )
    node("Neg", [centred("mixed", "applied")], "response_db")

    squares = node("ReduceSum", [node("Mul", ["unit", "unit"], "squared"), "last_axis"], "squares", keepdims=0)
    used = node("ReduceSum", ["mask", "last_axis"], "used", keepdims=0)
    far = node("Sqrt", [node("Div", [squares, used], "mean_square")], "far")
    node("Max", [far, number("least", 1e-6)], "far_up")
    node("Min", [node("Div", [number("distance", model.distance), "far_up"], "near"), "one"], "confidence")
    graph = helper.make_graph(
        nodes, "equalizer",
        [
            helper.make_tensor_value_info("spectra_db", onnx.TensorProto.FLOAT, [None, len(SPECTRA), _BANDS]),
            helper.make_tensor_value_info("traits", onnx.TensorProto.FLOAT, [None, traits]),
            helper.make_tensor_value_info("audible", onnx.TensorProto.FLOAT, [None, _BANDS]),
        ],
        [
            helper.make_tensor_value_info("response_db", onnx.TensorProto.FLOAT, [None, _BANDS]),
            helper.make_tensor_value_info("confidence", onnx.TensorProto.FLOAT, [None]),
        ],
        numbers,
    )  # fmt: skip
    made = helper.make_model(graph, producer_name="sitwell", opset_imports=[helper.make_opsetid("", OPSET)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString(deterministic=True))
