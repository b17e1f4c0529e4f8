"""Training of the equalizer to a task of a bundle: voices, spoiled examples, honest judgement, the graph."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits

from sitwell.analysis import SPECTRA, VOICE_HZ, VoiceFrames
from sitwell.errors import InputError
from sitwell.value import Json
from sitwell_training.bundle import TaskResult
from sitwell_training.equalizer.examples import Examples, fixed_stretches, random_stretches
from sitwell_training.equalizer.graph import to_onnx
from sitwell_training.equalizer.judge import cross_validate, draw_responses
from sitwell_training.equalizer.mixture import Floats, Mixture, fit_mixture
from sitwell_training.equalizer.presets import read_presets
from sitwell_training.equalizer.voices import Voice

Progress = Callable[[str, float], None]
SHARES = {"mild": 0.3, "medium": 0.25, "origin": 0.2, "none": 0.25}
# rms of each kind, by which its error counts; that of untouched vocals is set by the harm that may be done
SCALES_DB = {"mild": 1.75, "medium": 2.74, "origin": 4.45, "none": 1.75}
LIMIT_DB = 6.0
_DRAWS, _GATE_DRAWS = 4000, 12000
_FEW = 5


def fit_equalizer_task(
    voices: Sequence[tuple[Voice, VoiceFrames]],
    *,
    seed: int,
    presets: Path | None = None,
    progress: Progress = lambda _what, _share: None,
) -> TaskResult:
    """Train on measured voices and judge on artists left out; the same seed gives the same bytes.

    `presets` is the table that turns dry voices into mixed ones; without it they are left out. Raises
    InputError `fit.too_few` with fewer than five artists, `fit.test_song` when a test voice is among them.
    """
    known = [(voice, frames) for voice, frames in voices if not voice.dry or presets is not None]
    _refuse(known)
    with threadpool_limits(1):  # sums in another order would be other bytes
        rng = np.random.default_rng(seed)
        progress("portraits", 0.0)
        examples = _dressed(random_stretches(known, rng=rng), presets, rng)
        mixed = [(voice, frames) for voice, frames in known if not voice.dry]
        tests = {"10 s": fixed_stretches(mixed, seconds=10.0), "whole": fixed_stretches(mixed, seconds=None)}
        corruptions = draw_responses(_DRAWS, rng=rng)
        unseen = draw_responses(_DRAWS // 4, rng=rng)

        def fit(some: Examples, tell: Callable[[float], None]) -> Mixture:
            again = np.random.default_rng(seed)
            return fit_mixture(
                some, corruptions, shares=SHARES, scales_db=SCALES_DB, rng=again, draws=_GATE_DRAWS, progress=tell
            )

        figures = cross_validate(
            examples, tests, fit, unseen, seed=seed, progress=lambda share: progress("judging", 0.2 + 0.65 * share)
        )
        model = fit(examples, lambda share: progress("fitting", 0.85 + 0.15 * share))
    progress("done", 1.0)
    return _result(model, known, examples, figures)


def _refuse(voices: Sequence[tuple[Voice, VoiceFrames]]) -> None:
    tests = [voice.id for voice, _ in voices if voice.split != "train"]
    if tests:
        raise InputError("fit.test_song", f"{tests[0]} is a test voice; it must not be learned from")
    artists = {voice.artist for voice, _ in voices if not voice.dry}
    if len(artists) < _FEW:
        raise InputError(
            "fit.too_few", f"equalizer: mixed vocals of {len(artists)} artists; at least {_FEW} artists are needed"
        )


def _dressed(examples: Examples, presets: Path | None, rng: np.random.Generator) -> Examples:
    """Put random professional settings on dry voices."""
    if presets is None or not examples.dry.any():
        return examples
    responses = read_presets(presets)
    worn: Floats = responses[rng.integers(len(responses), size=len(examples.dry))] * examples.dry[:, None]
    return Examples(
        examples.spectra_db + worn[:, None, :], examples.traits, examples.audible, examples.artists, examples.dry
    )


def _result(
    model: Mixture, voices: Sequence[tuple[Voice, VoiceFrames]], examples: Examples, figures: Json
) -> TaskResult:
    helps = all(
        figures["whole"][kind]["high"] is not None and figures["whole"][kind]["high"] < 1.0
        for kind in ("medium", "origin")
    )
    config = {
        "kind": "model" if helps else "constant",
        "frequencies_hz": [round(hz, 3) for hz in VOICE_HZ.tolist()],
        "spectra": list(SPECTRA),
        "traits": int(examples.traits.shape[1]),
        "limit_db": LIMIT_DB,
    }
    if helps:
        config["file"] = "equalizer.onnx"
    verdict = "undoes part of what was done to vocals of artists left out: a model" if helps else (
        "does not undo what was done to vocals of artists left out; the equalizer is left to the rules"
    )  # fmt: skip
    facts = {
        "kind": config["kind"],
        "verdict": verdict,
        "voices": len(voices),
        "artists": len({voice.artist for voice, _ in voices}),
        "dry_voices": sum(voice.dry for voice, _ in voices),
        "examples": len(examples.dry),
        "training_shares": SHARES,
        "residual_ratio": figures,
        "table": _table(figures),
    }
    return TaskResult(config, to_onnx(model) if helps else None, facts)


def _table(figures: Json) -> str:
    """Write the figures as a Markdown table."""
    rows = [
        "| stretch | mild | medium | origin | untouched, mean dB |",
        "|---|---|---|---|---|",
    ]
    for name, found in figures.items():
        cells = [_cell(found[kind]) for kind in ("mild", "medium", "origin", "null_db")]
        rows.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(rows)


def _cell(figure: Json) -> str:
    between = f" ({figure['low']:.2f} to {figure['high']:.2f})" if figure["low"] is not None else ""
    return f"{figure['value']:.2f}{between}"
