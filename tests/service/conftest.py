"""Fixtures of the service: one real server with two tenants for all routes, and applications without workers."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from sitwell.catalogue import Catalogue
from sitwell.service import keys
from sitwell.service.app import create_app
from sitwell.service.database import Database
from sitwell.service.service import Service
from sitwell.service.settings import Settings
from tests.service.running import Server, serving, wav


@dataclass
class Tenants:
    """A server, and clients of two tenants, of the operator and of a stranger."""

    server: Server
    ann: httpx.Client
    bob: httpx.Client
    operator: httpx.Client
    stranger: httpx.Client


@pytest.fixture(scope="session")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tenants]:
    """Give a real server with keys and a storage folder."""
    data, storage = tmp_path_factory.mktemp("service"), tmp_path_factory.mktemp("storage")
    for name in ("ann", "bob"):
        (storage / name).mkdir()
        (storage / name / f"{name}.wav").write_bytes(wav("voice"))
        (storage / name / "band.wav").write_bytes(wav("band"))
    shared = tmp_path_factory.mktemp("shared")
    Catalogue.open(shared).add(storage / "ann" / "band.wav", id="shared-song")
    database = Database(data / "sitwell.sqlite")
    made = [keys.add(database, name) for name in ("ann", "bob", "operator")]
    with serving(data, "--storage", str(storage), "--catalog", str(shared), "--private-webhooks") as server:
        clients = [server.client(key) for key in (*made, None)]
        yield Tenants(server, *clients)
        for client in clients:
            client.close()


class Here:
    """A service in this process, without workers: jobs stay queued."""

    def __init__(self, settings: Settings, *, tenant: str | None = "ann") -> None:
        settings.data.mkdir(parents=True, exist_ok=True)
        self.database = Database(settings.database)
        headers = {} if tenant is None else {"Authorization": f"Bearer {keys.add(self.database, tenant)}"}
        self.service = Service(settings)
        self.app = create_app(self.service)
        self.headers = headers

    def client(self) -> httpx.AsyncClient:
        """Give a client that calls the application directly."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8750", headers=self.headers)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings with a data folder of its own."""
    return Settings(data=tmp_path / "data", min_free_mb=0, requests_per_s=1e6)
