"""Write stereo sound in the format of the file name, whole or not at all; knows no encoder's name."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell.audio import Samples
from sitwell.core import Quantizer
from sitwell.errors import Notice
from sitwell.io.disk import output_errors, replacing
from sitwell.io.encode import Encoder, Frames, format_of, open_encoder
from sitwell.io.resample import Resampler

_STEPS_24 = np.float32(2.0**23)  # one step of 24 bits lies at -138 dBFS: rounding needs no dither


class Writer:
    """Takes blocks (2, n); counts the samples that had to be clipped to fit whole numbers."""

    def __init__(
        self,
        encoder: Encoder,
        path: Path,
        bit_depth: str,
        resampler: Resampler | None,
        notices: tuple[Notice, ...],
    ) -> None:
        self.clipped_samples = 0
        self.notices = notices
        self._encoder, self._path, self._resampler = encoder, path, resampler
        self._to_frames = _converter(bit_depth)
        self._whole_numbers = bit_depth in ("16", "24")

    def write(self, block: Samples) -> None:
        """Add a block; raises OutputError `output.disk_full` or `output.not_writable`."""
        self._put(block if self._resampler is None else self._resampler.process(block))

    def finish(self) -> None:
        """Write what is left; `open_writer` does it at the end of its block."""
        if self._resampler is not None:
            self._put(self._resampler.finish())
        with output_errors(self._path):
            self._encoder.finish()

    def _put(self, block: Samples) -> None:
        assert block.shape[0] == 2, f"blocks are (2, n), got {block.shape}"
        if not block.shape[1]:
            return
        if self._whole_numbers and (block.max() > 1 or block.min() < -1):
            self.clipped_samples += int(np.count_nonzero(np.abs(block) > 1))
        with output_errors(self._path):
            self._encoder.write(self._to_frames(block))


@contextmanager
def open_writer(path: str | os.PathLike[str], *, sample_rate: int, bit_depth: str | None = None) -> Iterator[Writer]:
    """Open a sound file for writing; it appears under its name when the block ends without an error.

    The format follows the suffix: .wav (bit depth "24", "16" dithered, or "32f", which never clips; RF64
    above 4 GB), .flac ("24", "16"), .ogg, .mp3, .m4a (AAC; needs the extra `av`), .opus (faster with it). A
    rate that a lossy format does not know is changed, with a notice.

    Raises CodecError `output.format`, `output.codec_missing`; OutputError `output.no_folder`, `output.not_writable`,
    `output.disk_full`.
    """
    path = Path(path)
    known, depth = format_of(path, bit_depth)
    rate, resampler, notices = known.rate_for(sample_rate), None, tuple[Notice, ...]()
    if rate != sample_rate:
        resampler = Resampler(sample_rate, rate, 2)
        text = f"{path.name}: written at {rate} Hz, as {path.suffix} knows no {sample_rate} Hz"
        notices = (Notice("output.resampled", text),)
    with replacing(path) as temporary:
        with output_errors(path):
            encoder = open_encoder(temporary, known, depth, rate)
        try:
            writer = Writer(encoder, path, depth, resampler, notices)
            yield writer
            writer.finish()
        finally:
            encoder.close()


def _converter(bit_depth: str) -> Callable[[Samples], Frames]:
    match bit_depth:
        case "16":
            quantizer = Quantizer()
            return lambda block: quantizer.process(np.ascontiguousarray(block))
        case "24":
            return _to_24_bits
        case _:
            return lambda block: np.ascontiguousarray(block.T)


def _to_24_bits(block: Samples) -> npt.NDArray[np.int32]:
    """Round to whole numbers of 24 bits; exact, as float32 holds 24 bits."""
    whole: Samples = np.rint(block.T * _STEPS_24)
    return whole.clip(-_STEPS_24, _STEPS_24 - np.float32(1)).astype(np.int32)
