"""Jobs as clients see them: names, times and addresses, nothing of our folders."""

import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from sitwell.service.job import SUCCEEDED, Job


class JobError(BaseModel):
    """Why a mix failed; `retryable` says whether the same request may succeed later."""

    code: str
    detail: str
    retryable: bool


class File(BaseModel):
    """A file of the result."""

    name: str
    href: str
    bytes: int
    sha256: str
    media_type: str


class Warned(BaseModel):
    """Something a person should know that did not stop the work."""

    code: str
    message: str


class Result(BaseModel):
    """What came out: files, measured figures, what was asked and got, and what to know."""

    files: list[File]
    measured: dict[str, Any]
    targets: dict[str, Any]
    warnings: list[Warned]
    timing_s: dict[str, float]


class Mix(BaseModel):
    """A mix that was asked for, as it is now."""

    id: str
    name: str
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    stage: str = Field(description="what is being done: read, analyze, decide, render or write")
    progress: float = Field(ge=0, le=1, description="the share of the stage that is done; 1 in the end")
    revision: int = Field(description="grows with every plan that is rendered")
    attempts: int
    created_at: datetime.datetime
    started_at: datetime.datetime | None
    finished_at: datetime.datetime | None
    expires_at: datetime.datetime | None = Field(description="when it will be deleted")
    error: JobError | None
    result: Result | None = Field(description="of the last revision that succeeded")
    links: dict[str, str]


class Mixes(BaseModel):
    """A page of mixes, newest first; `next` is the address of the next one."""

    items: list[Mix]
    next: str | None


def shown(job: Job, keep_days: float) -> Mix:
    """Show a job."""
    base = f"/v1/mixes/{job.id}"
    links = {"self": base, "events": f"{base}/events", "plan": f"{base}/plan"}
    result = None
    if job.result is not None:
        files = [File(href=f"{base}/{file['name']}", **{k: file[k] for k in _FILE}) for file in job.result["files"]]
        links |= {file.name: file.href for file in files}
        result = Result(files=files, **{name: job.result[name] for name in _RESULT})
    return Mix(
        id=job.id,
        name=job.name,
        state=job.state,  # type: ignore[arg-type]
        stage=job.stage,
        progress=1.0 if job.state == SUCCEEDED else job.progress,
        revision=job.revision,
        attempts=job.attempts,
        created_at=_time(job.created),
        started_at=None if job.started is None else _time(job.started),
        finished_at=None if job.finished is None else _time(job.finished),
        expires_at=None if job.finished is None else _time(job.finished + keep_days * 86_400),
        error=None if job.error is None else JobError(**job.error),
        result=result,
        links=links,
    )


_FILE = ("name", "bytes", "sha256", "media_type")
_RESULT = ("measured", "targets", "warnings", "timing_s")


def _time(seconds: float) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC)
