"""Runs the studio's engine: in node, and in Chromium's OfflineAudioContext."""

import base64
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sitwell.audio import Audio
from sitwell.plan import MixPlan

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
_BIN = Path(sys.executable).parent
_TIMEOUT_S = 300
_HEADERS = {  # what web/src/engine/README.md asks of a server
    "Content-Security-Policy": "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


def node(*arguments: str, folder: Path = WEB, timeout_s: float = _TIMEOUT_S) -> str:
    """Run a program of node that `make .venv/engine.stamp` installed; skip where it did not."""
    if not (WEB / "node_modules").is_dir() or not (WEB / "src/generated/engine.wasm").is_file():
        pytest.skip("the engine is not built; `make .venv/engine.stamp` does it")
    environment = os.environ | {"PATH": f"{_BIN}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    run = subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout_s, check=False
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def node_mixes(
    plans: list[MixPlan], vocal: Audio, backing: Audio, folder: Path
) -> tuple[np.ndarray, list[dict[str, float]]]:
    """Render plans with the WebAssembly core in node; all samples in a row, and what was measured of each plan."""
    out = folder / "mixes.f32"
    lines = node("node", "test/render.mjs", str(write_job(plans, vocal, backing, folder)), str(out)).splitlines()
    return np.fromfile(out, dtype=np.float32), [json.loads(line) for line in lines]


def write_job(plans: list[MixPlan], vocal: Audio, backing: Audio, folder: Path) -> Path:
    """Write what the programs in `web/test` read: plans, and stems as base64."""
    job = folder / "job.json"
    stems = {name: base64.b64encode(_bytes(sound)).decode() for name, sound in _named(vocal, backing)}
    job.write_text(json.dumps({**_job(plans, vocal), **stems}))
    return job


@dataclass
class BrowserRun:
    """What a page in Chromium sent back."""

    job: dict[str, bytes]
    mixes: list[np.ndarray] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    result: Any = None
    failure: str = ""
    over: threading.Event = field(default_factory=threading.Event)


def browse(chromium: str, page: str, plans: list[MixPlan], vocal: Audio, backing: Audio, folder: Path) -> BrowserRun:
    """Let a test page of `web/test` do its work in headless Chromium."""
    built = folder / "page"
    node("npx", "--no-install", "vite", "build", "-c", "vite.test.config.ts", "--outDir", str(built), "-l", "error")
    stems = {name: _bytes(sound) for name, sound in _named(vocal, backing)}
    run = BrowserRun({"job": json.dumps(_job(plans, vocal)).encode(), **stems})
    with _serving(built, run) as address, _browsing(chromium, f"{address}/{page}.html", folder / "profile"):
        assert run.over.wait(_TIMEOUT_S), "the page did not come to its end"
    assert run.failure == ""
    return run


@contextmanager
def _serving(page: Path, run: BrowserRun) -> Iterator[str]:
    class Handler(SimpleHTTPRequestHandler):
        extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript"}

        def do_GET(self) -> None:
            body = run.job.get(self.path.lstrip("/"))
            if body is None:
                super().do_GET()
            else:
                self._answer(body)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kind, _, rest = self.path.lstrip("/").partition("/")
            if kind == "mix":
                run.mixes.append(np.frombuffer(body, dtype=np.float32).reshape(2, -1))
                run.seconds.append(float(rest.partition("seconds=")[2]))
            elif kind == "failed":
                run.failure = body.decode()
                run.over.set()
            else:
                run.result = json.loads(body)
                run.over.set()
            self._answer(b"")

        def _answer(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def end_headers(self) -> None:
            for name, value in _HEADERS.items():
                self.send_header(name, value)
            super().end_headers()

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(page)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def _browsing(chromium: str, address: str, profile: Path) -> Iterator[None]:
    command = [
        chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--autoplay-policy=no-user-gesture-required", "--remote-debugging-port=0",
        f"--user-data-dir={profile}", address,
    ]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as browser:
        try:
            yield
        finally:
            browser.terminate()
            browser.wait(_TIMEOUT_S)
            shutil.rmtree(profile, ignore_errors=True)


def _named(vocal: Audio, backing: Audio) -> tuple[tuple[str, Audio], tuple[str, Audio]]:
    return ("vocal", vocal), ("backing", backing)


def _bytes(sound: Audio) -> bytes:
    return np.ascontiguousarray(sound.samples).tobytes()


def _job(plans: list[MixPlan], vocal: Audio) -> dict[str, Any]:
    return {"sampleRate": vocal.sample_rate, "plans": [plan.to_dict() for plan in plans]}
