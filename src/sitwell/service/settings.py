"""How a service runs: where its files are, what it allows; made once from the command line."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sitwell import io
from sitwell.catalogue import Cache

TERMS = "[A-Za-z0-9_-]{1,64}"  # what ids and the names of tenants are made of: no dots, no slashes


@dataclass(frozen=True)
class Settings:
    """Sizes in megabytes (10^6 bytes), times in seconds unless the name says otherwise."""

    data: Path
    host: str = "127.0.0.1"
    port: int = 8750
    engine: str = "local"
    address: str | None = None
    workers: int | None = None
    storage: Path | None = None
    catalog: str | None = None
    max_upload_mb: float = 200.0
    max_minutes: float = 15.0
    upload_timeout_s: float = 300.0
    wait_s: float = 60.0
    keep_days: float = 7.0
    cache_mb: float = 4000.0
    min_free_mb: float = 1000.0
    requests_per_s: float = 100.0
    max_jobs: int = 1000
    max_tenant_mb: float = 20_000.0
    lease_s: float = 20.0
    grace_s: float = 30.0
    job_s: float = 1800.0
    attempts: int = 3
    retry_s: float = 2.0
    private_webhooks: bool = False

    @property
    def database(self) -> Path:
        """The file of jobs and keys."""
        return self.data / "sitwell.sqlite"

    @property
    def limits(self) -> io.Limits:
        """What one uploaded file may take to decode."""
        return io.Limits(max_seconds=60 * self.max_minutes, file_bytes=round(self.max_upload_mb * 1e6))

    def job_folder(self, tenant: str, job: str) -> Path:
        """Where the files of a job are."""
        return self.data / "jobs" / tenant / job

    @property
    def cache(self) -> Cache | None:
        """Where decoded backings are kept for the next take, None when nowhere."""
        return Cache(self.data / "cache", round(self.cache_mb * 1e6)) if self.cache_mb > 0 else None

    def own_catalogue(self, tenant: str) -> Path:
        """Where the backings of a tenant are."""
        return self.data / "catalog" / tenant

    def to_json(self) -> str:
        """Write for a worker."""
        return json.dumps(dataclasses.asdict(self), default=str)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what `to_json` wrote."""
        found: dict[str, Any] = json.loads(text)
        paths = {name: Path(found[name]) for name in ("data", "storage") if found[name] is not None}
        return cls(**found | paths)
