"""Features of every song, seen several ways: whole, in stretches, and as somebody else's take."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sitwell.analysis import FEATURES, Track, measure_balance, measure_features
from sitwell_training.targets.augment import RANGES_LU, augment_backing, augment_vocal, crop
from sitwell_training.targets.examples import Example

Floats = npt.NDArray[np.float64]
Index = npt.NDArray[np.intp]

CROP_S = 30.0  # no input is shorter, unless the song is
TAKES = 8
WHOLE, STRETCH, TAKE = 0, 1, 2  # kinds of view
_STRETCHES = 2


@dataclass(frozen=True, eq=False)
class Rows:
    """All views of all songs: features (rows, k), song and kind (rows,), own loudness range in LU (rows,)."""

    features: Floats
    song: Index
    kind: Index
    own_range_lu: Floats

    def of(self, songs: Index) -> "Rows":
        """Keep the views of some songs; `song` then counts within them."""
        new = np.full(int(self.song.max(initial=-1)) + 1, -1, dtype=np.intp)
        new[songs] = np.arange(len(songs))
        kept = new[self.song] >= 0
        return Rows(self.features[kept], new[self.song[kept]], self.kind[kept], self.own_range_lu[kept])

    def seeing(self, features: Sequence[str]) -> "Rows":
        """Keep the columns of some of `FEATURES`."""
        return replace(self, features=self.features[:, [FEATURES.index(name) for name in features]])


def make_rows(
    examples: Sequence[Example], *, seed: int, takes: int = TAKES, progress: Callable[[float], None] | None = None
) -> Rows:
    """Measure the features of every view; the same seed and song give the same views, whatever else is there."""
    views = []
    for number, example in enumerate(examples):
        views += [(number, *view) for view in _views(example, seed, takes)]
        if progress is not None:
            progress((number + 1) / len(examples))
    return Rows(
        features=np.array([features for _, _, _, features in views]).reshape(len(views), len(FEATURES)),
        song=np.array([number for number, _, _, _ in views], dtype=np.intp),
        kind=np.array([kind for _, kind, _, _ in views], dtype=np.intp),
        own_range_lu=np.array([own for _, _, own, _ in views]),
    )


def _views(example: Example, seed: int, takes: int) -> list[tuple[int, float, Floats]]:
    digest = hashlib.sha256(f"{seed} {example.id}".encode()).digest()
    rng = np.random.default_rng(int.from_bytes(digest[:8], "big"))
    found = [_view(WHOLE, example.vocal, example.backing)]
    stretches = _STRETCHES if _length_s(example) > 1.5 * CROP_S else 0
    found += [_view(STRETCH, *_stretch(example, rng)) for _ in range(stretches)]
    low_lu, high_lu = RANGES_LU
    for take in range(takes):  # every song meets every range, so that the range says nothing of the song
        wanted_lu = low_lu + (high_lu - low_lu) * (take + rng.random()) / takes
        vocal, backing = _stretch(example, rng)
        found.append(_view(TAKE, augment_vocal(vocal, rng, range_lu=wanted_lu), augment_backing(backing, rng)))
    return found


def _view(kind: int, vocal: Track, backing: Track) -> tuple[int, float, Floats]:
    return kind, vocal.loudness.loudness_range_lu, measure_features(vocal, backing)


def _length_s(example: Example) -> float:
    return min(example.vocal.seconds, example.backing.seconds)


def _stretch(example: Example, rng: np.random.Generator) -> tuple[Track, Track]:
    """Cut the same 30 s or more out of both, where the vocal sings a third of the time if it does anywhere."""
    whole_s = _length_s(example)
    if whole_s <= 1.5 * CROP_S:
        return example.vocal, example.backing
    seconds = float(rng.uniform(CROP_S, min(whole_s, 3.0 * CROP_S)))
    for _ in range(8):
        start_s = float(rng.uniform(0.0, whole_s - seconds))
        vocal, backing = (crop(track, start_s=start_s, seconds=seconds) for track in (example.vocal, example.backing))
        if measure_balance(vocal.energies, backing.energies).active_share >= 1.0 / 3.0:
            break
    return vocal, backing
