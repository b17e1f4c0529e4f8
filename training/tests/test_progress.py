"""The estimate of the time left: by the pace of fresh work, in words, on a terminal only."""

import io

import pytest

from sitwell_training.progress import Estimate, ProgressEstimate, duration


def test_the_time_left_follows_the_pace() -> None:
    assert Estimate(start_s=100.0).left_s(25.0, 100.0, now_s=110.0) == pytest.approx(30.0)


def test_what_was_there_before_does_not_count_as_pace() -> None:
    estimate = Estimate(start_s=0.0, before=80.0)
    assert estimate.left_s(90.0, 100.0, now_s=5.0) == pytest.approx(5.0)


def test_no_guess_is_made_from_nothing() -> None:
    assert Estimate(start_s=0.0).left_s(0.0, 100.0, now_s=9.0) is None
    assert Estimate(start_s=0.0, before=100.0).left_s(100.0, 100.0, now_s=9.0) is None


@pytest.mark.parametrize(("seconds", "words"), [(40, "40 s"), (720, "12 min"), (12600, "3.5 h")])
def test_durations_in_words(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_nothing_is_drawn_where_there_is_no_terminal() -> None:
    stream = io.StringIO()
    with ProgressEstimate("songs", quiet=False, stream=stream) as progress:
        progress(1, 2)
    assert stream.getvalue() == ""
