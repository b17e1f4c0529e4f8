"""What kind of file this is, by its first bytes, and whether its end is missing; decodes nothing.

Only the containers listed here are ever handed to a decoder: a playlist, an image or a script is refused
whatever its name says.
"""

import os
import struct
from pathlib import Path
from typing import BinaryIO

from sitwell.errors import CodecError, InputError

_MAX_CHUNKS = 10_000  # a sound file has a handful; stops a file made of empty chunks
_UNKNOWN_SIZE = 0x7FFFF000  # what streaming writers put when they cannot know the size
_OGG_PAGE = 65_307  # bytes, the longest page there is (RFC 3533)
_HEAD = 16


def identify(path: Path) -> str:
    """Name the container: wav, rf64, aiff, caf, flac, ogg, mpeg, mp4 or matroska.

    Raises InputError `audio.not_found`, `audio.unreadable`, `audio.empty` or CodecError `audio.unsupported`.
    """
    try:
        if path.exists() and not path.is_file():
            raise InputError("audio.unreadable", f"{path}: not a file; give the path of a sound file")
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a zero byte in the path
        raise InputError("audio.not_found", f"{path}: there is no such file; check the path") from None
    except OSError as error:
        raise InputError("audio.unreadable", f"{path}: cannot be opened: {error.strerror}") from None
    if not head:
        raise InputError("audio.empty", f"{path}: the file is empty (0 bytes)")
    kind = _kind(head)
    if kind is None:
        raise CodecError(
            "audio.unsupported",
            f"{path}: not a sound file that is known here; give WAV, AIFF, CAF, FLAC, Ogg, Opus, MP3, M4A, MP4 or WebM",
        )
    return kind


def _kind(head: bytes) -> str | None:
    match head[:4], head[8:12]:
        case b"RIFF", b"WAVE":
            return "wav"
        case b"RF64", b"WAVE":
            return "rf64"
        case b"FORM", b"AIFF" | b"AIFC":
            return "aiff"
        case b"caff", _:
            return "caf"
        case b"fLaC", _:
            return "flac"
        case b"OggS", _:
            return "ogg"
        case b"\x1aE\xdf\xa3", _:
            return "matroska"
    if head[4:8] == b"ftyp":
        return "mp4"
    return "mpeg" if head[:3] == b"ID3" or _is_mpeg_frame(head) else None


def _is_mpeg_frame(head: bytes) -> bool:
    """Tell an MPEG audio frame: eleven set bits, and layer bits that AAC leaves at zero."""
    return len(head) >= 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 != 0


def missing_bytes(path: Path, kind: str) -> int:
    """Count the bytes that the file promises and does not hold; 0 where it promises nothing."""
    size = path.stat().st_size
    with path.open("rb") as file:
        match kind:
            case "wav" | "rf64":
                end = _chunk_end(file, size, "<4sI", 12, b"data")
            case "aiff":
                end = _chunk_end(file, size, ">4sI", 12, b"SSND")
            case "caf":
                end = _chunk_end(file, size, ">4sq", 8, b"data")
            case "mp4":
                end = _media_end(file, size)
            case "ogg":
                end = _last_page_end(file, size)
            case _:
                end = 0
    return max(0, end - size)


def _chunk_end(file: BinaryIO, size: int, layout: str, first: int, wanted: bytes) -> int:
    """Find where the chunk of samples should end; 0 when nobody says."""
    position, header, long_size = first, struct.calcsize(layout), 0
    for _ in range(_MAX_CHUNKS):
        if position + header > size:
            return 0
        file.seek(position)
        name, length = struct.unpack(layout, file.read(header))
        if name == b"ds64":  # RF64: the sizes that 32 bits cannot hold (EBU Tech 3306)
            long_size = int(struct.unpack("<QQ", file.read(16).ljust(16, b"\0"))[1])
        if name == wanted:
            return _promised(position + header, length, long_size)
        if length < 0:
            return 0
        position += header + length + (length % 2 if header == 8 else 0)
    return 0


def _media_end(file: BinaryIO, size: int) -> int:
    """Find where the `mdat` box should end (ISO 14496-12, section 4.2); 0 when it runs to the end."""
    position = 0
    for _ in range(_MAX_CHUNKS):
        if position + 8 > size:
            return 0
        file.seek(position)
        length, name, long_length = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        length = long_length if length == 1 else length
        if length < 8:
            return 0
        position += int(length)
        if name == b"mdat":
            return position
    return 0


def _promised(start: int, length: int, long_size: int) -> int:
    if long_size:
        return start + long_size
    return start + length if 0 <= length < _UNKNOWN_SIZE else 0


def _last_page_end(file: BinaryIO, size: int) -> int:
    """Find where the last Ogg page should end (RFC 3533, section 6)."""
    file.seek(max(0, size - _OGG_PAGE), os.SEEK_SET)
    start, tail = file.tell(), file.read()
    at = tail.rfind(b"OggS\0")
    if at < 0:
        return 0
    page = tail[at:]
    if len(page) < 27 or len(page) < 27 + page[26]:
        return size + 1
    return start + at + 27 + page[26] + sum(page[27 : 27 + page[26]])
