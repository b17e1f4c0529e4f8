"""Figures for Prometheus; counts requests, and looks into the jobs when it is asked."""

import time
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from sitwell.service import places
from sitwell.service.database import Database
from sitwell.service.job import QUEUED, STATES
from sitwell.service.settings import Settings

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60)


class Metrics:
    """The registry of one service."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sitwell_requests", "requests answered", ("method", "route", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "sitwell_request_seconds", "time to answer", ("method", "route"), buckets=_BUCKETS, registry=self._registry
        )
        self._registry.register(_Jobs(database, settings))

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def text(self) -> bytes:
        """Write all figures as Prometheus reads them."""
        return generate_latest(self._registry)


class _Jobs(Collector):
    """Reads the state of things when it is asked."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database, self._settings = database, settings

    def describe(self) -> list[Metric]:
        return []  # so that nothing is read at registration

    def collect(self) -> Iterator[Metric]:
        rows = self._database.connection.execute("SELECT state, count(*), min(ready) FROM jobs GROUP BY state")
        found = {state: (count, ready) for state, count, ready in rows}
        jobs = GaugeMetricFamily("sitwell_jobs", "jobs kept", labels=["state"])
        for state in STATES:
            jobs.add_metric([state], found.get(state, (0, 0))[0])
        yield jobs
        waits_s = max(0.0, time.time() - found[QUEUED][1]) if QUEUED in found else 0.0
        yield GaugeMetricFamily("sitwell_queue_age_seconds", "how long the oldest job waits", value=waits_s)
        pending = self._database.connection.execute("SELECT count(*) FROM outbox WHERE done IS NULL").fetchone()[0]
        yield GaugeMetricFamily("sitwell_webhooks_pending", "webhooks not delivered yet", value=pending)
        free = places.free_mb(self._settings) * 1e6
        yield GaugeMetricFamily("sitwell_disk_free_bytes", "room on the disk of the data folder", value=free)
