"""One studio for the tests of its server: a desk, and a client that knows the address."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from sitwell.studio.desk import Desk
from tests.studio.desks import client_of, put_song


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Give an empty desk."""
    made = Desk(tmp_path / "home")
    yield made
    made.close()


@pytest.fixture
def client(desk: Desk, tmp_path: Path) -> Iterator[httpx.Client]:
    """Give a client of that desk."""
    with client_of(desk, tmp_path / "page") as made:
        yield made


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[httpx.Client, str]]:
    """Give a client and a song that is open, for tests that only ask."""
    folder = tmp_path_factory.mktemp("studio")
    desk = Desk(folder / "home")
    with client_of(desk, folder / "page") as client:
        yield client, put_song(client)
    desk.close()
