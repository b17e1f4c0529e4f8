"""The process that decodes files for `guarded`: it starts once, forks for each file, and the fork is confined.

Started as `python -m sitwell.io.decoder`; stdin is a socket that brings requests. It never sees more of its parent
than these, and its children answer the parent themselves.
"""

import json
import os
import signal
import socket
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, NoReturn

from sitwell.errors import InputError, SitwellError
from sitwell.io import confine, seccomp
from sitwell.io.decode import open_source
from sitwell.io.read import check_header, decode
from sitwell.io.spool import Spool

MESSAGE_BYTES = 65_536
_PROGRESS_S = 0.05


def main() -> None:
    """Serve requests until the parent closes its end."""
    _load_all()
    signal.signal(signal.SIGCHLD, _reap)
    for stop in (signal.SIGINT, signal.SIGTERM):  # may reach a whole group: the parent decides when decoding ends
        signal.signal(stop, signal.SIG_IGN)
    requests = socket.socket(fileno=0)
    can = {"namespace": confine.leave_network(), "landlock": confine.landlock_version()}
    with suppress(ConnectionError):  # nobody is there any more, or not any longer
        requests.send(json.dumps(can | {"seccomp": seccomp.available()}).encode())
        _fork_for_each(requests)


def _fork_for_each(requests: socket.socket) -> None:
    while True:
        message, handles, _, _ = socket.recv_fds(requests, MESSAGE_BYTES, 2)
        if not message:
            return
        child = os.fork()
        if child == 0:
            requests.close()
            _serve(json.loads(message), socket.socket(fileno=handles[0]), handles[1])
        with suppress(OSError):  # it has ended already
            os.setpgid(child, child)  # so that the parent can end whatever it starts
        requests.send(json.dumps({"pid": child}).encode())
        for handle in handles:
            os.close(handle)


def _reap(*_: object) -> None:
    """Take note that children have ended, so that what they used counts as used by this process."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _load_all() -> None:
    """Load what decoding loads when first needed, once for all files."""
    import soundfile  # noqa: F401
    import soxr  # noqa: F401

    import sitwell.io.decode_av  # noqa: F401

    with suppress(ImportError):
        import av  # noqa: F401


def _serve(request: dict[str, Any], reply: socket.socket, handle: int) -> NoReturn:
    """Decode one file into the open file `handle`, answer, and end."""
    try:
        answer = _confined(request, reply, handle)
        reply.send(json.dumps(answer).encode())
    finally:
        os._exit(0)


def _confined(request: dict[str, Any], reply: socket.socket, handle: int) -> dict[str, Any]:
    path, limits = Path(request["path"]), request["limits"]
    confine.end_with_parent()
    signal.signal(signal.SIGXCPU, _out_of_time)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries print of a file is its author's text
    spare = tempfile.TemporaryFile()  # noqa: SIM115 - the last that can be made
    confine.limit(**limits)
    confine.only_files([path, *map(Path, sys.path)])  # libraries load parts when needed
    seccomp.forbid()
    try:
        with open_source(path, request["stream"], spare) as source:
            if request["probe"]:
                check_header(path, source, request["max_seconds"])
                return {"info": vars(source.info)}
            file = os.fdopen(handle, "r+b", buffering=0)
            return _decoded(path, source, file, request, reply)
    except SitwellError as error:
        return {"error": type(error).__name__, "code": error.code, "message": error.message}
    except MemoryError:
        return _refused(path, f"needs more than {limits['memory_bytes'] >> 20} MB of memory to decode")


def _decoded(path: Path, source: Any, file: IO[bytes], request: dict[str, Any], reply: socket.socket) -> dict[str, Any]:
    told = time.monotonic()

    def tell(share: float) -> None:
        nonlocal told
        if time.monotonic() - told > _PROGRESS_S:
            told = time.monotonic()
            reply.send(json.dumps({"progress": share}).encode())

    found = decode(
        path,
        source,
        lambda channels, capacity: Spool(channels, capacity, file),
        sample_rate=request["sample_rate"],
        max_seconds=request["max_seconds"],
        progress=tell,
    )
    spool = found.spool
    notices = [(notice.code, notice.message) for notice in found.notices]
    sizes = {"channels": spool.channels, "capacity": spool.capacity, "length": spool.length}
    return {"sizes": sizes, "sample_rate": found.sample_rate, "notices": notices}


def _out_of_time(_signal: int, _frame: object) -> NoReturn:
    raise InputError("audio.limits", "takes more CPU time to decode than is allowed; convert it to WAV or FLAC")


def _refused(path: Path, why: str) -> dict[str, Any]:
    return {"error": "InputError", "code": "audio.limits", "message": f"{path}: {why}"}


if __name__ == "__main__":
    main()
