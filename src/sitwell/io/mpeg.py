"""MP3 files that do not say how long they are, made readable to their end; decodes nothing.

libsndfile guesses the length of a file without a Xing, Info or VBRI tag from its first frames and stops
there: a file of variable bit rate loses most of its sound without a word. A tag that promises more frames
than the file can hold, put in front of a copy, makes it read on until the sound ends.
"""

import shutil
import tempfile
from pathlib import Path
from typing import IO, BinaryIO

_SEARCH = 65_536  # bytes in which the first frame must begin
_SHORTEST_FRAME = 24  # bytes: 8 kbit/s at 24 kHz
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_BITRATES_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)  # kbit/s, MPEG 1 layer III
_BITRATES_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  # MPEG 2 and 2.5


def with_length(path: Path, spare: IO[bytes] | None = None) -> IO[bytes] | None:
    """Copy an MP3 without a length tag into a temporary file (`spare` if given) with one; None when it needs none."""
    with path.open("rb") as file:
        start = _skip_id3(file)
        file.seek(start)
        head = file.read(_SEARCH)
        found = _first_frame(head)
        if found is None or _has_tag(head[found:]):
            return None
        frames = path.stat().st_size // _SHORTEST_FRAME
        copy = spare or tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
        copy.write(_tag_frame(head[found : found + 4], frames))
        file.seek(start + found)
        shutil.copyfileobj(file, copy)
    copy.seek(0)
    return copy


def _skip_id3(file: BinaryIO) -> int:
    """Find the end of an ID3v2 tag: four bytes of seven bits hold its length (id3.org, section 3.1)."""
    head = file.read(10)
    if head[:3] != b"ID3" or len(head) < 10:
        return 0
    length = 0
    for byte in head[6:10]:
        length = length << 7 | byte & 0x7F
    return 10 + length + (10 if head[5] & 0x10 else 0)


def _first_frame(data: bytes) -> int | None:
    """Find the first layer III frame that is followed by another."""
    at = data.find(b"\xff")
    while 0 <= at < len(data) - 4:
        length = _frame_bytes(data[at : at + 4])
        if length and _frame_bytes(data[at + length : at + length + 4]):
            return at
        at = data.find(b"\xff", at + 1)
    return None


def _frame_bytes(header: bytes) -> int:
    """Length of a layer III frame; 0 when the four bytes are no header of one."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return 0
    version, rate, step = header[1] >> 3 & 3, header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or rate == 3 or step in (0, 15):
        return 0
    kilobits = (_BITRATES_1 if version == 3 else _BITRATES_2)[step]
    return (144 if version == 3 else 72) * kilobits * 1000 // _RATES_HZ[version][rate] + (header[2] >> 1 & 1)


def _tag_at(header: bytes) -> int:
    """Offset of a Xing tag: after the side information, whose size depends on version and channels."""
    mono, mpeg1 = header[3] >> 6 == 3, header[1] >> 3 & 3 == 3
    return 4 + ((17 if mono else 32) if mpeg1 else (9 if mono else 17))


def _has_tag(frame: bytes) -> bool:
    at = _tag_at(frame)
    return frame[at : at + 4] in (b"Xing", b"Info") or frame[36:40] == b"VBRI"


def _tag_frame(header: bytes, frames: int) -> bytes:
    """Make a frame of silence whose Xing tag promises a number of frames."""
    wide = bytes((header[0], header[1] | 1, 0xC0 | header[2] & 0x0C, header[3]))  # no checksum, high bit rate
    tag = b"Xing" + (1).to_bytes(4, "big") + min(frames, 2**31 - 1).to_bytes(4, "big")
    return (wide + bytes(_tag_at(wide) - 4) + tag).ljust(_frame_bytes(wide), b"\0")
