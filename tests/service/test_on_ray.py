"""The service on a cluster: results are those of one machine, also when a node, or the process in between, is lost."""

import dataclasses
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from sitwell.service.service import Service
from sitwell.service.settings import Settings
from sitwell.service.workers import Workers
from tests.clusters import cluster_of
from tests.service.running import RATE, asked, command, ended, parts, serving, wait_for, wav
from tests.service.test_crashes import refused

pytest.importorskip("ray", reason="the engine ray needs pip install 'sitwell[ray]'")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore"),  # Ray's own
]


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with cluster_of(2) as cluster:
        yield cluster


def on(cluster: Any) -> tuple[str, ...]:
    return ("--engine", "ray", "--address", cluster.address, "--workers", "4", "--lease", "4")


def post(client: httpx.Client, seconds: float = 1.5, **request: Any) -> dict[str, Any]:
    answer = client.post("/v1/mixes", files=parts(seconds=seconds), data=asked(**request))
    assert answer.status_code == 202, answer.text
    mix: dict[str, Any] = answer.json()
    return mix


def over_the_catalogue(client: httpx.Client) -> dict[str, Any]:
    """Mix a take of a higher rate than its backing, which must be measured at that rate first."""
    if client.get("/v1/catalog/song").status_code == 404:
        assert client.put("/v1/catalog/song", content=wav("band")).status_code == 201
    request = asked(backing="catalog:song", output={"format": "flac", "stems": True, "report": True})
    answer = client.post("/v1/mixes", files={"vocal": ("Täke.wav", wav("voice", rate=2 * RATE))}, data=request)
    assert answer.status_code == 202, answer.text
    return ended(client, answer.json())


def hashes(client: httpx.Client, mix: dict[str, Any]) -> dict[str, str]:
    """Fetch the sounds of a mix, and check that they are what they are said to be."""
    assert mix["state"] == "succeeded", mix["error"]
    found = {}
    for name, link in mix["links"].items():
        if name != "mix" and not name.startswith("stems/"):
            continue
        answer = client.get(link).raise_for_status()
        found[name] = hashlib.sha256(answer.content).hexdigest()
        assert answer.headers["etag"] == f'"{found[name]}"'
    return found


def test_a_mix_made_on_a_cluster_is_the_mix_of_one_machine(cluster: Any, tmp_path: Path) -> None:
    with serving(tmp_path / "here") as server, server.client() as client:
        here = hashes(client, over_the_catalogue(client))
    with serving(tmp_path / "there", *on(cluster)) as server, server.client() as client:
        first = over_the_catalogue(client)
        assert hashes(client, first) == here
        assert hashes(client, over_the_catalogue(client)) == here
        assert client.get(first["links"]["report"]).text.startswith("<!doctype html>")
        plan = client.get(first["links"]["plan"]).json()
        plan["vocal"]["gain_db"] += 1.0
        edited = ended(client, client.put(first["links"]["plan"], json=plan).json())
        assert edited["revision"] == 2
        assert hashes(client, edited)["mix"] != here["mix"]
        bad = client.post("/v1/mixes", files=parts(wav("voice")[:2000], name="half.wav"), data=asked()).json()
        failed = ended(client, bad)["error"]
        assert failed["code"] == "audio.truncated"
        assert failed["detail"].startswith("half.wav: ")
        long = post(client, seconds=60)
        wait_for(lambda: client.get(long["links"]["self"]).json()["state"] == "running" or None)
        assert client.post(f"{long['links']['self']}/cancel").json()["state"] == "cancelled"
        assert hashes(client, ended(client, post(client)))  # the core is free again


def test_a_lost_node_and_a_lost_dispatcher_lose_and_double_nothing(cluster: Any, tmp_path: Path) -> None:
    with serving(tmp_path, *on(cluster)) as server, server.client() as client:
        made = [post(client, seconds=6, name=str(number)) for number in range(8)]
        wait_for(lambda: len(client.get("/v1/mixes?state=succeeded").json()["items"]) >= 2 or None)
        cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)  # kill -9 of all its processes
        wait_for(lambda: len(client.get("/v1/mixes?state=succeeded").json()["items"]) >= 4 or None)
        os.kill(server.workers()[0], signal.SIGKILL)
        after = [ended(client, mix) for mix in made]
        assert len({hashes(client, mix)["mix"] for mix in after}) == 1  # the same two sounds
        ends = [line["job"] for line in server.logged() if line["message"] == "job succeeded"]
        assert sorted(ends) == sorted(mix["id"] for mix in made)


def test_a_cluster_that_does_not_answer_is_told_before_anything_starts(tmp_path: Path) -> None:
    assert "[engine.no_cluster]" in refused(*command(tmp_path, "--engine", "ray", "--address", "127.0.0.1:1"))


SPEAKS_WHEN_TOLD = "import sys, time; sys.stdin.readline(); print('{}', flush=True); time.sleep(600)"


def test_a_service_is_well_once_its_dispatcher_has_a_cluster(settings: Settings) -> None:
    workers = Workers(Service(dataclasses.replace(settings, engine="ray")))
    process = subprocess.Popen(
        [sys.executable, "-c", SPEAKS_WHEN_TOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        workers._running[process] = 0.0
        workers._look()
        assert not workers.healthy()
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()

        def well() -> bool:
            workers._look()
            return workers.healthy()

        wait_for(well)
        process.kill()
    assert not workers.healthy()
