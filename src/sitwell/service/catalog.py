"""Routes of the catalogue: backings that many takes go over, measured once."""

import json
import secrets
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi import Path as InPath
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from sitwell.catalogue import Entry
from sitwell.errors import SitwellError
from sitwell.service import backings
from sitwell.service.multipart import plain_name
from sitwell.service.problems import Problem, responses
from sitwell.service.service import Service, ServiceOf, TenantOf
from sitwell.service.settings import Settings
from sitwell.service.upload import checked_kind, pour_into

router = APIRouter(prefix="/v1/catalog", tags=["catalog"])
BackingId = Annotated[str, InPath(pattern="^[A-Za-z0-9_-]{1,128}$")]
_ADD_S = 600.0
_STATUS = {"catalog.taken": 409, "audio.unsupported": 415, "output.disk_full": 507}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Backing(BaseModel):
    """A backing of the catalogue; `reference` stands where a file could."""

    id: str
    reference: str
    name: str
    sample_rate: int
    seconds: float
    bytes: int
    sha256: str


class Backings(BaseModel):
    """A page of backings by id; `next` is the address of the next one."""

    items: list[Backing]
    next: str | None = Field(description="null on the last page")


@router.get("", responses=responses(401, 403, 422, 429))
def list_backings(
    service: ServiceOf,
    tenant: TenantOf,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    after: Annotated[str, Query(pattern="^[A-Za-z0-9_-]{0,128}$")] = "",
) -> Backings:
    """List the backings you may use, by id: yours, and those the operator shares."""
    found = [name for name in backings.ids(service.settings, tenant) if name > after]
    items = []
    for name in found[:limit]:
        try:
            items.append(_shown(backings.entry(service.settings, tenant, name)))
        except SitwellError:  # removed meanwhile, or damaged, which `sitwell catalog verify` tells
            continue
    more = len(found) > limit
    return Backings(items=items, next=f"/v1/catalog?limit={limit}&after={found[limit - 1]}" if more else None)


@router.get("/{backing_id}", responses=responses(401, 403, 404, 422, 429))
def look(service: ServiceOf, tenant: TenantOf, backing_id: BackingId) -> Backing:
    """Look at a backing."""
    return _shown(_found(service, tenant, backing_id))


@router.put(
    "/{backing_id}",
    status_code=201,
    response_model=Backing,
    responses=responses(400, 401, 403, 408, 409, 413, 415, 422, 429, 500, 507),
    openapi_extra=_BODY,
)
async def add(
    request: Request,
    service: ServiceOf,
    tenant: TenantOf,
    backing_id: BackingId,
    name: Annotated[str, Query(max_length=200, description="of the file, for people")] = "",
    replace: Annotated[bool, Query(description="take the place of another backing of this id")] = False,
) -> Response:
    """Add a backing to your catalogue: the file is the body. Answers when it has been measured."""
    service.check_disk()
    service.check_storage(tenant, more=await run_in_threadpool(backings.own_bytes, service.settings, tenant))
    folder = service.settings.data / "incoming"
    folder.mkdir(exist_ok=True)
    path = folder / secrets.token_hex(8)
    try:
        await pour_into(path, request, service.settings, service.check_disk)
        called = plain_name(name or backing_id)
        checked_kind(path, called)
        about = {"tenant": tenant, "id": backing_id, "name": called, "replace": replace}
        async with service.measuring:
            told = await run_in_threadpool(_measured, service.settings, path, about)
    finally:
        path.unlink(missing_ok=True)
    if "code" in told:
        raise Problem(_STATUS.get(told["code"], 422), told["code"], told["detail"])
    entry = await run_in_threadpool(_found, service, tenant, backing_id)
    headers = {"Location": f"/v1/catalog/{backing_id}"}
    return Response(_shown(entry).model_dump_json(), 201, headers, "application/json")


@router.delete("/{backing_id}", status_code=204, responses=responses(401, 403, 404, 422, 429))
def remove(service: ServiceOf, tenant: TenantOf, backing_id: BackingId) -> None:
    """Take a backing out of your catalogue; the operator's stay."""
    try:
        backings.own(service.settings, tenant).remove(backing_id)
    except SitwellError as error:
        if error.code != "catalog.unknown":
            raise
        raise Problem(404, "catalog.unknown", f"your catalogue has no backing {backing_id}") from None


def _found(service: Service, tenant: str, backing_id: str) -> Entry:
    try:
        return backings.entry(service.settings, tenant, backing_id)
    except SitwellError as error:
        if error.code != "catalog.unknown":
            raise
        raise Problem(404, error.code, error.message) from None


def _measured(settings: Settings, path: Path, about: dict[str, Any]) -> dict[str, Any]:
    """Have it added in another process."""
    asked = json.dumps({"settings": settings.to_json(), "path": str(path), "backing": about})
    command = [sys.executable, "-P", "-m", "sitwell.service.adding"]
    try:
        done = subprocess.run(command, input=asked, stdout=subprocess.PIPE, text=True, timeout=_ADD_S, check=True)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return {"code": "audio.limits", "detail": "the backing could not be measured; is it a song?"}
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _shown(entry: Entry) -> Backing:
    record = entry.record
    return Backing(
        id=entry.id,
        reference=f"catalog:{entry.id}",
        name=record.name,
        sample_rate=record.sample_rate,
        seconds=record.seconds,
        bytes=record.size,
        sha256=record.sha256,
    )
