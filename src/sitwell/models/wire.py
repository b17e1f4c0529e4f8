"""Looks through the bytes of an ONNX file for weights kept in other files; knows nothing of what it computes.

A graph can name files whose bytes become its weights. No hash guards those and they may lie anywhere, so such a
file is refused before the runtime sees it. Source: onnx.proto3 of ONNX (field numbers), protobuf's wire format.
"""

from collections.abc import Iterator

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DEEPEST = 60  # graphs within graphs
_DATA_LOCATION, _EXTERNAL_DATA, _EXTERNAL = 14, 13, 1

# Message -> field -> message: the ways that lead to a tensor.
_INSIDE = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node", 11: "attribute"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
}


def needs_other_files(content: bytes) -> bool:
    """Tell whether a tensor anywhere in an ONNX model is kept outside; ValueError when this is no such model."""
    return _search(memoryview(content), "model", 0)


def _search(message: memoryview, kind: str, depth: int) -> bool:
    if depth > _DEEPEST:
        raise ValueError("graphs are nested too deeply")
    for field, value in _fields(message):
        if kind == "tensor" and (field == _EXTERNAL_DATA or (field == _DATA_LOCATION and value == _EXTERNAL)):
            return True
        inner = _INSIDE[kind].get(field)
        if inner is not None and isinstance(value, memoryview) and _search(value, inner, depth + 1):
            return True
    return False


def _fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield field number and value of every field: a whole number, or the bytes of what has a length."""
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, wire = tag >> 3, tag & 7
        if wire == _VARINT:
            number, at = _varint(message, at)
            yield field, number
            continue
        if wire == _BYTES:
            size, at = _varint(message, at)
        elif wire in (_FIXED64, _FIXED32):
            size = 8 if wire == _FIXED64 else 4
        else:
            raise ValueError(f"unknown wire type {wire}")
        if at + size > len(message):
            raise ValueError("it ends too early")
        yield field, message[at : at + size]
        at += size


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("it ends too early")
        byte = message[at]
        number |= (byte & 0x7F) << shift
        at += 1
        if byte < 0x80:
            return number, at
        shift += 7
