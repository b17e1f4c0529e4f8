"""What is learned: votes to a few components, and three networks that read decay and level of each octave from them."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.analysis.tails import TAIL_VOTES
from sitwell_training.extraction.examples import Examples
from sitwell_training.extraction.network import Network, fit_network

Floats = npt.NDArray[np.float64]

FIGURES = 2  # of an octave: log of the decay in s, level of the return in tens of dB
LEVEL_UNIT_DB = 10.0
DRY_DB = -36.0  # what an octave without reverb is said to have
NETWORKS = 3
_COMPONENTS = 80
VOTES_SCALE = 3.0  # brings the strongest component to about one


@dataclass(frozen=True, eq=False)
class Model:
    """Components (TAIL_VOTES, c) of the votes, and networks whose answers are averaged."""

    centre: Floats
    components: Floats
    networks: tuple[Network, ...]

    def __call__(self, features: npt.NDArray[np.float32]) -> Floats:
        """Read octaves: (n, 7, k) -> (n, 7, 5), both figures, both log scales, the logit that there is a reverb."""
        flat = self.seen(features.reshape(-1, features.shape[-1]))
        outputs = np.mean([network(flat) for network in self.networks], axis=0)
        return np.asarray(outputs.reshape(*features.shape[:2], -1))

    def seen(self, features: npt.NDArray[np.float32]) -> Floats:
        """Put components in the place of votes: (n, k) -> (n, c + k - TAIL_VOTES)."""
        votes = VOTES_SCALE * (features[:, :TAIL_VOTES] - self.centre) @ self.components
        return np.hstack([votes, features[:, TAIL_VOTES:]])


def fit_model(
    examples: Examples,
    *,
    seed: int,
    networks: int = NETWORKS,
    epochs: int = 60,
    progress: Callable[[float], None] = lambda _: None,
) -> Model:
    """Learn from examples; the same seed gives the same model."""
    features = _flat(examples.features)
    centre = features[:, :TAIL_VOTES].mean(axis=0, dtype=np.float64)
    centred = features[:, :TAIL_VOTES] - centre.astype(np.float32)
    _, vectors = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    components = vectors[:, : -_COMPONENTS - 1 : -1]
    empty = Model(centre, components * np.sign(components.sum(axis=0)), ())
    inputs, figures, there = empty.seen(features), targets(examples), np.repeat(examples.wet, 7).astype(np.float64)
    found = [
        fit_network(
            inputs, figures, there, rng=np.random.default_rng([seed, number]), epochs=epochs,
            progress=lambda share, number=number: progress((number + share) / networks),  # type: ignore[misc]
        )
        for number in range(networks)
    ]  # fmt: skip
    return Model(empty.centre, empty.components, tuple(found))


def targets(examples: Examples) -> Floats:
    """Write down what each octave is to say, (7n, FIGURES); a decay only where there is a reverb."""
    octaves_db = np.where(examples.wet[:, None], np.maximum(examples.octaves_db, DRY_DB), DRY_DB)
    return np.stack([np.log(examples.decay_s).ravel(), octaves_db.ravel() / LEVEL_UNIT_DB], axis=1)


def _flat(features: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return features.reshape(-1, features.shape[-1])
