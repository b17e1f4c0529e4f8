"""Who works on which job: a claim is a lease that must be renewed; who lost it can finish and spoil nothing."""

import dataclasses
import json
import secrets
import sqlite3
import time
from typing import Any

from sitwell.service import outbox
from sitwell.service.database import Database
from sitwell.service.job import COLUMNS, FAILED, QUEUED, RUNNING, SUCCEEDED, Job, job_of

_DROP = "lease = NULL, lease_until = NULL, worker = NULL, version = version + 1"
_NEXT = f"""
WITH busy AS (SELECT tenant, count(*) AS jobs FROM jobs WHERE state = '{RUNNING}' GROUP BY tenant),
first AS (SELECT tenant, min(ready) AS ready FROM jobs WHERE state = '{QUEUED}' GROUP BY tenant)
SELECT {COLUMNS} FROM jobs WHERE state = '{QUEUED}' AND ready <= :now AND tenant = (
  SELECT first.tenant FROM first LEFT JOIN busy USING (tenant) WHERE first.ready <= :now
  ORDER BY coalesce(busy.jobs, 0), first.ready LIMIT 1)
ORDER BY ready LIMIT 1
"""  # the tenant with the fewest jobs running, then who waits longest: nobody can fill the queue for all


def claim(database: Database, worker: str, lease_s: float) -> Job | None:
    """Take the next job that is ready, if there is one."""
    now = time.time()
    if database.connection.execute(_NEXT, {"now": now}).fetchone() is None:
        return None  # without waiting for the right to write
    with database.transaction() as connection:
        row = connection.execute(_NEXT, {"now": now}).fetchone()
        if row is None:
            return None
        connection.execute(
            """UPDATE jobs SET state = ?, worker = ?, lease = ?, lease_until = ?, attempts = attempts + 1,
            started = coalesce(started, ?), version = version + 1 WHERE id = ?""",
            (RUNNING, worker, secrets.token_hex(8), now + lease_s, now, row["id"]),
        )
        return job_of(connection.execute(f"SELECT {COLUMNS} FROM jobs WHERE id = ?", (row["id"],)).fetchone())


def renew(database: Database, job: Job, lease_s: float, stage: str, progress: float) -> bool:
    """Say that work goes on, and how far it is; False when the job is not ours any more."""
    return _ours(
        database.connection,
        job,
        "lease_until = ?, version = version + (stage IS NOT ? OR progress IS NOT ?), stage = ?, progress = ?",
        (time.time() + lease_s, stage, progress, stage, progress),
    )


def succeed(database: Database, job: Job, result: dict[str, Any], size: int) -> bool:
    """End a job with its result; False, and nothing changed, when it is not ours any more."""
    now = time.time()
    with database.transaction() as connection:
        changes = f"state = ?, result = ?, plan = NULL, bytes = ?, error = NULL, progress = 1, finished = ?, {_DROP}"
        done = _ours(connection, job, changes, (SUCCEEDED, json.dumps(result), size, now))
        if done:
            outbox.tell(connection, dataclasses.replace(job, state=SUCCEEDED, error=None))
        return done


def fail(database: Database, job: Job, error: dict[str, Any]) -> bool:
    """End a job with an error; False when it is not ours any more."""
    with database.transaction() as connection:
        changes = f"state = ?, error = ?, finished = ?, {_DROP}"
        done = _ours(connection, job, changes, (FAILED, json.dumps(error), time.time()))
        if done:
            outbox.tell(connection, dataclasses.replace(job, state=FAILED, error=error))
        return done


def hand_back(database: Database, job: Job, *, wait_s: float = 0.0, counts: bool = False) -> bool:
    """Put a job back into the queue, for now or later; an attempt that `counts` brings it nearer to giving up."""
    changes = f"state = ?, ready = ?, attempts = attempts - ?, stage = '', progress = 0, {_DROP}"
    return _ours(database.connection, job, changes, (QUEUED, time.time() + wait_s, 0 if counts else 1))


def take_back(database: Database, attempts: int, worker: str | None = None) -> list[Job]:
    """Free the jobs of a worker that has died, or of all whose lease has run out; give up after so many attempts."""
    where, value = ("worker = ?", worker) if worker is not None else ("lease_until < ?", time.time())
    query = f"SELECT {COLUMNS} FROM jobs WHERE state = '{RUNNING}' AND {where}"
    lost = [job_of(row) for row in database.connection.execute(query, (value,))]
    return [job for job in lost if crashed(database, job, attempts)]


def crashed(database: Database, job: Job, attempts: int) -> bool:
    """Free a job whose worker died; give it up after so many attempts. False when it is not the worker's any more."""
    if job.attempts < attempts:
        return hand_back(database, job, counts=True)
    detail = f"the worker died {job.attempts} times while it mixed this; report it with the two files"
    return fail(database, job, {"code": "job.crashed", "detail": detail, "retryable": False})


def _ours(connection: sqlite3.Connection, job: Job, changes: str, values: tuple[object, ...]) -> bool:
    """Change a job while its lease is the one it was claimed with."""
    where = f"id = ? AND lease = ? AND state = '{RUNNING}'"
    return connection.execute(f"UPDATE jobs SET {changes} WHERE {where}", (*values, job.id, job.lease)).rowcount == 1
