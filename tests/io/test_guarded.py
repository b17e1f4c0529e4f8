"""Reading in a confined process: the same sound and the same errors as without, and nothing gets out."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sitwell import io
from sitwell.audio import Audio
from sitwell.errors import InputError, SitwellError
from sitwell.io.guarded import Guard, Limits
from tests.io import hostile
from tests.io.sounds import convert, cut, noise, run_python, save, tone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="files are confined on Linux only")


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    with Guard() as started:
        yield started


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Half an hour of silence in a small file; to bring it to 192 kHz takes many seconds."""
    return hostile.silence_bomb(tmp_path_factory.mktemp("long") / "a.flac", seconds=1700)


def outcome(read: object, *arguments: object, **options: object) -> Audio | tuple[str, str]:
    """The sound, or the kind and code of the error."""
    try:
        sound = read(*arguments, **options)  # type: ignore[operator]
    except SitwellError as error:
        return type(error).__name__, error.code
    assert isinstance(sound, Audio)
    return sound


def assert_same(found: Audio | tuple[str, str], wanted: Audio | tuple[str, str]) -> None:
    if isinstance(wanted, tuple) or isinstance(found, tuple):
        assert found == wanted
        return
    assert (found.sample_rate, found.name, found.notices) == (wanted.sample_rate, wanted.name, wanted.notices)
    assert np.array_equal(found.samples, wanted.samples)


@pytest.mark.parametrize("suffix", [".wav", ".aiff", ".caf", ".flac", ".ogg", ".opus", ".mp3", ".rf64"])
@pytest.mark.parametrize("rate", [None, 48000])
def test_a_file_sounds_as_it_does_unguarded(guard: Guard, tmp_path: Path, suffix: str, rate: int | None) -> None:
    path = save(tmp_path / f"a{suffix}", tone(0.7), rate=48000)
    assert_same(guard.read(path, sample_rate=rate), io.read(path, sample_rate=rate))
    assert guard.probe(path) == io.probe(path)


@pytest.mark.parametrize("channels", [1, 6])
def test_mono_and_surround_come_out_as_unguarded(guard: Guard, tmp_path: Path, channels: int) -> None:
    path = save(tmp_path / "a.wav", noise(0.5, channels=channels))
    assert_same(guard.read(path), io.read(path))


def test_m4a_is_decoded_behind_the_fence(guard: Guard, tmp_path: Path, ffmpeg: str) -> None:
    path = convert(ffmpeg, save(tmp_path / "a.wav", tone(0.5)), tmp_path / "a.m4a")
    assert_same(guard.read(path), io.read(path))


def test_mp3_without_a_length_is_decoded_behind_the_fence_to_its_end(guard: Guard, tmp_path: Path, ffmpeg: str) -> None:
    sound = save(tmp_path / "a.wav", np.concatenate([noise(2, level=0.3), tone(8, level=0.01)], axis=1))
    options = ("-c:a", "libmp3lame", "-q:a", "4", "-write_xing", "0")  # which needs a copy in a temporary file
    path = convert(ffmpeg, sound, tmp_path / "a.mp3", *options)
    assert_same(guard.read(path), io.read(path))


def test_a_long_sound_is_not_copied_into_memory(guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sitwell.io.spool.MEMORY_BYTES", 2**20)
    path = save(tmp_path / "a.flac", np.tile(noise(1.0, rate=8000), 200), rate=8000)
    sound = guard.read(path)
    assert sound.release is not None
    assert_same(replace(sound, release=None), io.read(path))


@pytest.mark.parametrize("name", hostile.HEADERS)
def test_a_hostile_header_gives_the_error_it_gives_unguarded(guard: Guard, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(hostile.HEADERS[name])
    found = outcome(guard.read, tmp_path / name)
    assert isinstance(found, tuple)
    assert found[1] in {"audio.unreadable", "audio.truncated", "audio.unsupported", "audio.empty", "audio.limits"}
    if name != "greedy tables.m4a":  # which only the guard may be given
        assert found == outcome(io.read, tmp_path / name)


@pytest.mark.parametrize("path", ["nothing.wav", "a\0b.wav", ".", "a.wav/b.wav"])
def test_what_is_no_file_gives_the_same_error(guard: Guard, tmp_path: Path, path: str) -> None:
    save(tmp_path / "a.wav", tone(0.1))
    assert outcome(guard.read, tmp_path / path) == outcome(io.read, tmp_path / path)


def test_damaged_files_end_in_sound_or_in_one_of_our_errors(tmp_path: Path) -> None:
    rng = np.random.default_rng(11)
    (tmp_path / "good").mkdir()
    with Guard(Limits(max_seconds=60, cpu_s=10, clock_s=30)) as guard:
        for good in hostile.samples(tmp_path / "good"):
            for turn in range(12):
                path = tmp_path / f"{turn}{good.suffix}"
                path.write_bytes(hostile.mutated(good.read_bytes(), rng))
                found = outcome(guard.read, path)
                if isinstance(found, tuple):
                    assert found[1].startswith("audio."), path
                else:
                    assert np.isfinite(found.samples).all(), path


def test_a_file_cut_off_anywhere_is_told(guard: Guard, tmp_path: Path, ffmpeg: str) -> None:
    whole = convert(ffmpeg, save(tmp_path / "a.wav", tone(2)), tmp_path / "a.m4a")
    with pytest.raises(InputError, match=r"audio\.(truncated|unreadable)"):
        guard.read(cut(whole, 0.6))


def test_the_error_names_the_sound_and_not_our_folders(guard: Guard, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        guard.read(cut(save(tmp_path / "a.wav", tone(1)), 0.5), name="Élise 🎤.wav")
    assert caught.value.message.startswith("Élise 🎤.wav: cut off")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("says", [None, 0, 8000], ids=["honest", "unknown length", "one second"])
def test_hours_of_silence_in_a_few_kilobytes_are_refused(tmp_path: Path, says: int | None) -> None:
    bomb = hostile.silence_bomb(tmp_path / "a.flac", seconds=3600, says=says)
    assert bomb.stat().st_size < 150_000
    with Guard(Limits(max_seconds=60)) as guard:
        found = outcome(guard.read, bomb)
    if says == 8000:  # what the header promises is all that is read
        assert isinstance(found, Audio)
        assert found.seconds <= 60
    else:
        assert found == ("InputError", "audio.too_long")


def test_a_file_that_is_too_big_is_not_opened(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", tone(1))
    with Guard(Limits(file_bytes=10_000)) as guard, pytest.raises(InputError, match=r"audio\.limits"):
        guard.read(path)


def test_too_much_cpu_time_is_refused(long: Path) -> None:
    with Guard(Limits(cpu_s=1)) as guard, pytest.raises(InputError, match=r"audio\.limits"):
        guard.read(long, sample_rate=192_000)


def test_too_much_time_by_the_clock_is_refused_and_the_process_ended(long: Path) -> None:
    with Guard(Limits(clock_s=0.2)) as guard, pytest.raises(InputError, match=r"audio\.limits"):
        guard.read(long, sample_rate=192_000)


def test_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", noise(3, channels=8))
    with Guard(Limits(memory_bytes=2**20)) as guard, pytest.raises(InputError, match=r"audio\.(limits|unreadable)"):
        guard.read(path)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def decoder_of(guard: Guard) -> int:
    assert guard._decoder is not None
    return guard._decoder.pid


def test_a_decoder_that_crashes_makes_the_file_unreadable_and_the_next_is_read(tmp_path: Path, long: Path) -> None:
    with Guard() as guard:

        def crash(_share: float) -> None:
            for child in children(decoder_of(guard)):
                os.kill(child, signal.SIGSEGV)

        with pytest.raises(InputError, match=r"audio\.unreadable"):
            guard.read(long, sample_rate=192_000, progress=crash)
        assert guard.read(save(tmp_path / "b.wav", tone(0.1))).seconds == pytest.approx(0.1)


def test_the_process_that_decodes_is_started_again_when_it_has_died(tmp_path: Path) -> None:
    path = save(tmp_path / "a.wav", tone(0.1))
    with Guard() as guard:
        guard.read(path)
        killed = decoder_of(guard)
        os.kill(killed, signal.SIGKILL)
        deadline = time.monotonic() + 30
        while Path(f"/proc/{killed}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
            assert time.monotonic() < deadline
            time.sleep(0.01)
        assert guard.read(path).seconds == pytest.approx(0.1)


def test_who_is_interrupted_while_asking_does_not_get_the_answer_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_text: str) -> object:
        raise Stop

    path = save(tmp_path / "a.wav", tone(0.1))
    with Guard() as guard:
        guard.read(path)
        first = decoder_of(guard)
        with monkeypatch.context() as patch:
            patch.setattr("sitwell.io.decoder_process.json.loads", interrupted)
            with pytest.raises(Stop):
                guard.read(path)
        assert guard.read(path).seconds == pytest.approx(0.1)
        assert decoder_of(guard) != first  # which would be one answer late


READS = """
import sys
from pathlib import Path
from sitwell import io
with io.Guard() as guard:
    guard.read(sys.argv[1], sample_rate=192_000, progress=lambda _: print(guard._decoder.pid, flush=True))
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_what_decodes_ends_with_its_owner_and_leaves_nothing(tmp_path: Path, long: Path, how: signal.Signals) -> None:
    env = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", READS, long], stdout=subprocess.PIPE, env=env) as owner:
        assert owner.stdout is not None
        decoder = int(owner.stdout.readline())
        left = [decoder, *children(decoder)]
        assert len(left) == 2
        os.kill(decoder, signal.SIGTERM)  # as systemd sends to all of a service: its owner decides
        owner.send_signal(how)
        owner.communicate()
    deadline = time.monotonic() + 30
    while any(map(runs, left)) or list(tmp_path.iterdir()):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


HONEST = {"sizes": {"channels": 2, "capacity": 10, "length": 10}, "sample_rate": 8000, "notices": []}


@pytest.mark.parametrize(
    "lie",
    [
        {"sizes": {"channels": 3, "capacity": 10, "length": 10}},
        {"sizes": {"channels": 2, "capacity": 10, "length": 11}},
        {"sizes": {"channels": 2, "capacity": 2**50, "length": 1}},
        {"sizes": {"channels": 2, "capacity": 10, "length": 10, "file": "/etc/passwd"}},
        {"sizes": "all"},
        {"sample_rate": "8000"},
        {"sample_rate": 1},
        {"notices": "none"},
        {"error": "SystemExit", "code": "x", "message": "y"},
        {"rubbish": 1},
    ],
)
def test_what_a_process_that_was_taken_over_might_answer_is_not_believed(
    tmp_path: Path, lie: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = lie if {"error", "rubbish"} & lie.keys() else HONEST | lie
    monkeypatch.setattr("sitwell.io.guarded.messages", lambda *_: iter([answer]))
    with Guard() as guard, pytest.raises(InputError):
        guard.read(save(tmp_path / "a.wav", tone(0.1)))


class Stop(Exception):  # noqa: N818
    pass


def test_who_stops_listening_ends_the_decoding(long: Path) -> None:

    def stop(_share: float) -> None:
        raise Stop

    with Guard() as guard:
        with pytest.raises(Stop):
            guard.read(long, sample_rate=192_000, progress=stop)
        deadline = time.monotonic() + 30
        while children(decoder_of(guard)):
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_a_decoding_process_is_fenced_in_as_is_said(long: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SITWELL_SECRET", "1")
    seen: list[dict[str, object]] = []
    with Guard(Limits(memory_bytes=300 * 2**20, cpu_s=77)) as guard:

        def look(_share: float) -> None:
            child = Path(f"/proc/{children(decoder_of(guard))[0]}")
            limits = {line[:26].strip(): line[26:].split()[0] for line in (child / "limits").read_text().splitlines()}
            status = dict(line.split(":\t", 1) for line in (child / "status").read_text().splitlines())
            filtered = [int(text.partition("Seccomp_filters:")[2].split()[0]) for text in (
                (child / "status").read_text(), Path("/proc/self/status").read_text()
            )]  # fmt: skip
            alone = os.readlink(child / "ns/net") != os.readlink("/proc/self/ns/net")
            seen.append(
                {
                    "network": alone or filtered[0] > filtered[1],
                    "calls": filtered[0] > filtered[1],
                    "files": status["NoNewPrivs"] == "1",
                    "cpu": limits["Max cpu time"],
                    "memory": limits["Max address space"] != "unlimited",
                    "secrets": b"SITWELL_SECRET" in (child / "environ").read_bytes(),
                }
            )
            raise Stop

        with pytest.raises(Stop):
            guard.read(long, sample_rate=192_000, progress=look)
        said = guard.enforced
    told = {name: said[name] for name in ("network", "calls", "files")}
    assert seen == [told | {"cpu": "77", "memory": True, "secrets": False}]


def fenced(code: str, *arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    one_thread = "import os; os.environ['OPENBLAS_NUM_THREADS'] = '1'"  # with more nobody may make a namespace
    libraries = "import socket, sys, time\nfrom pathlib import Path\nfrom sitwell.io import confine, seccomp"
    return run_python(f"{one_thread}\n{libraries}\n{code}", *arguments)


def test_a_process_that_hangs_ends_with_the_one_that_forked_it() -> None:
    code = """
ready, told = os.pipe()
if os.fork() == 0:
    confine.end_with_parent()
    os.write(told, b"1"); time.sleep(600)  # and holds stdout open, which whoever started us waits for
os.read(ready, 1); print("forked")
"""
    assert fenced(code).stdout.strip() == "forked"


def test_behind_the_fence_no_other_file_can_be_opened(tmp_path: Path) -> None:
    for name in ("allowed", "secret"):
        (tmp_path / name).write_text(name)
    code = """
folder = Path(sys.argv[1])
if not confine.only_files([folder / "allowed"]):
    print("no Landlock"); sys.exit()
def attempt(name, mode):
    try:
        open(folder / name, mode).close(); print("opened", name, mode)
    except PermissionError:
        print("refused", name, mode)
attempt("allowed", "r"); attempt("allowed", "a"); attempt("secret", "r"); attempt("new", "w")
"""
    told = fenced(code, tmp_path).stdout.splitlines()
    if told == ["no Landlock"]:
        pytest.skip("this kernel has no Landlock")
    assert told == ["opened allowed r", "refused allowed a", "refused secret r", "refused new w"]


FENCES = ["confine.leave_network()", "confine.only_files([])", "seccomp.forbid()"]


@pytest.mark.parametrize("fence", FENCES)
def test_behind_the_fence_nobody_can_be_reached(fence: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        code = f"""
if not {fence} or ("only" in {fence!r} and confine.landlock_version() < 4):
    print("no fence"); sys.exit()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5); print("reached")
except OSError:
    print("refused")
"""
        told = fenced(code, str(server.getsockname()[1])).stdout.strip()
    if told == "no fence":
        pytest.skip("this system does not offer this fence")
    assert told == "refused"


def test_behind_the_fence_memory_and_files_have_an_end(tmp_path: Path) -> None:
    code = """
confine.limit(memory_bytes=64 << 20, cpu_s=60, file_bytes=1 << 20)
try:
    bytearray(128 << 20); print("memory")
except MemoryError:
    pass
with open(sys.argv[1], "wb", buffering=0) as file:
    try:
        while file.write(bytes(1 << 18)):
            pass
    except OSError:
        print(file.tell())
"""
    assert fenced(code, tmp_path / "big").stdout.strip() == str(1 << 20)


def test_a_decoder_whose_owner_has_gone_before_it_is_there_ends_without_a_word() -> None:
    owner, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    owner.close()
    with theirs:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "sitwell.io.decoder"], stdin=theirs.fileno(), capture_output=True, timeout=60,
            check=False,
        )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
