"""Work in processes: every item gives a result, an error or a crash of its own."""

import os
from pathlib import Path

import pytest

from sitwell.errors import InputError
from sitwell_training.parallel import Failure, run_all


def work(item: int | Path) -> str:
    if item == 3:
        raise InputError("song.no_singing", "nothing sings")
    if item == 5:
        os._exit(1)  # as when the system kills a process that takes too much memory
    return f"{os.getpid()} {item}"


def test_results_and_errors_come_with_their_index() -> None:
    found = dict(run_all(work, [1, 2, 3, 4], workers=2))
    assert found.pop(2) == Failure("song.no_singing", "nothing sings")
    assert {str(result).split()[1] for result in found.values()} == {"1", "2", "4"}


def test_one_worker_stays_in_this_process() -> None:
    assert dict(run_all(work, [1], workers=1)) == {0: f"{os.getpid()} 1"}
    assert list(run_all(work, [], workers=4)) == []


@pytest.mark.slow
def test_a_process_that_dies_costs_its_item_only() -> None:
    found = dict(run_all(work, [1, 5, 2, 4], workers=2))
    crashed = found.pop(1)
    assert isinstance(crashed, Failure)
    assert crashed.code == "work.crashed"
    assert {str(result).split()[1] for result in found.values()} == {"1", "2", "4"}
