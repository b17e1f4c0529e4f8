"""A studio on a real socket, with a desk in a temporary folder, and small songs as files."""

import contextlib
import io
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import numpy as np
import soundfile
import uvicorn

from sitwell.audio import Audio
from sitwell.studio.app import make_app
from sitwell.studio.desk import Desk
from sitwell.studio.guard import Guard
from tests.songs import song

TOKEN = "a-token-of-the-test"


@contextlib.contextmanager
def client_of(desk: Desk, page: Path) -> Iterator[httpx.Client]:
    """Serve a desk on this machine and give a client that knows the address."""
    page.mkdir(exist_ok=True)
    (page / "index.html").write_text("<!doctype html><title>the page</title>")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        host = f"127.0.0.1:{listener.getsockname()[1]}"
        app = Guard(make_app(desk, page), token=TOKEN, hosts={host})
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            with httpx.Client(base_url=f"http://{host}/{TOKEN}/", timeout=60.0) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join()


def wav(audio: Audio, subtype: str = "PCM_16") -> bytes:
    """Write a sound as the bytes of a WAV file, mono where both channels are the same."""
    channels = audio.samples[:1] if np.array_equal(*audio.samples) else audio.samples
    file = io.BytesIO()
    soundfile.write(file, channels.T, audio.sample_rate, format="WAV", subtype=subtype)
    return file.getvalue()


def put_song(client: httpx.Client, seconds: float = 4.0, *, name: str = "Lied") -> str:
    """Upload a generated song and give the project's name."""
    project: str = client.post("api/projects", json={"name": name}).json()["id"]
    for part, audio in zip(("vocal", "backing"), song(seconds), strict=True):
        answer = client.put(f"api/projects/{project}/{part}", params={"name": f"{part} ü.wav"}, content=wav(audio))
        assert answer.status_code == 200, answer.text
    return project
