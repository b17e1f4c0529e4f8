"""A folder of files on this machine or at a URL that fsspec knows; files appear whole or not at all.

Knows names and bytes, nothing of what is in them. The only home of fsspec, which loads for URLs only.
"""

import errno
import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from sitwell import io
from sitwell.errors import CodecError, InputError, OutputError

_ATOMIC = frozenset({"s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl", "memory"})  # a put is whole or nothing
_REFUSE = _ATOMIC - {"adl"}  # can be told to refuse a name that is taken (s3fs, gcsfs, adlfs of 2024.12 or later)
_CREATING = threading.Lock()  # threads of a process do not meet


class Folder(Protocol):
    """What a catalogue or a batch asks of a place; names are relative and use `/`."""

    url: str

    def read(self, name: str) -> bytes:
        """Read a file; InputError `storage.not_found` or `storage.unreachable`."""
        ...

    def write(self, name: str, content: bytes) -> None:
        """Write or replace a file; OutputError when it cannot be."""
        ...

    def create(self, name: str, content: bytes) -> bool:
        """Write a file that is not there yet, of a content that nobody else writes; False when another is there."""
        ...

    def put(self, name: str, source: Path) -> None:
        """Copy a file of this machine here."""
        ...

    def get(self, name: str, target: Path) -> None:
        """Copy a file from here to this machine."""
        ...

    def local(self, name: str) -> Path | None:
        """Give the path of a file on this machine, None where it must be fetched."""
        ...

    def exists(self, name: str) -> bool:
        """Tell whether a file is there."""
        ...

    def names(self, folder: str) -> list[str]:
        """List the files in a folder, sorted; none when there is no such folder."""
        ...

    def remove(self, name: str) -> bool:
        """Remove a file or a folder with all it holds; False when it was not there."""
        ...


def open_folder(url: str | os.PathLike[str]) -> Folder:
    """Open a path or a URL such as s3://bucket/catalog.

    Raises CodecError `storage.extra` when what reads such URLs is not installed.
    """
    text = os.fspath(url)
    if text.startswith("file://"):
        text = text.removeprefix("file://")
    return _Remote(text) if "://" in text else _Local(Path(text))


class _Local:
    def __init__(self, root: Path) -> None:
        self._root, self.url = root.absolute(), str(root.absolute())

    def read(self, name: str) -> bytes:
        with _reading(f"{self.url}/{name}"):
            return (self._root / name).read_bytes()

    def write(self, name: str, content: bytes) -> None:
        with self._writing(name) as temporary:
            temporary.write_bytes(content)

    def create(self, name: str, content: bytes) -> bool:
        hidden = f"{name}.{secrets.token_hex(6)}.part"
        self.write(hidden, content)
        try:
            os.link(self._root / hidden, self._root / name)  # unlike a rename, refuses a name that is taken
        except FileExistsError:
            return False
        finally:
            self.remove(hidden)
        return True

    def put(self, name: str, source: Path) -> None:
        with self._writing(name) as temporary:
            shutil.copyfile(source, temporary)

    def get(self, name: str, target: Path) -> None:
        with _reading(f"{self.url}/{name}"):
            shutil.copyfile(self._root / name, target)

    def local(self, name: str) -> Path | None:
        return self._root / name

    def exists(self, name: str) -> bool:
        return (self._root / name).exists()

    def names(self, folder: str) -> list[str]:
        try:
            return sorted(entry.name for entry in (self._root / folder).iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def remove(self, name: str) -> bool:
        path = self._root / name
        with io.output_errors(path):
            try:
                path.unlink()
            except FileNotFoundError:
                return False
            except (IsADirectoryError, PermissionError):
                if not path.is_dir():
                    raise
                shutil.rmtree(path)
        return True

    @contextmanager
    def _writing(self, name: str) -> Iterator[Path]:
        path = self._root / name
        io.make_folder(path.parent)
        with io.replacing(path) as temporary, io.output_errors(path):
            yield temporary


class _Remote:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        try:
            import fsspec

            self._files, self._root = fsspec.core.url_to_fs(self.url)
        except (ImportError, ValueError) as error:
            text = (
                f"{url}: {error}; pip install 'sitwell[cloud]', and what fsspec needs for such URLs (s3fs, gcsfs, ...)"
            )
            raise CodecError("storage.extra", text) from None
        protocol = self._files.protocol
        names = {protocol} if isinstance(protocol, str) else set(protocol)
        self._atomic, self._refuses = bool(_ATOMIC & names), bool(_REFUSE & names)

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def read(self, name: str) -> bytes:
        with _reading(f"{self.url}/{name}"):
            return bytes(self._files.cat_file(self._at(name)))

    def write(self, name: str, content: bytes) -> None:
        self._send(name, lambda place: self._files.pipe_file(place, content))

    def create(self, name: str, content: bytes) -> bool:
        """Tell by reading it back who was first: also where a store cannot refuse, and when it refused a repetition."""
        with _CREATING:
            if self.exists(name):
                return False
            self._send(name, lambda place: self._pipe_new(place, content))
        return self.read(name) == content

    def _pipe_new(self, place: str, content: bytes) -> None:
        """Write a file unless it is there, as far as the store can refuse; else of two at once the last one stays."""
        try:
            self._files.pipe_file(place, content, **({"mode": "create"} if self._refuses else {}))
        except FileExistsError:
            return
        except OSError as error:
            if error.errno != errno.ENOSYS:  # the answer of stores that speak S3 but not this
                raise
            self._files.pipe_file(place, content)

    def put(self, name: str, source: Path) -> None:
        self._send(name, lambda place: self._files.put_file(str(source), place))

    def get(self, name: str, target: Path) -> None:
        with _reading(f"{self.url}/{name}"):
            self._files.get_file(self._at(name), str(target))

    def local(self, name: str) -> Path | None:  # noqa: ARG002 - nothing here is on this machine
        return None

    def exists(self, name: str) -> bool:
        with _reading(f"{self.url}/{name}"):
            self._files.invalidate_cache()
            return bool(self._files.exists(self._at(name)))

    def names(self, folder: str) -> list[str]:
        with _reading(f"{self.url}/{folder}"):
            self._files.invalidate_cache()
            try:
                return sorted(
                    str(path).rstrip("/").rpartition("/")[2] for path in self._files.ls(self._at(folder), False)
                )
            except FileNotFoundError:
                return []

    def remove(self, name: str) -> bool:
        if not self.exists(name):
            return False
        with _sending(f"{self.url}/{name}"), suppress(FileNotFoundError):
            self._files.rm(self._at(name), recursive=True)
        return True

    def _send(self, name: str, send: Any) -> None:
        """Write under the name at once where that is atomic, else under another name first."""
        place = self._at(name)
        with _sending(f"{self.url}/{name}"):
            if self._atomic:  # an object store, which has no folders; buckets are not made
                send(place)
            else:
                self._files.makedirs(place.rpartition("/")[0], exist_ok=True)
                hidden = f"{place}.{secrets.token_hex(6)}.part"
                send(hidden)
                self._files.mv(hidden, place)


@contextmanager
def _reading(place: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise InputError("storage.not_found", f"{place}: there is no such file; check the path") from None
    except OSError as error:
        raise InputError("storage.unreachable", f"{place}: cannot be read: {error.strerror or error}") from None


@contextmanager
def _sending(place: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError("storage.unwritable", f"{place}: cannot be written: {error.strerror or error}") from None
