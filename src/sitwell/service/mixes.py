"""Routes of jobs: hand a mix in, look, follow, cancel, delete."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.concurrency import run_in_threadpool

from sitwell.service import jobs, places
from sitwell.service.accepting import take_in
from sitwell.service.job import Job
from sitwell.service.problems import Problem, responses
from sitwell.service.service import Service, ServiceOf, TenantOf
from sitwell.service.settings import TERMS
from sitwell.service.shown import Mix, Mixes, shown

_LOOK_S, _SELDOM_S, _SLOWER = 0.1, 1.0, 1.2  # a job is looked at less and less often while nothing happens
_KEEP_ALIVE_S = 15.0
router = APIRouter(prefix="/v1/mixes", tags=["mixes"])
JobId = Annotated[str, InPath(pattern=f"^{TERMS}$")]
IdempotencyKey = Annotated[
    str | None,
    Header(min_length=1, max_length=255, pattern=r"^[\x21-\x7e]+$", description="makes it safe to send this again"),
]
Prefer = Annotated[str | None, Header(description="`wait=20`: answer 200 if the mix ends within so many seconds")]

_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "vocal": _FILE,
                        "backing": _FILE,
                        "request": {"$ref": "#/components/schemas/MixRequest"},
                    },
                    "required": ["vocal"],
                },
                "encoding": {"request": {"contentType": "application/json"}},
            },
            "application/json": {"schema": {"$ref": "#/components/schemas/MixRequest"}},
        },
    }
}


@router.post(
    "",
    status_code=202,
    response_model=Mix,
    responses=responses(400, 401, 403, 408, 409, 413, 415, 422, 429, 507)
    | {200: {"model": Mix, "description": "ended within the time of `Prefer: wait`"}},
    openapi_extra=_BODY,
)
async def create(
    request: Request,
    service: ServiceOf,
    tenant: TenantOf,
    idempotency_key: IdempotencyKey = None,
    prefer: Prefer = None,
) -> Response:
    """Ask for a mix: two sounds, uploaded or by reference, and a request that says what is wanted.

    202 says that the job is on the disk and will be done, whatever crashes. `Location` is its address.
    """
    service.check_room(tenant)
    with service.reserved(tenant, idempotency_key):
        job = await take_in(request, service, tenant, idempotency_key)
    wait_s = _waits(prefer, service.settings.wait_s)
    if wait_s:
        job = await _ended(service, job, wait_s)
    headers = {"Location": f"/v1/mixes/{job.id}"} | ({"Preference-Applied": f"wait={wait_s:g}"} if wait_s else {})
    if not job.ended:
        headers["Retry-After"] = "1"
    return _answer(service, job, 200 if wait_s and job.ended else 202, headers)


@router.get("", response_model=Mixes, responses=responses(401, 403, 422, 429))
def list_mixes(
    service: ServiceOf,
    tenant: TenantOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str | None, Query(pattern=f"^{TERMS}$", description="the id behind which the page begins")] = None,
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"] | None = None,
) -> Mixes:
    """List your mixes, newest first."""
    page = jobs.listed(service.database, tenant, limit=limit + 1, after=after, state=state)
    items = [shown(job, service.settings.keep_days) for job in page[:limit]]
    if len(page) <= limit:
        return Mixes(items=items, next=None)
    more = f"/v1/mixes?limit={limit}&after={items[-1].id}"
    return Mixes(items=items, next=more + (f"&state={state}" if state else ""))


@router.get("/{job_id}", response_model=Mix, responses=responses(401, 403, 404, 422, 429))
def look(service: ServiceOf, tenant: TenantOf, job_id: JobId) -> Mix:
    """Look at a mix."""
    return shown(found(service, tenant, job_id), service.settings.keep_days)


@router.post("/{job_id}/cancel", response_model=Mix, responses=responses(401, 403, 404, 422, 429))
def cancel(service: ServiceOf, tenant: TenantOf, job_id: JobId) -> Mix:
    """Stop a mix; one that has ended stays as it is."""
    job = jobs.cancel(service.database, tenant, job_id)
    return shown(job or found(service, tenant, job_id), service.settings.keep_days)


@router.delete("/{job_id}", status_code=204, responses=responses(401, 403, 404, 422, 429))
def delete(service: ServiceOf, tenant: TenantOf, job_id: JobId) -> None:
    """Stop a mix if need be, and delete it with all its files."""
    found(service, tenant, job_id)
    jobs.delete(service.database, tenant, job_id)
    shutil.rmtree(places.folder(service.settings, tenant, job_id), ignore_errors=True)


@router.get(
    "/{job_id}/events",
    response_class=StreamingResponse,
    responses=responses(401, 403, 404, 422, 429)
    | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def events(service: ServiceOf, tenant: TenantOf, job_id: JobId) -> StreamingResponse:
    """Follow a mix: server-sent events, each the whole mix as it is then; the stream ends with the mix."""
    job = found(service, tenant, job_id)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_follow(service, job), media_type="text/event-stream", headers=headers)


def found(service: Service, tenant: str, job_id: str) -> Job:
    """Find a tenant's job; raises Problem 404 for another's as for none."""
    job = jobs.get(service.database, tenant, job_id)
    if job is None:
        raise Problem(404, "job.not_found", f"there is no mix {job_id}; it may have been deleted")
    return job


def _waits(prefer: str | None, longest_s: float) -> float:
    """Read `Prefer: wait=20` (RFC 7240)."""
    match = re.search(r"(?:^|[,;\s])wait\s*=\s*\"?(\d{1,6})", prefer or "", re.IGNORECASE)
    return min(float(match[1]), longest_s) if match else 0.0


async def _ended(service: Service, job: Job, wait_s: float) -> Job:
    """Wait for a job to end, for so long."""
    deadline = time.monotonic() + wait_s
    now: Job | None = job
    pause_s = _LOOK_S
    while now is not None and not now.ended and time.monotonic() < deadline and not service.stopping():
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * _SLOWER, _SELDOM_S)
        job, now = now, await run_in_threadpool(jobs.get, service.database, job.tenant, job.id)
    return now or job


async def _follow(service: Service, job: Job) -> AsyncIterator[str]:
    told, spoke, now, pause_s = 0, time.monotonic(), job, _LOOK_S
    while not service.stopping():
        if now.version != told:
            told, spoke, pause_s = now.version, time.monotonic(), _LOOK_S
            data = shown(now, service.settings.keep_days).model_dump_json()
            yield f"id: {now.version}\nevent: mix\ndata: {data}\n\n"
            if now.ended:
                return
        elif time.monotonic() - spoke > _KEEP_ALIVE_S:
            spoke = time.monotonic()
            yield ": still there\n\n"
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * _SLOWER, _SELDOM_S)
        found_now = await run_in_threadpool(jobs.get, service.database, job.tenant, job.id)
        if found_now is None:
            yield "event: deleted\ndata: {}\n\n"
            return
        now = found_now


def _answer(service: Service, job: Job, status: int, headers: dict[str, str]) -> JSONResponse:
    return JSONResponse(shown(job, service.settings.keep_days).model_dump(mode="json"), status, headers)
