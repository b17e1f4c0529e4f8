"""Examples to learn from: portraits of random stretches of voices, as they are; spoiling them is an addition in dB."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FRAMES, VoiceFrames, portray
from sitwell_training.equalizer.voices import Voice

Floats = npt.NDArray[np.float64]

STRETCHES, DRY_STRETCHES = 40, 12
_SECONDS = (8.0, 60.0)
_HOPS_A_SECOND = 43.0  # a frame is 23 ms


@dataclass(frozen=True, eq=False)
class Examples:
    """Portraits: spectra_db (n, 20, 46), traits (n, m), audible (n, 46); who sings them, and which are dry."""

    spectra_db: Floats
    traits: Floats
    audible: Floats
    artists: npt.NDArray[np.str_]
    dry: npt.NDArray[np.bool_]

    def of(self, chosen: npt.NDArray[np.intp] | npt.NDArray[np.bool_]) -> "Examples":
        """Keep some."""
        return Examples(
            self.spectra_db[chosen], self.traits[chosen], self.audible[chosen], self.artists[chosen], self.dry[chosen]
        )

    @property
    def weights(self) -> Floats:
        """How much each example counts: an artist by the square root of the number of examples, summing to 1."""
        names, number, counts = np.unique(self.artists, return_inverse=True, return_counts=True)
        weights = 1.0 / np.sqrt(counts[number])
        return np.asarray(weights / weights.sum()) if names.size else weights


def random_stretches(voices: Sequence[tuple[Voice, VoiceFrames]], *, rng: np.random.Generator) -> Examples:
    """Portray random stretches of 8 to 60 s of singing from every voice."""
    rows = []
    for voice, frames in voices:
        count = frames.f0_hz.size
        for _ in range(DRY_STRETCHES if voice.dry else STRETCHES):
            length = min(int(_HOPS_A_SECOND * np.exp(rng.uniform(*np.log(_SECONDS)))), count)
            start = int(rng.integers(0, count - length + 1))
            rows.append((voice, frames.of(_spread(start, length))))
    return _portrayed(rows)


def fixed_stretches(voices: Sequence[tuple[Voice, VoiceFrames]], *, seconds: float | None) -> Examples:
    """Portray each voice in consecutive stretches of so many seconds of singing, or whole."""
    rows = []
    for voice, frames in voices:
        count = frames.f0_hz.size
        length = count if seconds is None else int(seconds * _HOPS_A_SECOND)
        starts = range(0, max(count - int(0.6 * length), 1), max(length, 1))
        rows += [(voice, frames.of(_spread(start, min(length, count - start)))) for start in starts]
    return _portrayed(rows)


def _spread(start: int, length: int) -> npt.NDArray[np.intp]:
    """Choose at most as many frames as the product looks at."""
    return start + np.linspace(0, length - 1, min(length, FRAMES)).round().astype(np.intp)


def _portrayed(rows: Sequence[tuple[Voice, VoiceFrames]]) -> Examples:
    portraits = [(voice, portrait) for voice, frames in rows if (portrait := portray(frames)) is not None]
    return Examples(
        spectra_db=np.stack([portrait.spectra_db for _, portrait in portraits]),
        traits=np.stack([portrait.traits for _, portrait in portraits]),
        audible=np.stack([portrait.audible.astype(np.float64) for _, portrait in portraits]),
        artists=np.array([voice.artist for voice, _ in portraits]),
        dry=np.array([voice.dry for voice, _ in portraits]),
    )
