"""How processes of the service begin and stop: settings come on stdin, and its end is as good as SIGTERM."""

import signal
import sys
import threading
import time
from typing import TextIO

from sitwell.service.logs import log_as_json
from sitwell.service.settings import Settings


class Stopping:
    """Whether to stop, and since when."""

    def __init__(self, grace_s: float) -> None:
        self.begun = threading.Event()
        self._grace_s, self._since = grace_s, 0.0

    def begin(self) -> None:
        """Take no more work."""
        if not self.begun.is_set():
            self._since = time.monotonic()
            self.begun.set()

    def begin_at_end_of(self, stream: TextIO) -> None:
        """Wait for the end of a stream, then begin."""
        stream.read()
        self.begin()

    def late(self) -> bool:
        """Tell whether the time to finish is over, too."""
        return self.begun.is_set() and time.monotonic() - self._since > self._grace_s


def started() -> tuple[Settings, Stopping]:
    """Begin as a process of the service: read settings, log as JSON, listen for orders to stop."""
    settings = Settings.from_json(sys.stdin.readline())
    log_as_json()
    stopping = Stopping(settings.grace_s)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which then tells us
    signal.signal(signal.SIGTERM, lambda *_: stopping.begin())
    threading.Thread(target=stopping.begin_at_end_of, args=(sys.stdin,), daemon=True).start()
    return settings, stopping
