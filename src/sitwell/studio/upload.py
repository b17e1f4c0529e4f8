"""A file on its way in: written beside its place while it comes, within a limit, looked at, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from sitwell.errors import InputError
from sitwell.io.disk import output_errors, replacing

_PIECE = 2**22


async def receive(request: Request, place: Path, *, most_bytes: int, check: Callable[[Path], object]) -> None:
    """Write the body of a request to `place`, if `check` finds nothing wrong with it.

    Raises InputError `studio.too_large` or what `check` raises, and OutputError; a page that goes away leaves nothing.
    """
    announced = int(request.headers.get("content-length") or 0)
    if announced > most_bytes:
        raise _too_large(most_bytes)
    with replacing(place) as temporary:
        with output_errors(place), temporary.open("wb") as file:
            total, waiting = 0, bytearray()
            async for chunk in request.stream():
                total += len(chunk)
                if total > most_bytes:
                    raise _too_large(most_bytes)
                waiting += chunk
                if len(waiting) >= _PIECE:
                    await run_in_threadpool(file.write, bytes(waiting))
                    waiting.clear()
            await run_in_threadpool(file.write, bytes(waiting))
        await run_in_threadpool(check, temporary)


def _too_large(most_bytes: int) -> InputError:
    return InputError("studio.too_large", f"the file is larger than {most_bytes // 2**20} MB; use a FLAC, or cut it")
