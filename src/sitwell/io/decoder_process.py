"""The parent's end of the process that decodes (`decoder`): starts it, asks it, ends it; knows nothing of sound."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sitwell.errors import OutputError

_MESSAGE_BYTES = 65_536
_START_S = 60.0  # loading the decoders on a busy machine
_KEPT = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class DecoderProcess:
    """A process that forks for each file; raises OutputError `audio.no_decoder` when it does not start.

    It inherits no secrets: its environment holds only what Python needs. It ends with this process, however that ends.
    """

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "sitwell.io.decoder"],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env=environment | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
            )
        self._lock = threading.Lock()
        self._socket.settimeout(_START_S)
        try:
            self.can: dict[str, Any] = json.loads(self._socket.recv(_MESSAGE_BYTES))
        except (OSError, ValueError):
            self.close()
            raise OutputError(
                "audio.no_decoder", "the process that decodes did not start; see `sitwell doctor`"
            ) from None

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def alive(self) -> bool:
        """Tell whether it can still be asked."""
        return self._process.poll() is None

    @contextmanager
    def asked(self, request: dict[str, Any], handle: int) -> Iterator[socket.socket]:
        """Have a request served by a child with the open file `handle`; give the socket that brings its answers.

        The child is ended with the block.
        """
        reply, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with reply:
            try:
                with theirs, self._lock:
                    socket.send_fds(self._socket, [json.dumps(request).encode()], [theirs.fileno(), handle])
                    # The number comes from the parent of the child: the child itself might name another.
                    child = int(json.loads(self._socket.recv(_MESSAGE_BYTES))["pid"])
            except BaseException as error:
                self._process.kill()  # it would answer the next request with the child of this one
                self._process.wait()
                if isinstance(error, (OSError, ValueError)):
                    raise OutputError("audio.no_decoder", "the process that decodes has ended; try again") from None
                raise
            try:
                yield reply
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(child, signal.SIGKILL)

    def close(self) -> None:
        """Let it end, or end it."""
        self._socket.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def messages(reply: socket.socket, end: float) -> Iterator[Any]:
    """Yield what a child says, until it says nothing more, nothing that is JSON, or the clock shows `end`."""
    with suppress(OSError, ValueError, RecursionError):
        while True:
            reply.settimeout(max(end - time.monotonic(), 0.001))
            if not (data := reply.recv(_MESSAGE_BYTES)):
                return
            yield json.loads(data)
