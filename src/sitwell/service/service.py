"""What all routes share: settings, jobs, who may do what and how much of it."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from sitwell.service import jobs, keys, places
from sitwell.service.database import Database
from sitwell.service.metrics import Metrics
from sitwell.service.problems import Problem
from sitwell.service.settings import Settings

LOOPBACK = ("127.0.0.1", "::1", "localhost")
OPERATOR = "operator"  # the tenant whose keys may read /metrics
_MEASURING = 2  # backings at once
_BURST_S = 2.0  # a tenant may save up requests for so long


class Service:
    """One running service; `stopping` tells long answers to end."""

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        self.settings = settings
        self.database = Database(settings.database)
        self.metrics = Metrics(self.database, settings)
        self.stopping: Callable[[], bool] = lambda: False
        self.healthy: Callable[[], bool] = lambda: True
        self.open = settings.host in LOOPBACK and not keys.listed(self.database)
        self._rates, self._lock = dict[str, tuple[float, float]](), threading.Lock()
        self.measuring = asyncio.Semaphore(_MEASURING)
        self._reserved = set[tuple[str, str]]()

    def take_token(self, who: str) -> None:
        """Count a request; raises Problem 429 when it is one too many."""
        per_s = self.settings.requests_per_s
        now = time.monotonic()
        with self._lock:
            if len(self._rates) > 10_000:  # of strangers' addresses
                self._rates.clear()
            left, then = self._rates.get(who, (per_s * _BURST_S, now))
            left = min(left + (now - then) * per_s, per_s * _BURST_S) - 1
            self._rates[who] = (max(left, -1), now)
        if left < 0:
            wait = {"Retry-After": "1"}
            raise Problem(429, "rate.requests", f"more than {per_s:g} requests a second; wait", headers=wait)

    def check_room(self, tenant: str) -> None:
        """Refuse a new job for lack of room: on the disk (507), or of what the tenant may have (429)."""
        settings = self.settings
        self.check_disk()
        running, _ = jobs.usage(self.database, tenant)
        if running >= settings.max_jobs:
            wait = {"Retry-After": "10"}
            text = f"{running} jobs have not ended yet; at most {settings.max_jobs} are allowed, wait for some"
            raise Problem(429, "quota.jobs", text, headers=wait)
        self.check_storage(tenant)

    def check_storage(self, tenant: str, *, more: int = 0) -> None:
        """Refuse to keep more for a tenant than it may have; raises Problem 429."""
        size = jobs.usage(self.database, tenant)[1] + more
        if size > self.settings.max_tenant_mb * 1e6:
            text = f"what is kept for you takes {size / 1e6:.0f} of {self.settings.max_tenant_mb:g} MB; delete some"
            raise Problem(429, "quota.storage", text)

    def check_disk(self) -> None:
        """Refuse to write when the disk is nearly full."""
        if places.free_mb(self.settings) < self.settings.min_free_mb:
            wait = {"Retry-After": "60"}
            raise Problem(507, "output.disk_full", "the disk of this service is nearly full; try later", headers=wait)

    @contextmanager
    def reserved(self, tenant: str, key: str | None) -> Iterator[None]:
        """Hold an idempotency key while its request is taken in; raises Problem 409 when it is held."""
        if key is None:
            yield
            return
        with self._lock:
            if (tenant, key) in self._reserved:
                wait = {"Retry-After": "1"}
                raise Problem(409, "idempotency.busy", "a request with this key is being taken in; wait", headers=wait)
            self._reserved.add((tenant, key))
        try:
            yield
        finally:
            with self._lock:
                self._reserved.discard((tenant, key))


async def service_of(request: Request) -> Service:
    """Find the service of a request; async, as it needs no thread."""
    found: Service = request.app.state.service
    return found


_bearer = HTTPBearer(auto_error=False, description="a key made by `sitwell keys add TENANT`")


async def tenant_of(
    request: Request,
    service: Annotated[Service, Depends(service_of)],
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """Tell whose request this is; raises Problem 401, 403 or 429."""
    client = request.client.host if request.client else "?"
    found = None
    if given is not None:
        found = keys.tenant_of(service.database, given.credentials)
    elif service.open and "authorization" not in request.headers and not keys.listed(service.database):
        _from_here_only(request)
        found = keys.LOCAL
    if found is None:
        service.take_token(f"stranger {client}")  # guessing is slow, too
        text = "give a valid key: Authorization: Bearer KEY"
        raise Problem(401, "auth.key", text, headers={"WWW-Authenticate": "Bearer"})
    service.take_token(f"tenant {found}")
    request.state.tenant = found
    return found


def _from_here_only(request: Request) -> None:
    """Without keys, refuse what a web page elsewhere makes a browser send (cross-site requests, DNS rebinding)."""
    host = request.url.hostname
    origin = request.headers.get("origin")
    same = f"{request.url.scheme}://{request.headers.get('host')}"
    if host not in LOOPBACK or origin not in (None, same):
        raise Problem(403, "auth.origin", "without keys this service answers its own machine only")


ServiceOf = Annotated[Service, Depends(service_of)]
TenantOf = Annotated[str, Depends(tenant_of)]
