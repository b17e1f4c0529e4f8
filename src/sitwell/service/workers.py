"""The processes that work, and what goes on in the background: dead workers, lost leases, webhooks, old jobs."""

import json
import logging
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from sitwell.errors import InputError
from sitwell.processes import cores
from sitwell.service import leases, places
from sitwell.service.job import OPEN
from sitwell.service.service import Service
from sitwell.service.webhooks import Sender

_LOOK_S = 0.2
_TIDY_S, _SWEEP_S = 60.0, 3600.0
_CALM_S = 2.0  # workers that die at once are not started again faster than this
logger = logging.getLogger("sitwell.workers")


class Workers:
    """Keeps so many workers running, and everything else going, until it is closed."""

    def __init__(self, service: Service) -> None:
        self._service, self._closing = service, threading.Event()
        self._running: dict[subprocess.Popen[str], float] = {}  # and when each was started
        self._not_before = 0.0
        self._on_ray = service.settings.engine == "ray"
        self._count = 1 if self._on_ray else service.settings.workers or cores()
        self._ready = set[int]()  # numbers of dispatchers that found their cluster
        self._sender = Sender(service.database, private=service.settings.private_webhooks)
        self._threads = [
            threading.Thread(target=self._every, args=args, daemon=True)
            for args in (
                (_LOOK_S, self._look),
                (_LOOK_S, self._sender.deliver_due),
                (_TIDY_S, self._tidy),
                (_SWEEP_S, lambda: places.sweep(service.settings, service.database)),
            )
        ]

    def __enter__(self) -> Self:
        if self._on_ray:
            process = self._start()
            _check_found(process)
            self._ready.add(process.pid)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _tb: TracebackType | None
    ) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()
        for process in self._running:
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + self._service.settings.grace_s + 10
        for process in self._running:
            try:
                process.wait(max(deadline - time.monotonic(), 0.1))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            self._take_back(process)
        self._sender.close()

    def healthy(self) -> bool:
        """Tell whether at least one worker is running, or a dispatcher that has a cluster."""
        running = [process for process in list(self._running) if process.poll() is None]
        return any(not self._on_ray or process.pid in self._ready for process in running)

    def _every(self, seconds: float, act: Callable[[], object]) -> None:
        while True:
            try:
                act()
            except Exception:  # what goes on in the background must go on
                logger.exception("background work failed")
            if self._closing.wait(seconds):
                return

    def _look(self) -> None:
        """Start what is missing, and free what dead or silent workers held."""
        settings, now = self._service.settings, time.monotonic()
        for process, started in list(self._running.items()):
            if process.poll() is not None:
                logger.warning("worker ended", extra={"worker": process.pid, "status": process.returncode})
                self._take_back(process)
                del self._running[process]
                self._not_before = started + _CALM_S
            elif self._on_ray and process.pid not in self._ready and _has_spoken(process):
                self._ready.add(process.pid)
        while len(self._running) < self._count and now >= self._not_before and not self._closing.is_set():
            self._start()
        for job in leases.take_back(self._service.database, settings.attempts):
            logger.warning("lease ran out", extra={"job": job.id, "tenant": job.tenant, "attempt": job.attempts})

    def _start(self) -> "subprocess.Popen[str]":
        program = "dispatcher" if self._on_ray else "worker"
        command = [sys.executable, "-P", "-m", f"sitwell.service.{program}"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert process.stdin is not None
        self._running[process] = time.monotonic()
        process.stdin.write(self._service.settings.to_json() + "\n")
        process.stdin.flush()
        return process

    def _take_back(self, process: "subprocess.Popen[str]") -> None:
        freed = leases.take_back(self._service.database, self._service.settings.attempts, f"worker-{process.pid}")
        for job in freed:
            logger.warning("job of a dead worker freed", extra={"job": job.id, "tenant": job.tenant})

    def _tidy(self) -> None:
        """Delete what is older than it may be, and folders that nobody owns."""
        service = self._service
        before = time.time() - service.settings.keep_days * 86_400
        connection = service.database.connection
        old = connection.execute(f"SELECT tenant, id FROM jobs WHERE state NOT IN {OPEN} AND finished < ?", (before,))
        for tenant, job_id in old.fetchall():
            gone = connection.execute(
                f"DELETE FROM jobs WHERE id = ? AND state NOT IN {OPEN} AND finished < ?", (job_id, before)
            ).rowcount
            if gone:
                shutil.rmtree(places.folder(service.settings, tenant, job_id), ignore_errors=True)
                logger.info("job deleted for its age", extra={"job": job_id, "tenant": tenant})
        connection.execute("DELETE FROM idempotency WHERE job NOT IN (SELECT id FROM jobs)")
        connection.execute("DELETE FROM outbox WHERE done < ?", (before,))


def _has_spoken(dispatcher: "subprocess.Popen[str]") -> bool:
    """Tell whether a dispatcher that is alive has said something: only one that found its cluster stays alive."""
    assert dispatcher.stdout is not None
    return bool(select.select([dispatcher.stdout], [], [], 0)[0])


def _check_found(dispatcher: "subprocess.Popen[str]") -> None:
    """Wait until a dispatcher has found its cluster; InputError `engine.no_cluster` and the like."""
    assert dispatcher.stdout is not None
    told = json.loads(dispatcher.stdout.readline() or "{}")
    if "cores" not in told:
        dispatcher.wait()
        message = told.get("message", "the process that hands jobs to the cluster did not start; see the log")
        raise InputError(told.get("code", "engine.no_cluster"), message)
