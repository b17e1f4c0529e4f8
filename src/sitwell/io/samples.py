"""Decoded sound kept in a file of this machine, to be mapped into memory by whoever comes next.

A line of JSON, padded to a page, then each channel's samples as float32 in the order of bytes of this machine.
"""

import json
import mmap
import os
from pathlib import Path
from typing import Any

import numpy as np

from sitwell.audio import Audio
from sitwell.errors import Notice
from sitwell.io.spool import MEMORY_BYTES, dropper

_HEAD_BYTES = 4096


def write_samples(path: Path, audio: Audio) -> None:
    """Write a sound to a new file; OSError when it cannot be. A mono sound takes half the room."""
    rows = audio.samples[:1] if audio.samples.strides[0] == 0 else audio.samples
    notices = [[notice.code, notice.message] for notice in audio.notices]
    head: dict[str, Any] = {"sample_rate": audio.sample_rate, "shape": rows.shape, "notices": notices}
    with path.open("xb") as file:
        file.write(json.dumps(head).encode().ljust(_HEAD_BYTES))
        for row in rows:
            file.write(np.ascontiguousarray(row).data)


def map_samples(path: Path, name: str) -> Audio | None:
    """Map a file that `write_samples` wrote; None when there is none, or it is damaged."""
    try:
        with path.open("rb") as file:
            pages = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        head = json.loads(pages[:_HEAD_BYTES])
        samples = np.frombuffer(pages, dtype=np.float32, offset=_HEAD_BYTES).reshape(head["shape"])
        notices = tuple(Notice(code, message) for code, message in head["notices"])
        os.utime(path)  # it was used: others go first when room is needed
    except (OSError, ValueError, KeyError, TypeError):
        return None
    release = dropper(pages) if samples.nbytes > MEMORY_BYTES else None
    return Audio(np.broadcast_to(samples, (2, samples.shape[1])), head["sample_rate"], name, notices, release)
