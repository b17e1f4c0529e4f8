"""How well an equalizer is found for artists nobody has seen: residual over corruption, and harm to what was right."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sitwell.analysis import VOICE_HZ
from sitwell.evaluate.bootstrap import Figure, estimate
from sitwell.evaluate.corruption import KINDS, draw_corruption
from sitwell.value import Json
from sitwell_training.equalizer.examples import Examples
from sitwell_training.equalizer.mixture import JUDGED, Mixture, centred, fold_of

Floats = npt.NDArray[np.float64]
REPEATS = 6  # corruptions of each kind a stretch is judged with


def draw_responses(count: int, *, rng: np.random.Generator) -> dict[str, Floats]:
    """Draw the responses (count, 46) in dB of each kind of corruption."""
    return {kind: np.stack([draw_corruption(kind, rng).response_db(VOICE_HZ) for _ in range(count)]) for kind in KINDS}


def cross_validate(
    examples: Examples,
    tests: dict[str, Examples],
    fit: Callable[[Examples, Callable[[float], None]], Mixture],
    corruptions: dict[str, Floats],
    *,
    seed: int,
    folds: int = 5,
    progress: Callable[[float], None] = lambda _: None,
) -> Json:
    """Fit without each fold of artists in turn and judge on them: by name of the test set, by kind of corruption.

    Folds are made of the artists of the first test set; those who are in no test set (dry singers) are always
    learned from.
    """
    first = next(iter(tests.values()))
    fold = dict(zip(first.artists.tolist(), fold_of(first.artists, folds).tolist(), strict=True))
    rows: dict[str, list[tuple[str, str, float, float]]] = {name: [] for name in tests}
    for number in range(folds):
        seen = np.array([fold.get(artist, -1) != number for artist in examples.artists.tolist()])
        share = number / folds
        model = fit(examples.of(seen), lambda done, share=share: progress(share + done / folds))  # type: ignore[misc]
        for name, test in tests.items():
            out = np.array([fold.get(artist) == number for artist in test.artists.tolist()])
            if out.any():
                rows[name] += judged(model, test.of(out), corruptions, seed=seed)
    return {name: table(found) for name, found in rows.items() if found}


def judged(
    model: Mixture, test: Examples, corruptions: dict[str, Floats], *, seed: int
) -> list[tuple[str, str, float, float]]:
    """Spoil each example and undo it: (kind, artist, mean square of residual, of corruption) in dB²."""
    rng = np.random.default_rng(seed)
    found = []
    for kind in KINDS:
        rows = np.repeat(np.arange(len(test.artists)), 1 if kind == "none" else REPEATS)
        many = test.of(rows)
        truth = centred(corruptions[kind][rng.integers(len(corruptions[kind]), size=len(rows))], many.audible)
        estimated, likeness = model.predict(spoiled(many, truth))
        residual = truth - estimated * likeness[:, None]
        weight = many.audible * JUDGED
        count = np.maximum(weight.sum(axis=1), 1.0)
        left, there = (residual**2 * weight).sum(axis=1) / count, (truth**2 * weight).sum(axis=1) / count
        found += [(kind, *row) for row in zip(many.artists.tolist(), left.tolist(), there.tolist(), strict=True)]
    return found


def spoiled(examples: Examples, response_db: Floats) -> Examples:
    """Equalize examples: every spectrum moves by the response (n, 46)."""
    moved = examples.spectra_db + response_db[:, None, :]
    return Examples(moved, examples.traits, examples.audible, examples.artists, examples.dry)


def table(rows: list[tuple[str, str, float, float]]) -> Json:
    """Give the residual ratio (rms over rms) of each kind, and the rms change of what was right, with intervals."""
    out: Json = {}
    for kind in KINDS:
        chosen = [row for row in rows if row[0] == kind]
        artists = [row[1] for row in chosen]
        values = np.array([row[2:] for row in chosen])
        if kind == "none":
            rms = np.sqrt(values[:, 0])
            out["null_db"] = estimate(rms, artists).to_dict()
            out["null_rms_db"] = estimate(values[:, 0], artists, lambda part: float(np.sqrt(part.mean()))).to_dict()
        else:
            out[kind] = ratio(values, artists).to_dict()
    return out


def ratio(values: Floats, artists: list[str]) -> Figure:
    """Divide the rms of what is left by the rms of what was there."""
    return estimate(values, artists, lambda part: float(np.sqrt(part[:, 0].mean() / part[:, 1].mean())))
