"""Where the files of jobs lie: ids make paths and nothing else does; knows nothing of HTTP."""

import re
import shutil
import time
from pathlib import Path

from sitwell.service import backings
from sitwell.service.database import Database
from sitwell.service.job import Job
from sitwell.service.request import UPLOADS, Sound, stored
from sitwell.service.settings import TERMS, Settings

_SAFE = re.compile(TERMS)
_YOUNG_S = 3600.0  # a folder that no job owns may be of one that is just being accepted


def folder(settings: Settings, tenant: str, job_id: str) -> Path:
    """Give the folder of a job; both names come from outside and must be plain words."""
    assert _SAFE.fullmatch(tenant), "checked where keys are made"
    assert _SAFE.fullmatch(job_id), "checked at the door"
    return settings.job_folder(tenant, job_id)


def sounds(settings: Settings, job: Job) -> tuple[Sound, Sound]:
    """Find vocal and backing of a job: uploaded, or in storage; raises InputError."""
    return _sound(settings, job, "vocal"), _sound(settings, job, "backing")


def input_bytes(settings: Settings, job: Job) -> int:
    """Count the bytes that were uploaded."""
    return sum(path.stat().st_size for path in folder(settings, job.tenant, job.id).glob("in-*"))


def free_mb(settings: Settings) -> float:
    """Tell how much room is left on the disk of the data folder."""
    return shutil.disk_usage(settings.data).free / 1e6


def sweep(settings: Settings, database: Database) -> int:
    """Remove folders that belong to no job any more, and what a killed server was taking in; counts them."""
    removed = 0
    for left in (settings.data / "incoming").glob("*"):
        if time.time() - left.stat().st_mtime > _YOUNG_S:
            left.unlink(missing_ok=True)
            removed += 1
    for place in (settings.data / "jobs").glob("*/*"):
        known = database.connection.execute("SELECT 1 FROM jobs WHERE id = ?", (place.name,)).fetchone()
        if known is None and time.time() - place.stat().st_mtime > _YOUNG_S:
            shutil.rmtree(place, ignore_errors=True)
            removed += 1
    return removed


def _sound(settings: Settings, job: Job, part: str) -> Sound:
    reference = job.request.get(part)
    if reference is None:
        return Sound(folder(settings, job.tenant, job.id) / f"in-{part}", job.request[UPLOADS][part])
    if part == "backing" and (found := backings.sound_of(settings, job)) is not None:
        return found
    return stored(reference, None if settings.storage is None else settings.storage / job.tenant)
