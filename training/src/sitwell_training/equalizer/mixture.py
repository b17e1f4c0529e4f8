"""The estimator of an unknown equalizer from a portrait: what such a voice would look like, and what is left.

1. Expectation: ridge regression predicts the natural spectrum of a voice from what no equalizer changes
   (differences between its spectra, traits). What is left, d, is natural variation plus equalizer.
2. Wiener filters: for equalizers of six strengths (covariance C) and natural variation (covariance N, of
   artists left out), the best linear guess is C (C + N)^-1 d.
3. A small gate looks at how likely d is under each strength and mixes the six guesses, and none.

A Gaussian scale mixture (Wainwright & Simoncelli, NIPS 1999) with a learned posterior. It needs no deep
learning library, is trained in a minute, and every matrix in it can be drawn.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from sitwell.analysis import VOICE_HZ
from sitwell_training.equalizer.examples import Examples

Floats = npt.NDArray[np.float64]

JUDGED_HZ = (195.0, 10500.0)
JUDGED = (JUDGED_HZ[0] < VOICE_HZ) & (JUDGED_HZ[1] > VOICE_HZ)
CLIP = 5.0  # standard deviations: what is further off than any training voice says no more
_STRENGTHS_DB = (1.0, 1.8, 2.6, 3.6, 5.0)  # rms that part the six classes of corruptions
_RIDGE, _SHRINK, _NOISE_DB2 = 3.0, 0.3, 0.3
_HIDDEN = 8
_TYPICAL = 0.95


@dataclass(frozen=True, eq=False)
class Mixture:
    """A fitted estimator; all arrays float64. `k` components, `f` features, 46 bands."""

    mean: Floats  # (f,)
    scale: Floats  # (f,)
    expected: Floats  # (46,)
    ridge: Floats  # (f, 46)
    precision: Floats  # (k + 1, 46, 46), the first without equalizer
    wiener: Floats  # (k, 46, 46): guess = d @ wiener
    gate: tuple[Floats, ...]  # mean, scale (k + 2,), weights (k + 2, h), bias (h,), weights (h, k + 1), bias
    distance: float

    def predict(self, examples: Examples) -> tuple[Floats, Floats]:
        """Estimate the equalizer that was applied: response (n, 46) in dB, likeness to known voices (n,)."""
        features, mask = features_of(examples)
        unit = _standard(features, self.mean, self.scale) * mask
        left = centred(spectrum_of(examples) - (self.expected + unit @ self.ridge), examples.audible)
        chances = _gate(self.gate, _evidence(left, self.precision))
        guesses = np.einsum("nb,kbc->nkc", left, self.wiener)
        response = centred(np.einsum("nk,nkc->nc", chances[:, 1:], guesses), examples.audible)
        far = np.sqrt((unit**2).sum(axis=1) / mask.sum(axis=1))
        return response, np.minimum(1.0, self.distance / np.maximum(far, 1e-9))


def centred(values_db: Floats, audible: Floats) -> Floats:
    """Take off the mean over audible bands between 200 Hz and 10 kHz; bands that hold nothing are 0."""
    weight = audible * JUDGED
    mean = (values_db * weight).sum(axis=-1, keepdims=True) / np.maximum(weight.sum(axis=-1, keepdims=True), 1.0)
    return np.asarray((values_db - mean) * audible)


def spectrum_of(examples: Examples) -> Floats:
    """Give the mean spectrum (n, 46), the one of which the rest are differences."""
    return examples.spectra_db[:, 0]


def features_of(examples: Examples) -> tuple[Floats, Floats]:
    """Give what no equalizer changes (n, f), and a mask of the features whose bands hold anything."""
    differences = examples.spectra_db[:, 1:] - examples.spectra_db[:, :1]
    pairs = differences.reshape(len(differences), differences.shape[1], -1, 2).mean(axis=3)
    both = examples.audible.reshape(len(differences), 1, -1, 2).min(axis=3)
    mask = np.broadcast_to(both, pairs.shape).reshape(len(pairs), -1)
    features = np.concatenate([pairs.reshape(len(pairs), -1), examples.traits], axis=1)
    return features, np.concatenate([mask, np.ones_like(examples.traits)], axis=1)


def fit_mixture(
    examples: Examples,
    corruptions: dict[str, Floats],
    *,
    shares: dict[str, float],
    scales_db: dict[str, float],
    rng: np.random.Generator,
    draws: int,
    progress: Callable[[float], None] = lambda _: None,
) -> Mixture:
    """Fit to natural examples and corruptions (m, 46) in dB by kind.

    `shares` of each kind in training, `scales_db` by which its error counts: the larger, the less. The
    natural variation and the distances are those of artists left out in turn (six folds).
    """
    features, mask = features_of(examples)
    left, far = _left_out(examples, features, mask, progress)
    natural = _covariance(left, examples.weights)
    classes = _classes(np.concatenate([corruptions[kind] for kind in corruptions if kind != "none"]))
    precision = np.stack([np.linalg.inv(natural), *(np.linalg.inv(each + natural) for each in classes)])
    wiener = np.stack([np.linalg.solve(each + natural, each) for each in classes])
    gate = _fit_gate(left, examples, corruptions, shares, scales_db, precision, wiener, rng, draws)
    mean, scale, expected, ridge = _ridge(features, mask, spectrum_of(examples), examples)
    progress(1.0)
    return Mixture(mean, scale, expected, ridge, precision, wiener, gate, float(np.quantile(far, _TYPICAL)))


def _ridge(
    features: Floats, mask: Floats, spectra: Floats, examples: Examples
) -> tuple[Floats, Floats, Floats, Floats]:
    weights = examples.weights[:, None]
    counted = np.maximum((mask * weights).sum(axis=0), 1e-9)
    mean = (features * mask * weights).sum(axis=0) / counted
    scale = np.sqrt(((features - mean) ** 2 * mask * weights).sum(axis=0) / counted) + 1e-3
    unit = _standard(features, mean, scale) * mask
    natural = centred(spectra, examples.audible)
    heard = np.maximum((examples.audible * weights).sum(axis=0), 1e-9)
    expected = (natural * weights).sum(axis=0) / heard
    deviation = (natural - expected) * examples.audible
    gram = (unit * weights).T @ unit + _RIDGE * np.eye(unit.shape[1])
    return mean, scale, expected, np.linalg.solve(gram, (unit * weights).T @ deviation)


def _standard(features: Floats, mean: Floats, scale: Floats) -> Floats:
    return np.clip((features - mean) / scale, -CLIP, CLIP)


def _left_out(
    examples: Examples, features: Floats, mask: Floats, progress: Callable[[float], None]
) -> tuple[Floats, Floats]:
    """Find what the expectation leaves of examples of artists it has not seen, and how far from the rest they are."""
    left, far = np.zeros_like(spectrum_of(examples)), np.zeros(len(features))
    folds = fold_of(examples.artists, 6)
    for fold in range(6):
        out = folds == fold
        if not out.any():
            continue
        seen = examples.of(~out)
        mean, scale, expected, ridge = _ridge(features[~out], mask[~out], spectrum_of(seen), seen)
        unit = _standard(features[out], mean, scale) * mask[out]
        left[out] = centred(spectrum_of(examples)[out] - (expected + unit @ ridge), examples.audible[out])
        far[out] = np.sqrt((unit**2).sum(axis=1) / mask[out].sum(axis=1))
        progress(0.1 * (fold + 1))
    return left, far


def fold_of(artists: npt.NDArray[np.str_], count: int) -> npt.NDArray[np.intp]:
    """Put artists into folds of nearly equal numbers of examples: (n,) fold of each example."""
    names, number, sizes = np.unique(artists, return_inverse=True, return_counts=True)
    load, of_artist = np.zeros(count), np.zeros(len(names), dtype=np.intp)
    for artist in np.argsort(-sizes, kind="stable"):
        of_artist[artist] = int(np.argmin(load))
        load[of_artist[artist]] += sizes[artist]
    return np.asarray(of_artist[number])


def _covariance(left: Floats, weights: Floats) -> Floats:
    raw = (left * weights[:, None]).T @ left
    return np.asarray((1.0 - _SHRINK) * raw + _SHRINK * np.diag(np.diag(raw)) + _NOISE_DB2 * np.eye(len(raw)))


def _classes(responses: Floats) -> list[Floats]:
    """Sort corruptions by strength and give the covariance of each class (46, 46)."""
    strength = np.sqrt((responses[:, JUDGED] ** 2).mean(axis=1))
    number = np.searchsorted(_STRENGTHS_DB, strength)
    return [
        responses[number == each].T @ responses[number == each] / (number == each).sum() + 1e-3 * np.eye(VOICE_HZ.size)
        for each in range(len(_STRENGTHS_DB) + 1)
        if (number == each).any()
    ]


def _evidence(left: Floats, precision: Floats) -> Floats:
    """Measure how odd d is without equalizer and under each strength: (n, k + 2)."""
    odd = np.einsum("nb,kbc,nc->nk", left, precision, left) / VOICE_HZ.size
    return np.concatenate([odd, np.log(odd[:, :1] + 1e-6)], axis=1)


def _gate(gate: tuple[Floats, ...], evidence: Floats) -> Floats:
    mean, scale, first, bias, second, last = gate
    logits = np.tanh((evidence - mean) / scale @ first + bias) @ second + last
    chances = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(chances / chances.sum(axis=1, keepdims=True))


def _fit_gate(
    left: Floats,
    examples: Examples,
    corruptions: dict[str, Floats],
    shares: dict[str, float],
    scales_db: dict[str, float],
    precision: Floats,
    wiener: Floats,
    rng: np.random.Generator,
    draws: int,
) -> tuple[Floats, ...]:
    """Train the gate on left-out examples with random equalizers: least squares of the response in judged bands."""
    kinds = list(shares)
    rows = rng.choice(len(left), draws, p=examples.weights)
    kind = rng.choice(len(kinds), draws, p=[shares[name] for name in kinds])
    pick = rng.random(draws)
    truth = np.stack(
        [corruptions[kinds[k]][int(u * len(corruptions[kinds[k]]))] for k, u in zip(kind, pick, strict=True)]
    )
    audible = examples.audible[rows]
    truth = centred(truth, audible)
    spoiled = left[rows] + truth
    evidence = _evidence(spoiled, precision)
    mean, scale = evidence.mean(axis=0), evidence.std(axis=0) + 1e-9
    weight = (audible * JUDGED) / np.array([scales_db[name] for name in kinds])[kind][:, None] ** 2
    guesses = np.einsum("nb,kbc->nkc", spoiled, wiener)
    gram = np.einsum("nkc,njc,nc->nkj", guesses, guesses, weight) / JUDGED.sum()
    match = np.einsum("nkc,nc->nk", guesses, truth * weight) / JUDGED.sum()
    inputs, parts = (evidence - mean) / scale, wiener.shape[0] + 1
    shapes = [(inputs.shape[1], _HIDDEN), (_HIDDEN,), (_HIDDEN, parts), (parts,)]
    start = np.concatenate([0.3 * rng.standard_normal(int(np.prod(shape))) for shape in shapes])

    def loss(flat: Floats) -> tuple[float, Floats]:
        first, bias, second, last = _parted(flat, shapes)
        hidden = np.tanh(inputs @ first + bias)
        logits = hidden @ second + last
        chances = np.exp(logits - logits.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        mixed = chances[:, 1:]
        pull = np.einsum("nkj,nj->nk", gram, mixed)
        value = (mixed * (pull - 2.0 * match)).sum() / draws + 1e-4 * (flat**2).sum()
        slope = np.concatenate([np.zeros((draws, 1)), 2.0 * (pull - match)], axis=1) / draws
        d_logits = chances * (slope - (chances * slope).sum(axis=1, keepdims=True))
        d_hidden = d_logits @ second.T * (1.0 - hidden**2)
        parts_ = (inputs.T @ d_hidden, d_hidden.sum(axis=0), hidden.T @ d_logits, d_logits.sum(axis=0))
        return float(value), np.concatenate([part.ravel() for part in parts_]) + 2e-4 * flat

    best = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 300})
    return (mean, scale, *_parted(np.asarray(best.x), shapes))


def _parted(flat: Floats, shapes: list[tuple[int, ...]]) -> tuple[Floats, ...]:
    ends = np.cumsum([int(np.prod(shape)) for shape in shapes])
    return tuple(part.reshape(shape) for part, shape in zip(np.split(flat, ends[:-1]), shapes, strict=True))
