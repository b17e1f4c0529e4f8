"""Behind the filter no socket, program or process can be made and no other process touched; threads may start."""

import errno
import re
import struct
import sys
from pathlib import Path

import pytest

from sitwell.io import seccomp
from tests.io.sounds import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the filter is one of Linux")

ME = 4711
EPERM, ENOSYS, ALLOWED = 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS, 0x7FFF0000
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
BITS_32 = {"x86_64": 0x40000003, "aarch64": 0x40000028}  # i386 by int 0x80, and ARM
NEEDED = {"read": (0, 63), "write": (1, 64), "mmap": (9, 222), "futex": (202, 98), "exit_group": (231, 94)}
THREAD = 0x3D0F00  # the flags with which glibc starts one
MACHINES = pytest.mark.parametrize(("column", "machine"), list(enumerate(ARCHITECTURES)))
HEADERS = {"x86_64": "x86_64-linux-gnu/asm/unistd_64.h", "aarch64": "asm-generic/unistd.h"}


def judged(machine: str, number: int, argument: int = 0, *, architecture: int | None = None) -> int:
    """Run the filter as the kernel would: what becomes of a system call."""
    program = seccomp.program(machine, ME)
    call = struct.pack("<IIQ6Q", number, architecture or ARCHITECTURES[machine], 0, argument, *[0] * 5)
    at = held = 0
    while True:
        code, if_true, if_false, value = struct.unpack_from("=HBBI", program, 8 * at)
        at += 1
        match code:
            case 0x20:
                held = struct.unpack_from("<I", call, value)[0]
            case 0x06:
                return int(value)
            case _:
                truth = {0x15: held == value, 0x35: held >= value, 0x45: held & value != 0}[code]
                at += if_true if truth else if_false


@MACHINES
def test_what_is_listed_is_denied_and_what_decoding_needs_is_not(column: int, machine: str) -> None:
    for name, numbers in seccomp.DENIED.items():
        number = numbers[column]
        assert number is None or judged(machine, number) == EPERM, name
    for name, needed in NEEDED.items():
        assert judged(machine, needed[column]) == ALLOWED, name


@MACHINES
def test_threads_may_start_and_processes_may_not(column: int, machine: str) -> None:
    clone = seccomp.CLONE[column]
    assert judged(machine, clone, THREAD) == ALLOWED
    assert judged(machine, clone, 17) == EPERM  # SIGCHLD: a fork
    assert judged(machine, 435) == ENOSYS  # clone3, whose flags no filter can see: libraries take clone then


@MACHINES
def test_only_the_process_itself_gets_signals(column: int, machine: str) -> None:
    for name in ("kill", "tgkill"):
        number = seccomp.TO_ITSELF[name][column]
        assert judged(machine, number, ME) == ALLOWED
        for other in (0, 1, ME + 1, 2**32 - 1):  # its group, init, a neighbour, everybody
            assert judged(machine, number, other) == EPERM
    limits = seccomp.OF_ITSELF["prlimit64"][column]
    assert (judged(machine, limits, 0), judged(machine, limits, 1)) == (ALLOWED, EPERM)


@MACHINES
def test_other_tables_of_calls_are_no_way_around(column: int, machine: str) -> None:
    socket = seccomp.DENIED["socket"][column]
    assert socket is not None
    assert judged(machine, 2**30 + socket) == ENOSYS  # x32
    assert judged(machine, 2**32 - 1) == ENOSYS
    for number in range(450):
        assert judged(machine, number, architecture=BITS_32[machine]) == EPERM


@MACHINES
def test_the_numbers_are_those_of_the_kernel(column: int, machine: str) -> None:
    header = Path("/usr/include", HEADERS[machine])
    if not header.exists():
        pytest.skip("the headers of that machine's kernel are not here")
    found = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)\b", header.read_text()))
    listed = seccomp.DENIED | seccomp.TO_ITSELF | seccomp.OF_ITSELF | NEEDED | {"clone": seccomp.CLONE}
    wrong = {name for name, numbers in listed.items() if found.get(name) != _text(numbers[column])}
    assert wrong == set()


def _text(number: int | None) -> str | None:
    return None if number is None else str(number)


ATTEMPTS = """
import ctypes, errno, os, platform, resource, socket, subprocess, sys, threading
from sitwell.io import seccomp
if not seccomp.forbid():
    print("no filter"); sys.exit()
kept = ctypes.CDLL(None, use_errno=True)
def call(name, *arguments):
    number = seccomp.DENIED[name][platform.machine() == "aarch64"]
    if kept.syscall(ctypes.c_long(number), *map(ctypes.c_long, arguments)) < 0:
        raise OSError(ctypes.get_errno(), "")
other = os.getppid()
attempts = {
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
    "tcp": lambda: socket.socket(socket.AF_INET6, socket.SOCK_STREAM),
    "unix": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW),
    "socketpair": socket.socketpair,
    "exec": lambda: os.execv(sys.executable, ["python", "-c", "print('started')"]),
    "spawn": lambda: os.posix_spawn(sys.executable, ["python", "-c", "print('started')"], {}),
    "subprocess": lambda: subprocess.run([sys.executable, "-c", "print('started')"]),
    "fork": lambda: os.fork() or os._exit(0),
    "signal": lambda: os.kill(other, 0),
    "group": lambda: os.kill(0, 0),
    "limits": lambda: resource.prlimit(other, resource.RLIMIT_NOFILE),
    "pidfd": lambda: os.pidfd_open(other),
    "affinity": lambda: os.sched_setaffinity(other, {0}),
    "ptrace": lambda: call("ptrace", 16, other, 0, 0),
    "memory": lambda: call("process_vm_readv", other, 0, 0, 0, 0, 0),
    "bpf": lambda: call("bpf", 5, 0, 0),
    "keyctl": lambda: call("keyctl", 0, -3, 0),
    "userfaultfd": lambda: call("userfaultfd", 1),
    "perf": lambda: call("perf_event_open", 0, 0, -1, -1, 0),
    "unshare": lambda: call("unshare", 0),
    "mount": lambda: call("mount", 0, 0, 0, 0, 0),
}
for name, attempt in attempts.items():
    try:
        attempt(); print(name, "done")
    except OSError as error:
        print(name, errno.errorcode[error.errno])
os.kill(os.getpid(), 0)
thread = threading.Thread(target=print, args=("thread",)); thread.start(); thread.join()
"""


def test_behind_the_filter_nothing_can_be_made_started_or_touched() -> None:
    told = run_python(ATTEMPTS).stdout.splitlines()
    if told == ["no filter"]:
        pytest.skip("this system has no filters of system calls")
    assert told[-1] == "thread"
    found = dict(line.split() for line in told[:-1])
    assert len(found) == ATTEMPTS.count("lambda:") + 1
    assert found == dict.fromkeys(found, "EPERM") | {"pidfd": "ENOSYS"}
