"""API keys and whose they are: only hashes are stored, so that a copy of the file opens nothing."""

import base64
import hashlib
import re
import secrets
import time
from dataclasses import dataclass

from sitwell.errors import PlanError
from sitwell.service.database import Database
from sitwell.service.settings import TERMS

LOCAL = "local"  # whose jobs are while there are no keys


@dataclass(frozen=True)
class Key:
    """A key as it is listed: its id and its tenant, not the key."""

    id: str
    tenant: str
    created: float


def add(database: Database, tenant: str) -> str:
    """Make a key for a tenant, who is new or not; it is told once and never again."""
    if not re.fullmatch(TERMS, tenant):
        raise PlanError("service.tenant", f"{tenant!r} cannot be a tenant: 1 to 64 letters, digits, _ or - are allowed")
    key = f"sitwell_{secrets.token_urlsafe(32)}"
    with database.transaction() as connection:
        webhook_secret(database, tenant)
        values = (_hash(key), secrets.token_hex(4), tenant, time.time())
        connection.execute("INSERT INTO keys VALUES (?, ?, ?, ?)", values)
    return key


def listed(database: Database) -> list[Key]:
    """List all keys, oldest first."""
    return [Key(*row) for row in database.connection.execute("SELECT id, tenant, created FROM keys ORDER BY created")]


def revoke(database: Database, key_id: str) -> bool:
    """Take a key back by its id; False when there is none."""
    return database.connection.execute("DELETE FROM keys WHERE id = ?", (key_id,)).rowcount == 1


def tenant_of(database: Database, key: str) -> str | None:
    """Tell whose key this is."""
    row = database.connection.execute("SELECT tenant FROM keys WHERE hash = ?", (_hash(key),)).fetchone()
    return None if row is None else str(row[0])


def webhook_secret(database: Database, tenant: str) -> str:
    """Give the secret that signs a tenant's webhooks (`whsec_` and base64, as Standard Webhooks has it)."""
    made = "whsec_" + base64.b64encode(secrets.token_bytes(24)).decode()
    database.connection.execute("INSERT OR IGNORE INTO tenants VALUES (?, ?)", (tenant, made))
    row = database.connection.execute("SELECT webhook_secret FROM tenants WHERE name = ?", (tenant,)).fetchone()
    return str(row[0])


def _hash(key: str) -> str:
    """A key has 256 random bits: one round of SHA-256 is enough, there is nothing to guess."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
