"""Errors as RFC 9457 has them, `application/problem+json`, each with the stable code of the error."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from sitwell.errors import CodecError, InputError, ModelError, PlanError, SitwellError

MEDIA_TYPE = "application/problem+json"
_NAMES = {404: "not_found", 405: "method", 400: "request.malformed", 416: "range"}
logger = logging.getLogger("sitwell.http")


class ProblemBody(BaseModel):
    """What went wrong (RFC 9457); `code` is stable, `detail` is a sentence that says what to do."""

    type: str
    title: str
    status: int
    detail: str
    code: str


class Problem(Exception):  # noqa: N818 - the standard's word
    """An answer that is no success."""

    def __init__(
        self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.headers, self.more = status, code, detail, headers, more

    def response(self) -> JSONResponse:
        """Put it into words for the wire."""
        body = {
            "type": f"urn:sitwell:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        return JSONResponse(body | self.more, self.status, self.headers, MEDIA_TYPE)


def problem_of(error: SitwellError) -> Problem:
    """Choose the status for one of our errors."""
    match error:
        case CodecError():
            status = 415
        case InputError() | PlanError() | ModelError():
            status = 422
        case _:
            status = 507 if error.code == "output.disk_full" else 500
    return Problem(status, error.code, error.message)


def invalid(error: ValidationError | RequestValidationError) -> Problem:
    """Say where a request does not fit its schema."""
    found = error.errors()
    where = ".".join(str(part) for part in found[0]["loc"])
    return Problem(422, "request.invalid", f"{where or 'request'}: {found[0]['msg']}; see /openapi.json")


def add_handlers(app: FastAPI) -> None:
    """Turn whatever is raised into a problem."""

    async def problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return error.response()

    async def ours(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, SitwellError)
        return problem_of(error).response()

    async def unfit(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError | ValidationError)
        return invalid(error).response()

    async def http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _NAMES.get(error.status_code, "http")
        headers = dict(error.headers or {})
        if error.status_code == 405:  # the router names the methods of one of several routes
            headers["Allow"] = ", ".join(sorted(allowed_methods(request)))
        return Problem(error.status_code, code, str(error.detail), headers=headers).response()

    async def gone(_: Request, _error: Exception) -> JSONResponse:
        return Problem(400, "request.malformed", "the body broke off").response()  # nobody is there to read it

    async def fault(_: Request, error: Exception) -> JSONResponse:
        logger.error("request failed", exc_info=error)
        return Problem(500, "internal", "this is a fault of Sitwell; report the time and the address").response()

    app.add_exception_handler(Problem, problem)
    app.add_exception_handler(SitwellError, ours)
    app.add_exception_handler(RequestValidationError, unfit)
    app.add_exception_handler(ValidationError, unfit)
    app.add_exception_handler(HTTPException, http)
    app.add_exception_handler(ClientDisconnect, gone)
    app.add_exception_handler(Exception, fault)


def allowed_methods(request: Request) -> set[str]:
    """List the methods that a path has, by the description of the API."""
    path = request.url.path.split("/")
    for known, methods in request.app.openapi()["paths"].items():
        pattern = known.split("/")
        if len(pattern) == len(path) and all(p[:1] == "{" or p == part for p, part in zip(pattern, path, strict=True)):
            return {method.upper() for method in methods}
    return set()


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe problems for OpenAPI."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}
