"""Decoders behind one small interface: what a file says of itself, and its samples block by block."""

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import numpy as np
import numpy.typing as npt

from sitwell.audio import Samples
from sitwell.errors import InputError
from sitwell.io import container, mpeg
from sitwell.io.disk import native

BLOCK = 65_536  # frames a decoder hands out at once
_UNKNOWN_FRAMES = 2**48  # libsndfile says 2**63 - 1 when a stream does not tell its length
_INTEGER_SUBTYPES = {"PCM_16": np.int16, "PCM_S8": np.int16, "PCM_U8": np.int16, "PCM_24": np.int32}


@dataclass(frozen=True)
class Info:
    """What the header of a sound file says; `seconds` is None when it does not say."""

    sample_rate: int
    channels: int
    seconds: float | None
    format: str
    subtype: str


class Source(Protocol):
    """An open sound file, read once from start to end."""

    info: Info
    frames: int | None  # as promised by the header
    exact: bool  # no more than these frames will come
    broke_off: bool  # after reading: the decoder met damage

    def blocks(self) -> Iterator[Samples]:
        """Yield float32 (channels, frames); ends early at damage, with `broke_off` set."""
        ...


@contextmanager
def open_source(path: Path, stream: int = 0, spare: IO[bytes] | None = None) -> Iterator[Source]:
    """Open a sound file with the decoder its container needs; `spare` is an empty file, where none can be made.

    Raises InputError `audio.not_found`, `audio.unreadable`, `audio.empty`, `audio.truncated`,
    CodecError `audio.unsupported` or `audio.codec_missing`.
    """
    kind = container.identify(path)
    missing = container.missing_bytes(path, kind)
    if missing > 0:
        text = f"at least {missing} bytes" if kind != "ogg" else "the rest of its last page"
        raise InputError("audio.truncated", f"{path}: cut off, {text} are missing; copy the file again")
    if kind in ("mp4", "matroska"):
        from sitwell.io.decode_av import open_av

        with open_av(path, kind, stream) as source:
            yield source
        return
    tagged = mpeg.with_length(path, spare) if kind == "mpeg" else None
    with _sndfile(path, tagged) as file:
        yield _Sndfile(file, endless=tagged is not None)


def codecs() -> dict[str, bool]:
    """Say which formats this installation decodes or encodes."""
    import soundfile

    formats = soundfile.available_formats()
    known = {"wav": "WAV", "aiff": "AIFF", "caf": "CAF", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3"}
    found = {name: known[name] in formats for name in known}
    found["opus"] = "OPUS" in soundfile.available_subtypes("OGG")
    return found | {"m4a, mp4, webm": importlib.util.find_spec("av") is not None}


@contextmanager
def _sndfile(path: Path, tagged: IO[bytes] | None) -> Iterator[Any]:
    import soundfile

    class Forward(soundfile.SoundFile):  # type: ignore[misc]
        """Reads without the seek that soundfile does after each block: slower, and inexact in lossy files."""

        def seekable(self) -> bool:
            return False

    try:
        file = Forward(native(path) if tagged is None else tagged.fileno(), closefd=tagged is None)
    except soundfile.LibsndfileError as error:
        if tagged is not None:
            tagged.close()
        reason = str(error.error_string).strip().rstrip(".") or "its header makes no sense"
        raise InputError(
            "audio.unreadable", f"{path}: damaged, or in an encoding that is not known here: {reason}"
        ) from None
    try:
        yield file
    finally:
        file.close()
        if tagged is not None:
            tagged.close()


class _Sndfile:
    """A file that libsndfile decodes."""

    def __init__(self, file: Any, *, endless: bool) -> None:
        self._file = file
        self.broke_off = False
        self.exact = not endless
        self.frames: int | None = None if endless or file.frames >= _UNKNOWN_FRAMES else int(file.frames)
        seconds = None if self.frames is None else self.frames / max(file.samplerate, 1)
        self.info = Info(file.samplerate, file.channels, seconds, file.format, file.subtype)

    def blocks(self) -> Iterator[Samples]:
        import soundfile

        dtype = _INTEGER_SUBTYPES.get(self.info.subtype, np.float32)
        taken = np.empty((BLOCK, self.info.channels), dtype=dtype)
        while True:
            try:
                found = self._file.read(out=taken)
            except soundfile.LibsndfileError:
                self.broke_off = True
                return
            if len(found) == 0:
                return
            yield _planar(found)


def _planar(interleaved: npt.NDArray[Any]) -> Samples:
    """Turn (frames, channels) into float32 (channels, frames); exact, as the scale is a power of two."""
    block = np.empty(interleaved.shape[::-1], dtype=np.float32)
    if interleaved.dtype == np.float32:
        block[...] = interleaved.T
    else:
        scale = np.float32(2.0 ** (1 - 8 * interleaved.dtype.itemsize))
        np.multiply(interleaved.T, scale, out=block, casting="unsafe")
    return block
