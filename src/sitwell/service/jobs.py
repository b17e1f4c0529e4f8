"""What a client may do with jobs: hand one in, look, cancel, render an edited plan, delete; always as one tenant."""

import json
import secrets
import time
from typing import Any

from sitwell.service import outbox
from sitwell.service.database import Database
from sitwell.service.job import CANCELLED, COLUMNS, OPEN, QUEUED, Job, job_of


class KeyReused(Exception):  # noqa: N818 - it is the caller's
    """An idempotency key came again with another request."""


def new_id() -> str:
    """Make an id that nobody can guess."""
    return f"mix_{secrets.token_urlsafe(16)}"


def accept(
    database: Database, job_id: str, tenant: str, name: str, request: dict[str, Any], *,
    size: int, key: str | None = None, fingerprint: str = "",
) -> Job:  # fmt: skip
    """Take a job whose files are on the disk; with a `key` seen before, give the job it made; raises KeyReused."""
    now = time.time()
    with database.transaction() as connection:
        if key is not None and (known := earlier(database, tenant, key, fingerprint)) is not None:
            return known
        connection.execute(
            """INSERT INTO jobs (id, tenant, name, request, state, bytes, created, ready)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)""",
            (job_id, tenant, name, json.dumps(request), QUEUED, size, now, now),
        )
        if key is not None:
            connection.execute(
                "INSERT OR REPLACE INTO idempotency VALUES (?, ?, ?, ?, ?)", (tenant, key, fingerprint, job_id, now)
            )
        return _found(database, tenant, job_id)


def earlier(database: Database, tenant: str, key: str, fingerprint: str) -> Job | None:
    """Find the job an idempotency key made, if it is still there; raises KeyReused."""
    row = database.connection.execute(
        "SELECT job, fingerprint FROM idempotency WHERE tenant = ? AND key = ?", (tenant, key)
    ).fetchone()
    job = None if row is None else get(database, tenant, row["job"])
    if job is not None and row["fingerprint"] != fingerprint:
        raise KeyReused
    return job


def get(database: Database, tenant: str, job_id: str) -> Job | None:
    """Look at one job; another tenant's is not there."""
    query = f"SELECT {COLUMNS} FROM jobs WHERE id = ? AND tenant = ?"
    row = database.connection.execute(query, (job_id, tenant)).fetchone()
    return None if row is None else job_of(row)


def listed(
    database: Database, tenant: str, *, limit: int, after: str | None = None, state: str | None = None
) -> list[Job]:
    """List a tenant's jobs, newest first, from the one behind `after`."""
    query, values = f"SELECT {COLUMNS} FROM jobs WHERE tenant = ?", [tenant, *([state] if state else [])]
    query += " AND state = ?" if state else ""
    if after is not None:
        query += " AND (created, id) < (SELECT created, id FROM jobs WHERE id = ? AND tenant = ?)"
        values += [after, tenant]
    rows = database.connection.execute(f"{query} ORDER BY created DESC, id DESC LIMIT ?", (*values, limit))
    return [job_of(row) for row in rows]


def usage(database: Database, tenant: str) -> tuple[int, int]:
    """Count a tenant's jobs that have not ended, and the bytes of all that are kept."""
    row = database.connection.execute("SELECT open, bytes FROM usage WHERE tenant = ?", (tenant,)).fetchone()
    return (0, 0) if row is None else (int(row[0]), int(row[1]))


def cancel(database: Database, tenant: str, job_id: str) -> Job | None:
    """End a job that has not ended; whoever works on it finds its lease gone. What has ended stays as it is."""
    with database.transaction() as connection:
        changed = connection.execute(
            f"""UPDATE jobs SET state = ?, finished = ?, lease = NULL, lease_until = NULL, version = version + 1
            WHERE id = ? AND tenant = ? AND state IN {OPEN}""",
            (CANCELLED, time.time(), job_id, tenant),
        ).rowcount
        job = get(database, tenant, job_id)
        if changed and job is not None:
            outbox.tell(connection, job)
        return job


def rerender(database: Database, tenant: str, job_id: str, plan: str) -> Job | None:
    """Queue a job that has ended once more, with a plan of the client's; None when it has not ended."""
    now = time.time()
    with database.transaction() as connection:
        changed = connection.execute(
            f"""UPDATE jobs SET state = ?, plan = ?, revision = revision + 1, version = version + 1, stage = '',
            progress = 0, attempts = 0, error = NULL, ready = ?, started = NULL, finished = NULL
            WHERE id = ? AND tenant = ? AND state NOT IN {OPEN}""",
            (QUEUED, plan, now, job_id, tenant),
        ).rowcount
        return _found(database, tenant, job_id) if changed else None


def delete(database: Database, tenant: str, job_id: str) -> bool:
    """Forget a job, whatever it is doing; its files are the caller's to remove."""
    with database.transaction() as connection:
        connection.execute("DELETE FROM idempotency WHERE tenant = ? AND job = ?", (tenant, job_id))
        return connection.execute("DELETE FROM jobs WHERE id = ? AND tenant = ?", (job_id, tenant)).rowcount == 1


def _found(database: Database, tenant: str, job_id: str) -> Job:
    job = get(database, tenant, job_id)
    assert job is not None, "a job that was just written is there"
    return job
