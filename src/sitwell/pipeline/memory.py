"""How this process keeps memory: blocks that are freed are used again instead of given back and fetched anew."""

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # of mallopt(3)
_KEEP_BYTES, _OWN_PAGES_BYTES = 64 * 2**20, 4 * 2**20


def keep_freed_blocks() -> None:
    """Tell glibc to keep freed memory of block size; fetching pages anew was a tenth of the CPU time of a mix."""
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(_M_MMAP_THRESHOLD, _OWN_PAGES_BYTES)
        libc.mallopt(_M_TRIM_THRESHOLD, _KEEP_BYTES)
