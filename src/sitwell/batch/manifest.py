"""Lists of takes: JSON lines, CSV or Parquet with `id, vocal, backing` and options; one wrong line costs that line."""

import csv
import io as texts
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitwell import io
from sitwell.batch.options import Options, read_options
from sitwell.catalogue import checked_id, id_in, is_reference
from sitwell.engines import Failure
from sitwell.errors import CodecError, InputError, PlanError, SitwellError

_COLUMNS = ("id", "vocal", "backing")


@dataclass(frozen=True)
class Take:
    """One line: which vocal over which backing, a path below the root or `catalog:ID`, and how."""

    id: str
    vocal: str
    backing: str
    options: Options = field(default_factory=Options)


@dataclass(frozen=True)
class Manifest:
    """The takes in their order, and the lines that are none: id, or `line N`, and what is wrong."""

    takes: tuple[Take, ...]
    wrong: tuple[tuple[str, Failure], ...]


def read_manifest(path: Path, *, defaults: Mapping[str, Any] | None = None) -> Manifest:
    """Read a manifest; the options of a line go before `defaults`.

    Options stand in `options` (an object, or JSON as text) or in columns of their own. Raises InputError
    `manifest.format`, `manifest.columns`, `manifest.empty`, `file.not_found` or `file.unreadable`; CodecError
    `manifest.extra`.
    """
    takes, wrong = dict[str, Take](), list[tuple[str, Failure]]()
    for number, row in _rows(path):
        try:
            take = _take(row, defaults or {})
            if take.id in takes:
                raise PlanError("manifest.twice", f"two takes are called {take.id!r}; every id is used once")
            takes[take.id] = take
        except SitwellError as error:
            wrong.append((f"line {number}", Failure(error.code, error.message)))
    if not takes and not wrong:
        raise InputError("manifest.empty", f"{path}: holds no takes")
    return Manifest(tuple(takes.values()), tuple(wrong))


def _rows(path: Path) -> Iterator[tuple[int, Any]]:
    match path.suffix.lower():
        case ".jsonl" | ".ndjson":
            for number, line in enumerate(io.read_text(path).splitlines(), 1):
                if line.strip():
                    yield number, _parsed(line)
        case ".csv":
            table = csv.DictReader(texts.StringIO(io.read_text(path), newline=""), strict=True)
            _check_columns(path, table.fieldnames or [])
            yield from _csv_rows(table)
        case ".parquet":
            yield from _parquet_rows(path)
        case _:
            raise InputError("manifest.format", f"{path}: a manifest is a .jsonl, .csv or .parquet file")


def _csv_rows(table: "csv.DictReader[str]") -> Iterator[tuple[int, Any]]:
    while True:
        try:
            row = next(table)
        except StopIteration:
            return
        except csv.Error as error:
            yield table.line_num, Failure("manifest.line", f"not CSV: {error}")
            continue
        yield table.line_num, row


def _parquet_rows(path: Path) -> Iterator[tuple[int, Any]]:
    try:
        from pyarrow import ArrowException, parquet
    except ImportError:
        raise CodecError("manifest.extra", f"{path}: reading it needs pip install 'sitwell[parquet]'") from None
    try:
        file = parquet.ParquetFile(path)
        _check_columns(path, file.schema_arrow.names)
        number = 0
        for batch in file.iter_batches():
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except FileNotFoundError:
        raise InputError("file.not_found", f"{path}: there is no such file; check the path") from None
    except (ArrowException, OSError, ValueError) as error:
        raise InputError("file.unreadable", f"{path}: not a Parquet file: {error}") from None


def _check_columns(path: Path, names: Any) -> None:
    missing = [name for name in _COLUMNS if name not in names]
    if missing:
        raise InputError("manifest.columns", f"{path}: has no column {missing[0]!r}; needed are {', '.join(_COLUMNS)}")


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return Failure("manifest.line", "not JSON; each line is one object")


def _take(row: Any, defaults: Mapping[str, Any]) -> Take:
    if isinstance(row, Failure):
        raise PlanError(row.code, row.message)
    if not isinstance(row, Mapping):
        raise PlanError("manifest.line", "not an object with id, vocal and backing")
    if None in row:
        raise PlanError("manifest.line", "has more fields than there are columns")
    given = [row.get(name) for name in _COLUMNS]
    for name, value in zip(_COLUMNS, given, strict=True):
        if not isinstance(value, str | int) or isinstance(value, bool) or str(value) == "":
            raise PlanError("manifest.line", f"{name} is missing, or is no text")
    id, vocal, backing = (str(value) for value in given)
    plain = {name: value for name, value in row.items() if name not in (*_COLUMNS, "options")}
    own = {name: value for name, value in plain.items() if value is not None and value != ""}
    own |= _options(row.get("options"))
    if "model" in own:
        raise PlanError("manifest.option", "a model is chosen for the whole batch, with --option model=BUNDLE")
    options = read_options({**defaults, **own})
    return Take(checked_id(id), inside(vocal), backing if _known(backing) else inside(backing), options)


def _options(value: Any) -> Mapping[str, Any]:
    if value is None or value == "":
        return {}
    if isinstance(value, str):
        value = _parsed(value)
    if not isinstance(value, Mapping):
        raise PlanError("manifest.line", 'options must be an object, such as {"amount": 80}')
    return value


def _known(backing: str) -> bool:
    return is_reference(backing) and bool(id_in(backing))


def inside(name: str) -> str:
    """Refuse names that lead out of their root, or that no file can have; PlanError `manifest.path`."""
    parts = name.replace("\\", "/").split("/")
    if ".." in parts or "\0" in name or "://" in name:
        raise PlanError("manifest.path", f"{name[:200]!r} leads out of the root; name files below it, or choose --root")
    return name
