"""A place for decoded samples: memory for a song, a temporary file for more; knows nothing of formats."""

import math
import mmap
import tempfile
from collections.abc import Callable
from typing import IO

import numpy as np

from sitwell.audio import Samples
from sitwell.errors import OutputError
from sitwell.io.disk import output_error, write_all

MEMORY_BYTES = 96 * 2**20  # 4 min 45 s of stereo at 44.1 kHz; longer sound goes to a temporary file


class Spool:
    """Takes blocks (channels, n) one after the other and gives them back as one array (channels, total)."""

    def __init__(self, channels: int, capacity: int, file: IO[bytes] | None = None) -> None:
        """Keep up to `capacity` samples a channel; in `file`, unbuffered, where one is given."""
        self.length, self.channels, self.capacity = 0, channels, capacity
        self._store: _Memory | _File
        if file is None and channels * capacity * 4 <= MEMORY_BYTES:
            self._store = _Memory(channels, capacity)
        else:
            self._store = _File(channels, capacity, file)

    @classmethod
    def filled(cls, channels: int, capacity: int, file: IO[bytes], length: int) -> "Spool":
        """Take over a file that another spool of these sizes has filled."""
        spool = cls(channels, capacity, file)
        spool.length = length
        return spool

    def append(self, block: Samples) -> None:
        """Add a block; raises OutputError `output.disk_full` when the temporary folder is full."""
        self._store.put(self.length, block)
        self.length += block.shape[1]

    def finish(self) -> tuple[Samples, Callable[[], None] | None]:
        """Return the samples, read-only, and a call that drops the pages read so far, where there are any."""
        return self._store.finish(self.length)

    def close(self) -> None:
        """Let go of the file; samples handed out stay usable."""
        self._store.close()


class _Memory:
    def __init__(self, channels: int, capacity: int) -> None:
        self._samples = np.empty((channels, capacity), dtype=np.float32)

    def put(self, start: int, block: Samples) -> None:
        self._samples[:, start : start + block.shape[1]] = block

    def finish(self, length: int) -> tuple[Samples, Callable[[], None] | None]:
        samples = self._samples[:, :length]
        samples.flags.writeable = False
        return samples, None

    def close(self) -> None:
        pass


class _File:
    """A nameless file with room for each channel in turn; room that is never written takes no disk."""

    def __init__(self, channels: int, capacity: int, file: IO[bytes] | None) -> None:
        pages = math.ceil(max(capacity, 1) * 4 / mmap.ALLOCATIONGRANULARITY)
        self._channels, self._channel_bytes = channels, pages * mmap.ALLOCATIONGRANULARITY
        self._file = file or nameless_file()

    def put(self, start: int, block: Samples) -> None:
        try:
            for channel, samples in enumerate(block):
                self._file.seek(channel * self._channel_bytes + start * 4)
                write_all(self._file, np.ascontiguousarray(samples).data)
        except OSError as error:
            raise _full(error) from None

    def finish(self, length: int) -> tuple[Samples, Callable[[], None] | None]:
        try:
            self._file.truncate(self._channels * self._channel_bytes)
            pages = mmap.mmap(self._file.fileno(), 0, access=mmap.ACCESS_READ)
        except OSError as error:
            raise _full(error) from None
        samples = np.frombuffer(pages, dtype=np.float32).reshape(self._channels, -1)[:, :length]
        short = self._channels * length * 4 <= MEMORY_BYTES  # and may stay: to fetch its pages again takes time
        return samples, None if short else dropper(pages)

    def close(self) -> None:
        self._file.close()


def nameless_file() -> IO[bytes]:
    """Open an unbuffered temporary file that nobody else can open; raises OutputError `output.disk_full`."""
    try:
        return tempfile.TemporaryFile(prefix="sitwell-", buffering=0)
    except OSError as error:
        raise _full(error) from None


def dropper(pages: mmap.mmap) -> Callable[[], None] | None:
    """Make the call that gives the pages of a mapping back; they stay in the file."""
    if not hasattr(mmap, "MADV_DONTNEED"):  # Windows
        return None
    return lambda: pages.madvise(mmap.MADV_DONTNEED)


def _full(error: OSError) -> OutputError:
    from pathlib import Path

    folder = Path(tempfile.gettempdir())
    found = output_error(folder / "sitwell", error)
    return OutputError(
        found.code,
        f"long sounds are kept in the temporary folder {folder}, which failed: {error.strerror}; "
        "make room there or set TMPDIR to another folder",
    )
