"""One run at a time: a lock on a folder of this machine; at a URL a file in `running` tells of a run and is renewed.

A run at a URL first tells of itself, then looks for others: of two that start at once one may run, or none, never both.
"""

import json
import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sitwell.errors import InputError, OutputError, SitwellError
from sitwell.storage import Folder

LEASE_S = 120.0  # a run that was killed keeps others out for so long
RENEWED_S = LEASE_S / 6
_RUNNING = "running"
_STALE = "*.sitwell-*.tmp*"


@contextmanager
def alone(output: Folder) -> Iterator[None]:
    """Keep a second run out of a place; OutputError `batch.running`. What a killed one left half-written goes."""
    top = output.local(".")
    with _announced(output) if top is None else _locked(top):
        yield


@contextmanager
def _locked(top: Path) -> Iterator[None]:
    with suppress(FileExistsError):
        top.mkdir(parents=True)
    import fcntl  # here, since only a POSIX system has it

    with (top / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise OutputError("batch.running", f"{top}: another run works here; wait for it, or end it") from None
        try:
            _clean(top)
            yield
        finally:
            _clean(top)


def _clean(top: Path) -> None:
    for path in top.rglob(_STALE):
        path.unlink(missing_ok=True)


@contextmanager
def _announced(output: Folder) -> Iterator[None]:
    name, ended = f"{_RUNNING}/{secrets.token_hex(8)}.json", threading.Event()
    who = {"host": socket.gethostname(), "process": os.getpid()}

    def tell() -> None:
        output.write(name, json.dumps(who | {"until_s": time.time() + LEASE_S}).encode())

    def renew() -> None:
        while not ended.wait(RENEWED_S):
            with suppress(OutputError):  # there is time for another try
                tell()

    renewing = threading.Thread(target=renew, daemon=True)
    try:
        tell()
        _look_for_others(output, name)
        renewing.start()
        yield
    finally:
        ended.set()
        if renewing.ident is not None:
            renewing.join()
        with suppress(SitwellError):  # it expires
            output.remove(name)


def _look_for_others(output: Folder, own: str) -> None:
    for name in (f"{_RUNNING}/{name}" for name in output.names(_RUNNING)):
        try:
            other: Any = json.loads(output.read(name)) if name != own else {"until_s": 0.0}
            left_s = float(other["until_s"]) - time.time()
        except InputError as error:
            if error.code != "storage.not_found":
                raise
            continue  # it has just ended
        except (ValueError, KeyError, TypeError):
            continue  # it is no such file
        if left_s > 0:
            raise OutputError(
                "batch.running",
                f"{output.url}: another run works here (process {other.get('process')} on {other.get('host')}); wait "
                f"for it, or end it; if it was killed, wait {left_s:.0f} s or remove {output.url}/{name}",
            )
        if name != own:
            output.remove(name)
