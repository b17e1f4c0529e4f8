"""Runs a service: binds, starts workers, serves until it is told to stop, and then stops in order."""

import logging
import signal
import socket

import uvicorn

from sitwell.errors import OutputError, PlanError
from sitwell.service import keys
from sitwell.service.app import create_app
from sitwell.service.logs import log_as_json
from sitwell.service.service import LOOPBACK, Service
from sitwell.service.settings import Settings
from sitwell.service.workers import Workers

_CLOSE_S = 5  # for answers that are under way
_MOST_CONNECTIONS = 1000
logger = logging.getLogger("sitwell")


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or Ctrl-C; prints the address when it is ready.

    Raises PlanError `service.no_key` for an open address without keys; OutputError `service.address`.
    """
    log_as_json()
    service = Service(settings)
    if settings.host not in LOOPBACK and not keys.listed(service.database):
        text = f"{settings.host} can be reached from elsewhere: make a key first with `sitwell keys add TENANT`"
        raise PlanError("service.no_key", text)
    listener = _bound(settings)
    host, port = listener.getsockname()[:2]
    config = uvicorn.Config(
        create_app(service),
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=_CLOSE_S,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    service.stopping = lambda: server.should_exit
    for number in (signal.SIGINT, signal.SIGTERM):  # before uvicorn listens for them, and again after it has ended
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    with Workers(service) as workers:
        service.healthy = workers.healthy
        print(f"http://{f'[{host}]' if ':' in host else host}:{port}", flush=True)
        logger.info("listening", extra={"host": host, "port": port, "open": service.open})
        server.run(sockets=[listener])
        logger.info("stopping: workers finish or hand back what they do")


def _bound(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=512)
    except OSError as error:
        text = f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another --port"
        raise OutputError("service.address", text) from None
