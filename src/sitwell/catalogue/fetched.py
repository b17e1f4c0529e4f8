"""Sounds from far away, kept on this machine by content; the oldest go when there are too many."""

import hashlib
import os
import secrets
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError, OutputError
from sitwell.storage import Folder

CACHE_BYTES = 4 * 2**30


def fetched(place: Folder, name: str, *, sha256: str, cache: Path | None = None) -> Path:
    """Give a file of a distant folder as a file here; raises InputError `catalog.changed` when it is another."""
    folder = io.make_folder(cache) if cache else _own_folder()
    kept = folder / f"{sha256}{Path(name).suffix}"
    if kept.exists():
        with suppress(OSError):
            os.utime(kept)
        return kept
    hidden = folder / f".{secrets.token_hex(8)}.part"
    try:
        place.get(name, hidden)
        if content_of(hidden) != sha256:
            raise InputError("catalog.changed", f"{place.url}/{name}: was changed since it was added; add it again")
        hidden.replace(kept)
    finally:
        hidden.unlink(missing_ok=True)
    _make_room(folder, keep=kept)
    return kept


def content_of(path: Path) -> str:
    """Compute the SHA-256 of a file; InputError `file.not_found` or `file.unreadable`."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise InputError("file.not_found", f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise InputError("file.unreadable", f"{path}: cannot be read: {error.strerror}") from None


def _own_folder() -> Path:
    """Make a folder among the temporary files that belongs to this user and to nobody else."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    folder = Path(tempfile.gettempdir()) / f"sitwell-catalog-{user}"
    with io.output_errors(folder), suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or (hasattr(os, "getuid") and found.st_uid != user):
        raise OutputError("output.not_writable", f"{folder}: belongs to somebody else; set TMPDIR to another folder")
    return folder


def _make_room(folder: Path, *, keep: Path) -> None:
    """Remove what was used longest ago until the cache fits; a file that is in use stays readable on POSIX."""
    with suppress(OSError):
        files = sorted((path.stat().st_mtime, path.stat().st_size, path) for path in folder.iterdir() if path != keep)
        excess = sum(size for _, size, _ in files) + keep.stat().st_size - CACHE_BYTES
        for _, size, path in files:
            if excess <= 0:
                return
            path.unlink(missing_ok=True)
            excess -= size
