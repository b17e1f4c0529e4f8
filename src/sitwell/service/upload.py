"""A request body taken in piece by piece: files go to the disk as they come, and never more than is allowed."""

import asyncio
import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from sitwell.errors import SitwellError
from sitwell.io import container
from sitwell.service.problems import Problem
from sitwell.service.request import MAX_JSON_BYTES
from sitwell.service.settings import Settings

_LOOK_BYTES = 32_000_000  # how often the room on the disk is looked at


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


async def receive(
    request: Request,
    folder: Path,
    *,
    files: tuple[str, ...],
    max_bytes: int,
    check_disk: Callable[[], None],
    hashed: bool,
) -> Upload:
    """Take a body in: JSON, or multipart whose `files` become `in-NAME` in a folder that is there, `hashed` or not.

    Raises Problem 400, 413, 415, 422 or 507; what was written so far is the caller's to remove.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    match kind:
        case b"multipart/form-data" if options.get(b"boundary"):
            sink = _Parts(options[b"boundary"], folder, files, hashed=hashed)
        case b"application/json":
            upload = Upload()
            upload.fields["request"] = await body(request, MAX_JSON_BYTES)
            return upload
        case _:
            raise Problem(415, "request.media_type", "send multipart/form-data, or application/json with references")
    try:
        await _pour(request, sink, max_bytes, check_disk)
    finally:
        sink.close()
    return sink.upload


async def pour_into(path: Path, request: Request, settings: Settings, check_disk: Callable[[], None]) -> None:
    """Take a body that is a file in; raises Problem 408, 413, 422 or 507."""
    try:
        async with asyncio.timeout(settings.upload_timeout_s):
            with path.open("xb") as file:
                await _pieces(request, file.write, round(settings.max_upload_mb * 1e6), check_disk)
    except TimeoutError:
        raise too_slow(settings) from None


def too_slow(settings: Settings) -> Problem:
    """Say that a body took too long to come."""
    return Problem(408, "request.slow", f"not sent within {settings.upload_timeout_s:g} s")


async def body(request: Request, max_bytes: int) -> bytes:
    """Read a small body whole; raises Problem 413."""
    _check_length(request, max_bytes)
    data = bytearray()
    async for piece in request.stream():
        data += piece
        if len(data) > max_bytes:
            raise _too_big(max_bytes)
    return bytes(data)


async def to_disk(folder: Path) -> None:
    """See to it that what was taken in survives a power cut; all at once, which a file system does in one go."""
    paths = (*folder.glob("in-*"), folder, folder.parent)
    await asyncio.gather(*(run_in_threadpool(_to_disk, path) for path in paths))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checked_kind(path: Path, name: str) -> None:
    """Refuse a file that does not begin as a sound file does; raises InputError, naming it as the client does."""
    try:
        container.identify(path)
    except SitwellError as error:
        raise type(error)(error.code, error.message.replace(str(path), name)) from None


def plain_name(name: str) -> str:
    """Make a file name of what a client calls a file: no folders, no control characters, not too long.

    A quotation mark comes as %22 (HTML, section 4.10.21.8).
    """
    last = re.split(r"[/\\]", name)[-1].replace("%22", '"')
    return "".join(sign for sign in last if sign.isprintable())[-200:].strip() or "sound"


async def _pour(request: Request, sink: "_Parts", max_bytes: int, check_disk: Callable[[], None]) -> None:
    try:
        await _pieces(request, sink.parser.write, max_bytes, check_disk)
        sink.parser.finalize()
    except FormParserError as error:
        raise Problem(400, "request.multipart", f"the multipart body cannot be read: {error}") from None
    if not sink.ended:
        raise Problem(400, "request.multipart", "the multipart body breaks off; send it again")


async def _pieces(
    request: Request, take: Callable[[bytes], object], max_bytes: int, check_disk: Callable[[], None]
) -> None:
    """Hand on the pieces of a body as they come, as long as there is room."""
    _check_length(request, max_bytes)
    taken, looked = 0, 0
    async for piece in request.stream():
        taken += len(piece)
        if taken > max_bytes:
            raise _too_big(max_bytes)
        if taken - looked > _LOOK_BYTES:
            looked = taken
            check_disk()
        take(piece)


def _check_length(request: Request, max_bytes: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_big(max_bytes)


def _too_big(max_bytes: int) -> Problem:
    return Problem(413, "request.too_big", f"the body is bigger than the {max_bytes / 1e6:g} MB allowed")


class _Parts:
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
            raise _too_big(MAX_JSON_BYTES)

    def _end(self) -> None:
        if self._file is not None:
            self._file.close()
            self.upload.hashes[self._name] = self._hash.hexdigest()
            self._file = None

    def _all(self) -> None:
        self.ended = True
