"""All songs through the tables, in as many processes as wanted; the figures do not depend on how many."""

import multiprocessing
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from sitwell.evaluate.settings import Settings
from sitwell.evaluate.song import Judged, judge
from sitwell.processes import end_at_once, interrupts_held
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
    spawning = multiprocessing.get_context("spawn")  # threads of a parent do not survive a fork
    results: list[Work | None] = [None] * len(jobs)
    pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=spawning, initializer=end_at_once)
    try:
        with interrupts_held():
            places: dict[Future[Work], int] = {pool.submit(work, *job): place for place, job in enumerate(jobs)}
        for done, future in enumerate(as_completed(places), start=1):
            try:
                results[places[future]] = future.result()
            except BrokenProcessPool:
                continue
            progress(done, len(jobs))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return results


def _judged_here(songs: Sequence[Song], settings: Settings, progress: Progress) -> Iterable[Judged]:
    for done, song in enumerate(songs):
        yield judge(song, settings, lambda share, before=done: progress(before + share, len(songs)))  # type: ignore[misc]
        progress(done + 1, len(songs))
