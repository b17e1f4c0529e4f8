"""Frozen values whose knobs are declared once: range, unit, scale, step, text; knows nothing of sound.

`Value` is the base of every part of a plan. From one declaration

    ratio: float = knob(3.0, 1.0, 20.0, unit=":1", scale="log", doc="dB in per dB out above the threshold")

come validation, JSON in and out, JSON Schema, `--set` paths, sliders and random settings for tests.
"""

import dataclasses
import difflib
import math
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from sitwell.errors import PlanError
from sitwell.knob import Knob

Json = dict[str, Any]


@dataclass(frozen=True)
class Value:
    """Base of frozen, validated, JSON-able values; subclasses are frozen dataclasses."""

    def __post_init__(self) -> None:
        for name, hint, field in _fields(type(self)):
            given = getattr(self, name)
            checked = _checked(hint, field, given, name)
            if checked is not given:
                object.__setattr__(self, name, checked)

    def replace(self, **changes: Any) -> Self:
        """Make a new value with some fields changed and everything checked again."""
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> Json:
        """Turn into plain JSON types, in declaration order."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}

    @classmethod
    def from_dict(cls, data: object, path: str = "") -> Self:
        """Build from plain JSON types; missing fields take their defaults, unknown ones are refused.

        Raises PlanError `plan.type`, `plan.unknown`, `plan.missing` or `plan.range`, naming the path.
        """
        if not isinstance(data, Mapping):
            raise PlanError("plan.type", f"{path or 'plan'} must be an object, got {_kind(data)}")
        fields = {field.name: field for field in dataclasses.fields(cls)}
        for name in data:
            if name not in fields:
                raise PlanError("plan.unknown", f"unknown field {_join(path, str(name))}{_near(name, fields)}")
        hints = _types(cls)
        given = {}
        for name, field in fields.items():
            if name in data:
                given[name] = _checked(hints[name], field, data[name], _join(path, name))
            elif field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise PlanError("plan.missing", f"{_join(path, name)} is missing")
        return cls(**given)

    @classmethod
    def knobs(cls, path: str = "") -> dict[str, Knob | None]:
        """List every settable path with its Knob, or None for an on/off switch."""
        found: dict[str, Knob | None] = {}
        hints = _types(cls)
        for field in dataclasses.fields(cls):
            hint, name = hints[field.name], _join(path, field.name)
            if isinstance(hint, type) and issubclass(hint, Value):
                found |= hint.knobs(name)
            elif "knob" in field.metadata:
                found[name] = field.metadata["knob"]
            elif hint is bool:
                found[name] = None
        return found

    def get(self, path: str) -> float | bool:
        """Read the knob or switch at a dotted path; PlanError `plan.path` for a wrong path."""
        value: Any = self
        _known(type(self), path)
        for name in path.split("."):
            value = getattr(value, name)
        return typing.cast("float | bool", value)

    def set(self, path: str, value: object) -> Self:
        """Make a new value with one knob or switch changed; text such as "3" or "off" is understood.

        Raises PlanError `plan.path`, `plan.type` or `plan.range`.
        """
        parsed = _parse(path, value, _known(type(self), path))
        return self._with(path.split("."), parsed, path)

    def _with(self, names: list[str], value: object, path: str) -> Self:
        name, *rest = names
        if rest:
            return self.replace(**{name: getattr(self, name)._with(rest, value, path)})
        field = next(field for field in dataclasses.fields(self) if field.name == name)
        return self.replace(**{name: _checked(_types(type(self))[name], field, value, path)})

    def rounded(self) -> Self:
        """Round every knob to its step, so that what is shown is what is rendered."""
        changes: dict[str, Any] = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, Value):
                changes[field.name] = value.rounded()
            elif "knob" in field.metadata:
                changes[field.name] = field.metadata["knob"].clamp(value)
        return self.replace(**changes)

    @classmethod
    def schema(cls) -> Json:
        """Describe this value as a JSON Schema object (draft 2020-12)."""
        hints = _types(cls)
        properties = {field.name: _schema(hints[field.name], field) for field in dataclasses.fields(cls)}
        required = [field.name for field in dataclasses.fields(cls) if _required(field)]
        text = (cls.__doc__ or "").strip().splitlines()[0]
        described: Json = {"type": "object", "description": text, "properties": properties}
        return described | {"additionalProperties": False} | ({"required": required} if required else {})


_HINTS: dict[type, dict[str, Any]] = {}
_FIELDS: dict[type, tuple[tuple[str, Any, Any], ...]] = {}


def _types(cls: type) -> dict[str, Any]:
    if cls not in _HINTS:
        _HINTS[cls] = typing.get_type_hints(cls)
    return _HINTS[cls]


def _fields(cls: type[Value]) -> tuple[tuple[str, Any, Any], ...]:
    """List name, type and declaration of every field, looked up once: values are made by the thousand."""
    if cls not in _FIELDS:
        _FIELDS[cls] = tuple((field.name, _types(cls)[field.name], field) for field in dataclasses.fields(cls))
    return _FIELDS[cls]


def _required(field: Any) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _near(name: object, names: Mapping[str, object]) -> str:
    close = difflib.get_close_matches(str(name), list(names), n=1, cutoff=0.5)
    return f"; did you mean {close[0]}?" if close else f"; known: {', '.join(list(names)[:12])}"


def _kind(value: object) -> str:
    return "null" if value is None else f"{type(value).__name__} {value!r}"[:60]


def _known(cls: type[Value], path: str) -> Knob | None:
    known = cls.knobs()
    if path not in known:
        raise PlanError("plan.path", f"no knob {path!r}{_near(path, known)}")
    return known[path]


def _parse(path: str, value: object, declared: Knob | None) -> object:
    if not isinstance(value, str):
        return value
    if declared is None:
        words = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
        if value.strip().lower() not in words:
            raise PlanError("plan.type", f"{path} is a switch: give on or off, got {value!r}")
        return words[value.strip().lower()]
    try:
        return float(value)
    except ValueError:
        raise PlanError("plan.type", f"{path} must be a number from {declared.describe()}, got {value!r}") from None


def _checked(hint: Any, field: Any, value: object, path: str) -> Any:
    declared: Knob | None = field.metadata.get("knob")
    if declared is None:
        return _checked_plain(hint, value, path)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise PlanError("plan.type", f"{path} must be a number from {declared.describe()}, got {_kind(value)}")
    number = _real(value)
    if not declared.low <= number <= declared.high:  # also catches NaN
        raise PlanError("plan.range", f"{path} is {number:.10g}; allowed are {declared.describe()}")
    return number


def _checked_plain(hint: Any, value: Any, path: str) -> Any:
    if type(value) is hint:
        return value
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_checked_plain(args[0], item, f"{path}[{i}]") for i, item in enumerate(value))
    if origin is dict and isinstance(value, Mapping):
        return {str(key): _checked_plain(args[1], item, _join(path, str(key))) for key, item in value.items()}
    if origin is types.UnionType:
        if value is None and type(None) in args:
            return None
        return _checked_plain(next(arg for arg in args if arg is not type(None)), value, path)
    if isinstance(hint, type) and issubclass(hint, Value):
        return value if isinstance(value, hint) else hint.from_dict(value, path)
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool):
        return _real(value)
    if isinstance(hint, type) and isinstance(value, hint) and not (hint is int and isinstance(value, bool)):
        return value
    name = hint.__name__ if isinstance(hint, type) else origin.__name__ if origin else str(hint)
    raise PlanError("plan.type", f"{path} must be of type {name}, got {_kind(value)}")


def _real(value: float) -> float:
    try:
        return float(value)
    except OverflowError:  # a whole number of hundreds of digits
        return math.inf if value > 0 else -math.inf


def _plain(value: Any) -> Any:
    if isinstance(value, Value):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return None  # JSON knows no infinity
    return value


def _schema(hint: Any, field: Any) -> Json:
    declared: Knob | None = field.metadata.get("knob")
    if declared is not None:
        return {
            "type": "number", "minimum": declared.low, "maximum": declared.high, "default": field.default,
            "description": declared.doc, "x-unit": declared.unit, "x-scale": declared.scale,
            "x-step": declared.step,
        }  # fmt: skip
    described = _schema_plain(hint)
    if "doc" in field.metadata:
        described["description"] = field.metadata["doc"]
    if isinstance(field.default, bool | int | str):
        described["default"] = field.default
    return described


def _schema_plain(hint: Any) -> Json:
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return {"type": "array", "items": _schema_plain(args[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_plain(args[1])}
    if origin is types.UnionType:
        inner: Json = _schema_plain(next(arg for arg in args if arg is not type(None)))
        return {**inner, "type": [inner["type"], "null"]} if "type" in inner else inner
    if issubclass(hint, Value):
        described: Json = hint.schema()
        return described
    return {"type": {float: "number", int: "integer", str: "string", bool: "boolean"}[hint]}


def walk(value: Value, path: str = "") -> Iterator[tuple[str, Value]]:
    """Visit a value and every value inside it with its dotted path, outermost first."""
    yield path, value
    for field in dataclasses.fields(value):
        inner = getattr(value, field.name)
        if isinstance(inner, Value):
            yield from walk(inner, _join(path, field.name))
