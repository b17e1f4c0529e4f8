"""Two tenants who share a server cannot see, hear, change or count each other."""

from typing import Any

import pytest

from tests.service.conftest import Tenants
from tests.service.running import asked, ended, parts, wav


@pytest.fixture(scope="module")
def anns(tenants: Tenants) -> dict[str, Any]:
    """A finished mix of Ann's."""
    files = parts(name="a secret song.wav")
    answer = tenants.ann.post("/v1/mixes", files=files, data=asked(output={"stems": True, "report": True}))
    return ended(tenants.ann, answer.json())


ROUTES = [
    ("GET", ""), ("DELETE", ""), ("POST", "/cancel"), ("GET", "/events"), ("GET", "/mix"), ("HEAD", "/mix"),
    ("GET", "/stems/vocal"), ("HEAD", "/stems/vocal"), ("GET", "/plan"), ("PUT", "/plan"), ("GET", "/report"),
]  # fmt: skip


def test_these_are_all_routes_of_a_mix(tenants: Tenants) -> None:
    paths = tenants.stranger.get("/openapi.json").json()["paths"]
    prefix = "/v1/mixes/{job_id}"
    known = {
        (method.upper(), path.removeprefix(prefix).replace("{stem}", "vocal"))
        for path, methods in paths.items()
        for method in methods
        if path.startswith(prefix)
    }
    assert known == set(ROUTES)


def test_a_backing_of_one_tenant_is_not_there_for_another(tenants: Tenants) -> None:
    assert tenants.ann.put("/v1/catalog/anns-song", content=wav("band")).status_code == 201
    assert tenants.ann.get("/v1/catalog/anns-song").status_code == 200
    assert tenants.bob.get("/v1/catalog/anns-song").status_code == 404
    assert tenants.bob.delete("/v1/catalog/anns-song").status_code == 404
    assert "anns-song" not in tenants.bob.get("/v1/catalog?limit=200").text
    take = {"vocal": ("a.wav", wav("voice"))}
    assert tenants.bob.post("/v1/mixes", files=take, data=asked(backing="catalog:anns-song")).status_code == 422
    other = tenants.bob.put("/v1/catalog/anns-song", content=wav("band", 2.0))
    assert (other.status_code, tenants.ann.get("/v1/catalog/anns-song").json()["seconds"]) == (201, 1.5)


@pytest.mark.parametrize(("method", "route"), ROUTES)
def test_another_tenants_mix_is_as_if_it_were_not_there(
    tenants: Tenants, anns: dict[str, Any], method: str, route: str
) -> None:
    plan = tenants.ann.get(anns["links"]["plan"]).content if method == "PUT" else None
    base = f"/v1/mixes/{anns['id']}{route}"
    theirs, nobodys = (
        tenants.bob.request(method, address, content=plan) for address in (base, base.replace(anns["id"], "mix_none"))
    )
    assert (theirs.status_code, nobodys.status_code) == (404, 404)
    assert theirs.text.replace(anns["id"], "mix_none") == nobodys.text
    assert tenants.ann.get(anns["links"]["self"]).json() == anns


def test_no_list_page_or_figure_shows_another_tenants_mix(tenants: Tenants, anns: dict[str, Any]) -> None:
    for path in ("/v1/mixes?limit=200", f"/v1/mixes?after={anns['id']}", "/v1/info", "/healthz", "/openapi.json"):
        told = tenants.bob.get(path).text
        assert "secret song" not in told
        assert not (anns["id"] in told and "after" not in path)


def test_another_tenants_storage_cannot_be_named(tenants: Tenants) -> None:
    for path in ("ann.wav", "../ann/ann.wav", "ann/ann.wav"):
        answer = tenants.bob.post("/v1/mixes", json={"vocal": f"storage:{path}", "backing": "storage:band.wav"})
        assert answer.json()["code"] in ("storage.not_found", "storage.path")


def test_the_same_file_name_and_key_make_two_mixes(tenants: Tenants) -> None:
    headers = {"Idempotency-Key": "one-key"}
    answers = [
        client.post("/v1/mixes", files=parts(), data=asked(), headers=headers) for client in (tenants.ann, tenants.bob)
    ]
    assert answers[0].json()["id"] != answers[1].json()["id"]
