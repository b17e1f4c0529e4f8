"""Takes away from a process what decoding does not need; knows nothing of sound.

Three fences for Linux, each as far as the system has it: resource limits; namespaces without a network, where a
user may make them; Landlock (kernel 5.13 and later): only named files, no TCP, no signals to others. The fourth,
which system calls there are, is `seccomp`.
"""

import ctypes
import os
import resource
import signal
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

# linux/sched.h, linux/prctl.h, linux/landlock.h; the system calls have these numbers on every architecture.
_NEWUSER, _NEWNET, _NEWIPC = 0x10000000, 0x40000000, 0x08000000
_END_WITH_PARENT, _NO_NEW_PRIVILEGES = 1, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION, _PATH_BENEATH = 1, 1
_FILE_RIGHTS = {1: 0x1FFF, 2: 0x3FFF, 3: 0x7FFF, 4: 0x7FFF, 5: 0xFFFF}  # all there are in each version
_READ_FILE = 1 << 2
_READ_FOLDER = 1 << 3


def limit(*, memory_bytes: int, cpu_s: int, file_bytes: int) -> None:
    """Bound what this process may take: memory on top of what it has, seconds of CPU, bytes in one file."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_CPU, cpu_s, cpu_s + 2)  # SIGXCPU first, so that there is time to say why
    _lower(resource.RLIMIT_FSIZE, file_bytes)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory_bytes)


def end_with_parent() -> None:
    """Have this process killed when the one that forked it ends."""
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def leave_network() -> bool:
    """Move into namespaces that have no network; False where the system does not allow it."""
    return bool(ctypes.CDLL(None).unshare(_NEWUSER | _NEWNET | _NEWIPC) == 0)


def landlock_version() -> int:
    """Tell the version of Landlock; 0 where there is none. TCP is fenced from 4, signals from 6."""
    return max(0, int(_syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _ASK_VERSION)))


def only_files(readable: Iterable[Path]) -> bool:
    """Allow no files to be opened but these, and those in these folders, to read; False without Landlock."""
    version = landlock_version()
    if version == 0:
        return False
    files = _FILE_RIGHTS[min(version, 5)]
    words = (files, 0b11 if version >= 4 else 0, 0b11 if version >= 6 else 0)  # files, TCP, sockets and signals
    rules = struct.pack("=3Q", *words)[: 8 if version < 4 else 16 if version < 6 else 24]
    ruleset = _syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0)
    if ruleset < 0:
        return False
    for path in readable:
        _allow(ruleset, path, _READ_FILE)
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    fenced = _syscall(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return fenced


def _lower(what: int, soft: int, hard: int | None = None) -> None:
    """Set a limit, never above one that is there already."""
    _, highest = resource.getrlimit(what)
    ends = [soft, hard or soft]
    if highest != resource.RLIM_INFINITY:
        ends = [min(end, highest) for end in ends]
    resource.setrlimit(what, (ends[0], ends[1]))


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (OSError, ValueError):  # it is not there: reading it will say so
        return
    if stat.S_ISDIR(os.fstat(handle).st_mode):
        rights |= _READ_FOLDER
    _syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, handle), 0)
    os.close(handle)


def _syscall(number: int, *arguments: object) -> int:
    return int(ctypes.CDLL(None).syscall(ctypes.c_long(number), *arguments))
