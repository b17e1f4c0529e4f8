"""The application: routes, problems, and around each request a log line, figures and safe headers."""

import logging
import secrets
import time
from typing import Any

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sitwell.service import about, catalog, mixes, problems, results
from sitwell.service.request import MixRequest
from sitwell.service.service import Service
from sitwell.version import __version__

logger = logging.getLogger("sitwell.http")
_HEADERS = [(b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer")]


def create_app(service: Service) -> FastAPI:
    """Make the application of a service."""
    app = FastAPI(
        title="Sitwell",
        version=__version__,
        description="Makes a vocal sit well in its backing track. Errors are RFC 9457 problems with stable codes.",
        docs_url=None,  # they load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    problems.add_handlers(app)
    for part in (mixes, results, catalog, about):
        app.include_router(part.router)
    schema = app.openapi()
    _add_schemas(schema)
    app.add_middleware(_Watch, service=service)
    return app


def _add_schemas(schema: dict[str, Any]) -> None:
    """Add what routes refer to but FastAPI does not see, since they read their bodies themselves."""
    known = schema["components"]["schemas"]
    for model in (MixRequest, problems.ProblemBody):
        found = model.model_json_schema(ref_template="#/components/schemas/{model}")
        known |= found.pop("$defs", {})
        known[model.__name__] = found
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own errors, which never leave this service
        known.pop(name, None)


class _Watch:
    """Logs and counts each request, and adds headers to its answer."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self._app, self._service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        start, status, request_id = time.perf_counter(), 0, secrets.token_hex(6)

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message["headers"], *_HEADERS, (b"x-request-id", request_id.encode())]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            seconds = time.perf_counter() - start
            route = getattr(scope.get("route"), "path", "none")
            method = scope["method"] if route != "none" else "any"  # strangers' words make no labels
            self._service.metrics.answered(method, route, status, seconds)
            about_it = {
                "request": request_id, "method": method, "route": route, "status": status,
                "ms": round(1000 * seconds, 1), "tenant": scope.get("state", {}).get("tenant"),
                "job": scope.get("path_params", {}).get("job_id"),
            }  # fmt: skip
            logger.info("request", extra={name: value for name, value in about_it.items() if value is not None})
