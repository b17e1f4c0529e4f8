"""The local engine: everything once, a crash costs one item, neighbours share what is loaded, nobody is left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sitwell.engines import Failure, Local
from tests.batch.works import Tell

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from sitwell.engines import Local
from tests.batch.works import Tell
if __name__ == "__main__":
    for _, result in Local(2).run(Tell(sys.argv[1]), ["a now", "a hangs", "a hangs"]):
        print(result, flush=True)
"""


def run(folder: Path, items: list[str], engine: Local) -> dict[str, str | Failure]:
    found = list(engine.run(Tell(str(folder)), items))
    assert sorted(index for index, _ in found) == list(range(len(items)))  # each once
    return {items[index]: result for index, result in found}


def test_an_item_whose_process_dies_costs_that_item_alone(tmp_path: Path) -> None:
    items = ["a 1", "a dies", "a 2", "b fails", "b breaks", "b 3", "unloadable 4"]
    found = run(tmp_path, items, Local(2))
    codes = {item: result.code for item, result in found.items() if isinstance(result, Failure)}
    assert codes == {
        "a dies": "work.crashed", "b fails": "test.fails", "b breaks": "internal", "unloadable 4": "test.load",
    }  # fmt: skip
    assert [found[item] for item in ("a 1", "a 2", "b 3")] == ["a 1: A", "a 2: A", "b 3: B"]


def test_neighbours_share_what_is_loaded(tmp_path: Path) -> None:
    run(tmp_path, [f"{name} {number}" for name in "ab" for number in range(20)], Local(2))
    loads = [path.name.split() for path in tmp_path.iterdir()]
    assert len(loads) == len({(name, process) for name, _, process in loads}) <= 4  # two keys, two workers


def test_an_item_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    start_s = time.monotonic()
    found = run(tmp_path, ["a hangs", "a 1", "a 2"], Local(2, timeout_s=6.0))
    assert isinstance(found["a hangs"], Failure)
    assert found["a hangs"].code == "work.timeout"
    assert found["a 2"] == "a 2: A"
    assert time.monotonic() - start_s < 300  # it would hang for ten minutes


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_workers_end_with_their_parent(tmp_path: Path, how: signal.Signals) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    env = os.environ | {"PYTHONPATH": "."}
    command = [sys.executable, str(program), str(tmp_path)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT, env=env
    ) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "a now: A\n"
        workers = _children(parent.pid)
        assert len(workers) >= 2
        parent.send_signal(how)
        parent.wait(timeout=60)
    end_s = time.monotonic() + 60
    while any(_alive(worker) for worker in workers) and time.monotonic() < end_s:
        time.sleep(0.05)
    assert not [worker for worker in workers if _alive(worker)]


def _children(parent: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def _alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
