"""A batch: everything once, whatever stops it; what is missing is done, what may pass is tried again."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sitwell.batch import Places, Summary, read_manifest, run_batch
from sitwell.batch.alone import LEASE_S, alone
from sitwell.catalogue import Catalogue
from sitwell.engines import Failure, Local
from sitwell.errors import InputError, OutputError
from sitwell.io import probe
from sitwell.storage import Folder, open_folder
from tests.batch.works import RATE, SECONDS, outputs, results, write_sounds
from tests.stores import s3_bucket

ROOT = Path(__file__).parents[2]


@dataclass
class Here:
    """An engine without processes, which fails items a number of times first."""

    failing: dict[str, list[Failure]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)

    def run(self, work: Any, items: Sequence[Any]) -> Generator[tuple[int, Any], None, None]:
        for index, item in enumerate(items):
            self.seen.append(item.id)
            left = self.failing.get(item.id)
            yield index, left.pop() if left else work(item, work.load(item))


def run(manifest: Path, output: Path | str, engine: Any = None, **options: Any) -> Summary:
    places = Places(str(manifest.parent), str(output), str(manifest.parent / "catalog"))
    listed = read_manifest(manifest)
    return run_batch(listed, places, engine or Here(), max_seconds=60.0, **options)


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_sounds(tmp_path_factory.mktemp("sounds"), takes=6)


@pytest.fixture(scope="module")
def expected(sounds: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("expected")
    assert run(sounds, folder).done == 6
    return outputs(folder)


def test_a_second_run_does_only_what_is_missing(sounds: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    assert run(sounds, tmp_path).done == 6
    assert [record["id"] for record in results(tmp_path)] == [f"t{number}" for number in range(6)]
    again = Here()
    assert run(sounds, tmp_path, again).before == 6
    assert again.seen == []
    lost = next(tmp_path.glob("mixes/*/t3-*"))
    lost.unlink()
    assert (run(sounds, tmp_path, again).done, again.seen) == (1, ["t3"])
    assert outputs(tmp_path) == expected


def test_a_record_tells_what_was_made_of_what(sounds: Path, tmp_path: Path) -> None:
    run(sounds, tmp_path)
    record: Any = results(tmp_path)[0]
    content = (tmp_path / record["output"]).read_bytes()
    assert len(content) == record["bytes"]
    assert record["plan"]["targets"]["vbr_lu"]["got"] is not None
    assert record["measured"]["mix"]["integrated_lufs"] < 0
    assert record["cpu_s"] > 0
    assert {"read", "analyze", "decide", "render"} <= set(record["timing_s"])


def test_mixes_are_written_as_aac(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra `av` is not installed")
    manifest = write_sounds(tmp_path / "in", takes=1, backings=1)
    line = json.loads(manifest.read_text())
    manifest.write_text(json.dumps(line | {"format": "m4a"}) + "\n")
    assert run(manifest, tmp_path / "out").done == 1
    record: Any = results(tmp_path / "out")[0]
    assert record["output"].endswith(".m4a")
    told = probe(tmp_path / "out" / record["output"])
    assert (told.subtype, told.sample_rate, told.seconds) == ("aac", RATE, SECONDS)


def test_what_changed_is_done_again(tmp_path: Path) -> None:
    manifest = write_sounds(tmp_path / "in", takes=3)
    run(manifest, tmp_path / "out")
    (tmp_path / "in" / "take1.wav").write_bytes((tmp_path / "in" / "take2.wav").read_bytes())
    engine = Here()
    assert run(manifest, tmp_path / "out", engine).before == 2
    assert engine.seen == ["t1"]
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    lines[0]["amount"] = 50
    manifest.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run(manifest, tmp_path / "out", engine).before == 2
    assert engine.seen == ["t1", "t0"]


def test_what_may_pass_is_tried_again_and_then_set_aside(sounds: Path, tmp_path: Path) -> None:
    crash, wrong = Failure("work.crashed", "died"), Failure("audio.empty", "no sound")
    engine = Here({"t1": [crash] * 2, "t2": [crash] * 3, "t4": [wrong]})
    summary = run(sounds, tmp_path, engine, attempts=3)
    assert summary.done == 4
    assert {failure["id"]: failure["attempts"] for failure in summary.failed} == {"t2": 3, "t4": 1}
    assert [engine.seen.count(f"t{number}") for number in range(6)] == [1, 3, 3, 1, 1, 1]
    engine = Here()
    assert run(sounds, tmp_path, engine).done == 1  # a crash may have passed; a file without sound has not
    assert engine.seen == ["t2"]
    assert run(sounds, tmp_path, engine, again=True).done == 1
    assert engine.seen == ["t2", "t4"]


def test_a_bad_take_is_a_record_and_stops_nothing(tmp_path: Path) -> None:
    manifest = write_sounds(tmp_path / "in", takes=2)
    (tmp_path / "in" / "bad.wav").write_bytes(b"RIFF")
    line = {"id": "bad", "vocal": "bad.wav", "backing": "backing0.wav"}
    more = [line, line | {"id": "none", "vocal": "none.wav"}, line | {"id": "unknown", "backing": "catalog:unknown"}]
    manifest.write_text("".join(json.dumps(one) + "\n" for one in more) + "\n[]\n" + manifest.read_text())
    summary = run(manifest, tmp_path / "out", Local(2))
    assert summary.done == 2
    codes = {failure["id"]: failure["code"] for failure in summary.failed}
    assert codes == {
        "bad": codes["bad"], "none": "file.not_found", "unknown": "catalog.unknown", "line 5": "manifest.line",
    }  # fmt: skip
    assert codes["bad"].startswith("audio.")
    assert sorted(str(record["id"]) for record in results(tmp_path / "out")) == [
        "bad", "line 5", "none", "t0", "t1", "unknown",
    ]  # fmt: skip


def test_a_take_over_a_catalogued_backing_is_the_take_over_its_file(
    sounds: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    catalogue = Catalogue.open(tmp_path / "in" / "catalog")
    manifest = write_sounds(tmp_path / "in", takes=6)
    for name in ("backing0", "backing1"):
        catalogue.add(sounds.parent / f"{name}.wav", id=name)
    text = manifest.read_text()
    for name in ("backing0", "backing1"):
        text = text.replace(f"{name}.wav", f"catalog:{name}")
    manifest.write_text(text)
    assert run(manifest, tmp_path / "out").done == 6
    assert outputs(tmp_path / "out") == expected


def test_everything_may_lie_at_a_url(sounds: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    fsspec = pytest.importorskip("fsspec")
    files = fsspec.filesystem("memory")
    files.put(str(sounds.parent), f"/{tmp_path.name}/in", recursive=True)
    url = f"memory://{tmp_path.name}"
    places = Places(f"{url}/in", f"{url}/out", f"{url}/catalog", tmp_path / "cache")
    assert run_batch(read_manifest(sounds), places, Here(), max_seconds=60.0).done == 6
    assert run_batch(read_manifest(sounds), places, Here(), max_seconds=60.0).before == 6
    found = {name.rpartition("/")[2]: files.cat(name) for name in files.find(f"/{tmp_path.name}/out/mixes")}
    assert found == expected


@pytest.mark.parametrize("place", ["{path}", "memory://{path.name}"])
def test_two_runs_in_one_place_do_not_mix(place: str, sounds: Path, tmp_path: Path) -> None:
    output = place.format(path=tmp_path)

    class Second(Here):
        def run(self, work: Any, items: Sequence[Any]) -> Generator[tuple[int, Any], None, None]:
            with pytest.raises(OutputError, match="batch.running"):
                run(sounds, output)
            yield from super().run(work, items)

    assert run(sounds, output, Second()).done == 6
    assert run(sounds, output, Second()).before == 6


def test_a_run_at_a_url_tells_of_itself_until_it_ends(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    output, now_s = open_folder(f"memory://{tmp_path.name}"), time.time()
    monkeypatch.setattr("sitwell.batch.alone.RENEWED_S", 0.001)
    told = set[float]()
    with alone(output):
        (name,) = output.names("running")
        end_s = time.monotonic() + 30
        while len(told) < 3 and time.monotonic() < end_s:
            told.add(json.loads(output.read(f"running/{name}"))["until_s"])
        assert len(told) == 3
        assert min(told) >= now_s + LEASE_S
    assert output.names("running") == []


def test_a_run_that_was_killed_keeps_others_out_for_a_while(tmp_path: Path) -> None:
    output = open_folder(f"memory://{tmp_path.name}")
    for content in (b"{", b"[]", b'{"until_s": 1.0}'):  # damaged, nonsense, long over
        output.write("running/other.json", content)
        with alone(output):
            pass
    told = {"host": "there", "process": 7, "until_s": time.time() + 60}
    output.write("running/other.json", json.dumps(told).encode())
    with (
        pytest.raises(OutputError, match=r"process 7 on there.*wait (60|59|58) s or remove .*running/other"),
        alone(output),
    ):
        pass
    assert output.names("running") == ["other.json"]


def test_of_runs_that_start_at_once_at_a_url_at_most_one_runs(tmp_path: Path) -> None:
    begin, inside, met = threading.Barrier(8), list[int](), list[int]()

    def work() -> None:
        begin.wait()
        with suppress(OutputError), alone(open_folder(f"memory://{tmp_path.name}")):
            inside.append(1)
            met.append(len(inside))
            time.sleep(0.05)
            inside.pop()

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(met) <= {1}


def _command(manifest: Path, output: Path | str) -> list[str]:
    return [sys.executable, "-m", "sitwell", "batch", str(manifest), "-o", str(output), "--workers", "2", "--json"]


def _start(manifest: Path, output: Path) -> subprocess.Popen[str]:
    return _started(_command(manifest, output))


def _started(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def _wait_for(output: Path, records: int, process: subprocess.Popen[str]) -> None:
    """Wait until a run has begun and so many takes are recorded, or it has ended."""
    while process.poll() is None:
        if (output / ".lock").exists() and len(list(output.glob("records/*/[!.]*.json"))) >= records:
            return
        time.sleep(0.01)


@pytest.mark.slow
def test_interrupted_and_killed_at_every_stage_all_is_there_once(
    sounds: Path, expected: dict[str, bytes], tmp_path: Path
) -> None:
    stages = [(signal.SIGINT, 0), (signal.SIGKILL, 1), (signal.SIGINT, 1), (signal.SIGKILL, 2)]
    for stop, records in stages:
        (tmp_path / ".lock").unlink(missing_ok=True)  # made anew when a run has begun
        process = _start(sounds, tmp_path)
        _wait_for(tmp_path, records, process)
        process.send_signal(stop)
        _, words = process.communicate(timeout=120)
        if stop == signal.SIGINT and process.returncode:
            assert process.returncode == 130, words
            assert "Traceback" not in words
            assert not list(tmp_path.rglob("*.tmp*"))
    process = _start(sounds, tmp_path)
    told, words = process.communicate(timeout=300)
    assert process.returncode == 0, words
    summary = json.loads(told)
    assert summary["done"] + summary["done_before"] == 6
    assert [record["id"] for record in results(tmp_path)] == [f"t{number}" for number in range(6)]
    assert outputs(tmp_path) == expected
    assert not list(tmp_path.rglob("*.tmp*"))


@pytest.mark.slow
def test_a_worker_that_is_killed_costs_one_more_try(sounds: Path, expected: dict[str, bytes], tmp_path: Path) -> None:
    process = _start(sounds, tmp_path)
    _wait_for(tmp_path, 1, process)
    for worker in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split():
        if "spawn_main" in Path(f"/proc/{worker}/cmdline").read_text():
            os.kill(int(worker), signal.SIGKILL)
            break
    told, words = process.communicate(timeout=300)
    assert process.returncode == 0, words
    assert json.loads(told)["done"] == 6
    assert outputs(tmp_path) == expected


def test_a_manifest_without_a_single_take_is_an_error(tmp_path: Path) -> None:
    from sitwell.batch import check_batch

    path = tmp_path / "m.jsonl"
    path.write_text("nonsense\n")
    with pytest.raises(InputError, match="batch.nothing"):
        check_batch(read_manifest(path))


@pytest.mark.slow
def test_interrupted_with_everything_in_an_object_store_all_is_there_once(
    sounds: Path, expected: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_bucket(monkeypatch) as url:
        manifest, output = _at(url, sounds, tmp_path), open_folder(f"{url}/out")
        command = [*_command(manifest, f"{url}/out"), "--root", f"{url}/in", "--catalog", f"{url}/catalog"]
        process = _started(command)
        while process.poll() is None and not _recorded(output):
            time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        _, words = process.communicate(timeout=120)
        assert process.returncode in (0, 130), words
        assert "Traceback" not in words
        assert output.names("running") == []
        process = _started(command)
        told, words = process.communicate(timeout=300)
        assert process.returncode == 0, words
        summary = json.loads(told)
        assert summary["done"] + summary["done_before"] == 6
        assert summary["done_before"] > 0
        records = [json.loads(line) for line in output.read("results.jsonl").splitlines()]
        assert [record["id"] for record in records] == [f"t{number}" for number in range(6)]
        assert {record["output"].rpartition("/")[2]: output.read(record["output"]) for record in records} == expected


def _at(url: str, sounds: Path, tmp_path: Path) -> Path:
    """Put the takes and a catalogue of the backings at a URL; gives a manifest of them."""
    root, catalogue = open_folder(f"{url}/in"), Catalogue.open(f"{url}/catalog")
    text = sounds.read_text()
    for path in sounds.parent.glob("take*.wav"):
        root.put(path.name, path)
    for path in sounds.parent.glob("backing*.wav"):
        catalogue.add(path)
        text = text.replace(path.name, f"catalog:{path.stem}")
    manifest = tmp_path / "manifest.jsonl"
    manifest.write_text(text)
    return manifest


def _recorded(output: Folder) -> list[str]:
    return [name for shard in output.names("records") for name in output.names(f"records/{shard}")]
