"""Read strangers' sound files in processes of their own, with bounds on what these may take and reach.

Decoders parse what anybody made: a fault in one must not reach the program that serves others. Each file is decoded
by a fork of a small process that holds nothing but the decoders; it is confined (`confine`) and ended when late.
Linux only: elsewhere files are decoded in this process and only their caps hold. `Guard.enforced` says what holds.
"""

import atexit
import functools
import os
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Self

from sitwell.audio import Audio
from sitwell.errors import CodecError, InputError, Notice, OutputError, SitwellError
from sitwell.io.decode import Info
from sitwell.io.decoder_process import DecoderProcess, messages
from sitwell.io.read import MAX_RATE, MAX_SECONDS, MIN_RATE, Decoded, Progress, probe, read
from sitwell.io.spool import Spool, nameless_file

_DEFAULTS = {"sample_rate": None, "stream": 0, "probe": False}
_ERRORS: dict[str, type[SitwellError]] = {kind.__name__: kind for kind in (InputError, CodecError, OutputError)}


@dataclass(frozen=True)
class Limits:
    """What one file may take: seconds of sound, bytes of file, memory beyond the decoders, CPU and clock seconds."""

    max_seconds: float = MAX_SECONDS
    file_bytes: int = 2 * 2**30
    memory_bytes: int = 256 * 2**20
    cpu_s: int = 120
    clock_s: float = 300.0


class Guard:
    """Decodes files in confined processes; use it from any thread, and close it in the end."""

    def __init__(self, limits: Limits = Limits()) -> None:
        self.limits = limits
        self._lock = threading.Lock()
        self._decoder: DecoderProcess | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process that decodes."""
        with self._lock:
            if self._decoder is not None:
                self._decoder.close()
                self._decoder = None

    @property
    def enforced(self) -> dict[str, bool]:
        """Say which fences stand: a process of its own with limits, no network, no other files, few system calls."""
        if sys.platform != "linux":
            return dict.fromkeys(("process", "network", "files", "calls"), False)
        can = self._running().can
        calls = bool(can["seccomp"])
        return {
            "process": True,
            "network": calls or bool(can["namespace"]),
            "files": can["landlock"] > 0,
            "calls": calls,
        }

    def probe(self, path: str | os.PathLike[str], *, name: str | None = None) -> Info:
        """Read what the header of a sound file says; errors as in `read`."""
        if sys.platform != "linux":
            return probe(path)
        with nameless_file() as file:
            return Info(**self._answer(path, name, file, None, probe=True)["info"])

    def read(
        self,
        path: str | os.PathLike[str],
        *,
        sample_rate: int | None = None,
        stream: int = 0,
        name: str | None = None,
        progress: Progress | None = None,
    ) -> Audio:
        """Read a sound file as `io.read` does, with its errors; `name` stands in them in place of the path.

        Raises also InputError `audio.limits` when the file is too big, or takes more memory or time than it may.
        A decoder that crashes is `audio.unreadable`.
        """
        if sys.platform != "linux":
            return read(path, sample_rate=sample_rate, stream=stream, max_seconds=self.limits.max_seconds)
        with nameless_file() as file:
            answer = self._answer(path, name, file, progress, sample_rate=sample_rate, stream=stream)
            notices = tuple(Notice(code, message) for code, message in answer["notices"])
            spool = Spool.filled(**answer["sizes"], file=file)
            return Decoded(spool, answer["sample_rate"], name or Path(path).name, notices).audio()

    def _running(self) -> DecoderProcess:
        with self._lock:
            if self._decoder is not None and not self._decoder.alive():
                self._decoder.close()
                self._decoder = None
            if self._decoder is None:
                self._decoder = DecoderProcess()
            return self._decoder

    def _answer(
        self, path: str | os.PathLike[str], name: str | None, file: IO[bytes], progress: Progress | None, **more: Any
    ) -> dict[str, Any]:
        """Have a file decoded into `file`, and give the answer or raise what went wrong."""
        shown = name or os.fspath(path)
        place = os.path.abspath(path)
        with suppress(OSError, ValueError):
            if os.stat(place).st_size > self.limits.file_bytes:
                raise InputError("audio.limits", f"{shown}: bigger than the {self.limits.file_bytes >> 20} MB allowed")
        request = {"path": place, "max_seconds": self.limits.max_seconds, "limits": self._child_limits()}
        answer = self._ask(request | _DEFAULTS | more, shown, file, progress)
        if "error" in answer:
            kind = _ERRORS.get(answer["error"], InputError)
            raise kind(answer["code"], answer["message"].replace(place, shown))
        return answer

    def _child_limits(self) -> dict[str, int]:
        limits = self.limits
        decoded = round((limits.max_seconds + 2) * MAX_RATE) * 8
        return {
            "memory_bytes": limits.memory_bytes, "cpu_s": limits.cpu_s, "file_bytes": max(decoded, limits.file_bytes),
        }  # fmt: skip

    def _ask(self, request: dict[str, Any], shown: str, file: IO[bytes], progress: Progress | None) -> dict[str, Any]:
        end = time.monotonic() + self.limits.clock_s
        with self._running().asked(request, file.fileno()) as reply:
            for message in messages(reply, end):
                if not _makes_sense(message, self.limits.max_seconds):
                    break
                if "progress" not in message:
                    return dict(message)
                if progress is not None:
                    progress(min(max(float(message["progress"]), 0.0), 1.0))
        if time.monotonic() >= end:
            raise InputError("audio.limits", f"{shown}: not decoded within {self.limits.clock_s:g} s")
        raise InputError("audio.unreadable", f"{shown}: damaged so that decoding it failed; convert it to WAV or FLAC")


@functools.cache
def shared_guard(limits: Limits) -> Guard:
    """Give the guard of this process for files under these limits; it is closed when the process ends."""
    guard = Guard(limits)
    atexit.register(guard.close)
    return guard


def _makes_sense(message: Any, max_seconds: float) -> bool:
    """Believe nothing: what was decoded may have taken the child over."""
    match message:
        case {"progress": float() | int()} | {"error": str(), "code": str(), "message": str()}:
            return True
        case {"info": {"sample_rate": int(), "channels": int(), "seconds": float() | int() | None, **more}}:
            return more.keys() == {"format", "subtype"}
        case {"sizes": {"channels": 1 | 2, "capacity": int(capacity), "length": int(length), **more}, **rest}:
            rate, notices = rest.get("sample_rate"), rest.get("notices")
            return (
                not more
                and 0 <= length <= capacity <= (max_seconds + 2) * MAX_RATE
                and isinstance(rate, int)
                and MIN_RATE <= rate <= MAX_RATE
                and isinstance(notices, list)
                and all(isinstance(pair, list) and [type(part) for part in pair] == [str, str] for pair in notices)
            )
    return False
