"""The dispatcher's end of a job on a cluster, against words that a cluster might say."""

from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from sitwell.engines import Failure
from sitwell.errors import InputError
from sitwell.service import jobs
from sitwell.service.attempts import Crashed
from sitwell.service.database import Database
from sitwell.service.remote import Remote
from sitwell.service.request import UPLOADS
from sitwell.service.settings import Settings


class Says:
    """A cluster that says some words, and notes whether it was heard to the end."""

    def __init__(self, *words: Any) -> None:
        self.words, self.heard_out = words, False

    def stream(self, *_given: Any, wait_s: float) -> Generator[Any, None, None]:
        assert wait_s > 0
        yield from self.words
        self.heard_out = True


def made(cluster: Says, settings: Settings, told: list[tuple[str, float]]) -> tuple[dict[str, Any], Path]:
    folder = settings.job_folder("ann", "mix_1")
    folder.mkdir(parents=True)
    for name in ("in-vocal", "in-backing"):
        (folder / name).write_bytes(b"sound")
    request = {UPLOADS: {"vocal": "v.wav", "backing": "b.wav"}}
    job = jobs.accept(Database(settings.database), "mix_1", "ann", "a", request, size=1)
    remote = Remote(cluster, settings)  # type: ignore[arg-type]
    return remote.make(job, folder / "result-1", lambda *at: told.append(at)), folder / "result-1"


def test_files_are_put_together_and_the_stream_is_heard_to_its_end(settings: Settings) -> None:
    told: list[tuple[str, float]] = []
    cluster = Says(
        ("at", "read", 0.5), None, ("file", "mix.wav", b"one "), ("file", "mix.wav", b"two"),
        ("file", "stems/a.wav", b"3"), ("made", {"folder": "elsewhere", "files": []}),
    )  # fmt: skip
    result, folder = made(cluster, settings, told)
    assert result == {"folder": "result-1", "files": []}
    assert (folder / "mix.wav").read_bytes() == b"one two"
    assert (folder / "stems" / "a.wav").read_bytes() == b"3"
    assert set(told) == {("read", 0.5)}
    assert cluster.heard_out  # closing it earlier would end the process that speaks, and its decoder


@pytest.mark.parametrize(
    ("word", "error"),
    [
        (("failed", InputError("audio.empty", "no sound")), InputError),
        (Failure("work.crashed", "lost"), Crashed),
        (Failure("memory", "too little"), MemoryError),
        (None, Crashed),  # and then nothing more
    ],
)
def test_what_went_wrong_there_is_raised_here(word: Any, error: type[Exception], settings: Settings) -> None:
    cluster = Says(word)
    with pytest.raises(error):
        made(cluster, settings, [])
    assert cluster.heard_out


def test_a_job_that_is_not_wanted_any_more_ends_the_stream(settings: Settings) -> None:
    class Lost(Exception):  # noqa: N818
        pass

    def lost(*_at: Any) -> None:
        raise Lost

    told: Any = type("Told", (), {"append": staticmethod(lost)})()
    cluster = Says(None, ("made", {"files": []}))
    with pytest.raises(Lost):
        made(cluster, settings, told)
    assert not cluster.heard_out
