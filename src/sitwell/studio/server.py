"""Starts the studio: an address nobody can guess on 127.0.0.1, and the page in the browser."""

import contextlib
import os
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable
from pathlib import Path

import uvicorn

from sitwell.errors import OutputError
from sitwell.studio.app import make_app
from sitwell.studio.desk import Desk
from sitwell.studio.guard import Guard

PAGE = Path(__file__).parent / "static"
_ADDRESS = "127.0.0.1"  # never another: the studio has no accounts


def serve(desk: Desk, *, port: int, project: str | None, tell: Callable[[str], None], browse: bool) -> None:
    """Serve until interrupted; `tell` is given the address, which opens in the browser with `browse`."""
    if not (PAGE / "index.html").is_file():
        raise OutputError("studio.no_page", "the page is not built; run make studio in the source folder")
    listener = _listen(port)
    port = listener.getsockname()[1]
    token = secrets.token_urlsafe(24)
    app = Guard(make_app(desk, PAGE), token=token, hosts={f"{_ADDRESS}:{port}", f"localhost:{port}"})
    address = f"http://{_ADDRESS}:{port}/{token}/" + (f"#{project}" if project else "")
    tell(address)
    if browse:
        webbrowser.open(address)
    debug = bool(os.environ.get("SITWELL_DEBUG"))
    config = uvicorn.Config(
        app, log_level="warning" if debug else "critical", access_log=False, lifespan="off",
        server_header=False, timeout_graceful_shutdown=1,
    )  # fmt: skip
    threading.Thread(target=desk.warm_up, daemon=True).start()
    with contextlib.closing(listener), contextlib.closing(desk), contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((_ADDRESS, port))
        listener.listen()  # so that a browser that is faster than the server waits for it
    except (OSError, OverflowError) as error:
        listener.close()
        raise OutputError("studio.port", f"port {port} cannot be used: {error}; leave --port out") from None
    return listener
