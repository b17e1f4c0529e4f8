"""A request body taken in piece by piece: files go to the disk as they come, and never more than is allowed."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.concurrency import run_in_threadpool

from sitwell.errors import SitwellError
from sitwell.io import container
from sitwell.service.multipart import Parts, Upload, too_big
from sitwell.service.problems import Problem
from sitwell.service.request import MAX_JSON_BYTES
from sitwell.service.settings import Settings

_LOOK_BYTES = 32_000_000  # how often the room on the disk is looked at


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
            sink = Parts(options[b"boundary"], folder, files, hashed=hashed)
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
            raise too_big(max_bytes)
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


async def _pour(request: Request, sink: Parts, max_bytes: int, check_disk: Callable[[], None]) -> None:
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
            raise too_big(max_bytes)
        if taken - looked > _LOOK_BYTES:
            looked = taken
            check_disk()
        take(piece)


def _check_length(request: Request, max_bytes: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise too_big(max_bytes)
