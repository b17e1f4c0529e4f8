"""Made-up singers as frames: each has a colour, a range of notes and vowels that come and go; the same for a seed."""

import numpy as np

from sitwell.analysis import VOICE_HZ, VoiceFrames
from sitwell_training.equalizer.voices import Voice

_OCTAVES = np.log2(VOICE_HZ / 1000.0)


def singer(number: int, *, colour_db: float = 2.0, frames: int = 600, dry: bool = False) -> tuple[Voice, VoiceFrames]:
    """Sing `frames` frames; voices differ by smooth random colours of about `colour_db`."""
    rng = np.random.default_rng(number)
    colour = colour_db * _smooth(rng, 1)[0]
    vowels = 4.0 * _smooth(rng, 4)
    vowel = np.repeat(rng.integers(4, size=frames // 10 + 1), 10)[:frames]
    sibilant = (rng.random(frames) < 0.12)[:, None] * (8.0 * np.tanh(_OCTAVES - 1.5) + 3.0)
    loudness = 4.0 * np.repeat(rng.standard_normal(frames // 25 + 1), 25)[:frames]
    level = -20.0 - 4.0 * np.abs(_OCTAVES) + colour + vowels[vowel] + sibilant + loudness[:, None]
    level = level + rng.standard_normal(level.shape)
    f0 = 200.0 * 2.0 ** (0.3 * rng.standard_normal(frames) + 0.2 * rng.standard_normal())
    voicing = np.clip(0.85 - 0.6 * (sibilant[:, 0] != 0) + 0.05 * rng.standard_normal(frames), 0.0, 1.0)
    found = VoiceFrames(level.astype(np.float32), f0.astype(np.float32), voicing.astype(np.float32), 44100)
    return Voice(f"song {number}", f"singer {number // 2}", f"{number}.wav", dry=dry), found


def choir(count: int = 24, *, colour_db: float = 2.0) -> list[tuple[Voice, VoiceFrames]]:
    """Gather singers, two songs each."""
    return [singer(number, colour_db=colour_db) for number in range(count)]


def _smooth(rng: np.random.Generator, count: int) -> np.ndarray:
    """Draw smooth curves over the bands, of standard deviation near 1."""
    knots = rng.standard_normal((count, 8))
    at = np.linspace(_OCTAVES[0], _OCTAVES[-1], 8)
    return np.stack([np.interp(_OCTAVES, at, each) for each in knots])
