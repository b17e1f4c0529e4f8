"""Nobody but the person at this machine gets in, and the page may do little."""

import http.client
from pathlib import Path

import httpx
import pytest

from tests.studio.desks import TOKEN


def origin(client: httpx.Client) -> str:
    return f"http://{client.base_url.host}:{client.base_url.port}"


def test_the_address_with_its_token_opens_the_page(client: httpx.Client) -> None:
    answer = client.get("")
    assert answer.status_code == 200
    assert "the page" in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/api/projects", f"/{TOKEN}", f"/{TOKEN}x/", f"/x{TOKEN}/", "//", f"/{TOKEN[:-1]}/"]
)
def test_without_the_token_there_is_nothing(client: httpx.Client, path: str) -> None:
    answer = client.get(f"{origin(client)}{path}")
    assert answer.status_code == 404
    assert "the page" not in answer.text


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4000", "127.0.0.1", "127.0.0.1:1", "localhost:1"])
def test_a_name_that_was_rebound_to_this_machine_is_refused(client: httpx.Client, host: str) -> None:
    assert client.get("", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_other_pages_change_nothing(client: httpx.Client, headers: dict[str, str]) -> None:
    assert client.post("api/projects", json={"name": "x"}, headers=headers).status_code == 403
    assert client.get("api/projects").json() == []


def test_the_page_itself_may(client: httpx.Client) -> None:
    headers = {"origin": origin(client), "sec-fetch-site": "same-origin"}
    assert client.post("api/projects", json={"name": "x"}, headers=headers).status_code == 201


@pytest.mark.parametrize("address", ["", "api/studio", "../", "../wrong/", "api/nothing"])
def test_every_answer_carries_the_policy(client: httpx.Client, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "http" not in policy, "nothing is loaded from the network"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer", "the token must not leave in a referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt", "..%2fsecret.txt", "%2e%2e/secret.txt", "assets/../../secret.txt", "..%5csecret.txt",
        "api/projects/..%2f..%2fsecret.txt", "api/projects/%00", "/etc/passwd", "%2fetc%2fpasswd",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folders(client: httpx.Client, tmp_path: Path, path: str) -> None:
    (tmp_path / "secret.txt").write_text("root: a secret")
    raw = http.client.HTTPConnection(client.base_url.host, client.base_url.port or 0)  # sends paths as they are
    raw.request("GET", f"/{TOKEN}/{path}")
    answer = raw.getresponse()
    assert answer.status in (404, 422)
    assert b"root" not in answer.read()
    raw.close()
