"""Decode m4a, mp4, webm and `.stem.mp4` with PyAV, the optional extra; knows no other container."""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sitwell.audio import Samples
from sitwell.errors import CodecError, InputError
from sitwell.io.decode import BLOCK, Info

if TYPE_CHECKING:
    from av.container import InputContainer

_OPTIONS = {"protocol_whitelist": "file"}
_DEMUXERS = {"mp4": "mov", "matroska": "matroska"}
_PADDING = 2048  # frames at most by which an encoder fills up its last packet


def count_streams(path: Path, kind: str) -> int:
    """Count the sound streams of a file; a `.stem.mp4` has five."""
    with _container(path, kind) as container:
        return len(container.streams.audio)


@contextmanager
def open_av(path: Path, kind: str, stream: int = 0) -> Iterator["_Av"]:
    """Open one sound stream of a file.

    Raises CodecError `audio.codec_missing`, `audio.unsupported` or InputError `audio.unreadable`.
    """
    with _container(path, kind) as container:
        if stream >= len(container.streams.audio):
            raise CodecError("audio.unsupported", f"{path}: holds no sound stream {stream + 1}")
        if container.streams.audio[stream].codec_context is None:
            raise CodecError("audio.unsupported", f"{path}: its encoding is not known here; convert it to WAV")
        yield _Av(path, container, stream)


@contextmanager
def _container(path: Path, kind: str) -> Iterator["InputContainer"]:
    try:
        import av
    except ImportError:
        raise CodecError(
            "audio.codec_missing", f"{path}: m4a, mp4 and webm need an extra; pip install 'sitwell[av]'"
        ) from None
    # A file object and a fixed demuxer: nothing inside the file can make another file or address be opened.
    with path.open("rb") as file:
        try:
            opened = av.open(file, "r", format=_DEMUXERS[kind], options=_OPTIONS, metadata_errors="replace")
        except (av.error.FFmpegError, OSError) as error:
            raise InputError("audio.unreadable", f"{path}: damaged or cut off: {error.strerror or error}") from None
        with opened:
            yield opened


class _Av:
    """A sound stream that FFmpeg's libraries decode."""

    def __init__(self, path: Path, container: "InputContainer", stream: int) -> None:
        self._path, self._container = path, container
        self._stream = container.streams.audio[stream]
        context = self._stream.codec_context
        self.broke_off = False
        self.exact = False
        seconds = _seconds(container, self._stream)
        self.frames: int | None = None if seconds is None else round(seconds * context.sample_rate)
        counted = self._stream.duration is not None and self._stream.time_base == Fraction(1, context.sample_rate)
        self._end = self.frames if counted else None  # the header counts frames, as the edit list of MP4 does
        self.info = Info(
            context.sample_rate, context.channels, seconds, container.format.name.split(",")[0], context.name
        )

    def blocks(self) -> Iterator[Samples]:
        gathered, done = list[Samples](), 0
        for piece in self._pieces():
            gathered.append(piece)
            if sum(item.shape[1] for item in gathered) >= BLOCK + _PADDING:
                block = np.concatenate(gathered, axis=1)
                yield block[:, :-_PADDING]
                done += block.shape[1] - _PADDING
                gathered = [block[:, -_PADDING:]]
        if gathered:
            block = np.concatenate(gathered, axis=1)
            surplus = 0 if self._end is None else done + block.shape[1] - self._end
            yield block[:, : block.shape[1] - surplus] if 0 < surplus <= _PADDING else block

    def _pieces(self) -> Iterator[Samples]:
        import av

        context = self._stream.codec_context
        convert = av.AudioResampler(format="fltp", layout=context.layout, rate=context.sample_rate)
        try:
            for frame in self._container.decode(self._stream):
                if (frame.sample_rate, frame.layout.nb_channels) != (
                    self.info.sample_rate,
                    self.info.channels,
                ):
                    raise CodecError(
                        "audio.unsupported",
                        f"{self._path}: changes rate or channels on the way; convert it to WAV",
                    )
                for planar in convert.resample(frame):
                    yield planar.to_ndarray().astype(np.float32, copy=False)
        except (av.error.FFmpegError, OSError):
            self.broke_off = True


def _seconds(container: "InputContainer", stream: Any) -> float | None:
    """Length of the stream as the header says; that of the file only when nothing else is in it."""
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is not None and len(container.streams) == 1:
        return float(container.duration) / 1_000_000  # AV_TIME_BASE
    return None
