"""A worker: takes jobs one after the other, in a process of its own; `python -m sitwell.service.worker`.

Settings come on stdin, which stays open as long as the server lives: at its end, as at SIGTERM, no more jobs are taken,
and what is not finished in time goes back into the queue.
"""

import logging
import os
import shutil
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, TextIO

from sitwell import io
from sitwell.errors import OutputError, SitwellError
from sitwell.pipeline.memory import keep_freed_blocks
from sitwell.service import leases, mixing, places
from sitwell.service.database import Database
from sitwell.service.job import Job
from sitwell.service.logs import log_as_json
from sitwell.service.settings import Settings

_IDLE_S = 0.1  # how often an idle worker looks
_WRITE_S = 0.5  # how often progress is written down
logger = logging.getLogger("sitwell.worker")


class _Lost(Exception):  # noqa: N818 - the job was cancelled, deleted or taken over: stop, and say nothing
    pass


class _HandBack(Exception):  # noqa: N818 - there is no time to finish
    pass


def main() -> None:
    """Work until the server ends or SIGTERM comes."""
    settings = Settings.from_json(sys.stdin.readline())
    log_as_json()
    keep_freed_blocks()
    stopping = _Stopping(settings.grace_s)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the server, which then tells us
    signal.signal(signal.SIGTERM, lambda *_: stopping.begin())
    threading.Thread(target=stopping.begin_at_end_of, args=(sys.stdin,), daemon=True).start()
    with io.Guard(settings.limits) as guard:
        worker = Worker(settings, guard, f"worker-{os.getpid()}", stopping.late)
        try:
            while not stopping.begun.is_set():
                if not worker.work():
                    stopping.begun.wait(_IDLE_S)
        except Exception:  # the last word of this process; the server starts another
            logger.exception("worker gives up")
            raise SystemExit(1) from None


class _Stopping:
    """Whether to stop, and since when."""

    def __init__(self, grace_s: float) -> None:
        self.begun = threading.Event()
        self._grace_s, self._since = grace_s, 0.0

    def begin(self) -> None:
        if not self.begun.is_set():
            self._since = time.monotonic()
            self.begun.set()

    def begin_at_end_of(self, stream: TextIO) -> None:
        stream.read()
        self.begin()

    def late(self) -> bool:
        return self.begun.is_set() and time.monotonic() - self._since > self._grace_s


class Worker:
    """Takes a job, mixes it, and writes down how it ended."""

    def __init__(self, settings: Settings, guard: io.Guard, name: str, late: Callable[[], bool]) -> None:
        self._settings, self._guard, self._name, self._late = settings, guard, name, late
        self._database = Database(settings.database)

    def work(self) -> bool:
        """Do one job; False when there is none."""
        job = leases.claim(self._database, self._name, self._settings.lease_s)
        if job is None:
            return False
        logger.info("job claimed", extra=_about(job))
        folder = self._settings.job_folder(job.tenant, job.id) / f"result-{job.lease}"
        try:
            with _Beat(self._settings, job, self._late) as beat:
                folder.mkdir(parents=True)
                result = mixing.make(job, self._guard, places.sounds(self._settings, job), folder, beat.progress)
            kept = self._finish(job, result, folder)
        except Exception as error:
            kept = False
            self._stopped(job, error)
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)
        return True

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

    def __init__(self, settings: Settings, job: Job, late: Callable[[], bool]) -> None:
        self._settings, self._job, self._late = settings, job, late
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
            if time.monotonic() > end:  # it hangs, where no exception reaches it: the server frees the job
                logger.error("job takes too long, worker ends itself", extra=_about(self._job))
                os._exit(1)
            try:
                if leases.renew(database, self._job, self._settings.lease_s, *self._at):
                    continue
            except sqlite3.OperationalError:  # a full disk, or too many writers: the lease may outlast it
                logger.exception("lease not renewed", extra=_about(self._job))
                continue
            self._lost.set()
            return


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


if __name__ == "__main__":
    main()
