"""Values taken apart into plain figures and named arrays, and put together again, as their dataclasses declare."""

import dataclasses
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from sitwell.value import Json

Arrays = Mapping[str, npt.NDArray[Any]]
T = TypeVar("T")


def take_apart(value: Any, path: str = "") -> tuple[Json, dict[str, npt.NDArray[Any]]]:
    """Split a dataclass into figures, nested as it is, and arrays by their dotted path, such as `spectrum.bark`."""
    figures: Json = {}
    arrays: dict[str, npt.NDArray[Any]] = {}
    for field in dataclasses.fields(value):
        found, name = getattr(value, field.name), f"{path}{field.name}"
        if dataclasses.is_dataclass(found):
            figures[field.name], inner = take_apart(found, f"{name}.")
            arrays |= inner
        elif isinstance(found, np.ndarray):
            arrays[name] = found
        else:
            figures[field.name] = found
    return figures, arrays


def put_together(kind: type[T], figures: Json, arrays: Arrays, path: str = "") -> T:
    """Build what `take_apart` took apart; KeyError or TypeError when something is missing."""
    hints = typing.get_type_hints(kind)
    given: dict[str, Any] = {}
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        name, hint = f"{path}{field.name}", hints[field.name]
        if dataclasses.is_dataclass(hint):
            given[field.name] = put_together(typing.cast(type, hint), figures[field.name], arrays, f"{name}.")
        else:
            given[field.name] = arrays[name] if name in arrays else figures[field.name]
    return kind(**given)


def outline(kind: type) -> list[Any]:
    """Name all fields of a dataclass and of those inside it: what is stored fits while this stays the same."""
    hints = typing.get_type_hints(kind)
    return [
        [field.name, outline(typing.cast(type, hint))]
        if dataclasses.is_dataclass(hint := hints[field.name])
        else field.name
        for field in dataclasses.fields(kind)
    ]
