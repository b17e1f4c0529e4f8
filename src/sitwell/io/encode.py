"""Encoders behind one small interface: which formats there are, and frames into a file of one of them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sitwell.audio import Audio
from sitwell.errors import CodecError
from sitwell.io import encode_av
from sitwell.io.disk import native
from sitwell.io.wav import WavFile

Frames = npt.NDArray[Any]  # (frames, 2): int16, int32 holding 24 bits, or float32
_CHUNK = 16_384  # frames: libsndfile's Vorbis encoder crashes on a long single write
_MPEG_RATES = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000)
_AAC_RATES = (*_MPEG_RATES, 64000, 88200, 96000)
_OPUS_RATES = (8000, 12000, 16000, 24000, 48000)


@dataclass(frozen=True)
class Format:
    """A format results are written in: its depths (none when lossy), rates (any when empty), and quality."""

    suffix: str
    container: str
    subtype: str = ""
    bit_depths: tuple[str, ...] = ()
    rates: tuple[int, ...] = ()
    compression: float | None = None

    def rate_for(self, sample_rate: int) -> int:
        """Choose the rate a sound is written at: its own, or the nearest relative that the format knows."""
        if not self.rates or sample_rate in self.rates:
            return sample_rate
        return 44100 if sample_rate % 11025 == 0 and 44100 in self.rates else 48000


FORMATS = {
    known.suffix: known
    for known in (
        Format(".wav", "WAV", bit_depths=("24", "16", "32f")),
        Format(".flac", "FLAC", bit_depths=("24", "16")),
        Format(".ogg", "OGG", "VORBIS", compression=0.4),  # quality 6, about 192 kbit/s
        Format(".mp3", "MP3", "MPEG_LAYER_III", rates=_MPEG_RATES, compression=0.2),  # LAME's V2, about 190 kbit/s
        Format(".m4a", "MP4", rates=_AAC_RATES),
        Format(".opus", "OGG", "OPUS", rates=_OPUS_RATES),
    )
}

_BY_AV = {".m4a": encode_av.AAC, ".opus": encode_av.OPUS}


def format_of(path: Path, bit_depth: str | None) -> tuple[Format, str]:
    """Choose the format by the suffix and its bit depth ("" when lossy).

    Raises CodecError `output.format` or `output.codec_missing`.
    """
    known = FORMATS.get(path.suffix.lower())
    if known is None:
        raise CodecError(
            "output.format",
            f"{path}: no format is known by {path.suffix or 'this name'!r}; use {', '.join(FORMATS)}",
        )
    if known.suffix == ".m4a" and not encode_av.installed():
        raise CodecError("output.codec_missing", f"{path}: m4a needs an extra; pip install 'sitwell[av]'")
    if bit_depth is None:
        return known, known.bit_depths[0] if known.bit_depths else ""
    if bit_depth not in known.bit_depths:
        allowed = ", ".join(known.bit_depths) or "none, it is lossy"
        raise CodecError("output.format", f"{path}: bit depth {bit_depth} is not possible; allowed: {allowed}")
    return known, bit_depth


class Encoder(Protocol):
    """An open file that frames go into."""

    def write(self, frames: Frames) -> None:
        """Add frames; raises OSError when they cannot be written."""
        ...

    def finish(self) -> None:
        """Write what is left, so that the file is whole."""
        ...

    def close(self) -> None:
        """Close the file, finished or not."""
        ...


def open_encoder(path: Path, known: Format, bit_depth: str, sample_rate: int) -> Encoder:
    """Open the encoder of a format; that of Opus is a slower one where the extra `av` is missing."""
    if known.suffix in _BY_AV and encode_av.installed():
        return encode_av.AvFile(path, _BY_AV[known.suffix], sample_rate)
    if known.container == "WAV":
        return WavFile(path, sample_rate=sample_rate, bits=int(bit_depth.rstrip("f")))
    return _Sndfile(path, known, known.subtype or f"PCM_{bit_depth}", sample_rate)


def encode_mp3(audio: Audio) -> bytes:
    """Encode a short sound as MP3, for a player in a page."""
    from sitwell.io.write import open_writer

    with tempfile.TemporaryDirectory(prefix="sitwell-") as folder:
        path = Path(folder) / "sound.mp3"
        with open_writer(path, sample_rate=audio.sample_rate) as writer:
            for block in audio.blocks():
                writer.write(block)
        return path.read_bytes()


class _Sndfile:
    """A file that libsndfile encodes; given by path, since a Ctrl-C inside its callbacks would be lost."""

    def __init__(self, path: Path, known: Format, subtype: str, sample_rate: int) -> None:
        import soundfile

        self._path = path
        self._failures = (soundfile.SoundFileError, AssertionError)  # it asserts that all frames were taken
        options = {} if known.compression is None else {"compression_level": known.compression}
        with self._reasons():
            self._file = soundfile.SoundFile(
                native(path), "w", sample_rate, 2, subtype=subtype, format=known.container, **options
            )

    def write(self, frames: Frames) -> None:
        if frames.dtype == np.int32:
            frames = frames << 8  # libsndfile takes 24 bits from the top of 32
        with self._reasons():
            for start in range(0, len(frames), _CHUNK):
                self._file.write(frames[start : start + _CHUNK])

    def finish(self) -> None:
        with self._reasons():
            self._file.close()
        self._probe_disk()

    def close(self) -> None:
        with suppress(*self._failures):
            self._file.close()

    @contextmanager
    def _reasons(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            self._probe_disk()
            raise OSError(None, f"the encoder failed: {error}") from None

    def _probe_disk(self) -> None:
        """Ask the system why, by writing some more: libsndfile hides a full disk, above all when closing."""
        handle = os.open(self._path, os.O_RDWR)
        try:
            size = os.fstat(handle).st_size
            os.lseek(handle, 0, os.SEEK_END)
            left = memoryview(os.urandom(_CHUNK))
            while len(left):
                left = left[os.write(handle, left) :]
            os.fsync(handle)
            os.ftruncate(handle, size)
        finally:
            os.close(handle)
