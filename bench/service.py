"""Figures of the HTTP service, on loopback: how long it takes to accept a job, and what is lost when things are killed.

python bench/service.py accept [--rate 50] [--seconds 20] [--busy]
python bench/service.py kills [--jobs 200] [--kills 10]
python bench/service.py guard [FILE...]
python bench/service.py engines [--jobs 24]    (needs sitwell[ray])
"""

import argparse
import asyncio
import json
import os
import random
import signal
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from sitwell.io import Guard  # noqa: E402
from sitwell.io import read as read_plain  # noqa: E402
from tests.service.running import Server, asked, ended, parts, serving, start, wav  # noqa: E402
from tests.service.test_webhooks import receiving  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
TAKE_BYTES = 960_000  # a take of 60 s at 128 kbit/s


def cpu_s(pid: int) -> float:
    """CPU seconds a process has used, with its threads and without its children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def accept(rate: float, seconds: float, *, busy: bool) -> None:
    """Send takes at a steady rate, whether or not earlier ones were answered, and print how long answers took."""
    with tempfile.TemporaryDirectory() as folder:
        options = ("--rate", "100000", "--max-jobs", "1000000", "--max-tenant-mb", "1e9")
        with serving(Path(folder), *options) as server:
            worker = server.workers()[0]
            if not busy:
                os.kill(worker, signal.SIGSTOP)  # jobs are accepted and left
            try:
                start_s, start_cpu_s = time.monotonic(), cpu_s(server.process.pid)
                took = asyncio.run(send(server, rate, seconds))
                used_s, passed_s = cpu_s(server.process.pid) - start_cpu_s, time.monotonic() - start_s
            finally:
                os.kill(worker, signal.SIGCONT)
    took.sort()
    ms = {f"p{share}": round(1000 * took[min(len(took) * share // 100, len(took) - 1)], 1) for share in (50, 95, 99)}
    print(json.dumps({
        "requests": len(took), "rate_per_s": round(len(took) / passed_s, 1), "accept_ms": ms,
        "max_ms": round(1000 * took[-1], 1), "server_cpu_ms_per_request": round(1000 * used_s / len(took), 2),
        "worker": "mixing" if busy else "stopped", "upload_bytes": TAKE_BYTES, "load_average": os.getloadavg()[0],
    }))  # fmt: skip


async def send(server: Server, rate: float, seconds: float) -> list[float]:
    """Send at fixed times; a wait in the client's own queue counts, as it would for a person."""
    files = parts()
    vocal = files["vocal"][1]
    body = {"vocal": ("take.wav", vocal + bytes(TAKE_BYTES - len(vocal))), "backing": files["backing"]}
    request = httpx.Request("POST", server.url, files=body, data=asked())
    content, headers = request.read(), {"Content-Type": request.headers["content-type"]}
    took: list[float] = []

    async def one(client: httpx.AsyncClient, due: float) -> None:
        answer = await client.post("/v1/mixes", content=content, headers=headers)
        assert answer.status_code == 202, answer.text
        took.append(time.monotonic() - due)

    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(base_url=server.url, timeout=60, limits=limits) as client:
        for _ in range(20):  # connections and code paths are warm
            await one(client, time.monotonic())
        took.clear()
        begin, tasks = time.monotonic(), list[asyncio.Task[None]]()
        for number in range(round(rate * seconds)):
            due = begin + number / rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            tasks.append(asyncio.create_task(one(client, due)))
        await asyncio.gather(*tasks)
    return took


def kills(jobs: int, times: int) -> None:
    """Hand jobs in while server and workers are killed at random, and count what came of them."""
    rng = random.Random(17)
    accepted: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder, receiving(204) as receiver:
        url: list[str] = [""]
        client = threading.Thread(target=hand_in, args=(jobs, url, accepted, receiver.url))
        client.start()
        killed: Counter[str] = Counter()
        while not all_ended(Path(folder), jobs):
            with start(Path(folder), "--workers", "2", "--lease", "2", "--private-webhooks") as server:
                url[0] = server.url
                while not all_ended(Path(folder), jobs):
                    time.sleep(rng.uniform(1, 4))
                    if killed.total() >= times:
                        continue
                    victims = [("worker", pid) for pid in server.workers()] + [("server", server.process.pid)]
                    what, pid = rng.choice(victims)
                    os.kill(pid, signal.SIGKILL)
                    killed[what] += 1
                    if what == "server":
                        break
                else:
                    time.sleep(3)  # for the last webhooks
        client.join()
        report_kills(Path(folder), accepted, killed, receiver.taken)


def hand_in(jobs: int, url: list[str], accepted: dict[str, str], webhook: str) -> None:
    """Hand jobs in one by one, each with an idempotency key, again and again until it is answered."""
    for number in range(jobs):
        while str(number) not in accepted:
            try:
                answer = httpx.post(
                    f"{url[0]}/v1/mixes", files=parts(seconds=3), data=asked(webhook=webhook), timeout=20,
                    headers={"Idempotency-Key": f"key-{number}"},
                )  # fmt: skip
                if answer.status_code == 202:
                    accepted[str(number)] = answer.json()["id"]
            except (httpx.HTTPError, httpx.InvalidURL):
                time.sleep(0.1)
        time.sleep(0.05)


def all_ended(folder: Path, jobs: int) -> bool:
    """Tell whether so many jobs have ended."""
    return sum(count for state, count in states(folder).items() if state not in ("queued", "running")) >= jobs


def states(folder: Path) -> Counter[str]:
    """Count jobs by state."""
    path = folder / "sitwell.sqlite"
    if not path.exists():
        return Counter()
    connection = sqlite3.connect(path, timeout=30)
    try:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM jobs GROUP BY state")))
    except sqlite3.OperationalError:  # being made
        return Counter()
    finally:
        connection.close()


def report_kills(folder: Path, accepted: dict[str, str], killed: Counter[str], taken: list[Any]) -> None:
    """Print what was lost and what was doubled, by the jobs that are kept and by the webhooks that came."""
    found = states(folder)
    told: dict[str, set[str]] = {}
    for headers, body in taken:
        told.setdefault(json.loads(body)["data"]["id"], set()).add(headers["webhook-id"])
    print(json.dumps({
        "accepted": len(accepted), "killed": dict(killed), "states": dict(found),
        "lost": len(accepted) - found["succeeded"], "doubled": found.total() - len(set(accepted.values())),
        "told_twice": sum(len(ids) > 1 for ids in told.values()), "not_told": len(set(accepted.values()) - told.keys()),
    }))  # fmt: skip


def guard(files: list[Path]) -> None:
    """Print what decoding in a process of its own costs: medians in ms, one after the other in each round."""
    with tempfile.TemporaryDirectory() as folder, Guard() as behind:
        if not files:
            files = [Path(folder) / "take of 3 s.wav"]
            files[0].write_bytes(wav("voice", 3))
        for file in files:
            took: dict[str, list[float]] = {"plain": [], "guarded": []}
            for _ in range(25):
                for name, read in (("plain", read_plain), ("guarded", behind.read)):
                    begin = time.perf_counter()
                    read(file)
                    took[name].append(1000 * (time.perf_counter() - begin))
            medians = {name: round(statistics.median(values), 1) for name, values in took.items()}
            print(json.dumps({"file": file.name, "ms": medians, "load_average": os.getloadavg()[0]}))


def engines(jobs: int) -> None:
    """How much longer takes of 60 s take through a Ray cluster of this machine than through local workers, in turns."""
    took: dict[str, list[float]] = {"local": [], "ray": []}
    for engine in ("local", "ray") * 2:
        with (
            tempfile.TemporaryDirectory() as folder,
            serving(Path(folder), "--engine", engine, "--workers", "2") as server,
            server.client() as client,
        ):
            ended(client, client.post("/v1/mixes", files=parts(), data=asked()).json())  # warms up
            start_s = time.monotonic()
            made = [client.post("/v1/mixes", files=parts(seconds=60), data=asked()).json() for _ in range(jobs)]
            states = Counter(ended(client, mix)["state"] for mix in made)
            took[engine].append(time.monotonic() - start_s)
        assert states == {"succeeded": jobs}, states
    for engine, found in took.items():
        print(f"{engine}: {jobs} takes in {' and '.join(f'{seconds:.1f}' for seconds in found)} s")
    print(f"ray takes {sum(took['ray']) / sum(took['local']):.2f} times as long; load {os.getloadavg()[0]:.1f}")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("accept", "kills", "guard", "engines"))
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--busy", action="store_true", help="let the worker mix meanwhile")
    parser.add_argument("--jobs", type=int)
    parser.add_argument("--kills", type=int, default=10)
    given = parser.parse_args()
    if given.what == "accept":
        accept(given.rate, given.seconds, busy=given.busy)
    elif given.what == "kills":
        kills(given.jobs or 200, given.kills)
    elif given.what == "engines":
        engines(given.jobs or 24)
    else:
        guard(given.files)


if __name__ == "__main__":
    main()
