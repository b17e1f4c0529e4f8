"""Webhooks: signed as the standard has it, tried again, never sent inwards."""

import http.server
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import standardwebhooks

from sitwell.errors import PlanError
from sitwell.service import jobs, keys, leases, webhooks
from sitwell.service.database import Database
from sitwell.service.request import check_url
from sitwell.service.webhooks import Sender, is_public, public_address, signed
from tests.service.conftest import Tenants
from tests.service.running import asked, parts, wait_for


class Receiver(http.server.ThreadingHTTPServer):
    """Takes webhooks, answering with these statuses one after the other, then with the last."""

    def __init__(self, *statuses: int, location: str = "") -> None:
        self.statuses, self.location = list(statuses), location
        self.taken: list[tuple[dict[str, str], bytes]] = []
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook?a=1"


class _Handler(http.server.BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append(({name.lower(): value for name, value in self.headers.items()}, body))
        statuses = self.server.statuses
        self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def receiving(*statuses: int, location: str = "") -> Iterator[Receiver]:
    with Receiver(*statuses, location=location) as receiver:
        thread = threading.Thread(target=receiver.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield receiver
        finally:
            receiver.shutdown()
            thread.join()


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "jobs.sqlite")


def end_a_job(database: Database, url: str) -> None:
    jobs.accept(database, jobs.new_id(), "ann", "a", {"webhook": url}, size=1)
    job = leases.claim(database, "w", 60)
    assert job is not None
    leases.succeed(database, job, {}, 1)


def make_due(database: Database) -> None:
    database.connection.execute("UPDATE outbox SET ready = 0")


def outcome(database: Database) -> tuple[int, str, bool]:
    row = database.connection.execute("SELECT attempts, outcome, done IS NOT NULL FROM outbox").fetchone()
    return row[0], row[1], bool(row[2])


def test_a_webhook_is_verified_by_the_standards_own_library(tenants: Tenants) -> None:
    with receiving(204) as receiver:
        request = asked(webhook=receiver.url, name="Élise")
        made = tenants.ann.post("/v1/mixes", files=parts(), data=request).json()
        headers, body = wait_for(lambda: receiver.taken[:1])[0]
    secret = keys.webhook_secret(Database(tenants.server.data / "sitwell.sqlite"), "ann")
    event = standardwebhooks.Webhook(secret).verify(body, headers)
    assert event["type"] == "mix.succeeded"
    assert (event["data"]["id"], event["data"]["name"]) == (made["id"], "Élise")


def test_a_changed_body_or_another_secret_is_not_verified(database: Database) -> None:
    secret = keys.webhook_secret(database, "ann")
    headers = signed("msg_1", b"{}", secret, round(time.time()))
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(secret).verify(b"{ }", headers)
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(keys.webhook_secret(database, "bob")).verify(b"{}", headers)


def test_a_failed_delivery_is_made_again_with_the_same_id_and_only_when_due(database: Database) -> None:
    sender = Sender(database, private=True)
    with receiving(500, 503, 200) as receiver:
        end_a_job(database, receiver.url)
        assert sender.deliver_due() == 1
        assert sender.deliver_due() == 0  # not yet
        for _ in range(3):
            make_due(database)
            sender.deliver_due()
    sender.close()
    assert outcome(database) == (3, "delivered", True)
    assert len({headers["webhook-id"] for headers, _ in receiver.taken}) == 1
    assert len(receiver.taken) == 3


def test_pauses_grow_and_end(database: Database) -> None:
    sender = Sender(database, private=True)
    with receiving(500) as receiver:
        end_a_job(database, receiver.url)
        waits = []
        while not outcome(database)[2]:
            make_due(database)
            sender.deliver_due()
            ready = database.connection.execute("SELECT ready FROM outbox").fetchone()[0]
            waits.append(ready - time.time())
    sender.close()
    assert len(waits) == 10
    assert waits[:-1] == sorted(waits[:-1])
    assert waits[0] < 6
    assert waits[-2] > 86_000


def test_who_is_gone_for_good_is_not_asked_again(database: Database) -> None:
    sender = Sender(database, private=True)
    with receiving(410) as receiver:
        end_a_job(database, receiver.url)
        sender.deliver_due()
    sender.close()
    assert outcome(database) == (1, "status 410", True)


def test_a_redirect_is_not_followed(database: Database) -> None:
    sender = Sender(database, private=True)
    with receiving(200) as inner, receiving(302, location=inner.url) as outer:
        end_a_job(database, outer.url)
        sender.deliver_due()
    sender.close()
    assert (len(outer.taken), len(inner.taken)) == (1, 0)
    assert outcome(database)[1] == "status 302"


def test_a_private_address_is_never_connected_to(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def address(*_: object, **__: object) -> object:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    sender = Sender(database, private=False)
    with receiving(200) as receiver:
        port = receiver.server_port
        monkeypatch.setattr(socket, "getaddrinfo", address)
        end_a_job(database, f"http://public.example:{port}/")
        sender.deliver_due()
    sender.close()
    assert receiver.taken == []
    assert "no public address" in outcome(database)[1]


def test_a_name_that_changes_its_address_after_it_was_judged_gains_nothing(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: the first answer is public, all later ones are this machine."""
    asked_for: list[str] = []

    def connect(address: tuple[str, int], _timeout: float) -> socket.socket:
        asked_for.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr(webhooks, "public_address", lambda *_, **__: "93.184.215.14")
    monkeypatch.setattr(socket, "create_connection", connect)
    sender = Sender(database, private=False)
    end_a_job(database, "https://rebinding.example/")
    sender.deliver_due()
    sender.close()
    assert asked_for == ["93.184.215.14"]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:db8::1",
    ],
)  # fmt: skip
def test_addresses_that_lead_inwards(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.215.14", "1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_addresses_out_on_the_internet(address: str) -> None:
    assert is_public(address)


def test_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(2, 1, 6, "", (address, 443)) for address in ("1.1.1.1", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with pytest.raises(webhooks.Refused):
        public_address("two.example", 443, private=False)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/", "https://", "https://user:word@example.org/", "https://example.org:0/",
        "https://example.org:99999/", "https://exa mple.org/", "https://example.org/\r\nX: 1", "https://[::1",
    ],
)  # fmt: skip
def test_addresses_that_cannot_be_are_refused_at_the_door(url: str) -> None:
    with pytest.raises(PlanError, match=r"request\.webhook"):
        check_url(url, private=False)
    check_url("https://example.org:8443/a?b=c", private=False)


def test_a_webhook_of_another_scheme_is_refused(tenants: Tenants) -> None:
    for url in ("file:///etc/passwd", "gopher://127.0.0.1/", "javascript:1"):
        answer = tenants.ann.post("/v1/mixes", files=parts(), data=asked(webhook=url))
        assert (answer.status_code, json.loads(answer.text)["code"]) == (422, "request.invalid")
