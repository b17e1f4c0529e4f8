"""A job made on a core of a cluster: sounds come as bytes, files and progress go back as a stream of words.

("at", stage, share)     how far it is
("file", name, content)  a piece of a file, in order
("kept", name, content)  what was measured of the backing, for its catalogue
("made", result)         the end: what is in the folder
("failed", error)        the other end
"""

import tempfile
import time
import traceback
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from sitwell import io
from sitwell.errors import SitwellError
from sitwell.processes import keep_freed_blocks
from sitwell.service import mixing
from sitwell.service.job import Job
from sitwell.service.request import Sound
from sitwell.service.sent import Sent

_PIECE_BYTES = 8 * 2**20
_TELL_S = 0.25


def made_there(job: Job, limits: io.Limits, vocal: Sent, backing: Sent) -> Iterator[tuple[Any, ...]]:
    """Make a job in a folder of its own that is gone afterwards; every error is a word, too."""
    keep_freed_blocks()
    with tempfile.TemporaryDirectory(prefix="sitwell-job-") as top:
        place = Path(top)
        try:
            sounds = []
            for name, sent in (("vocal", vocal), ("backing", backing)):
                (place / name).mkdir()
                sounds.append(sent.unpacked(place / name))
            folder = place / "result"
            folder.mkdir()
            result = yield from _made(job, io.shared_guard(limits), (sounds[0], sounds[1]), folder)
            for file in result["files"]:
                yield from _pieces(folder, file["file"])
            yield from _learned(backing, sounds[1])
            yield "made", result
        except Exception as error:
            yield "failed", _told(error, place)


def _made(
    job: Job, guard: io.Guard, sounds: tuple[Sound, Sound], folder: Path
) -> Generator[tuple[Any, ...], None, dict[str, Any]]:
    """Mix in a thread, so that progress can be told meanwhile; gives what `mixing.make` gives."""
    words: SimpleQueue[tuple[Any, ...] | None] = SimpleQueue()
    told_s = 0.0

    def tell(stage: str, share: float) -> None:
        nonlocal told_s
        if time.monotonic() - told_s > _TELL_S:
            told_s = time.monotonic()
            words.put(("at", stage, share))

    with ThreadPoolExecutor(1) as thread:
        making = thread.submit(mixing.make, job, guard, sounds, folder, tell)
        making.add_done_callback(lambda _: words.put(None))
        while (word := words.get()) is not None:  # no `yield from`: Ray sends into its generators
            yield word
    return making.result()


def _pieces(folder: Path, name: str) -> Iterator[tuple[Any, ...]]:
    with (folder / name).open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            yield "file", name, piece


def _learned(sent: Sent, sound: Sound) -> Iterator[tuple[Any, ...]]:
    """Tell what was measured of a backing that nobody had measured at this rate."""
    if sound.entry is not None and sent.files is not None:
        for name, content in sound.entry.files().items():
            if name not in sent.files:
                yield "kept", name, content


def _told(error: Exception, place: Path) -> Exception:
    """Make of an error what can travel, and names no place of this machine."""
    match error:
        case SitwellError():
            return type(error)(error.code, error.message.replace(f"{place}/", ""))
        case OSError() | MemoryError():
            return type(error)(*error.args[:2])
        case _:
            return RuntimeError("".join(traceback.format_exception(error)))
