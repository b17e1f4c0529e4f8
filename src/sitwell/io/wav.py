"""Write WAV, and RF64 where 4 GB do not suffice (EBU Tech 3306); one pass, the sizes filled in at the end."""

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell.io.disk import write_all

RIFF_LIMIT = 0xFFFFFFFF  # bytes; above it the header becomes RF64


class WavFile:
    """An open WAV file of stereo frames, (frames, 2): int16, int32 holding 24 bits, or float32."""

    def __init__(self, path: Path, *, sample_rate: int, bits: int) -> None:
        self._rate, self._bits, self._frames = sample_rate, bits, 0
        self._file = path.open("wb", buffering=0)
        write_all(self._file, self._header())

    def write(self, frames: npt.NDArray[np.int16 | np.int32 | np.float32]) -> None:
        """Add frames; raises OSError when the disk is full."""
        frames = np.ascontiguousarray(frames, dtype=frames.dtype.newbyteorder("<"))
        self._frames += len(frames)
        if self._bits == 24:  # the three low bytes of each little-endian four
            four = frames.view(np.uint8).reshape(-1, 4)
            three = np.empty((len(four), 3), dtype=np.uint8)
            for byte in range(3):  # four times as fast as one strided copy
                three[:, byte] = four[:, byte]
            write_all(self._file, three.data)
        else:
            write_all(self._file, frames.data)

    def finish(self) -> None:
        """Fill in the sizes."""
        self._file.seek(0)
        write_all(self._file, self._header())

    def close(self) -> None:
        """Close without finishing, as after an error."""
        self._file.close()

    def _header(self) -> bytes:
        step = 2 * self._bits // 8  # bytes a frame; always even, so that no padding is needed
        data = self._frames * step
        tag = 3 if self._bits == 32 else 1
        fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, tag, 2, self._rate, self._rate * step, step, self._bits)
        fact = struct.pack("<4sII", b"fact", 4, min(self._frames, RIFF_LIMIT)) if tag == 3 else b""
        size = 4 + 36 + len(fmt) + len(fact) + 8 + data
        if size > RIFF_LIMIT:
            head = struct.pack("<4sI4s", b"RF64", 0xFFFFFFFF, b"WAVE")
            reserve = struct.pack("<4sIQQQI", b"ds64", 28, size, data, self._frames, 0)
            return head + reserve + fmt + fact + struct.pack("<4sI", b"data", 0xFFFFFFFF)
        head = struct.pack("<4sI4s", b"RIFF", size, b"WAVE")
        reserve = struct.pack("<4sI28x", b"JUNK", 28)  # room for ds64
        return head + reserve + fmt + fact + struct.pack("<4sI", b"data", data)
