"""Files appear whole or not at all; knows nothing of sound.

A result is written next to its place under a hidden name, brought to the disk, and renamed.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from sitwell.errors import InputError, OutputError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_DENIED = {errno.EACCES, errno.EPERM, errno.EROFS}
_NAME_PREFIX = 40  # characters of the name that the hidden name repeats: names may be 255 bytes at most


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a hidden file next to `path` to write to; it takes the place of `path` when all went well.

    Whatever is raised inside, Ctrl-C included, removes the hidden file and leaves `path` as it was.
    Raises OutputError `output.no_folder`, `output.not_writable` or `output.disk_full`.
    """
    temporary = None
    try:
        with output_errors(path):
            target = _target(path)
            temporary = _hidden(target)  # named before it is there, so that no Ctrl-C comes between
            _create(temporary)
        yield temporary
        with output_errors(path):
            _to_disk(temporary)
            if target.exists():
                temporary.chmod(stat.S_IMODE(target.stat().st_mode))
            temporary.replace(target)
            _folder_to_disk(target.parent)
    except BaseException:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        raise


@contextmanager
def output_errors(path: Path) -> Iterator[None]:
    """Turn what the system says about writing into an OutputError with a code."""
    try:
        yield
    except OSError as error:
        raise output_error(path, error) from None
    except ValueError as error:  # a zero byte in the path
        raise OutputError("output.not_writable", f"{path!s}: not a usable path: {error}") from None


def output_error(path: Path, error: OSError) -> OutputError:
    """Choose the code and the sentence for a failure to write."""
    if error.errno in _FULL:
        return OutputError("output.disk_full", f"{path}: no room left on the disk; free some or write elsewhere")
    if error.errno in _DENIED:
        return OutputError("output.not_writable", f"{path}: not allowed to write here; choose another folder")
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return OutputError("output.no_folder", f"{path}: there is no folder {path.parent}; make it first")
    return OutputError("output.not_writable", f"{path}: cannot be written: {error.strerror or error}")


def write_text_atomic(path: str | os.PathLike[str], text: str) -> None:
    """Write a text file as UTF-8, whole or not at all."""
    path = Path(path)
    with replacing(path) as temporary, output_errors(path), temporary.open("wb") as file:
        file.write(text.encode("utf-8"))


def read_text(path: str | os.PathLike[str]) -> str:
    """Read a text file such as a plan; raises InputError `file.not_found` or `file.unreadable`."""
    path = Path(path)
    try:
        return path.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise InputError("file.not_found", f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise InputError("file.unreadable", f"{path}: cannot be read: {error.strerror}") from None
    except ValueError:
        raise InputError("file.unreadable", f"{path}: not a text file (UTF-8)") from None


def make_folder(path: str | os.PathLike[str]) -> Path:
    """Make a folder that was asked for, with those above it."""
    path = Path(path)
    try:
        with output_errors(path):
            path.mkdir(parents=True, exist_ok=True)
    except OutputError as error:
        if path.exists():
            raise OutputError("output.not_writable", f"{path}: a file of this name is in the way") from None
        raise error from None
    return path


def refuse_overwriting_inputs(
    outputs: Iterable[str | os.PathLike[str]], inputs: Iterable[str | os.PathLike[str]]
) -> None:
    """Raise OutputError `output.is_input` when an output is one of the inputs, by whatever name."""
    sources = [Path(path) for path in inputs]
    for output in map(Path, outputs):
        for source in sources:
            if _same(output, source):
                raise OutputError("output.is_input", f"{output}: this is an input; choose another name for the result")


def _same(one: Path, other: Path) -> bool:
    with suppress(OSError, ValueError):
        return one.samefile(other)
    return os.path.realpath(one) == os.path.realpath(other)


def native(path: Path) -> str | bytes:
    """Give a path as libraries in C take it: names on POSIX are bytes and need not be Unicode."""
    return os.fsencode(path) if os.name == "posix" else str(path)


class _Writable(Protocol):
    def write(self, data: memoryview, /) -> int | None: ...


def write_all(file: _Writable, data: bytes | memoryview) -> None:
    """Write everything to an unbuffered file, which may take less than it is given."""
    left = memoryview(data).cast("B")
    while len(left):
        left = left[file.write(left) or 0 :]


def _target(path: Path) -> Path:
    """Follow links to the file itself; only a file may be replaced, never a device or a folder."""
    target = path.resolve()
    if target.exists() and not target.is_file():
        raise OutputError("output.not_writable", f"{path}: not a file; choose a file name")
    if target.exists() and not os.access(target, os.W_OK):
        raise PermissionError(errno.EACCES, "read-only file")
    return target


def _hidden(target: Path) -> Path:
    return target.with_name(f".{target.stem[:_NAME_PREFIX]}.sitwell-{secrets.token_hex(8)}.tmp{target.suffix[:8]}")


def _create(path: Path) -> None:
    """Create an empty file; os.open, so that the user's umask decides who may read it."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _folder_to_disk(folder: Path) -> None:
    """Make the rename survive a power cut, where folders can be opened; some file systems refuse."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
