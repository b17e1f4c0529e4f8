"""One SQLite file in write-ahead mode: what was committed survives a crash; knows no rule about jobs."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BUSY_S = 30.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS jobs (
  id TEXT PRIMARY KEY, tenant TEXT NOT NULL, name TEXT NOT NULL, request TEXT NOT NULL, plan TEXT,
  state TEXT NOT NULL, stage TEXT NOT NULL DEFAULT '', progress REAL NOT NULL DEFAULT 0,
  revision INTEGER NOT NULL DEFAULT 1, version INTEGER NOT NULL DEFAULT 1, attempts INTEGER NOT NULL DEFAULT 0,
  worker TEXT, lease TEXT, lease_until REAL, error TEXT, result TEXT, bytes INTEGER NOT NULL DEFAULT 0,
  created REAL NOT NULL, ready REAL NOT NULL, started REAL, finished REAL
) STRICT

CREATE INDEX IF NOT EXISTS jobs_by_state ON jobs (state, tenant, ready)

CREATE INDEX IF NOT EXISTS jobs_by_tenant ON jobs (tenant, created)

CREATE TABLE IF NOT EXISTS usage (tenant TEXT PRIMARY KEY, open INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT

CREATE TRIGGER IF NOT EXISTS jobs_added AFTER INSERT ON jobs BEGIN
  INSERT INTO usage VALUES (NEW.tenant, NEW.state IN ('queued', 'running'), NEW.bytes)
  ON CONFLICT (tenant) DO UPDATE SET open = open + excluded.open, bytes = bytes + excluded.bytes;
END

CREATE TRIGGER IF NOT EXISTS jobs_changed AFTER UPDATE OF state, bytes ON jobs BEGIN
  UPDATE usage SET bytes = bytes + NEW.bytes - OLD.bytes,
    open = open + (NEW.state IN ('queued', 'running')) - (OLD.state IN ('queued', 'running'))
  WHERE tenant = NEW.tenant;
END

CREATE TRIGGER IF NOT EXISTS jobs_removed AFTER DELETE ON jobs BEGIN
  UPDATE usage SET bytes = bytes - OLD.bytes, open = open - (OLD.state IN ('queued', 'running'))
  WHERE tenant = OLD.tenant;
END

CREATE TABLE IF NOT EXISTS idempotency (
  tenant TEXT NOT NULL, key TEXT NOT NULL, fingerprint TEXT NOT NULL, job TEXT NOT NULL, created REAL NOT NULL,
  PRIMARY KEY (tenant, key)
) STRICT

CREATE TABLE IF NOT EXISTS outbox (
  id TEXT PRIMARY KEY, tenant TEXT NOT NULL, job TEXT NOT NULL, url TEXT NOT NULL, body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, ready REAL NOT NULL, done REAL, outcome TEXT NOT NULL DEFAULT ''
) STRICT

CREATE INDEX IF NOT EXISTS outbox_due ON outbox (done, ready)

CREATE TABLE IF NOT EXISTS tenants (name TEXT PRIMARY KEY, webhook_secret TEXT NOT NULL) STRICT

CREATE TABLE IF NOT EXISTS keys (
  hash TEXT PRIMARY KEY, id TEXT NOT NULL UNIQUE, tenant TEXT NOT NULL, created REAL NOT NULL
) STRICT
"""


class Database:
    """A connection for each thread; with `durable` a commit waits for the disk, so that a power cut loses nothing."""

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path, self._durable = path, durable
        self._local = threading.local()
        with self.transaction() as connection:
            for statement in _SCHEMA.split("\n\n"):
                connection.execute(statement)

    @property
    def connection(self) -> sqlite3.Connection:
        """This thread's connection; statements outside `transaction` commit by themselves."""
        found: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if found is None:
            found = sqlite3.connect(self._path, timeout=_BUSY_S, isolation_level=None)
            found.row_factory = sqlite3.Row
            found.execute("PRAGMA journal_mode = WAL")
            found.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'NORMAL'}")
            self._local.connection = found
        return found

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing; nobody else writes meanwhile."""
        connection = self.connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        connection.execute("COMMIT")
