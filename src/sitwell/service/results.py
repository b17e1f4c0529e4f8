"""Routes of results: the mix, its stems, its plan and its report; and a plan that was edited, to be rendered."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse, JSONResponse

from sitwell.plan import MixPlan, plan_schema
from sitwell.service import jobs, places
from sitwell.service.job import Job
from sitwell.service.mixes import JobId, found
from sitwell.service.problems import Problem, responses
from sitwell.service.request import MAX_JSON_BYTES
from sitwell.service.service import Service, ServiceOf, TenantOf
from sitwell.service.shown import Mix, shown
from sitwell.service.upload import body

router = APIRouter(prefix="/v1/mixes/{job_id}", tags=["results"])
Stem = Annotated[Literal["vocal", "reverb", "backing"], InPath()]
_SOUND: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"audio/*": {"schema": {"type": "string", "format": "binary"}}}}
    for status, text in ((200, "the whole file"), (206, "the range asked for"))
}
_HEAD: dict[int | str, dict[str, Any]] = {200: {"description": "size, name and tag of the file"}}
_ERRORS = responses(400, 401, 403, 404, 409, 416, 422, 429)
# The report runs its own script and nothing else, in an origin of its own: it can read nothing of this service.
_SANDBOX = (
    "sandbox allow-scripts; default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "img-src data:; media-src data: blob:"
)


@router.head("/mix", response_class=Response, responses=_HEAD | _ERRORS)
@router.get("/mix", response_class=Response, responses=_SOUND | _ERRORS)
def mix(request: Request, service: ServiceOf, tenant: TenantOf, job_id: JobId) -> Response:
    """Fetch the mix, whole or by ranges."""
    job = found(service, tenant, job_id)
    return _file(request, service, job, "mix", f"{job.name} - mix")


@router.head("/stems/{stem}", response_class=Response, responses=_HEAD | _ERRORS)
@router.get("/stems/{stem}", response_class=Response, responses=_SOUND | _ERRORS)
def stems(request: Request, service: ServiceOf, tenant: TenantOf, job_id: JobId, stem: Stem) -> Response:
    """Fetch a part before the master: vocal, reverb or backing; they sum to the mix before the master."""
    job = found(service, tenant, job_id)
    return _file(request, service, job, f"stems/{stem}", f"{job.name} - {stem}")


@router.get(
    "/report",
    response_class=Response,
    responses=_ERRORS | {200: {"content": {"text/html": {"schema": {"type": "string"}}}}},
)
def report(request: Request, service: ServiceOf, tenant: TenantOf, job_id: JobId) -> Response:
    """Fetch the report: one page with curves and reasons."""
    job = found(service, tenant, job_id)
    response = _file(request, service, job, "report", f"{job.name} - report", show=True)
    response.headers["Content-Security-Policy"] = _SANDBOX
    return response


@router.get("/plan", responses=_ERRORS | {200: {"content": {"application/json": {"schema": plan_schema()}}}})
def plan(request: Request, service: ServiceOf, tenant: TenantOf, job_id: JobId) -> Response:
    """Fetch the plan: every parameter of the mix, its targets and its reasons."""
    job = found(service, tenant, job_id)
    return _file(request, service, job, "plan", f"{job.name} - plan", show=True)


@router.put(
    "/plan",
    status_code=202,
    response_model=Mix,
    responses=responses(400, 401, 403, 404, 409, 413, 422, 429, 507),
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": plan_schema()}}}},
)
async def edit(request: Request, service: ServiceOf, tenant: TenantOf, job_id: JobId) -> Response:
    """Render an edited plan with the same two sounds; nothing is decided again. The old result stays until then."""
    found(service, tenant, job_id)
    edited = MixPlan.from_json(await body(request, MAX_JSON_BYTES))
    service.check_room(tenant)
    job = jobs.rerender(service.database, tenant, job_id, edited.to_json())
    if job is None:
        raise Problem(409, "job.not_ended", "this mix is still being made; wait for its end, or cancel it")
    headers = {"Location": f"/v1/mixes/{job.id}", "Retry-After": "1"}
    return JSONResponse(shown(job, service.settings.keep_days).model_dump(mode="json"), 202, headers)


def _file(request: Request, service: Service, job: Job, name: str, called: str, *, show: bool = False) -> Response:
    """Send a file of the last result, with a strong tag: what it holds is its name."""
    if job.result is None:
        raise Problem(409, "job.no_result", f"this mix has no result: it is {job.state}", job_state=job.state)
    file = next((file for file in job.result["files"] if file["name"] == name), None)
    if file is None:
        raise Problem(404, "result.not_made", f"{name} was not asked for; see `output` of the request")
    path = places.folder(service.settings, job.tenant, job.id) / job.result["folder"] / file["file"]
    tag = f'"{file["sha256"]}"'
    headers = {
        "ETag": tag,
        "Cache-Control": "private, no-cache",
        "Content-Disposition": disposition(called + Path(file["file"]).suffix, show=show),
    }
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    try:
        size = os.stat(path)
    except FileNotFoundError:  # rendered anew or deleted this moment
        raise Problem(404, "job.not_found", "this result was replaced or deleted; look at the mix again") from None
    return FileResponse(path, headers=headers, media_type=file["media_type"], stat_result=size)


def disposition(name: str, *, show: bool) -> str:
    """Name a file for every client (RFC 6266): in ASCII for old ones, in UTF-8 for all others."""
    kind = "inline" if show else "attachment"
    plain = "".join(sign if sign.isascii() and sign.isprintable() and sign not in '"\\%/' else "_" for sign in name)
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
