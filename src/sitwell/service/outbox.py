"""Webhooks that are to be sent: written with what they tell of, so that neither is there without the other."""

import datetime
import json
import secrets
import sqlite3
import time
from dataclasses import dataclass

from sitwell.service.database import Database
from sitwell.service.job import Job

# Seconds after which a delivery is tried again (Standard Webhooks, "Retries").
RETRY_S = (5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400)


@dataclass(frozen=True)
class Message:
    """One webhook: its id stays the same over all attempts, so that the receiver can tell repeats."""

    id: str
    tenant: str
    job: str
    url: str
    body: str
    attempts: int


def tell(connection: sqlite3.Connection, job: Job) -> None:
    """Queue a message about a job that has ended, inside the transaction that ends it."""
    if (url := job.request.get("webhook")) is None:
        return
    now = datetime.datetime.now(datetime.UTC)
    event = {"type": f"mix.{job.state}", "timestamp": now.isoformat(), "data": job.summary}
    body = json.dumps(event, ensure_ascii=False)
    connection.execute(
        "INSERT INTO outbox (id, tenant, job, url, body, ready) VALUES (?, ?, ?, ?, ?, ?)",
        (f"msg_{secrets.token_hex(12)}", job.tenant, job.id, url, body, now.timestamp()),
    )


def due(database: Database, limit: int = 20) -> list[Message]:
    """List messages whose time has come."""
    query = "SELECT id, tenant, job, url, body, attempts FROM outbox WHERE done IS NULL AND ready <= ? LIMIT ?"
    return [Message(*row) for row in database.connection.execute(query, (time.time(), limit))]


def delivered(database: Database, message: Message) -> None:
    """Note that the receiver has taken it."""
    values = (time.time(), "delivered", message.id)
    database.connection.execute("UPDATE outbox SET done = ?, attempts = attempts + 1, outcome = ? WHERE id = ?", values)


def refused(database: Database, message: Message, why: str, *, for_good: bool = False) -> None:
    """Note a failed attempt, to be made again later or never."""
    last = for_good or message.attempts >= len(RETRY_S)
    ready = time.time() + (0 if last else RETRY_S[message.attempts] * (1 + secrets.randbelow(100) / 1000))
    database.connection.execute(
        "UPDATE outbox SET attempts = attempts + 1, ready = ?, done = ?, outcome = ? WHERE id = ?",
        (ready, time.time() if last else None, why, message.id),
    )
