"""Read a sound file as stereo `Audio`, checked, block by block; knows no decoder's name."""

import math
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitwell.audio import Audio, Samples
from sitwell.errors import CodecError, InputError, Notice
from sitwell.io import container
from sitwell.io.decode import Info, Source, open_source
from sitwell.io.downmix import MAX_CHANNELS, downmix_matrix
from sitwell.io.resample import resampled, resampled_notice
from sitwell.io.spool import Spool

MAX_SECONDS = 1800.0
MIN_RATE, MAX_RATE = 8_000, 192_000  # Hz
_LARGEST = 1e10  # beyond whole numbers of 32 bits kept as float; squares still fit a float32
_MISSING_S = 0.3  # a lossy file may give this much less than promised: headers count padding differently

Progress = Callable[[float], None]


def read(
    path: str | os.PathLike[str],
    *,
    sample_rate: int | None = None,
    stream: int = 0,
    max_seconds: float = MAX_SECONDS,
    progress: Progress | None = None,
) -> Audio:
    """Read a sound file as stereo float32 at its own rate, or at `sample_rate` in Hz.

    `stream` chooses among the sound streams of a file such as `.stem.mp4`.
    Mono becomes the same channel twice (a view), surround is mixed down (ITU-R BS.775) with a notice. Sound
    beyond `spool.MEMORY_BYTES` lives in a temporary file whose pages `Audio.release` drops.

    Raises InputError `audio.not_found`, `audio.unreadable`, `audio.empty`, `audio.too_long`,
    `audio.not_finite`, `audio.truncated`; CodecError `audio.unsupported`, `audio.codec_missing`.
    """
    path = Path(path)
    with open_source(path, stream) as source:
        return decode(path, source, Spool, sample_rate=sample_rate, max_seconds=max_seconds, progress=progress).audio()


def read_streams(path: str | os.PathLike[str], *, max_seconds: float = MAX_SECONDS) -> list[Audio]:
    """Read every sound stream of a file; a `.stem.mp4` holds the mix and four stems."""
    path = Path(path)
    kind = container.identify(path)
    count = 1
    if kind in ("mp4", "matroska"):
        from sitwell.io.decode_av import count_streams

        count = count_streams(path, kind)
    streams = []
    for stream in range(count):
        with open_source(path, stream) as source:
            streams.append(decode(path, source, Spool, max_seconds=max_seconds).audio())
    return streams


def probe(path: str | os.PathLike[str]) -> Info:
    """Read what the header of a sound file says, with the errors that the header alone can cause."""
    path = Path(path)
    with open_source(path) as source:
        check_header(path, source, math.inf)
        return source.info


def common_rate(infos: Iterable[Info]) -> int:
    """Choose the rate for sounds that are mixed together: the highest, so that nothing is lost."""
    return max(info.sample_rate for info in infos)


@dataclass(frozen=True)
class Decoded:
    """A sound that lies in a spool, mono or stereo, and what there is to say of it."""

    spool: Spool
    sample_rate: int
    name: str
    notices: tuple[Notice, ...]

    def audio(self) -> Audio:
        """Give it as stereo; a mono sound is the same channel twice."""
        try:
            samples, release = self.spool.finish()
        finally:
            self.spool.close()
        samples = np.broadcast_to(samples, (2, self.spool.length))
        return Audio(samples, self.sample_rate, self.name, self.notices, release)


def decode(
    path: Path,
    source: Source,
    make_spool: Callable[[int, int], Spool],
    *,
    sample_rate: int | None = None,
    max_seconds: float = MAX_SECONDS,
    progress: Progress | None = None,
) -> Decoded:
    """Decode an open sound file into a spool of (channels, capacity); errors as in `read`."""
    check_header(path, source, max_seconds)
    info = source.info
    rate = sample_rate or info.sample_rate
    channels, notices = min(info.channels, 2), list[Notice]()
    blocks = _checked(path, source, max_seconds, progress or (lambda _share: None))
    if info.channels > 2:
        gains = downmix_matrix(info.channels, xiph_order=info.format == "OGG")
        blocks = (gains @ block for block in blocks)
        notices.append(Notice("audio.downmixed", f"{path.name}: {info.channels} channels mixed down to stereo"))
    if rate != info.sample_rate:
        blocks = resampled(blocks, info.sample_rate, rate, channels)
        notices.append(resampled_notice(path.name, info.sample_rate, rate))
    longest = source.frames if source.frames and source.exact else max_seconds * info.sample_rate
    spool = make_spool(channels, math.ceil(longest * rate / info.sample_rate) + rate)
    try:
        for block in blocks:
            spool.append(block)
    except BaseException:
        spool.close()
        raise
    if progress is not None:
        progress(1.0)
    return Decoded(spool, rate, path.name, tuple(notices))


def check_header(path: Path, source: Source, max_seconds: float) -> None:
    """Refuse what the header alone shows to be wrong: too many channels, an odd rate, nothing in it, too long."""
    info = source.info
    if not 1 <= info.channels <= MAX_CHANNELS:
        raise CodecError("audio.unsupported", f"{path}: has {info.channels} channels; 1 to {MAX_CHANNELS} are allowed")
    if not MIN_RATE <= info.sample_rate <= MAX_RATE:
        raise CodecError(
            "audio.unsupported", f"{path}: has {info.sample_rate} Hz; {MIN_RATE} to {MAX_RATE} Hz are allowed"
        )
    if source.frames == 0:
        raise _empty(path)
    if info.seconds is not None and info.seconds > max_seconds:
        raise _too_long(path, f"lasts {info.seconds / 60:.1f} min", max_seconds)


def _checked(path: Path, source: Source, max_seconds: float, progress: Progress) -> Iterator[Samples]:
    """Pass blocks on, refusing what is not sound, goes on too long or breaks off."""
    rate, done = source.info.sample_rate, 0
    for block in source.blocks():
        if not max(block.max(), -block.min()) <= _LARGEST:  # also catches NaN
            raise InputError(
                "audio.not_finite",
                f"{path}: holds NaN, infinite or absurd samples near {done / rate:.1f} s; repair the file",
            )
        done += block.shape[1]
        if done > max_seconds * rate:
            raise _too_long(path, "goes on", max_seconds)
        if source.frames:
            progress(min(done / source.frames, 1.0))
        yield block
    _check_whole(path, source, done)


def _check_whole(path: Path, source: Source, done: int) -> None:
    rate = source.info.sample_rate
    if source.frames is None:
        if source.broke_off:
            raise InputError("audio.truncated", f"{path}: damaged after {done / rate:.1f} s; copy the file again")
        if done == 0:
            raise _empty(path)
    elif source.frames - done > _MISSING_S * rate:
        raise InputError(
            "audio.truncated",
            f"{path}: breaks off at {done / rate:.1f} of {source.frames / rate:.1f} s; copy the file again",
        )


def _empty(path: Path) -> InputError:
    return InputError("audio.empty", f"{path}: holds no sound (0 samples)")


def _too_long(path: Path, what: str, max_seconds: float) -> InputError:
    return InputError(
        "audio.too_long",
        f"{path}: {what}; at most {max_seconds / 60:g} min are allowed, cut it or raise the limit",
    )
