"""A fitted estimator as an ONNX graph: raw features in, LU out; equal to scikit-learn's figure."""

import numpy as np
import numpy.typing as npt

from sitwell_training.targets.estimators import CLIP, Fitted
from sitwell_training.targets.target import Target

Floats = npt.NDArray[np.float64]

OPSET = 17


def to_onnx(fitted: Fitted, target: Target, *, features: int) -> bytes:
    """Write the graph: "features" (n, features) float32, all that are measured -> "value" (n, 1) in LU.

    Choosing what the estimator sees, standardising, clipping, the estimator, the learning scale and the
    allowed range are all inside.
    """
    import onnx
    from onnx import helper, numpy_helper
    from skl2onnx import convert_sklearn
    from skl2onnx.common.data_types import FloatTensorType

    width = len(fitted.columns)
    options = {type(fitted.model): {"optim": "cdist"}} if fitted.recipe.family == "gaussian process" else None
    converted = convert_sklearn(
        fitted.model, name=target.task, initial_types=[("standardised", FloatTensorType([None, width]))],
        target_opset={"": OPSET, "ai.onnx.ml": 3, "com.microsoft": 1}, options=options,
    )  # fmt: skip
    inner = converted.graph
    end = inner.output[0].name

    def number(name: str, values: object) -> str:
        inner.initializer.append(numpy_helper.from_array(np.asarray(values, dtype=np.float32), name))
        return name

    inner.initializer.append(numpy_helper.from_array(fitted.columns.astype(np.int64), "columns"))
    before = [
        helper.make_node("Gather", ["features", "columns"], ["seen"], axis=1),
        helper.make_node("Sub", ["seen", number("mean", fitted.mean)], ["centred"]),
        helper.make_node("Div", ["centred", number("scale", fitted.scale)], ["divided"]),
        helper.make_node("Clip", ["divided", number("lowest", -CLIP), number("highest", CLIP)], ["standardised"]),
    ]
    after = [
        helper.make_node("Reshape", [end, _shape(inner)], ["column"]),
        helper.make_node("Mul", ["column", number("unit", fitted.unit)], ["deviation"]),
        helper.make_node("Add", ["deviation", number("middle", fitted.middle)], ["learned"]),
    ]
    last = "learned"
    if target.logarithmic:
        after.append(helper.make_node("Exp", [last], ["linear"]))
        last = "linear"
    after.append(helper.make_node("Clip", [last, number("low", target.low), number("high", target.high)], ["value"]))
    graph = helper.make_graph(
        [*before, *inner.node, *after],
        target.task,
        [helper.make_tensor_value_info("features", onnx.TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info("value", onnx.TensorProto.FLOAT, [None, 1])],
        list(inner.initializer),
    )
    model = helper.make_model(graph, producer_name="sitwell", opset_imports=converted.opset_import)
    model.ir_version = 8
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString(deterministic=True))


def _shape(inner: object) -> str:
    from onnx import numpy_helper

    inner.initializer.append(numpy_helper.from_array(np.array([-1, 1], dtype=np.int64), "one_column"))  # type: ignore[attr-defined]
    return "one_column"


def run_onnx(graph: bytes, features: Floats) -> Floats:
    """Run a graph on all features (n, features): (n,)."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    (value,) = session.run(["value"], {"features": features.astype(np.float32)})
    return np.asarray(value, dtype=np.float64).ravel()
