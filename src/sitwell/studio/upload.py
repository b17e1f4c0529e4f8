"""A file on its way in: written beside its place while it comes, within a limit, whole or not at all."""

import contextlib
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from sitwell.errors import InputError
from sitwell.io.disk import output_errors, replacing

MAX_BYTES = 2**30  # twenty minutes of 96 kHz stereo float
_PIECE = 2**22


async def receive(request: Request, place: Path) -> None:
    """Write the body of a request to `place`; raises InputError `studio.too_large` or OutputError."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MAX_BYTES:
        raise _too_large()
    with replacing(place) as temporary, output_errors(place), temporary.open("wb") as file:
        total, waiting = 0, bytearray()
        with contextlib.suppress(ClientDisconnect) as _:
            async for chunk in request.stream():
                total += len(chunk)
                if total > MAX_BYTES:
                    raise _too_large()
                waiting += chunk
                if len(waiting) >= _PIECE:
                    await run_in_threadpool(file.write, bytes(waiting))
                    waiting.clear()
        if announced.isdigit() and "content-length" in request.headers and total != int(announced):
            raise InputError("studio.cut_off", f"{place.name}: only {total} of {announced} bytes came; drop it again")
        await run_in_threadpool(file.write, bytes(waiting))


def _too_large() -> InputError:
    return InputError("studio.too_large", f"the file is larger than {MAX_BYTES // 2**20} MB; use a FLAC, or cut it")
