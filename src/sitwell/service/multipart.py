"""A multipart body sorted into fields and files as it comes; knows no network."""

import hashlib
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from sitwell.service.problems import Problem
from sitwell.service.request import MAX_JSON_BYTES


@dataclass
class Upload:
    """What came: JSON or fields as text, and files with their names and hashes."""

    fields: dict[str, bytes] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    bytes: int = 0

    def json(self, name: str) -> Any:
        """Read a field as JSON; raises Problem 400."""
        try:
            return json.loads(self.fields.get(name) or b"{}")
        except (ValueError, RecursionError):
            raise Problem(400, "request.json", f"{name} is not JSON") from None


class Parts:
    """Sorts the parts of a multipart body into fields and files."""

    def __init__(self, boundary: bytes, folder: Path, files: tuple[str, ...], *, hashed: bool) -> None:
        self.upload, self.ended = Upload(), False
        self._folder, self._files, self._hashed = folder, files, hashed
        self._header, self._value, self._disposition = b"", b"", b""
        self._name, self._hash = "", hashlib.sha256()
        self._file: IO[bytes] | None = None
        try:
            self.parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._begin,
                    "on_header_field": self._on_field,
                    "on_header_value": self._on_value,
                    "on_header_end": self._header_end,
                    "on_headers_finished": self._headers_finished,
                    "on_part_data": self._data,
                    "on_part_end": self._end,
                    "on_end": self._all,
                },
            )
        except FormParserError as error:
            raise Problem(400, "request.multipart", f"the multipart body cannot be read: {error}") from None

    def close(self) -> None:
        """Close a file that was not finished."""
        if self._file is not None:
            self._file.close()

    def _begin(self) -> None:
        self._header = self._value = self._disposition = b""

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._disposition)
        name = options.get(b"name", b"").decode("utf-8", "replace")
        if name not in (*self._files, "request"):
            raise Problem(
                422, "request.part", f"unknown part {name[:80]!r}; known: {', '.join((*self._files, 'request'))}"
            )
        if name in self.upload.fields or name in self.upload.names:
            raise Problem(422, "request.part", f"part {name} is there twice")
        self._name, self._file = name, None
        if b"filename" in options and name in self._files:
            self.upload.names[name] = plain_name(options[b"filename"].decode("utf-8", "replace"))
            self._file, self._hash = (self._folder / f"in-{name}").open("xb"), hashlib.sha256()
        else:
            self.upload.fields[name] = b""

    def _data(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        if self._file is not None:
            self._file.write(piece)
            if self._hashed:
                self._hash.update(piece)
            self.upload.bytes += len(piece)
            return
        self.upload.fields[self._name] += piece
        if len(self.upload.fields[self._name]) > MAX_JSON_BYTES:
            raise too_big(MAX_JSON_BYTES)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self.upload.hashes[self._name] = self._hash.hexdigest()
            self._file = None

    def _all(self) -> None:
        self.ended = True


def plain_name(name: str) -> str:
    """Make a file name of what a client calls a file: no folders, no control characters, not too long.

    A quotation mark comes as %22 (HTML, section 4.10.21.8).
    """
    last = re.split(r"[/\\]", name)[-1].replace("%22", '"')
    return "".join(sign for sign in last if sign.isprintable())[-200:].strip() or "sound"


def too_big(max_bytes: int) -> Problem:
    """Say that a body is too big."""
    return Problem(413, "request.too_big", f"the body is bigger than the {max_bytes / 1e6:g} MB allowed")
