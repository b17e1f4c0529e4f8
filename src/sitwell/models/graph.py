"""A computation in the ONNX format, opened from bytes and run on one thread; the only user of onnxruntime."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from sitwell.errors import ModelError
from sitwell.models.wire import needs_other_files

Shape = tuple[int | None, ...]
_FATAL = 4  # the runtime's own words never reach a person


@dataclass(frozen=True, eq=False)
class Graph:
    """An opened computation: names and shapes (None where any size will do) of what goes in and comes out."""

    session: Any
    inputs: dict[str, Shape]
    outputs: dict[str, Shape]

    def run(self, inputs: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Compute all outputs by name; arrays of float64 are given as float32."""
        given = {name: _single(array) for name, array in inputs.items()}
        try:
            found = self.session.run(list(self.outputs), given)
        except Exception as error:  # the runtime's errors have no common class
            raise ModelError("model.failed", f"the model could not be computed: {_first_line(error)}") from None
        return {name: np.asarray(array) for name, array in zip(self.outputs, found, strict=True)}


def open_graph(content: bytes, name: str) -> Graph:
    """Open the bytes of an ONNX file; raises ModelError `model.unreadable` or `model.runtime`."""
    try:
        outside = needs_other_files(content)
    except ValueError as error:
        raise ModelError("model.unreadable", f"{name} is no whole ONNX file: {error}") from None
    if outside:
        raise ModelError("model.unreadable", f"{name} keeps weights in other files; store them inside it")
    runtime = _runtime()
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _FATAL
    options.enable_cpu_mem_arena = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = runtime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's errors have no common class
        raise ModelError("model.unreadable", f"{name} cannot be opened: {_first_line(error)}") from None
    inputs = {node.name: _shape(node.shape) for node in session.get_inputs()}
    return Graph(session, inputs, {node.name: _shape(node.shape) for node in session.get_outputs()})


def _runtime() -> Any:
    try:
        import onnxruntime  # here, since only learned mixes need it
    except ImportError as error:
        message = f"onnxruntime does not start ({_first_line(error)}); install it anew, or use --method rules"
        raise ModelError("model.runtime", message) from None
    onnxruntime.set_default_logger_severity(_FATAL)
    onnxruntime.disable_telemetry_events()
    return onnxruntime


def _shape(shape: Any) -> Shape:
    return tuple(size if isinstance(size, int) else None for size in shape)


def _single(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    return array.astype(np.float32) if array.dtype == np.float64 else array


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
