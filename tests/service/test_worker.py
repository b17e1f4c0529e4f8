"""A worker: what ends a job, what is tried again, what is handed back, and what is left on the disk."""

import dataclasses
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitwell.errors import InputError, OutputError
from sitwell.pipeline import Progress
from sitwell.service import jobs, leases, places
from sitwell.service.attempts import Attempts, Crashed
from sitwell.service.database import Database
from sitwell.service.job import Job
from sitwell.service.request import UPLOADS
from sitwell.service.settings import Settings
from tests.service.running import wait_for

Make = Callable[[Path, Progress], None]


class Shop:
    """A worker whose mixing is replaced, and its one job."""

    def __init__(self, settings: Settings) -> None:
        self.settings = dataclasses.replace(settings, lease_s=1, retry_s=0)
        settings.data.mkdir(parents=True)
        self.database = Database(settings.database)
        self.late, self.hung = False, threading.Event()
        self.request = {UPLOADS: {"vocal": "v.wav", "backing": "b.wav"}}
        self.job = jobs.accept(self.database, "mix_1", "ann", "a", self.request, size=1)
        self.folder = settings.job_folder("ann", "mix_1")

    def work(self, make: Make) -> Job | None:
        """Let the worker work once, with this in place of mixing."""

        def made(_job: Job, folder: Path, progress: Progress) -> dict[str, Any]:
            (folder / "mix.wav").write_text("half")
            make(folder, progress)
            return {"folder": folder.name, "files": []}

        attempts = Attempts(self.settings, made, lambda: self.late, hangs=self.hung.set)
        claimed = attempts.claim()
        assert claimed is not None
        attempts.make(claimed)
        return jobs.get(self.database, "ann", "mix_1")


@pytest.fixture
def shop(settings: Settings) -> Shop:
    return Shop(settings)


def fails_with(error: Exception) -> Make:
    def make(_folder: Path, _progress: Progress) -> None:
        raise error

    return make


def test_a_wrong_input_fails_at_once_and_leaves_no_half_result(shop: Shop) -> None:
    job = shop.work(fails_with(InputError("audio.empty", f"{shop.folder}/in-vocal: empty")))
    assert job is not None
    assert (job.state, job.error) == (
        "failed",
        {"code": "audio.empty", "detail": "in-vocal: empty", "retryable": False},
    )
    assert list(shop.folder.iterdir()) == []


@pytest.mark.parametrize("error", [OutputError("output.disk_full", "full"), OSError("broken"), MemoryError()])
def test_what_may_pass_is_tried_again_and_then_given_up(shop: Shop, error: Exception) -> None:
    states = []
    for _ in range(3):
        job = shop.work(fails_with(error))
        assert job is not None
        states.append((job.state, job.attempts))
    assert states == [("queued", 1), ("queued", 2), ("failed", 3)]
    assert job is not None
    assert job.error is not None
    assert job.error["retryable"] is True


def test_a_fault_of_ours_is_told_without_our_insides(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    job = shop.work(fails_with(ZeroDivisionError("secret insides")))
    assert job is not None
    assert job.error is not None
    assert job.error["code"] == "internal"
    assert "secret insides" not in str(job.error)
    assert "secret insides" in caplog.text


def test_a_cancelled_job_stops_at_the_next_step(shop: Shop) -> None:
    def make(_folder: Path, progress: Progress) -> None:
        jobs.cancel(shop.database, "ann", "mix_1")
        for _ in range(2000):
            progress("render", 0.5)
            threading.Event().wait(0.01)
        pytest.fail("the work went on")

    job = shop.work(make)
    assert job is not None
    assert job.state == "cancelled"
    assert list(shop.folder.iterdir()) == []


def test_a_job_for_which_there_is_no_time_is_handed_back(shop: Shop) -> None:
    def make(_folder: Path, progress: Progress) -> None:
        progress("read", 0.5)  # still allowed
        shop.late = True
        progress("read", 0.6)
        pytest.fail("the work went on")

    job = shop.work(make)
    assert job is not None
    assert (job.state, job.attempts) == ("queued", 0)
    assert list(shop.folder.iterdir()) == []


def test_long_work_keeps_its_lease(shop: Shop) -> None:
    def make(_folder: Path, progress: Progress) -> None:
        for share in range(15):  # longer than the lease of a second
            progress("render", share / 15)
            threading.Event().wait(0.1)
        assert leases.take_back(shop.database, 3) == []

    job = shop.work(make)
    assert job is not None
    assert (job.state, job.attempts) == ("succeeded", 1)


def test_a_job_that_hangs_is_given_up_and_freed_when_its_lease_runs_out(shop: Shop) -> None:
    shop.settings = dataclasses.replace(shop.settings, job_s=0.3)

    def hang(_folder: Path, progress: Progress) -> None:
        assert shop.hung.wait(30)  # where a worker would end itself
        for _ in range(2000):
            progress("render", 0.5)
            threading.Event().wait(0.01)
        pytest.fail("the work went on")

    job = shop.work(hang)
    assert job is not None
    assert job.state == "running"
    freed = wait_for(lambda: leases.take_back(shop.database, 3))
    assert [(one.id, one.attempts) for one in freed] == [("mix_1", 1)]


def test_a_job_lost_elsewhere_is_tried_again_and_then_given_up(shop: Shop) -> None:
    states = []
    for _ in range(3):
        job = shop.work(fails_with(Crashed("its node was lost")))
        assert job is not None
        states.append((job.state, job.attempts))
    assert states == [("queued", 1), ("queued", 2), ("failed", 3)]
    assert job is not None
    assert job.error is not None
    assert job.error["code"] == "job.crashed"
    assert list(shop.folder.iterdir()) == []


def test_a_new_result_takes_the_place_of_the_old_one(shop: Shop) -> None:
    shop.work(lambda _folder, _progress: None)
    first = {path.name for path in shop.folder.iterdir()}
    jobs.rerender(shop.database, "ann", "mix_1", "{}")
    job = shop.work(lambda _folder, _progress: None)
    assert job is not None
    assert job.result is not None
    assert {path.name for path in shop.folder.iterdir()} == {job.result["folder"]} != first


def test_a_new_result_that_fails_leaves_the_old_one(shop: Shop) -> None:
    first = shop.work(lambda _folder, _progress: None)
    jobs.rerender(shop.database, "ann", "mix_1", "{}")
    job = shop.work(fails_with(InputError("audio.empty", "x")))
    assert first is not None
    assert job is not None
    assert (job.state, job.result) == ("failed", first.result)
    assert {path.name for path in shop.folder.iterdir()} == {first.result["folder"]}  # type: ignore[index]


def test_folders_that_nobody_owns_are_removed_and_others_stay(shop: Shop) -> None:
    orphan, young = shop.folder.parent / "mix_orphan", shop.folder.parent / "mix_young"
    incoming = shop.settings.data / "incoming" / "x"
    for folder in (shop.folder, orphan, young, incoming.parent):
        folder.mkdir(parents=True)
    incoming.touch()
    for path in (shop.folder, orphan, incoming):
        os.utime(path, (0, 0))
    assert places.sweep(shop.settings, shop.database) == 2
    assert [path.exists() for path in (shop.folder, orphan, young, incoming)] == [True, False, True, False]
