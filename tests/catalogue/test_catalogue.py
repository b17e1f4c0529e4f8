"""The catalogue: what is kept comes back, nothing is lost when many work at once, ids stay inside."""

import io
import json
import multiprocessing
import pickle
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies

import sitwell
from sitwell.analysis import Track, measure_track, sketch
from sitwell.catalogue import Cache, Catalogue, Entry, pack
from sitwell.errors import InputError, SitwellError
from sitwell.io import open_writer
from tests.analysis.test_sketch import same
from tests.songs import band, song, voice
from tests.stores import s3_bucket

_SPAWN = multiprocessing.get_context("spawn")


def write(path: Path, seconds: float = 4.0, *, seed: int = 1, sample_rate: int = 44100) -> Path:
    with open_writer(path, sample_rate=sample_rate, bit_depth="16") as writer:
        for block in band(seconds, sample_rate, seed=seed).blocks():
            writer.write(block)
    return path


@pytest.fixture(scope="module")
def backing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("sounds") / "Ünser Lied 1.wav")


@pytest.fixture(params=["disk", "memory"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Catalogue:
    if request.param == "memory":
        pytest.importorskip("fsspec")
        return Catalogue.open(f"memory://{tmp_path.name}", cache=Cache(tmp_path / "cache"))
    return Catalogue.open(tmp_path / "catalog")


def test_what_is_added_is_found_listed_and_removed(catalogue: Catalogue, backing: Path) -> None:
    added = catalogue.add(backing, id="one")
    found = catalogue.get("one")
    assert found.record == added.record
    assert found.path().read_bytes() == backing.read_bytes()
    measured = sketch(measure_track(sitwell.read(backing)))
    track = found.track(44100)
    assert track is not None
    assert same(track, measured)
    assert [entry.id for entry in catalogue.list()] == ["one"]
    catalogue.remove("one")
    assert list(catalogue.list()) == []
    with pytest.raises(InputError, match="catalog.unknown"):
        catalogue.get("one")


def test_nothing_is_left_of_what_was_removed(tmp_path: Path, backing: Path) -> None:
    catalogue = Catalogue.open(tmp_path / "catalog")
    catalogue.add(backing, id="one")
    catalogue.remove("one")
    assert [path for path in (tmp_path / "catalog").rglob("*") if path.is_file()] == []


def test_a_mix_over_a_catalogued_backing_is_the_mix_over_its_file(catalogue: Catalogue, backing: Path) -> None:
    entry = catalogue.add(backing, id="one")
    take = voice(4.0, 44100)
    direct, kept = sitwell.mix(take, backing), sitwell.mix(take, entry)
    assert direct.plan == kept.plan
    assert direct.audio is not None
    assert kept.audio is not None
    assert np.array_equal(direct.audio.samples, kept.audio.samples)


def test_a_take_at_a_higher_rate_is_measured_once(
    catalogue: Catalogue, backing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry, take = catalogue.add(backing, id="one"), voice(4.0, 48000)
    direct = sitwell.mix(take, backing).plan
    assert entry.track(48000) is None
    assert sitwell.mix(take, entry).plan == direct
    assert entry.track(48000) is not None

    def measure(*_: object, **__: object) -> None:
        raise AssertionError("measured again")

    monkeypatch.setattr("sitwell.pipeline.stems.sketch", measure)
    assert sitwell.mix(take, entry).plan == direct


def test_an_id_is_taken_until_it_is_replaced(catalogue: Catalogue, backing: Path, tmp_path: Path) -> None:
    first = catalogue.add(backing, id="one")
    assert catalogue.add(backing, id="one").record == first.record
    other = write(tmp_path / "other.wav", seed=2)
    with pytest.raises(InputError, match="catalog.taken"):
        catalogue.add(other, id="one")
    assert catalogue.get("one").record == first.record
    second = catalogue.add(other, id="one", replace=True)
    assert catalogue.get("one").path().read_bytes() == other.read_bytes()
    assert not catalogue.place.exists(first.record.folder)
    assert [finding.problems for finding in catalogue.verify()] == [()]
    assert second.record.sha256 != first.record.sha256


def test_a_link_keeps_no_copy_and_notices_a_change(catalogue: Catalogue, backing: Path, tmp_path: Path) -> None:
    there = tmp_path / "linked.wav"
    there.write_bytes(backing.read_bytes())
    entry = catalogue.add(there, id="linked", link=True)
    assert entry.path() == there
    assert len(catalogue.place.names(entry.record.folder)) == 1
    there.write_bytes(backing.read_bytes() + b"\0\0")
    with pytest.raises(InputError, match="catalog.changed"):
        entry.path()
    there.unlink()
    with pytest.raises(InputError, match="catalog.sound_missing"):
        entry.path()


def test_verify_tells_what_is_wrong_and_repairs_what_can_be(catalogue: Catalogue, backing: Path) -> None:
    for name in ("whole", "unmeasured", "broken"):
        catalogue.add(backing, id=name)
    folder = {entry.id: entry.record.folder for entry in catalogue.list()}
    for name in catalogue.place.names(folder["unmeasured"]):
        if name.startswith("analysis"):
            catalogue.place.write(f"{folder['unmeasured']}/{name}", b"nonsense")
    content = bytearray(backing.read_bytes())
    content[5000] ^= 1
    catalogue.place.write(f"{folder['broken']}/sound.wav", bytes(content))
    codes = {finding.id: [problem.code for problem in finding.problems] for finding in catalogue.verify()}
    assert codes == {"broken": ["catalog.changed"], "unmeasured": ["catalog.not_measured"], "whole": []}
    repaired = {finding.id for finding in catalogue.verify(repair=True) if finding.repaired}
    assert repaired == {"unmeasured"}
    assert [finding.id for finding in catalogue.verify() if finding.problems] == ["broken"]


HOSTILE = ["..", "../x", "/etc", "a/b", "a\\b", "", "a.", "a\n", "a\0", "ä", "x" * 129]


@hypothesis.given(strategies.text(max_size=140) | strategies.sampled_from(HOSTILE))
@hypothesis.settings(max_examples=200)
def test_ids_cannot_leave_their_root(name: str) -> None:
    allowed = 1 <= len(name) <= 128 and name.isascii() and all(c.isalnum() or c in "_-" for c in name)
    catalogue = Catalogue.open("/nonexistent/catalog")
    for call in (catalogue.get, catalogue.remove, lambda id: catalogue.add("/nonexistent/file", id=id)):
        with pytest.raises(InputError) as caught:
            call(name)
        assert (caught.value.code == "catalog.id") != allowed


def test_a_record_that_points_outside_is_refused(tmp_path: Path, backing: Path) -> None:
    catalogue = Catalogue.open(tmp_path / "catalog")
    catalogue.add(backing, id="one")
    record = tmp_path / "catalog" / "ids" / "one.json"
    told = json.loads(record.read_text())
    for change in ({"folder": "../../elsewhere"}, {"folder": "/etc"}, {"sound": "../../secret"}, {"size": "x"}):
        record.write_text(json.dumps(told | change))
        with pytest.raises(InputError, match="catalog.damaged"):
            catalogue.get("one")
    record.write_text("{")
    with pytest.raises(InputError, match="catalog.damaged"):
        catalogue.get("one")


def test_distant_sounds_are_kept_in_a_folder_of_ones_own(
    tmp_path: Path, backing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("fsspec")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    Catalogue.open(f"memory://{tmp_path.name}").add(backing, id="one")
    for _ in range(2):  # the second time it is there already
        kept = Catalogue.open(f"memory://{tmp_path.name}").get("one").path()
        assert kept.read_bytes() == backing.read_bytes()
        assert kept.parent.stat().st_mode & 0o077 == 0
        kept.unlink()
    kept.parent.rmdir()
    kept.parent.symlink_to(tmp_path)
    with pytest.raises(sitwell.OutputError, match="is somebody else's"):
        Catalogue.open(f"memory://{tmp_path.name}").get("one").path()


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("run",))


def _npz(**files: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(f"{name}.npy", content)
    return held.getvalue()


def test_a_damaged_or_hostile_analysis_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    good = pack.pack(sketch(measure_track(band(2.0, 44100))))
    pickled = io.BytesIO()
    np.save(pickled, np.array([_Trap()], dtype=object), allow_pickle=True)
    zeros = b"\x93NUMPY\x01\x00\x36\x00" + b"{'descr': '|u1', 'fortran_order': False, 'shape': (9,)}".ljust(53) + b"\n"
    bomb = _npz(figures=zeros + bytes(80 * 2**20))
    cases = [b"", b"x", good[:500], good[:-30], _npz(), _npz(figures=pickled.getvalue()), pickle.dumps(1), bomb]
    cases += [bytes(good[:at] + bytes([good[at] ^ 255]) + good[at + 1 :]) for at in range(60, len(good) - 1, 997)]
    refused = 0
    for content in cases:
        try:
            pack.unpack(content, "there")
        except InputError as error:
            assert error.code == "catalog.damaged"  # noqa: PT017
            refused += 1
    assert refused == len(cases)
    assert "run" not in capsys.readouterr().out


def _add(url: str, sound: str, name: str, begin: Any, results: "multiprocessing.Queue[str]") -> None:
    """Add a backing in a process of its own; all publish at the same moment."""
    written = Entry.write

    def write(entry: Entry, track: Track) -> None:
        written(entry, track)
        begin.wait(120)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Entry, "write", write)
        try:
            results.put(Catalogue.open(url).add(sound, id=name).record.folder)
        except SitwellError as error:
            results.put(error.code)


@pytest.mark.parametrize("kind", ["disk", "s3"])
def test_of_many_who_add_one_id_at_once_one_wins_and_all_see_it(
    kind: str, tmp_path: Path, backing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with s3_bucket(monkeypatch) if kind == "s3" else nullcontext(str(tmp_path)) as place:
        url, other = f"{place}/catalog", write(tmp_path / "other.wav", seed=5)
        results, sounds = _SPAWN.Queue(), [backing, other] * 2
        begin = _SPAWN.Barrier(len(sounds))
        workers = [
            _SPAWN.Process(target=_add, args=(url, str(sound), "one", begin, results)) for sound in sounds
        ]  # fmt: skip
        for worker in workers:
            worker.start()
        found = sorted(results.get(timeout=120) for _ in workers)
        for worker in workers:
            worker.join()
        catalogue = Catalogue.open(url)
        winner = catalogue.get("one").record.folder
        assert found == sorted([winner] * 2 + ["catalog.taken"] * 2)
        assert [finding.problems for finding in catalogue.verify()] == [()]
        assert catalogue.place.names("tracks") == [winner.removeprefix("tracks/")]


def test_a_failed_add_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_bytes(b"RIFF")
    catalogue = Catalogue.open(tmp_path / "catalog")
    with pytest.raises(SitwellError):
        catalogue.add(tmp_path / "bad.wav")
    with pytest.raises(InputError, match="file.not_found"):
        catalogue.add(tmp_path / "none.wav")
    assert not (tmp_path / "catalog").exists()


def test_a_catalogue_that_may_not_be_written_is_still_used(
    tmp_path: Path, backing: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = Catalogue.open(tmp_path / "catalog")
    entry = catalogue.add(backing, id="one")

    def refuse(*_: object) -> None:
        raise sitwell.OutputError("output.not_writable", "read-only")

    monkeypatch.setattr(type(catalogue.place), "write", refuse)
    assert sitwell.mix(song(4.0, 48000)[0], entry).plan.vocal
    assert entry.track(48000) is None


def test_an_unknown_kind_of_url_is_told() -> None:
    with pytest.raises(sitwell.CodecError, match="storage.extra"):
        Catalogue.open("nosuch://bucket/catalog")
