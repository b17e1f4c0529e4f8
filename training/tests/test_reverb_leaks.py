"""The reverb that a vocal carries must not tell which reverb is recommended; the leak is also opened on purpose."""

import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from sitwell import io
from sitwell.analysis import FEATURES, Track, measure_features, measure_track, without_tails
from sitwell.audio import Audio
from sitwell.effects import Reverb, apply
from sitwell_training.reverb.professionals import priors
from sitwell_training.reverb.targets import reverb_targets
from sitwell_training.targets.estimators import Fitted, Recipe
from sitwell_training.targets.nested import Songs, fit
from sitwell_training.targets.rows import WHOLE, Rows
from tests.songs import band, voice

Floats = npt.NDArray[np.float64]

_MOST = 0.1  # of the decay
_SECONDS = 8.0
_TRUSTING = Recipe("ridge", "all", 0.5)  # far less held back than anything that is shipped
_DECAYS_S = (0.4, 5.0)
DECAY = reverb_targets(priors())[0]


def wet(vocal: Audio, decay_s: float, *, return_db: float = -8.0) -> Audio:
    """Add a reverb of one decay to a vocal, its tail cut off where the vocal ends."""
    room = Reverb(return_db=return_db, decay_low_s=decay_s, decay_mid_s=decay_s, decay_high_s=0.7 * decay_s)
    return Audio.of(vocal.samples + apply(room, vocal).samples[:, : vocal.length], vocal.sample_rate)


Measure = Callable[[Track, Track], Floats]


def robust(vocal: Track, backing: Track) -> Floats:
    """Measure what the choice of reverb looks at."""
    return measure_features(without_tails(vocal), backing)[[FEATURES.index(name) for name in DECAY.features]]


def with_tail(vocal: Track, backing: Track) -> Floats:
    """Look at the pauses too: how fast the vocal falls, which its reverb slows down."""
    steps_db = np.diff(10.0 * np.log10(np.maximum(vocal.energies, 1e-9)))
    return np.append(robust(vocal, backing), math.log(-float(steps_db[steps_db < -1.0].mean())))


def learned(vocals: Sequence[Audio], measure: Measure) -> Fitted:
    """Learn from vocals whose only reverb is the label: there is nothing else that could tell it."""
    decays_s = np.geomspace(*_DECAYS_S, len(vocals))[np.random.default_rng(0).permutation(len(vocals))]
    sounds = [wet(vocal, decay_s) for vocal, decay_s in zip(vocals, decays_s.tolist(), strict=True)]
    seen = np.array([
        measure(measure_track(sound), measure_track(backing(sound, number))) for number, sound in enumerate(sounds)
    ])  # fmt: skip
    numbers = np.arange(len(vocals))
    rows = Rows(seen, numbers, np.full(len(vocals), WHOLE), np.full(len(vocals), 10.0))
    names = tuple(f"feature {number}" for number in range(seen.shape[1]))
    songs = Songs(
        rows, tuple(f"singer {number}" for number in numbers), np.log(decays_s), names, np.full(len(vocals), 60.0)
    )
    return fit(_TRUSTING, songs, DECAY, seed=0)


def backing(vocal: Audio, number: int) -> Audio:
    return band(vocal.seconds, vocal.sample_rate, seed=number)


def moved(vocals: tuple[Sequence[Audio], Sequence[Audio]], measure: Measure) -> float:
    """Find how far a reverb on the vocal moves the recommended decay, as a share of it, over vocals never seen."""
    fitted = learned(vocals[0], measure)
    shares = []
    for number, vocal in enumerate(vocals[1], 100):
        under = measure_track(backing(vocal, number))
        takes = [vocal, *(wet(vocal, decay_s) for decay_s in _DECAYS_S)]
        asked_s = np.exp(fitted.predict(np.array([measure(measure_track(take), under) for take in takes])))
        shares.append(np.abs(asked_s / asked_s[0] - 1.0).max())
    return float(max(shares))


@pytest.fixture(scope="module")
def generated() -> tuple[list[Audio], list[Audio]]:
    """Make ten singers to learn from, and two others, each of another register."""
    singers = [_sung_at(voice(2.0 * _SECONDS, 16000, seed=seed), 0.7 + 0.1 * ((5 * seed) % 12)) for seed in range(12)]
    return singers[:10], singers[10:]


def _sung_at(vocal: Audio, speed: float) -> Audio:
    """Sing higher and faster, or lower and slower."""
    at = np.arange(int(_SECONDS * vocal.sample_rate)) * speed
    return Audio.of(
        np.stack([np.interp(at, np.arange(vocal.length), side) for side in vocal.samples]), vocal.sample_rate
    )


def test_a_reverb_on_the_vocal_does_not_move_the_recommended_decay(generated: tuple[list[Audio], list[Audio]]) -> None:
    assert moved(generated, robust) <= _MOST


def test_the_check_finds_a_feature_that_hears_the_tail(generated: tuple[list[Audio], list[Audio]]) -> None:
    assert moved(generated, with_tail) > 2 * _MOST


def test_no_feature_of_when_or_how_clearly_it_is_sung_is_looked_at() -> None:
    hidden = set(FEATURES) - set(DECAY.features)
    assert {"vocal_active_share", "vocal_onsets_per_s", "audible_share", "backing_lift_lu"} <= hidden


@pytest.fixture(scope="module")
def real(data: Path) -> tuple[list[Audio], list[Audio]]:
    """Read eight seconds of singers to learn from, and of four others."""
    folder = data / "dry_vocals" / "gtsinger"
    patterns = ("S*Ground_Truth*", "fr0?_Control*")
    return tuple([_opening(io.read(file)) for file in sorted(folder.glob(files))] for files in patterns)  # type: ignore[return-value]


@pytest.mark.audio_data
def test_real_singing_does_not_tell_its_reverb_either(real: tuple[list[Audio], list[Audio]]) -> None:
    assert moved(real, robust) <= _MOST


@pytest.mark.audio_data
def test_the_check_finds_the_tail_of_real_singing(real: tuple[list[Audio], list[Audio]]) -> None:
    assert moved(real, with_tail) > _MOST


def _opening(vocal: Audio) -> Audio:
    return Audio.of(vocal.samples[:, : int(_SECONDS * vocal.sample_rate)], vocal.sample_rate)
