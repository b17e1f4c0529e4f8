"""Folders on a disk, in memory and behind S3: the same calls, and of many who create a name one is first."""

import errno
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sitwell.errors import InputError, OutputError
from sitwell.storage import open_folder
from tests.stores import s3_bucket

KINDS = ["disk", "memory", "s3"]


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch, s3_bucket(patch) as url:
        yield url


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    match request.param:
        case "s3":
            return f"{request.getfixturevalue('bucket')}/{tmp_path.name}"
        case "memory":
            pytest.importorskip("fsspec")
            return f"memory://{tmp_path.name}"
        case _:
            return str(tmp_path / "folder")


def at_once(count: int, work: Any) -> list[Any]:
    """Run work(number) in threads that begin together."""
    begin, told = threading.Barrier(count), [None] * count

    def run(number: int) -> None:
        begin.wait()
        told[number] = work(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return told


def test_what_is_written_is_read_listed_fetched_and_removed(url: str, tmp_path: Path) -> None:
    folder, file = open_folder(url), tmp_path / "file"
    folder.write("a/one", b"first")
    folder.write("a/one", b"again")
    file.write_bytes(b"sent")
    folder.put("a/Ünser Lied.wav", file)
    assert folder.read("a/one") == b"again"
    assert folder.names("a") == ["one", "Ünser Lied.wav"]
    folder.get("a/Ünser Lied.wav", tmp_path / "fetched")
    assert (tmp_path / "fetched").read_bytes() == b"sent"
    assert folder.remove("a")
    assert not folder.remove("a")
    assert folder.names("a") == []
    with pytest.raises(InputError, match="storage.not_found"):
        folder.read("a/one")


def test_of_many_who_create_a_name_one_is_first(url: str) -> None:
    for turn in range(3):
        name = f"ids/{turn}.json"
        won = at_once(8, lambda number, name=name: open_folder(url).create(name, b"%d" % number))
        assert won.count(True) == 1
        assert open_folder(url).read(name) == b"%d" % won.index(True)
        assert not open_folder(url).create(name, b"late")
    assert [name for name in open_folder(url).names("ids") if name.endswith(".part")] == []


def test_a_store_refuses_a_name_that_was_taken_after_the_look(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    open_folder(url).write("taken", b"first")
    monkeypatch.setattr("sitwell.storage._Remote.exists", lambda *_: False)
    assert not open_folder(url).create("taken", b"second")
    assert open_folder(url).read("taken") == b"first"


def test_who_is_refused_by_his_own_file_was_first(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"{bucket}/lost"
    open_folder(url).write("mine", b"mine")  # the answer was lost, and the client sends it again
    monkeypatch.setattr("sitwell.storage._Remote.exists", lambda *_: False)
    assert open_folder(url).create("mine", b"mine")


def test_a_store_that_cannot_refuse_is_written_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    memory = pytest.importorskip("fsspec.implementations.memory").MemoryFileSystem
    pipe = memory.pipe_file

    def refuse(self: Any, path: str, value: bytes, mode: str = "overwrite") -> None:
        if mode == "create":
            raise OSError(errno.ENOSYS, "not implemented")
        pipe(self, path, value)

    monkeypatch.setattr(memory, "pipe_file", refuse)
    folder = open_folder("memory://cannot-refuse")
    assert folder.create("one", b"1")
    assert not folder.create("one", b"2")
    assert folder.read("one") == b"1"


def test_a_bucket_that_is_not_there_is_an_error(bucket: str) -> None:  # noqa: ARG001 - it serves
    with pytest.raises(OutputError, match="storage.unwritable"):
        open_folder("s3://no-bucket-of-ours/x").write("one", b"1")
    with pytest.raises(InputError, match="storage.not_found"):
        open_folder("s3://no-bucket-of-ours/x").read("one")
