"""The queue: what is accepted is done once, whoever dies; nobody without the lease changes anything."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sitwell.service import jobs, leases
from sitwell.service.database import Database
from sitwell.service.job import Job

ERROR: dict[str, Any] = {"code": "audio.empty", "detail": "empty", "retryable": False}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(tmp_path / "jobs.sqlite")


def accept(database: Database, name: str = "a", tenant: str = "ann") -> Job:
    request = {"webhook": "https://example.org/"}
    return jobs.accept(database, jobs.new_id(), tenant, name, request, size=10)


def claim(database: Database, lease_s: float = 60, worker: str = "w") -> Job:
    job = leases.claim(database, worker, lease_s)
    assert job is not None
    return job


def now(database: Database, job: Job) -> Job:
    found = jobs.get(database, job.tenant, job.id)
    assert found is not None
    return found


def webhooks(database: Database) -> list[str]:
    rows = database.connection.execute("SELECT body FROM outbox ORDER BY rowid")
    return [row[0].partition('"type": "')[2].partition('"')[0] for row in rows]


def test_jobs_are_claimed_in_order_and_once(database: Database) -> None:
    made = [accept(database, name).id for name in "abc"]
    assert [claim(database).id for _ in made] == made
    assert leases.claim(database, "w", 60) is None


def test_a_tenant_with_many_jobs_does_not_make_others_wait(database: Database) -> None:
    for _ in range(3):
        accept(database)
    accept(database, tenant="bob")
    assert [claim(database).tenant for _ in range(4)] == ["ann", "bob", "ann", "ann"]


def test_a_job_survives_the_database_being_opened_anew(tmp_path: Path) -> None:
    made = accept(Database(tmp_path / "jobs.sqlite"))
    assert claim(Database(tmp_path / "jobs.sqlite")).id == made.id


def test_a_lease_that_ran_out_is_claimed_by_another_and_the_first_can_do_nothing(database: Database) -> None:
    accept(database)
    first = claim(database, lease_s=0)
    assert [job.id for job in leases.take_back(database, 3)] == [first.id]
    second = claim(database)
    assert (second.id, second.attempts) == (first.id, 2)
    assert not leases.renew(database, first, 60, "render", 0.5)
    assert not leases.succeed(database, first, {"by": "first"}, 1)
    assert not leases.fail(database, first, ERROR)
    assert not leases.hand_back(database, first)
    assert leases.succeed(database, second, {"by": "second"}, 1)
    assert now(database, first).result == {"by": "second"}
    assert webhooks(database) == ["mix.succeeded"]


def test_a_lease_that_is_renewed_stays(database: Database) -> None:
    accept(database)
    job = claim(database, lease_s=0)
    assert leases.renew(database, job, 60, "render", 0.5)
    assert leases.take_back(database, 3) == []
    assert (now(database, job).stage, now(database, job).progress) == ("render", 0.5)


def test_jobs_of_a_dead_worker_are_free_at_once(database: Database) -> None:
    accept(database)
    accept(database)
    dead, alive = claim(database, worker="dead"), claim(database, worker="alive")
    assert [job.id for job in leases.take_back(database, 3, "dead")] == [dead.id]
    assert now(database, alive).state == "running"


def test_a_job_that_kills_its_workers_is_given_up_and_told(database: Database) -> None:
    job = accept(database)
    for _ in range(3):
        claim(database, worker="w")
        leases.take_back(database, 3, "w")
    ended = now(database, job)
    assert ended.error is not None
    assert (ended.state, ended.error["code"]) == ("failed", "job.crashed")
    assert webhooks(database) == ["mix.failed"]


def test_a_job_handed_back_has_not_used_up_an_attempt(database: Database) -> None:
    accept(database)
    leases.hand_back(database, claim(database))
    assert claim(database).attempts == 1


def test_a_job_to_be_tried_later_is_not_claimed_before(database: Database) -> None:
    accept(database)
    leases.hand_back(database, claim(database), wait_s=0.2, counts=True)
    assert leases.claim(database, "w", 60) is None
    time.sleep(0.25)
    assert claim(database).attempts == 2


@pytest.mark.parametrize("act", ["cancel", "delete"])
def test_who_works_on_a_cancelled_or_deleted_job_finds_out_and_changes_nothing(database: Database, act: str) -> None:
    accept(database)
    job = claim(database)
    assert getattr(jobs, act)(database, "ann", job.id)
    assert not leases.renew(database, job, 60, "render", 0.5)
    assert not leases.succeed(database, job, {}, 1)
    left = jobs.get(database, "ann", job.id)
    assert (left.state if left else "deleted") == {"cancel": "cancelled", "delete": "deleted"}[act]
    assert webhooks(database) == (["mix.cancelled"] if act == "cancel" else [])


def test_cancelling_what_has_ended_changes_nothing(database: Database) -> None:
    accept(database)
    job = claim(database)
    leases.succeed(database, job, {"a": 1}, 1)
    before = now(database, job)
    assert jobs.cancel(database, "ann", job.id) == before
    assert jobs.cancel(database, "bob", job.id) is None


def test_the_end_and_its_webhook_are_there_together_or_not_at_all(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(database)
    job = claim(database)
    monkeypatch.setattr("sitwell.service.outbox.secrets.token_hex", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        leases.succeed(database, job, {}, 1)
    assert now(database, job).state == "running"
    assert webhooks(database) == []


def test_every_change_that_is_seen_has_a_higher_version(database: Database) -> None:
    job = accept(database)
    seen = [now(database, job)]
    claimed = claim(database)
    steps: list[Callable[[], object]] = [
        lambda: leases.renew(database, claimed, 60, "read", 0.1),
        lambda: leases.renew(database, claimed, 60, "read", 0.2),
        lambda: leases.succeed(database, claimed, {}, 1),
        lambda: jobs.rerender(database, "ann", job.id, "{}"),
    ]
    for step in steps:
        assert step()
        seen.append(now(database, job))
    versions = [each.version for each in seen]
    assert all(earlier < later for earlier, later in itertools.pairwise(versions))


def test_what_a_tenant_uses_is_counted_through_every_change(database: Database) -> None:
    counted = []
    first, second = accept(database, "a"), accept(database, "b")
    counted.append(jobs.usage(database, "ann"))
    leases.succeed(database, claim(database), {}, 500)
    counted.append(jobs.usage(database, "ann"))
    jobs.cancel(database, "ann", second.id)
    jobs.rerender(database, "ann", first.id, "{}")
    counted.append(jobs.usage(database, "ann"))
    jobs.delete(database, "ann", first.id)
    jobs.delete(database, "ann", second.id)
    counted.append(jobs.usage(database, "ann"))
    assert counted == [(2, 20), (1, 510), (1, 510), (0, 0)]
    assert jobs.usage(database, "bob") == (0, 0)
