"""Half a minute to listen to: the plain sum and the mix of the same stretch at the same loudness."""

import base64
import math
from dataclasses import dataclass

import numpy as np

from sitwell import core, io
from sitwell.analysis import Track
from sitwell.audio import Audio, Samples
from sitwell.units import db_to_gain, gain_to_db

SECONDS = 25.0
_PIECE_S = 0.1
_CEILING_DBFS = -1.5  # MP3 rounds peaks up


@dataclass(frozen=True)
class Excerpt:
    """Two encoded sounds of equal loudness as `data:` addresses, and the gains that made them equal."""

    start_s: float
    seconds: float
    loudness_lufs: float
    before_gain_db: float
    after_gain_db: float
    before_url: str
    after_url: str


def choose_start_s(track: Track) -> float:
    """Find where the stretch of loudest singing begins, in seconds of the vocal."""
    pieces = round(SECONDS / _PIECE_S)
    if len(track.energies) <= pieces:
        return 0.0
    total = np.concatenate([[0.0], np.cumsum(track.energies)])
    return float(np.argmax(total[pieces:] - total[:-pieces])) * _PIECE_S


def make_excerpt(before: Samples, after: Samples, sample_rate: int, start_s: float) -> Excerpt | None:
    """Match two sounds (2, n) in loudness, both turned down as far as their peaks need, and encode them.

    Gives None when one of them is silent or shorter than 400 ms: nothing can be matched.
    """
    sounds = (before, after)
    levels = [_loudness_lufs(sound, sample_rate) for sound in sounds]
    if not all(math.isfinite(level) for level in levels):
        return None
    room = [_CEILING_DBFS - gain_to_db(float(np.abs(sound).max())) for sound in sounds]
    common = min(level + space for level, space in zip(levels, room, strict=True))
    common = min(common, max(levels))  # nothing is made louder than the louder one was
    gains_db = [common - level for level in levels]
    urls = [
        _url(sound * np.float32(db_to_gain(gain_db)), sample_rate)
        for sound, gain_db in zip(sounds, gains_db, strict=True)
    ]
    return Excerpt(
        start_s=start_s,
        seconds=before.shape[1] / sample_rate,
        loudness_lufs=common,
        before_gain_db=gains_db[0],
        after_gain_db=gains_db[1],
        before_url=urls[0],
        after_url=urls[1],
    )


def _loudness_lufs(sound: Samples, sample_rate: int) -> float:
    meter = core.Meter(sample_rate=sample_rate, channels=2)
    return core.integrated_lufs(meter.process(np.array(sound, dtype=np.float32, order="C")))


def _url(sound: Samples, sample_rate: int) -> str:
    encoded = io.encode_mp3(Audio(sound, sample_rate))
    return "data:audio/mpeg;base64," + base64.b64encode(encoded).decode("ascii")
