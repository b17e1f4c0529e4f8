"""A batch from manifest to results: what is missing is done, what may pass is tried again, the rest set aside."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from sitwell.batch.alone import alone
from sitwell.batch.manifest import Manifest, Take
from sitwell.batch.mixer import Mixer, Places, digest
from sitwell.batch.results import RESULTS, read_records, record_name, write_results
from sitwell.engines import Engine, Failure
from sitwell.errors import InputError
from sitwell.storage import Folder, open_folder
from sitwell.value import Json

MAY_PASS = frozenset({
    "work.crashed", "work.timeout", "memory", "internal", "storage.unreachable", "storage.unwritable",
    "output.disk_full", "audio.no_decoder",
})  # fmt: skip


@dataclass
class Progress:
    """How far a batch is: takes in all, done before, done now, failed."""

    total: int
    before: int = 0
    done: int = 0
    failed: int = 0


@dataclass(frozen=True)
class Summary:
    """What came of a batch."""

    total: int
    before: int
    done: int
    failed: tuple[Json, ...]
    results: str
    wall_s: float
    cpu_s: float = 0.0

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        return {
            "total": self.total, "done": self.done, "done_before": self.before, "failed": len(self.failed),
            "results": self.results, "wall_s": round(self.wall_s, 3), "cpu_s": round(self.cpu_s, 3),
            "failures": [{key: failure[key] for key in ("id", "code", "message")} for failure in self.failed],
        }  # fmt: skip


@dataclass
class _Books:
    """The records of a run while it goes on."""

    output: Folder
    places: Places
    records: dict[str, Json]
    progress: Progress
    report: Callable[[Progress], None]
    left: list[Take] = field(default_factory=list)
    cpu_s: float = 0.0

    def done(self, record: Json) -> None:
        self.records[record["id"]] = record
        self.progress.done += 1
        self.cpu_s += record["cpu_s"]
        self.report(self.progress)

    def failed(self, id: str, failure: Failure, *, attempts: int, digest: str = "") -> None:
        record = {
            "id": id, "status": "failed", "code": failure.code, "message": failure.message,
            "attempts": attempts, "digest": digest,
        }  # fmt: skip
        self.records[id] = record
        self.progress.failed += 1
        if digest:
            self.output.write(record_name(id), json.dumps(record, ensure_ascii=False).encode())
        self.report(self.progress)


def run_batch(
    manifest: Manifest,
    places: Places,
    engine: Engine,
    *,
    max_seconds: float,
    attempts: int = 3,
    again: bool = False,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Summary:
    """Mix every take of a manifest that has no result yet; a take that fails is a record, not an error.

    A take whose cause of failure may pass is tried up to `attempts` times, others once; one that failed for good
    is tried again when its files or options changed, or with `again`. Raises OutputError `batch.running` when
    another run works in the same place, and what keeps the place from being read or written.
    """
    start_s, output = time.monotonic(), open_folder(places.output)
    with alone(output):
        books = _opened(manifest, places, output, report, again)
        ids = [*(take.id for take in manifest.takes), *(id for id, _ in manifest.wrong)]
        try:
            _work(books, Mixer(places, max_seconds), engine, attempts)
        except BaseException:
            books.records |= read_records(output)  # workers may have finished what was not yet told
            raise
        finally:
            write_results(output, ids, books.records)
        failed = tuple(books.records[id] for id in ids if books.records[id]["status"] != "done")
        results, progress = f"{output.url}/{RESULTS}", books.progress
        took_s = time.monotonic() - start_s
        return Summary(progress.total, progress.before, progress.done, failed, results, took_s, books.cpu_s)


def _opened(
    manifest: Manifest, places: Places, output: Folder, report: Callable[[Progress], None], again: bool
) -> _Books:
    """See what earlier runs left, and what is left to do."""
    records = read_records(output)
    progress = Progress(len(manifest.takes) + len(manifest.wrong))
    books = _Books(output, places, records, progress, report)
    for id, failure in manifest.wrong:
        books.failed(id, failure, attempts=0)
    for take in manifest.takes:
        record = records.get(take.id)
        if record is None or record.get("digest") != digest(take, places):
            books.left.append(take)
        elif record["status"] == "done" and output.exists(str(record.get("output"))):
            progress.before += 1
        elif record["status"] == "failed" and not again and record.get("code") not in MAY_PASS:
            progress.failed += 1
        else:
            books.left.append(take)
    books.left.sort(key=lambda take: take.backing)  # neighbours share their backing; the order is else the manifest's
    report(progress)
    return books


def _work(books: _Books, mixer: Mixer, engine: Engine, attempts: int) -> None:
    """Do what is left, and what failed for a cause that may pass again and again."""
    left: Sequence[Take] = books.left
    for attempt in range(1, attempts + 1):
        later = []
        with closing(engine.run(mixer, left)) as outcomes:  # so that an interrupt ends all workers first
            for index, result in outcomes:
                take = left[index]
                if not isinstance(result, Failure):
                    books.done(result)
                elif result.code in MAY_PASS and attempt < attempts:
                    later.append(take)
                else:
                    books.failed(take.id, result, attempts=attempt, digest=digest(take, books.places))
        left = later
        if not left:
            return


def check_batch(manifest: Manifest) -> None:
    """Raise InputError `batch.nothing` when not one line of a manifest is a take."""
    if not manifest.takes:
        first = manifest.wrong[0][1]
        raise InputError("batch.nothing", f"no line is a take; the first says: {first.message} [{first.code}]")
