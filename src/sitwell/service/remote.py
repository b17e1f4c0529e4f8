"""Makes jobs on a cluster: sends what is needed, takes what comes back; the other end is `there`."""

import os
from collections import OrderedDict
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Any

from sitwell import io
from sitwell.engines import Cluster, Failure
from sitwell.pipeline import Progress
from sitwell.service import places
from sitwell.service.attempts import Crashed
from sitwell.service.job import Job
from sitwell.service.request import Sound
from sitwell.service.sent import Sent
from sitwell.service.settings import Settings
from sitwell.service.there import made_there

_LOOK_S = 0.5  # how often a job that says nothing is asked whether it is still wanted
_SHARED_BYTES = 256 * 2**20  # of backings in the object store, for the next takes over them


class Remote:
    """Makes jobs on a cluster, from as many threads as wanted; backings are sent once to each machine."""

    def __init__(self, cluster: Cluster, settings: Settings) -> None:
        self._cluster, self._settings = cluster, settings
        self._shared: OrderedDict[tuple[object, ...], tuple[int, Any]] = OrderedDict()
        self._lock = Lock()

    def make(self, job: Job, folder: Path, progress: Progress) -> dict[str, Any]:
        """Make a job into a folder as `mixing.make` does; Crashed when its machine was lost."""
        vocal, backing = places.sounds(self._settings, job)
        sending = self._cluster.stream(
            made_there, job, self._settings.limits, Sent.of(vocal), self._sent(backing), wait_s=_LOOK_S
        )
        at: tuple[str, float] = ("", 0.0)
        end: dict[str, Any] | Exception = Crashed("its stream ended early")
        with closing(sending) as words:  # read to its end, since closing it earlier ends the process that speaks
            for word in words:
                match word:
                    case None:
                        pass
                    case ("at", stage, share):
                        at = (stage, share)
                    case ("file", name, content):
                        _append(folder / name, content)
                    case ("kept", name, content) if backing.entry is not None:
                        backing.entry.keep(name, content)
                    case ("made", result):
                        end = result | {"folder": folder.name}
                    case ("failed", error):
                        end = error
                    case Failure(code="memory"):
                        end = MemoryError(word.message)
                    case Failure():
                        end = Crashed(word.message)
                progress(*at)
        if isinstance(end, Exception):
            raise end
        return end

    def _sent(self, backing: Sound) -> Any:
        """Pack a backing; one of the catalogue is shared with other jobs over it."""
        sent = Sent.of(backing)
        if sent.files is None:
            return sent
        key = (backing.entry, *sorted(sent.files))
        with self._lock:
            if key not in self._shared:
                self._shared[key] = (sum(map(len, sent.files.values())), self._cluster.share(sent))
                while len(self._shared) > 1 and sum(size for size, _ in self._shared.values()) > _SHARED_BYTES:
                    self._shared.popitem(last=False)
            self._shared.move_to_end(key)
            return self._shared[key][1]


def _append(path: Path, content: bytes) -> None:
    """Add a piece to a file, through to the disk."""
    io.make_folder(path.parent)
    with io.output_errors(path), path.open("ab") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
