"""A job as a value: what was asked for and how it stands; knows no database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

QUEUED, RUNNING, SUCCEEDED, FAILED, CANCELLED = STATES = ("queued", "running", "succeeded", "failed", "cancelled")
OPEN = f"('{QUEUED}', '{RUNNING}')"  # as SQL


@dataclass(frozen=True)
class Job:
    """A mix that was asked for, as it is now; `version` grows with every change, `revision` with every plan."""

    id: str
    tenant: str
    name: str
    request: dict[str, Any]
    plan: str | None
    state: str
    stage: str
    progress: float
    revision: int
    version: int
    attempts: int
    lease: str | None
    error: dict[str, Any] | None
    result: dict[str, Any] | None
    bytes: int
    created: float
    started: float | None
    finished: float | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state in (SUCCEEDED, FAILED, CANCELLED)

    @property
    def summary(self) -> dict[str, Any]:
        """What a webhook tells."""
        return {"id": self.id, "name": self.name, "state": self.state, "revision": self.revision, "error": self.error}


COLUMNS = ", ".join(Job.__dataclass_fields__)
_JSON = ("request", "error", "result")


def job_of(row: Mapping[str, Any]) -> Job:
    """Read a job from its row."""
    values = dict(row)
    return Job(**values | {name: json.loads(values[name]) for name in _JSON if values[name] is not None})
