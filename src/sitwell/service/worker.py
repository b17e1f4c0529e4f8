"""A worker: makes jobs one after the other, in a process of its own; `python -m sitwell.service.worker`.

Settings come on stdin, which stays open as long as the server lives: at its end, as at SIGTERM, no more jobs are taken,
and what is not finished in time goes back into the queue.
"""

import logging
import os

from sitwell import io
from sitwell.processes import keep_freed_blocks
from sitwell.service import mixing, places
from sitwell.service.attempts import Attempts
from sitwell.service.stopping import started

_IDLE_S = 0.1  # how often an idle worker looks
logger = logging.getLogger("sitwell.worker")


def main() -> None:
    """Work until the server ends or SIGTERM comes."""
    settings, stopping = started()
    keep_freed_blocks()
    with io.Guard(settings.limits) as guard:
        attempts = Attempts(
            settings,
            lambda job, folder, progress: mixing.make(job, guard, places.sounds(settings, job), folder, progress),
            stopping.late,
            hangs=lambda: os._exit(1),  # where no exception reaches it: the server frees the job
        )
        try:
            while not stopping.begun.is_set():
                if (job := attempts.claim()) is None:
                    stopping.begun.wait(_IDLE_S)
                else:
                    attempts.make(job)
        except Exception:  # the last word of this process; the server starts another
            logger.exception("worker gives up")
            raise SystemExit(1) from None


if __name__ == "__main__":
    main()
