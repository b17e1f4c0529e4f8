"""The sounds of one page of the test: every mix of one song, the same stretch, equally loud; knows no page.

Where the mix of a person is known, the vocal is damaged first, so that the methods have something to do;
where the vocal is a raw take, they get it as it is, reverb and all, and a mix that lies beside it as
`mix.*` or `mixture.*` is the person's.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitwell import core, io
from sitwell.audio import Audio, Samples
from sitwell.decide import Stem
from sitwell.evaluate.damage import draw_damage
from sitwell.evaluate.excerpt import cut, verse_to_chorus_s
from sitwell.evaluate.matched import at_loudness
from sitwell.evaluate.methods import neutral_plan, plan_by, render_parts, stem, wishes_for
from sitwell.evaluate.settings import RULES, Settings
from sitwell.pipeline import load_pair, mix
from sitwell.songs import Song
from sitwell.units import db_to_gain, gain_to_db

SECONDS = 25.0
LUFS = -23.0
PLAIN, LEVEL_ONLY, HUMAN = "plain sum", "level only", "human"
_CEILING_DBTP = -1.0
_FADE_S = 0.05
_TABLE = 9  # of the seeds: none of the tables


@dataclass(frozen=True)
class Sound:
    """One stimulus: its opaque name, and what nobody who listens may know."""

    name: str
    song: str
    condition: str
    start_s: float
    loudness_lufs: float


def write_sounds(song: Song, settings: Settings, folder: Path) -> tuple[Sound, ...]:
    """Mix a song by every condition and write the stretch of each as FLAC into `folder`.

    All are at -23 LUFS; where a peak would not fit all of a song are turned down alike.
    """
    vocal, backing = (stem(audio) for audio in load_pair(song.vocal, song.backing))
    start_s = verse_to_chorus_s(vocal.track, backing.track, SECONDS)
    rate = vocal.audio.sample_rate
    stretches = {
        condition: at_loudness(_stretch(sound, start_s), rate, lufs=LUFS)
        for condition, sound in _conditions(song, vocal, backing, settings)
    }
    loudest_dbtp = max(_true_peak_dbtp(stretch, rate) for stretch in stretches.values())
    down_db = min(0.0, _CEILING_DBTP - loudest_dbtp)
    sounds = []
    for condition, stretch in stretches.items():
        sound = Sound(_opaque(song.id, condition, settings.seed), song.id, condition, start_s, LUFS + down_db)
        with io.open_writer(folder / f"{sound.name}.flac", sample_rate=rate, bit_depth="16") as writer:
            for block in Audio(stretch * np.float32(db_to_gain(down_db)), rate).blocks():
                writer.write(block)
        sounds.append(sound)
    return tuple(sounds)


def _conditions(song: Song, vocal: Stem, backing: Stem, settings: Settings) -> Iterator[tuple[str, Audio]]:
    if song.level_label:
        yield HUMAN, _summed(vocal.audio, backing.audio)
        rng = np.random.default_rng([settings.seed, zlib.crc32(song.id.encode()), _TABLE])
        vocal = stem(draw_damage(rng, seconds=vocal.audio.seconds).apply(vocal.audio))
    else:
        yield from ((HUMAN, audio) for audio in _mix_beside(song, vocal.audio.sample_rate))
    yield PLAIN, _summed(vocal.audio, backing.audio)
    level = plan_by(RULES, vocal, backing, settings=settings, stages=("level",))
    yield LEVEL_ONLY, Audio(render_parts(level, vocal.audio, backing.audio).mix, vocal.audio.sample_rate)
    for method in settings.methods:
        yield method, _mixed(method, song, vocal, backing, settings)


def _mixed(method: str, song: Song, vocal: Stem, backing: Stem, settings: Settings) -> Audio:
    """Mix as `sitwell mix` does; a vocal that has its reverb already gets no other, and no master."""
    if song.level_label:
        plan = plan_by(method, vocal, backing, settings=settings)
        return Audio(render_parts(plan, vocal.audio, backing.audio).mix, vocal.audio.sample_rate)
    result = mix(vocal.audio, backing.audio, wishes=wishes_for(method, settings), keep_audio=True)
    assert result.audio is not None
    return result.audio


def _summed(vocal: Audio, backing: Audio) -> Audio:
    return Audio(render_parts(neutral_plan(), vocal, backing).mix, vocal.sample_rate)


def _mix_beside(song: Song, sample_rate: int) -> Iterator[Audio]:
    found = sorted(path for path in Path(song.vocal).parent.iterdir() if path.stem.lower() in ("mix", "mixture"))
    yield from (io.read(path, sample_rate=sample_rate) for path in found[:1])


def _stretch(sound: Audio, start_s: float) -> Samples:
    piece = cut(sound, start_s=start_s, seconds=SECONDS).samples
    length = min(round(_FADE_S * sound.sample_rate), piece.shape[1] // 2)
    ramp = np.linspace(0.0, 1.0, length, dtype=np.float32)
    piece[:, :length] *= ramp
    piece[:, piece.shape[1] - length :] *= ramp[::-1]
    return piece


def _true_peak_dbtp(samples: Samples, sample_rate: int) -> float:
    meter = core.Meter(sample_rate=sample_rate, channels=2)
    for block in Audio(samples, sample_rate).blocks():
        meter.process(block)
    return gain_to_db(meter.true_peak)


def _opaque(song: str, condition: str, seed: int) -> str:
    return hashlib.sha256(f"{seed}\n{song}\n{condition}".encode()).hexdigest()[:12]
