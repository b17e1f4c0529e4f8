"""Crashes and orders to stop: no accepted job is lost, and each ends once."""

import os
import random
import signal
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import httpx
import pytest

from sitwell.service import keys
from sitwell.service.database import Database
from tests.service.running import PATIENCE_S, asked, command, ended, parts, serving, start, wait_for
from tests.service.test_webhooks import receiving

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc to find workers")
FAST = ("--lease", "2", "--grace", "20", "--workers", "2")


def make(client: httpx.Client, count: int, seconds: float = 1.5, **request: Any) -> list[dict[str, Any]]:
    answers = [
        client.post("/v1/mixes", files=parts(seconds=seconds), data=asked(name=str(n), **request)) for n in range(count)
    ]
    assert [answer.status_code for answer in answers] == [202] * count
    return [answer.json() for answer in answers]


def test_workers_killed_at_random_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    rng = random.Random(3)
    with (
        receiving(204) as receiver,
        serving(tmp_path, *FAST, "--private-webhooks") as server,
        server.client() as client,
    ):
        made = make(client, 8, seconds=6, webhook=receiver.url)
        for _ in range(4):
            victims = wait_for(server.workers)
            os.kill(rng.choice(victims), signal.SIGKILL)
            wait_for(lambda victims=victims: set(server.workers()) - set(victims) or None)  # type: ignore[misc]
        after = [ended(client, mix) for mix in made]
        wait_for(lambda: len(receiver.taken) >= len(made) or None)
        assert [mix["state"] for mix in after] == ["succeeded"] * len(made)
        ends = [line["job"] for line in server.logged() if line["message"] == "job succeeded"]
        assert len(set(ends)) == len(ends)
        for mix in after:
            assert client.get(mix["links"]["mix"]).status_code == 200
    assert len(receiver.taken) == len(made)


def test_a_server_killed_with_all_its_workers_finishes_after_its_next_start(tmp_path: Path) -> None:
    with start(tmp_path, *FAST) as server, server.client() as client:
        made = make(client, 4, seconds=20)
        wait_for(lambda: client.get("/v1/mixes?state=running").json()["items"])
        for process in (*server.workers(), server.process.pid):
            os.kill(process, signal.SIGKILL)
        server.process.wait(PATIENCE_S)
    with serving(tmp_path, *FAST) as server, server.client() as client:
        assert [ended(client, mix)["state"] for mix in made] == ["succeeded"] * len(made)


def test_workers_end_when_their_server_is_killed_and_keep_what_they_finish(tmp_path: Path) -> None:
    with start(tmp_path, *FAST) as server, server.client() as client:
        made = make(client, 2, seconds=6)
        wait_for(lambda: client.get("/v1/mixes?state=running").json()["items"])
        workers = server.workers()
        os.kill(server.process.pid, signal.SIGKILL)
        server.process.wait(PATIENCE_S)
        wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers) or None)
    with serving(tmp_path, *FAST) as server, server.client() as client:
        assert [ended(client, mix)["state"] for mix in made] == ["succeeded"] * len(made)


@pytest.mark.parametrize(("grace", "state"), [("60", "succeeded"), ("0", "queued")])
def test_an_order_to_stop_lets_work_be_finished_or_handed_back(tmp_path: Path, grace: str, state: str) -> None:
    with start(tmp_path, "--grace", grace) as server, server.client() as client:
        (mix,) = make(client, 1, seconds=40 if state == "succeeded" else 300)
        wait_for(lambda: client.get(mix["links"]["self"]).json()["state"] == "running" or None)
        server.process.send_signal(signal.SIGTERM)
        assert server.process.wait(PATIENCE_S) == 0
    with sqlite3.connect(tmp_path / "sitwell.sqlite") as database:
        found = database.execute("SELECT state, lease FROM jobs").fetchall()
    database.close()
    assert found == [(state, None)]
    results = list((tmp_path / "jobs" / "local" / mix["id"]).glob("result-*"))
    assert len(results) == (state == "succeeded")


def test_a_stream_of_events_does_not_keep_the_server_from_stopping(tmp_path: Path) -> None:
    with start(tmp_path, "--grace", "0") as server, server.client() as client:
        (mix,) = make(client, 1, seconds=60)
        with client.stream("GET", mix["links"]["events"]) as stream:
            lines = stream.iter_lines()
            next(lines)
            server.process.send_signal(signal.SIGTERM)
            list(lines)
        assert server.process.wait(PATIENCE_S) == 0


def test_old_jobs_are_deleted_with_their_files(tmp_path: Path) -> None:
    with serving(tmp_path) as server, server.client() as client:
        mix = ended(client, make(client, 1)[0])
    assert (tmp_path / "jobs" / "local" / mix["id"]).exists()
    with serving(tmp_path, "--keep-days", "0") as server, server.client() as client:
        wait_for(lambda: client.get(mix["links"]["self"]).status_code == 404 or None)
        wait_for(lambda: not (tmp_path / "jobs" / "local" / mix["id"]).exists() or None)


def refused(*arguments: str) -> str:
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    return done.stderr


def test_an_open_address_needs_a_key_first(tmp_path: Path) -> None:
    assert "[service.no_key]" in refused(*command(tmp_path, "--host", "0.0.0.0"))
    keys.add(Database(tmp_path / "sitwell.sqlite"), "ann")
    with serving(tmp_path, "--host", "0.0.0.0") as server:
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{url}/v1/mixes").status_code == 401


def test_what_cannot_be_is_told_before_anything_starts(tmp_path: Path) -> None:
    assert "[engine.unknown]" in refused(*command(tmp_path, "--engine", "spark"))
    assert "[engine.unknown]" in refused(*command(tmp_path, "--address", "127.0.0.1:1"))
    with serving(tmp_path / "a") as server:
        port = server.url.rpartition(":")[2]
        assert "[service.address]" in refused(*command(tmp_path / "b"), "--port", port)


def test_keys_are_made_listed_and_taken_back(tmp_path: Path) -> None:
    def run(*arguments: str) -> str:
        told = subprocess.run(
            [*command(tmp_path)[:3], "keys", *arguments, "--data", str(tmp_path)],
            capture_output=True, text=True, check=True, timeout=PATIENCE_S,
        )  # fmt: skip
        return told.stdout.strip()

    key = run("add", "ann")
    assert key not in (tmp_path / "sitwell.sqlite").read_bytes().decode("latin-1")
    assert run("secret", "ann").startswith("whsec_")
    key_id, tenant = run("list").split()
    assert tenant == "ann"
    with serving(tmp_path) as server, server.client(key) as client:
        assert client.get("/v1/mixes").status_code == 200
        run("revoke", key_id)
        assert client.get("/v1/mixes").status_code == 401
