"""Takes away from a process the system calls that decoding does not need: a filter in the kernel (seccomp).

It lists what is denied, not what is allowed. Decoding is Python, libsndfile and FFmpeg on whatever C library is there:
a list of all they call would break with the next version of one of them, and for some files only. A list of denials is
short, and it does not age, since every call that is newer than 2019 (numbers from 424 on, the same on all machines) is
as if it were not there: C libraries then do without, as on an older kernel. So io_uring, pidfd and clone3 need no line,
x32's numbers on x86_64 (from 2**30 on) are none, and what a later kernel brings is denied already. What is denied by
name gives EPERM. Threads may start, processes may not.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

# linux/audit.h, linux/bpf_common.h, linux/seccomp.h, linux/prctl.h, linux/sched.h
_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_CALL, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # where in seccomp_data; both machines are little endian
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_DENY, _ABSENT = _FAIL | errno.EPERM, _FAIL | errno.ENOSYS
_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_THREAD = 0x00010000  # CLONE_THREAD
_NEWER = 424

DENIED = {  # name: its number on x86_64 and on aarch64
    "socket": (41, 198), "socketpair": (53, 199),  # the one it has stays
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "tkill": (200, 130), "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
    "setpriority": (141, 140), "ioprio_set": (251, 30), "sched_setparam": (142, 118), "sched_setattr": (314, 274),
    "sched_setscheduler": (144, 119), "sched_setaffinity": (203, 122),
    "migrate_pages": (256, 238), "move_pages": (279, 239),
    "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "unshare": (272, 97), "setns": (308, 268), "chroot": (161, 51), "pivot_root": (155, 41),
    "mount": (165, 40), "umount2": (166, 39), "swapon": (167, 224), "swapoff": (168, 225), "quotactl": (179, 60),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265), "fanotify_init": (300, 262),
    "bpf": (321, 280), "userfaultfd": (323, 282), "perf_event_open": (298, 241), "personality": (135, 92),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142), "acct": (163, 89),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171),
    "sethostname": (170, 161), "setdomainname": (171, 162), "vhangup": (153, 58), "syslog": (103, 116),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None),
}  # fmt: skip
CLONE = (56, 220)
TO_ITSELF = {"kill": (62, 129), "tgkill": (234, 131)}  # allowed when its first argument is the process itself,
OF_ITSELF = {"prlimit64": (302, 261)}  # or 0, which means the same here


def available() -> bool:
    """Tell whether this system has such filters, for a machine whose numbers are known here."""
    return _machine() is not None and _filter(None) == errno.EFAULT  # EINVAL where there are none


def forbid() -> bool:
    """Deny this process, and its threads to come, all the above for ever; False where the system has no filters."""
    machine = _machine()
    if machine is None:
        return False
    ctypes.CDLL(None).prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    return _filter(program(machine, os.getpid())) == 0


def program(machine: str, process: int) -> bytes:
    """Write the filter for a machine and a process: instructions of 8 bytes each, as the kernel takes them."""
    column = list(_ARCHITECTURES).index(machine)
    parts = [
        _instruction(_LOAD, _ARCHITECTURE), _unless(_EQUAL, _ARCHITECTURES[machine], _DENY),
        _instruction(_LOAD, _CALL), _instruction(_AT_LEAST, _NEWER, 0, 1), _instruction(_RETURN, _ABSENT),
    ]  # fmt: skip
    for numbers in DENIED.values():
        number = numbers[column]
        if number is not None:
            parts += [_instruction(_EQUAL, number, 0, 1), _instruction(_RETURN, _DENY)]
    parts.append(_only_if(CLONE[column], _unless(_ANY_BIT, _THREAD, _DENY)))
    for named, itself in ((TO_ITSELF, process), (OF_ITSELF, 0)):
        parts += [_only_if(numbers[column], _unless(_EQUAL, itself, _DENY)) for numbers in named.values()]
    return b"".join([*parts, _instruction(_RETURN, _ALLOW)])


def _instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Write one instruction; a jump says how many are skipped."""
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _unless(test: int, value: int, action: int) -> bytes:
    return _instruction(test, value, 1, 0) + _instruction(_RETURN, action)


def _only_if(number: int, test: bytes) -> bytes:
    """Allow a call when its first argument passes a test of two instructions."""
    return (
        _instruction(_EQUAL, number, 0, 4)
        + _instruction(_LOAD, _FIRST_ARGUMENT)
        + test
        + _instruction(_RETURN, _ALLOW)
    )  # fmt: skip


def _machine() -> str | None:
    machine = platform.machine()
    return machine if machine in _ARCHITECTURES and sys.platform == "linux" and sys.maxsize > 2**32 else None


def _filter(instructions: bytes | None) -> int:
    """Hand a filter to the kernel; gives the number of the error, 0 when it stands."""
    libc = ctypes.CDLL(None, use_errno=True)
    held = None if instructions is None else ctypes.create_string_buffer(instructions)
    told = None if held is None else struct.pack("@HP", len(instructions or b"") // 8, ctypes.addressof(held))
    return 0 if libc.prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), told) == 0 else ctypes.get_errno()
