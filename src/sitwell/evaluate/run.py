"""All songs through the tables, in as many processes as wanted; the figures do not depend on how many."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import partial
from typing import TypeVar

from sitwell.engines import Failure, Local, Plain
from sitwell.evaluate.settings import Settings
from sitwell.evaluate.song import Judged, judge
from sitwell.songs import Song

Progress = Callable[[float, int], None]  # songs done, of how many
Work = TypeVar("Work")


def judge_all(
    songs: Sequence[Song], settings: Settings, *, workers: int = 1, progress: Progress = lambda _done, _of: None
) -> tuple[Judged, ...]:
    """Judge songs whose paths can be opened as they are; the results come in the order of the songs."""
    if workers <= 1 or len(songs) <= 1:
        return tuple(_judged_here(songs, settings, progress))
    found = in_processes(judge, [(song, settings) for song in songs], workers=workers, progress=progress)
    died = "the process that judged it died, perhaps for want of memory; use fewer workers"
    return tuple(
        result if result is not None else Judged(song, code="memory", message=died)
        for song, result in zip(songs, found, strict=True)
    )


def in_processes(
    work: Callable[..., Work], jobs: Sequence[tuple[object, ...]], *, workers: int, progress: Progress
) -> list[Work | None]:
    """Call `work` with each tuple of arguments; None for those whose process died."""
    results: list[Work | None] = [None] * len(jobs)
    with closing(Local(workers).run(Plain(partial(_called, work)), jobs)) as found:
        for done, (place, result) in enumerate(found, start=1):
            results[place] = None if isinstance(result, Failure) else result
            progress(done, len(jobs))
    return results


def _called(work: Callable[..., Work], job: tuple[object, ...]) -> Work:
    return work(*job)


def _judged_here(songs: Sequence[Song], settings: Settings, progress: Progress) -> Iterable[Judged]:
    for done, song in enumerate(songs):
        yield judge(song, settings, lambda share, before=done: progress(before + share, len(songs)))  # type: ignore[misc]
        progress(done + 1, len(songs))
