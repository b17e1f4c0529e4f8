"""AAC in MP4 and Opus in Ogg through PyAV, the optional extra; knows no other format.

Files depend on nothing but the samples: no dates, no random numbers, one thread.
"""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Codec:
    """An encoder of FFmpeg's libraries and what it is told."""

    name: str
    muxer: str
    sample_format: str
    bit_rate: int
    options: dict[str, str]


# The fast search of AAC's quantizers leaves holes with noise substitution and intensity stereo; without them it errs
# less than the slow search does with its defaults (bench/encoders.py).
AAC = Codec("aac", "ipod", "fltp", 192_000, {"aac_coder": "fast", "aac_pns": "0", "aac_is": "0"})
OPUS = Codec("libopus", "ogg", "flt", 160_000, {"compression_level": "5"})  # 10: 1.4 times the CPU for 0.2 dB


def installed() -> bool:
    """Say whether the extra is there."""
    return importlib.util.find_spec("av") is not None


class AvFile:
    """A file that FFmpeg's libraries encode; given by path, since a Ctrl-C inside PyAV's callbacks would be lost."""

    def __init__(self, path: Path, codec: Codec, sample_rate: int) -> None:
        import av

        self._failures, self._make_frame = av.error.FFmpegError, av.AudioFrame.from_ndarray
        self._codec, self._rate, self._done = codec, sample_rate, 0
        options = {"fflags": "+bitexact"}
        if codec.muxer == "ipod":  # the index first, and an edit list in samples, not in milliseconds
            options |= {"movflags": "+faststart", "movie_timescale": str(sample_rate)}
        with self._reasons():
            # An absolute path: FFmpeg would take a relative one with a colon for a protocol.
            self._container = av.open(os.fspath(path.absolute()), "w", format=codec.muxer, container_options=options)
            self._stream: Any = self._container.add_stream(codec.name, rate=sample_rate)
            context: Any = self._stream.codec_context
            context.bit_rate, context.layout, context.format = codec.bit_rate, "stereo", codec.sample_format
            context.options = {"flags": "+bitexact"} | codec.options
            self._container.start_encoding()

    def write(self, frames: Any) -> None:
        rows = frames.T if self._codec.sample_format.endswith("p") else frames.reshape(1, -1)
        frame = self._make_frame(np.ascontiguousarray(rows), format=self._codec.sample_format, layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = self._rate, self._done, Fraction(1, self._rate)
        self._done += len(frames)
        self._encode(frame)

    def finish(self) -> None:
        self._encode(None)
        with self._reasons():
            self._container.close()

    def close(self) -> None:
        with suppress(self._failures):
            self._container.close()

    def _encode(self, frame: Any) -> None:
        with self._reasons():
            self._container.mux(self._stream.encode(frame))

    @contextmanager
    def _reasons(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            raise OSError(error.errno, f"the encoder failed: {error.strerror}") from None
