"""A small network that says of each figure what it is and how far off that may be; numpy and nothing else.

    features (n, k) -> Linear h -> ReLU -> Linear h/2 -> ReLU -> Linear 2m + 1
                                                                 m figures, m log scales, 1 logit (there is a reverb)

The loss of a figure is that of a smooth Laplace distribution with a scale of its own, so that outliers count little and
the network learns when it is not to be believed; that of the logit is cross entropy. Adam, one cycle, dropout.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CLIP = 4.0  # features are looked at within so many deviations
LOG_SCALE = (-4.0, 2.0)
_BATCH, _RATE, _DECAY = 256, 4e-3, 1e-3
_DROP = (0.2, 0.1)


@dataclass(frozen=True, eq=False)
class Network:
    """Weights of three layers, and what brings features to mean 0 and deviation 1."""

    mean: Floats
    scale: Floats
    weights: tuple[Floats, ...]  # W1 b1 W2 b2 W3 b3

    def __call__(self, features: Floats) -> Floats:
        """Compute outputs (n, 2m + 1) of features (n, k)."""
        w1, b1, w2, b2, w3, b3 = self.weights
        inner = np.maximum(standardised(features, self.mean, self.scale) @ w1 + b1, 0.0)
        return np.asarray(np.maximum(inner @ w2 + b2, 0.0) @ w3 + b3)


def standardised(features: Floats, mean: Floats, scale: Floats) -> Floats:
    """Bring features to the scale on which a network sees them."""
    return np.clip((features - mean) / scale, -CLIP, CLIP)


def fit_network(
    features: Floats,
    figures: Floats,
    there: Floats,
    *,
    rng: np.random.Generator,
    hidden: int = 96,
    epochs: int = 60,
    progress: Callable[[float], None] = lambda _: None,
) -> Network:
    """Learn figures (n, m), NaN where unknown, and whether something is `there` (n,), from features (n, k)."""
    mean, scale = features.mean(axis=0), features.std(axis=0) + 0.05
    inputs, count = standardised(features, mean, scale).astype(np.float32), figures.shape[1]
    sizes = (inputs.shape[1], hidden, hidden // 2, 2 * count + 1)
    weights = [
        part
        for low, high in itertools.pairwise(sizes)
        for part in (rng.normal(0.0, np.sqrt(2.0 / low), (low, high)), np.zeros(high))
    ]
    moments = [(np.zeros_like(part), np.zeros_like(part)) for part in weights]
    steps = epochs * -(-len(inputs) // _BATCH)
    done = 0
    for epoch in range(epochs):
        for chosen in np.array_split(rng.permutation(len(inputs)), -(-len(inputs) // _BATCH)):
            done += 1
            slopes = _slopes(weights, inputs[chosen], figures[chosen], there[chosen], rng)
            _step(weights, moments, slopes, done, _rate(done / steps))
        progress((epoch + 1) / epochs)
    return Network(mean, scale, tuple(weights))


def _slopes(
    weights: list[Floats], inputs: npt.NDArray[np.float32], figures: Floats, there: Floats, rng: np.random.Generator
) -> list[Floats]:
    """Differentiate the mean loss of a batch."""
    w1, b1, w2, b2, w3, b3 = weights
    kept = [
        (rng.random((len(inputs), size)) > drop) / (1.0 - drop)
        for size, drop in zip((b1.size, b2.size), _DROP, strict=True)
    ]
    first = np.maximum(inputs @ w1 + b1, 0.0) * kept[0]
    second = np.maximum(first @ w2 + b2, 0.0) * kept[1]
    back = _loss_slope(second @ w3 + b3, figures, there) / len(inputs)
    back2 = (back @ w3.T) * kept[1] * (second > 0.0)
    back1 = (back2 @ w2.T) * kept[0] * (first > 0.0)
    return [inputs.T @ back1, back1.sum(0), first.T @ back2, back2.sum(0), second.T @ back, back.sum(0)]


def _loss_slope(outputs: Floats, figures: Floats, there: Floats) -> Floats:
    """Differentiate log s + sqrt(1 + 2 (r / s)²) and the cross entropy by the outputs."""
    count = figures.shape[1]
    known = np.isfinite(figures)
    raw = outputs[:, count : 2 * count]
    log_scale = np.clip(raw, *LOG_SCALE)
    off = np.where(known, np.nan_to_num(figures) - outputs[:, :count], 0.0) * np.exp(-log_scale)
    root = np.sqrt(1.0 + 2.0 * off**2)
    by_value = np.where(known, -2.0 * off / root * np.exp(-log_scale), 0.0)
    by_scale = np.where(known & (raw == log_scale), 1.0 - 2.0 * off**2 / root, 0.0)
    by_logit = 1.0 / (1.0 + np.exp(-outputs[:, -1:])) - there[:, None]
    return np.hstack([by_value, by_scale, by_logit])


def _step(
    weights: list[Floats], moments: list[tuple[Floats, Floats]], slopes: list[Floats], done: int, rate: float
) -> None:
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019)."""
    for part, (first, second), slope in zip(weights, moments, slopes, strict=True):
        first += 0.1 * (slope - first)
        second += 0.001 * (slope**2 - second)
        move = first / (1.0 - 0.9**done) / (np.sqrt(second / (1.0 - 0.999**done)) + 1e-8)
        part -= rate * (move + _DECAY * part)


def _rate(share: float) -> float:
    """Rise for three tenths of the time, then fall to nothing along a cosine."""
    if share < 0.3:
        return _RATE * (0.04 + 0.96 * share / 0.3)
    return float(_RATE * 0.5 * (1.0 + np.cos(np.pi * (share - 0.3) / 0.7)))
