"""Routes about the service itself: what it can do, whether it is well, and figures for Prometheus."""

import functools
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel

from sitwell import io
from sitwell.plan import plan_schema
from sitwell.service.job import STATES
from sitwell.service.metrics import CONTENT_TYPE
from sitwell.service.problems import Problem, responses
from sitwell.service.request import MixRequest
from sitwell.service.service import OPERATOR, ServiceOf, TenantOf
from sitwell.version import __version__

router = APIRouter(tags=["service"])
STAGES = ("read", "analyze", "decide", "render", "write")


class Information(BaseModel):
    """What this service can do and what it allows."""

    version: str
    formats: dict[str, bool]
    limits: dict[str, float]
    states: list[str]
    stages: list[str]
    request: dict[str, Any]
    plan: dict[str, Any]


class Health(BaseModel):
    """Whether the service is well."""

    status: str


@router.get("/v1/info", responses=responses(401, 403, 429))
def information(service: ServiceOf, _tenant: TenantOf) -> Information:
    """Say which formats are read, what is allowed, and every option and knob with range, unit and default."""
    limits = {name: getattr(service.settings, name) for name in _LIMITS}
    return Information(limits=limits, **_unchanging())


_LIMITS = ("max_upload_mb", "max_minutes", "wait_s", "keep_days", "requests_per_s", "max_jobs", "max_tenant_mb")


@functools.cache
def _unchanging() -> dict[str, Any]:
    return {
        "version": __version__,
        "formats": io.codecs(),
        "states": list(STATES),
        "stages": list(STAGES),
        "request": MixRequest.model_json_schema(),
        "plan": plan_schema(),
    }


@router.get("/healthz", responses=responses(503))
def healthz(service: ServiceOf) -> Health:
    """Tell whether jobs are taken and worked on."""
    service.database.connection.execute("SELECT 1").fetchone()
    if not service.healthy():
        raise Problem(503, "service.workers", "no worker is running; see the logs")
    return Health(status="ok")


@router.get(
    "/metrics",
    response_class=Response,
    responses=responses(401, 403, 429) | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(service: ServiceOf, tenant: TenantOf) -> Response:
    """Give figures for Prometheus; where there are keys, to the tenant `operator` only."""
    if not service.open and tenant != OPERATOR:
        raise Problem(403, "auth.operator", f"only keys of the tenant {OPERATOR} read this")
    return Response(service.metrics.text(), media_type=CONTENT_TYPE)
