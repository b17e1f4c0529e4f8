"""Hands jobs to a Ray cluster, in place of workers; `python -m sitwell.service.dispatcher`.

One process for all that are in flight: it claims them, holds their leases, and writes down what comes back. It says on
stdout whether it has found its cluster, as one line of JSON.
"""

import json
import logging
from concurrent.futures import Future, ThreadPoolExecutor

from sitwell.engines import Cluster
from sitwell.errors import SitwellError
from sitwell.service.attempts import Attempts
from sitwell.service.job import Job
from sitwell.service.remote import Remote
from sitwell.service.stopping import Stopping, started

_IDLE_S = 0.1  # how often it looks while there is nothing to do
_AHEAD = 4  # jobs that wait in the cluster, so that no core idles and an autoscaler sees the need
_MOST = 1000  # jobs in flight, a thread and a lease for each
logger = logging.getLogger("sitwell.dispatcher")


def main() -> None:
    """Work until the server ends or SIGTERM comes."""
    settings, stopping = started()
    try:
        cluster = Cluster(settings.address, settings.workers)
    except SitwellError as error:
        print(json.dumps({"code": error.code, "message": error.message}), flush=True)
        raise SystemExit(1) from None
    print(json.dumps({"cores": cluster.cores}), flush=True)
    logger.info("cluster found", extra={"cores": cluster.cores})
    try:
        _dispatch(
            cluster, Attempts(settings, Remote(cluster, settings).make, stopping.late), stopping, settings.workers
        )
    except Exception:  # the last word of this process; the server starts another
        logger.exception("dispatcher gives up")
        raise SystemExit(1) from None
    finally:
        cluster.close()


def _dispatch(cluster: Cluster, attempts: Attempts, stopping: Stopping, most: int | None) -> None:
    """Keep as many jobs in flight as the cluster can take."""
    flying: set[Future[None]] = set()
    with ThreadPoolExecutor(_MOST) as threads:
        while not stopping.begun.is_set():
            flying = {one for one in flying if not one.done()}
            room = min(most or cluster.cores + _AHEAD, _MOST) - len(flying)
            job = attempts.claim() if room > 0 else None
            if job is None:
                stopping.begun.wait(_IDLE_S)
            else:
                flying.add(threads.submit(_made, attempts, job))


def _made(attempts: Attempts, job: Job) -> None:
    try:
        attempts.make(job)
    except Exception:  # the lease runs out, and the server frees the job
        logger.exception("attempt failed", extra={"job": job.id})


if __name__ == "__main__":
    main()
