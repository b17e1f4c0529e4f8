"""Takes are strangers' files: they are decoded in another process, and a bad one costs itself and nothing more."""

import json
import os
import pickle
import signal
import sys
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from sitwell import io
from sitwell.batch import Places, read_manifest, run_batch
from sitwell.batch.mixer import Mixer
from sitwell.catalogue import Catalogue
from sitwell.engines import Engine, Local, guarded
from sitwell.engines.work import Shared
from sitwell.errors import SitwellError
from sitwell.io.decoder_process import DecoderProcess
from tests.batch.works import results, write_sounds
from tests.io import hostile
from tests.io.sounds import noise, save

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files are decoded apart on Linux only")
SECONDS = 1750.0


class Here:
    """An engine without processes."""

    def run(self, work: Any, items: Sequence[Any]) -> Generator[tuple[int, Any], None, None]:
        for index, item in enumerate(items):
            yield index, guarded(partial(Shared().apply, work, item))


def run(manifest: Path, output: Path, engine: Engine) -> dict[str, Any]:
    """Mix all takes of a manifest and give the records by id."""
    places = Places(str(manifest.parent), str(output), str(manifest.parent / "catalog"))
    run_batch(read_manifest(manifest), places, engine, max_seconds=SECONDS)
    return {str(record["id"]): record for record in results(output)}


def add(manifest: Path, *takes: dict[str, str]) -> None:
    manifest.write_text("".join(json.dumps(take) + "\n" for take in takes) + manifest.read_text())


def test_no_sound_is_decoded_where_takes_are_mixed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = write_sounds(tmp_path / "in", takes=2)
    Catalogue.open(tmp_path / "in" / "catalog").add(tmp_path / "in" / "backing0.wav", id="known")
    add(manifest, {"id": "k", "vocal": "take0.wav", "backing": "catalog:known"})

    def decode(*_: object) -> None:
        raise AssertionError("decoded in the process that mixes")

    for module in ("sitwell.io.read", "sitwell.io.decode"):
        monkeypatch.setattr(sys.modules[module], "open_source", decode)
    with pytest.raises(AssertionError):
        io.read(tmp_path / "in" / "take0.wav")
    assert {record["status"] for record in run(manifest, tmp_path / "out", Here()).values()} == {"done"}


def test_a_hostile_file_costs_its_take_and_says_what_is_wrong_as_ever(tmp_path: Path) -> None:
    manifest = write_sounds(tmp_path / "in", takes=2)
    for name, content in hostile.HEADERS.items():
        (tmp_path / "in" / name).write_bytes(content)
    hostile.silence_bomb(tmp_path / "in" / "bomb.flac", seconds=3600)
    names = [*hostile.HEADERS, "bomb.flac"]
    takes = [{"id": f"bad-{number}", "vocal": name, "backing": "backing0.wav"} for number, name in enumerate(names)]
    as_backing = {"id": "over", "vocal": "take0.wav", "backing": "bomb.flac"}
    add(manifest, *takes, as_backing)
    found = run(manifest, tmp_path / "out", Local(1))
    assert [id for id, record in found.items() if record["status"] == "done"] == ["t0", "t1"]
    assert found["over"]["code"] == "audio.too_long"
    for take in takes:
        record, path = found[take["id"]], (tmp_path / "in" / take["vocal"]).resolve()
        if take["vocal"] == "greedy tables.m4a":  # which only a confined process may be given
            assert record["code"] in {"audio.limits", "audio.unreadable"}
            continue
        with pytest.raises(SitwellError) as wanted:
            io.read(path, max_seconds=SECONDS)
        assert (record["code"], record["message"]) == (wanted.value.code, wanted.value.message)


def test_a_decoder_that_crashes_costs_its_take(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    manifest = write_sounds(tmp_path / "in", takes=2)
    hostile.silence_bomb(tmp_path / "in" / "long.flac", seconds=1700)
    save(tmp_path / "in" / "fine.wav", noise(2, rate=192_000), rate=192_000)  # to which the long one is brought
    add(manifest, {"id": "bad", "vocal": "long.flac", "backing": "fine.wav"})
    asked = DecoderProcess.asked

    @contextmanager
    def crashing(self: DecoderProcess, request: dict[str, Any], handle: int) -> Iterator[Any]:
        with asked(self, request, handle) as reply:
            if "long" in request["path"] and not request["probe"]:
                for child in children(Path(f"/proc/{self.pid}")):
                    os.kill(int(child.name), signal.SIGSEGV)
            yield reply

    monkeypatch.setattr(DecoderProcess, "asked", crashing)
    found = run(manifest, tmp_path / "out", Here())
    assert (found["bad"]["code"], found["bad"]["attempts"]) == ("audio.unreadable", 1)
    assert {found["t0"]["status"], found["t1"]["status"]} == {"done"}


def test_a_process_that_mixes_starts_one_decoder_and_takes_it_along(tmp_path: Path) -> None:
    manifest = write_sounds(tmp_path / "in", takes=4)
    seen: list[Path] = []

    class Look(Local):
        def run(self, work: Any, items: Any) -> Any:
            for outcome in super().run(work, items):
                seen.extend(decoders())
                yield outcome

    assert len(run(manifest, tmp_path / "out", Look(1))) == 4
    assert len(seen) >= 3  # after the last take they may have ended
    assert len(set(seen)) == 1
    assert not seen[0].exists()


def decoders() -> Iterator[Path]:
    """Find the processes that decode for a worker of ours."""
    for worker in children(Path(f"/proc/{os.getpid()}")):
        for child in children(worker):
            with suppress(OSError):  # it has ended
                if b"sitwell.io.decoder" in (child / "cmdline").read_bytes():
                    yield child


def children(process: Path) -> list[Path]:
    """List the children of a process; none when it has ended."""
    with suppress(OSError):
        return [Path("/proc", child) for child in (process / "task" / process.name / "children").read_text().split()]
    return []


def test_the_work_travels_without_its_decoder(tmp_path: Path) -> None:
    manifest = write_sounds(tmp_path / "in", takes=1)
    mixer, take = Mixer(Places(str(tmp_path / "in"), str(tmp_path), ""), SECONDS), read_manifest(manifest).takes[0]
    mixer(take, mixer.load(take))
    assert pickle.loads(pickle.dumps(mixer)).key(take) == mixer.key(take)
