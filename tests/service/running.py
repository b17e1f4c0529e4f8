"""A real service in processes of its own, on a free port, and the sounds and requests that tests send it."""

import functools
import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx
import numpy as np
import soundfile

RATE = 22050
PATIENCE_S = 90.0  # for what takes a second on an idle machine
T = TypeVar("T")


@functools.cache
def wav(kind: str, seconds: float = 1.5, rate: int = RATE) -> bytes:
    """A voice that comes and goes, or a noisy band, as a WAV file."""
    time_s = np.arange(round(seconds * rate)) / rate
    sound = 0.2 * np.sin(2 * np.pi * 220 * time_s) * (1 + np.sin(2 * np.pi * 3 * time_s)) / 2
    if kind == "band":
        sound = 0.1 * np.random.default_rng(0).standard_normal(time_s.size)
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="WAV")
    return file.getvalue()


def parts(vocal: bytes | None = None, *, name: str = "take.wav", seconds: float = 1.5) -> dict[str, Any]:
    """The two files of a request."""
    return {"vocal": (name, vocal or wav("voice", seconds)), "backing": ("band.wav", wav("band", seconds))}


def asked(**request: Any) -> dict[str, str]:
    """The request as a part: by the rules, which decide faster."""
    request.setdefault("wishes", {"method": "rules"})
    return {"request": json.dumps(request)}


def wait_for(what: Callable[[], T | None], patience_s: float = PATIENCE_S) -> T:
    """Wait until something is there, and give it."""
    deadline = time.monotonic() + patience_s
    while True:
        found = what()
        if found:
            return found
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


@dataclass
class Server:
    """A running `sitwell serve`."""

    process: "subprocess.Popen[str]"
    url: str
    data: Path
    log: Path

    def client(self, key: str | None = None) -> httpx.Client:
        """A client, as the owner of a key."""
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=PATIENCE_S)

    def logged(self) -> list[dict[str, Any]]:
        """All log lines so far."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def workers(self) -> list[int]:
        """The numbers of its worker processes."""
        listed = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(child) for file in listed for child in file.read_text().split()]


def command(data: Path, *options: str) -> list[str]:
    """The command line of a service on a free port."""
    return [sys.executable, "-m", "sitwell", "serve", "--data", str(data), "--port", "0", *options]


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    """Run a service; stops it in order in the end."""
    with start(data, *options) as server:
        try:
            yield server
        finally:
            if server.process.poll() is None:
                server.process.send_signal(signal.SIGTERM)
                server.process.wait(PATIENCE_S)


@contextmanager
def start(data: Path, *options: str) -> Iterator[Server]:
    """Run a service, which may be killed meanwhile."""
    handle, name = tempfile.mkstemp(prefix="sitwell-service-", suffix=".log")
    process = subprocess.Popen(
        command(data, "--workers", "1", *options),
        stdout=subprocess.PIPE,
        stderr=handle,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    os.close(handle)
    try:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        assert url.startswith("http://"), Path(name).read_text(encoding="utf-8")
        yield Server(process, url, data, Path(name))
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
        Path(name).unlink()


def ended(client: httpx.Client, mix: dict[str, Any]) -> dict[str, Any]:
    """Wait for the end of a mix."""

    def now() -> dict[str, Any] | None:
        found: dict[str, Any] = client.get(mix["links"]["self"]).raise_for_status().json()
        return found if found["state"] in ("succeeded", "failed", "cancelled") else None

    return wait_for(now)
