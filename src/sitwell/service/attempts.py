"""Attempts at jobs: whoever claims one holds its lease, has its files made, and writes down how it ended."""

import logging
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from sitwell.errors import OutputError, SitwellError
from sitwell.pipeline import Progress
from sitwell.service import leases, places
from sitwell.service.database import Database
from sitwell.service.job import Job
from sitwell.service.settings import Settings

_WRITE_S = 0.5  # how often progress is written down
Make = Callable[[Job, Path, Progress], dict[str, Any]]  # a job into files in a folder, and what is in it
logger = logging.getLogger("sitwell.worker")


class _Lost(Exception):  # noqa: N818 - the job was cancelled, deleted or taken over: stop, and say nothing
    pass


class _HandBack(Exception):  # noqa: N818 - there is no time to finish
    pass


class Crashed(Exception):  # noqa: N818 - whoever made the files is gone, elsewhere: the job counts an attempt
    pass


class Attempts:
    """Takes jobs as one worker, has their files made, and writes down how they ended; from as many threads as wanted.

    `late` tells that there is no more time to finish. `hangs` is called when a job takes longer than any may; if it
    returns, the attempt stops at its next sign of progress, and the lease runs out.
    """

    def __init__(
        self, settings: Settings, make: Make, late: Callable[[], bool], *, hangs: Callable[[], None] = lambda: None
    ) -> None:
        self._settings, self._make, self._late, self._hangs = settings, make, late, hangs
        self._database = Database(settings.database)

    def claim(self) -> Job | None:
        """Take the next job, if there is one; it is this process's until it is made."""
        job = leases.claim(self._database, f"worker-{os.getpid()}", self._settings.lease_s)
        if job is not None:
            logger.info("job claimed", extra=_about(job))
        return job

    def make(self, job: Job) -> None:
        """Make the files of a job that was claimed, or write down why there are none."""
        folder = self._settings.job_folder(job.tenant, job.id) / f"result-{job.lease}"
        try:
            with _Beat(self._settings, job, self._late, self._hangs) as beat:
                folder.mkdir(parents=True)
                result = self._make(job, folder, beat.progress)
            kept = self._finish(job, result, folder)
        except Exception as error:
            kept = False
            self._stopped(job, error)
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)

    def _finish(self, job: Job, result: dict[str, Any], folder: Path) -> bool:
        size = places.input_bytes(self._settings, job) + sum(file["bytes"] for file in result["files"])
        done = leases.succeed(self._database, job, result, size)
        logger.info("job succeeded" if done else "job was not ours any more", extra=_about(job))
        if done:
            for other in folder.parent.glob("result-*"):
                if other != folder:
                    shutil.rmtree(other, ignore_errors=True)
        return done

    def _stopped(self, job: Job, error: Exception) -> None:
        match error:
            case _Lost():
                logger.info("job was taken from us", extra=_about(job))
            case _HandBack():
                leases.hand_back(self._database, job)
                logger.info("job handed back", extra=_about(job))
            case Crashed():
                leases.crashed(self._database, job, self._settings.attempts)
                logger.warning("job was lost where it was made", extra=_about(job) | {"reason": str(error)})
            case OutputError() | OSError() | MemoryError() | sqlite3.OperationalError() if (
                job.attempts < self._settings.attempts
            ):
                wait_s = self._settings.retry_s * 2**job.attempts
                leases.hand_back(self._database, job, wait_s=wait_s, counts=True)
                logger.warning("job will be tried again", extra=_about(job) | {"reason": str(error), "wait_s": wait_s})
            case _:
                known = isinstance(error, SitwellError)
                logger.warning("job failed", extra=_about(job), exc_info=None if known else error)
                leases.fail(self._database, job, _error(error, self._settings.job_folder(job.tenant, job.id)))


class _Beat:
    """Renews the lease of a job while it is worked on, and writes down how far it is."""

    def __init__(self, settings: Settings, job: Job, late: Callable[[], bool], hangs: Callable[[], None]) -> None:
        self._settings, self._job, self._late, self._hangs = settings, job, late, hangs
        self._at, self._lost, self._done = ("", 0.0), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def progress(self, stage: str, share: float) -> None:
        """Take note; ends the work when it has become pointless or late."""
        self._at = (stage, round(share, 3))
        if self._lost.is_set():
            raise _Lost
        if self._late():
            raise _HandBack

    def _run(self) -> None:
        database = Database(self._settings.database, durable=False)
        every = min(_WRITE_S, self._settings.lease_s / 4)
        end = time.monotonic() + self._settings.job_s
        while not self._done.wait(every):
            if time.monotonic() > end:
                logger.error("job takes too long, and is given up", extra=_about(self._job))
                self._hangs()
                break
            try:
                if leases.renew(database, self._job, self._settings.lease_s, *self._at):
                    continue
            except sqlite3.OperationalError:  # a full disk, or too many writers: the lease may outlast it
                logger.exception("lease not renewed", extra=_about(self._job))
                continue
            break
        self._lost.set()


def _about(job: Job) -> dict[str, object]:
    return {"job": job.id, "tenant": job.tenant, "attempt": job.attempts, "revision": job.revision}


def _error(error: Exception, folder: Path) -> dict[str, Any]:
    """Say what went wrong as a client may read it: no folders of ours, no insides."""
    match error:
        case SitwellError():
            detail, code = error.message.replace(f"{folder}/", ""), error.code
        case MemoryError():
            detail, code = "not enough memory; mix a shorter song", "memory"
        case _:
            detail, code = "this is a fault of Sitwell; report the id of the job", "internal"
    return {"code": code, "detail": detail, "retryable": isinstance(error, OutputError | OSError | MemoryError)}
