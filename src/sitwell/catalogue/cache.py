"""Sounds kept on this machine by content: files from far away, and samples that need not be decoded again.

The oldest go when there are too many; a file that is in use stays readable (POSIX).
"""

import functools
import hashlib
import importlib.metadata
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from sitwell import io
from sitwell.audio import Audio
from sitwell.errors import InputError, OutputError
from sitwell.storage import Folder
from sitwell.version import __version__

CACHE_BYTES = 4 * 2**30
_DECODERS = ("soundfile", "soxr", "av")


@dataclass(frozen=True)
class Cache:
    """A folder for sounds, of `most_bytes` at most; nobody else may write into it."""

    folder: Path
    most_bytes: int = CACHE_BYTES

    @classmethod
    def own(cls) -> "Cache":
        """Give the one among the temporary files that belongs to this user; OutputError when it is another's."""
        user = os.getuid() if hasattr(os, "getuid") else 0
        folder = Path(tempfile.gettempdir()) / f"sitwell-catalog-{user}"
        with io.output_errors(folder), suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != user):
            raise OutputError("output.not_writable", f"{folder}: is somebody else's; set TMPDIR to another folder")
        return cls(folder)

    def fetched(self, place: Folder, name: str, *, sha256: str) -> Path:
        """Give a file of a distant folder as a file here; InputError `catalog.changed` when it is another."""
        kept = io.make_folder(self.folder) / f"{sha256}{Path(name).suffix}"
        if kept.exists():
            with suppress(OSError):
                os.utime(kept)
            return kept
        hidden = self._hidden()
        try:
            place.get(name, hidden)
            if content_of(hidden) != sha256:
                raise InputError("catalog.changed", f"{place.url}/{name}: was changed since it was added; add it again")
            hidden.replace(kept)
        finally:
            hidden.unlink(missing_ok=True)
        self._make_room(kept)
        return kept

    def decoded(self, sha256: str, sample_rate: int, decode: Callable[[], Audio], *, name: str) -> Audio:
        """Give a sound at a rate in Hz: its samples as they were kept, else decoded, and kept where there is room.

        Samples of other versions of Sitwell or of a decoder are not used.
        """
        kept = self.folder / f"{sha256}-{sample_rate}-{_version()}.samples"
        found = io.map_samples(kept, name)
        if found is not None:
            return found
        audio = decode()
        hidden = self._hidden()
        with suppress(OSError, OutputError):
            try:
                io.make_folder(self.folder)
                io.write_samples(hidden, audio)
                hidden.replace(kept)
            finally:
                hidden.unlink(missing_ok=True)
            self._make_room(kept)
        return audio

    def _hidden(self) -> Path:
        return self.folder / f".{secrets.token_hex(8)}.part"

    def _make_room(self, keep: Path) -> None:
        """Remove what was used longest ago until all fits."""
        with suppress(OSError):
            others = (path for path in self.folder.iterdir() if path != keep)
            files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in others)
            excess = sum(size for _, size, _ in files) + keep.stat().st_size - self.most_bytes
            for _, size, path in files:
                if excess <= 0:
                    return
                path.unlink(missing_ok=True)
                excess -= size


def content_of(path: Path) -> str:
    """Compute the SHA-256 of a file; InputError `file.not_found` or `file.unreadable`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise InputError("file.not_found", f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise InputError("file.unreadable", f"{path}: cannot be read: {error.strerror}") from None


@functools.cache
def _version() -> str:
    """Name all that decides which samples a file gives."""
    told = [__version__]
    for name in _DECODERS:
        with suppress(importlib.metadata.PackageNotFoundError):
            told.append(importlib.metadata.version(name))
    return hashlib.sha256(" ".join(told).encode()).hexdigest()[:12]
