"""How processes behave: Ctrl-C while workers are started waits, and then arrives; a container has its own cores."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from sitwell import processes
from sitwell.processes import interrupts_held


def _held(interrupt: Callable[[], None], reached: list[str]) -> None:
    with interrupts_held():
        interrupt()
        reached.append("the end of the block")


def test_an_interrupt_waits_for_the_end_of_the_block_and_then_arrives() -> None:
    reached: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        _held(lambda: signal.raise_signal(signal.SIGINT), reached)
    assert reached


def test_an_interrupt_that_another_thread_takes_waits_too() -> None:
    told, tell = os.pipe()
    os.set_blocking(tell, False)
    before = signal.set_wakeup_fd(tell)
    idle, reached = threading.Event(), list[str]()
    thread = threading.Thread(target=idle.wait)  # started before: it does not inherit the mask
    thread.start()

    def interrupt() -> None:
        os.kill(os.getpid(), signal.SIGINT)  # to the process: a thread that does not block it takes it
        os.read(told, 1)  # it was taken

    try:
        with pytest.raises(KeyboardInterrupt):
            _held(interrupt, reached)
    finally:
        signal.set_wakeup_fd(before)
        idle.set()
        thread.join()
        os.close(told)
        os.close(tell)
    assert reached


def test_without_an_interrupt_all_is_as_before() -> None:
    handler, mask = signal.getsignal(signal.SIGINT), signal.pthread_sigmask(signal.SIG_BLOCK, set())
    with interrupts_held():
        pass
    assert signal.getsignal(signal.SIGINT) is handler
    assert signal.pthread_sigmask(signal.SIG_BLOCK, set()) == mask


@pytest.mark.parametrize(
    ("quota", "count"),
    [("150000 100000", 2), ("100000 100000", 1), ("20000 100000", 1), ("9000000 100000", 8), ("max 100000", 8)],
)
def test_a_container_has_the_cores_of_its_quota(
    quota: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpu.max").write_text(quota)
    monkeypatch.setattr(processes, "_QUOTA", tmp_path / "cpu.max")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: set(range(8)), raising=False)
    assert processes.cores() == count


def test_without_a_quota_all_cores_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "_QUOTA", tmp_path / "nothing")
    assert processes.cores() == len(os.sched_getaffinity(0))
