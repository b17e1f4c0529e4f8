"""The model as an ONNX graph: features of octaves in, what it reads of each octave out."""

from typing import Any

import numpy as np

from sitwell.analysis.tails import TAIL_FEATURES, TAIL_VOTES
from sitwell_training.extraction.model import FIGURES, VOTES_SCALE, Model
from sitwell_training.extraction.network import CLIP

OPSET = 17
OUTPUTS = 2 * FIGURES + 1


def to_onnx(model: Model) -> bytes:
    """Write the graph: "features" (n, 7, k) float32 -> "octaves" (n, 7, 5), equal to calling the model."""
    import onnx
    from onnx import helper, numpy_helper

    nodes, numbers = [], []

    def number(name: str, values: object, kind: type = np.float32) -> str:
        numbers.append(numpy_helper.from_array(np.ascontiguousarray(np.asarray(values, dtype=kind)), name))
        return name

    def node(operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    split = number("split", [TAIL_VOTES, TAIL_FEATURES - TAIL_VOTES], np.int64)
    nodes.append(helper.make_node("Split", ["features", split], ["votes", "others"], axis=2))
    node("Sub", ["votes", number("centre", model.centre)], "centred")
    node("MatMul", ["centred", number("components", VOTES_SCALE * model.components)], "projected")
    node("Concat", ["projected", "others"], "seen", axis=2)
    number("lowest", -CLIP)
    number("highest", CLIP)
    answers = []
    for index, network in enumerate(model.networks):
        at = f"n{index}"
        node("Sub", ["seen", number(f"{at}_mean", network.mean)], f"{at}_centred")
        node("Div", [f"{at}_centred", number(f"{at}_scale", network.scale)], f"{at}_unit")
        last = node("Clip", [f"{at}_unit", "lowest", "highest"], f"{at}_in")
        layers = list(zip(network.weights[::2], network.weights[1::2], strict=True))
        for layer, (weight, bias) in enumerate(layers):
            name = f"{at}_{layer}"
            node("MatMul", [last, number(f"{name}_w", weight)], f"{name}_p")
            last = node("Add", [f"{name}_p", number(f"{name}_b", bias)], f"{name}_s")
            if layer < len(layers) - 1:
                last = node("Relu", [last], f"{name}_r")
        answers.append(last)
    node("Mean", answers, "octaves")
    graph = helper.make_graph(
        nodes,
        "extraction",
        [helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, [None, 7, TAIL_FEATURES])],
        [helper.make_tensor_value_info("octaves", onnx.TensorProto.FLOAT, [None, 7, OUTPUTS])],
        numbers,
    )
    made = helper.make_model(graph, producer_name="sitwell", opset_imports=[helper.make_opsetid("", OPSET)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString(deterministic=True))
