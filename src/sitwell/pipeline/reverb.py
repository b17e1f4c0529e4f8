"""Reverbs as files and names: fit one to an impulse response, render its response, find one; the order of work."""

import difflib
import json
import os
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.audio import Audio
from sitwell.effects import Reverb, named_reverbs
from sitwell.errors import Notice, PlanError
from sitwell.fit import DEFAULT_EVALUATIONS, Fit, fit_response, reverb_response
from sitwell.pipeline.job import Progress

Source = str | os.PathLike[str] | Audio
_HIGHEST_RATE = 48000  # what a response holds above 24 kHz is not fitted
_LONGEST_S = 600.0  # read, so that an answer better than "too long" can be given
MOST_EVALUATIONS = 100_000


def fit_reverb(
    response: Source,
    output: Path | None = None,
    *,
    picture: Path | None = None,
    evaluations: int = DEFAULT_EVALUATIONS,
    seed: int = 0,
    progress: Progress = lambda _stage, _share: None,
) -> Fit:
    """Fit the reverb to an impulse response; write its knobs as JSON and a picture of both where that is asked for.

    Raises InputError `response.*`, PlanError `fit.budget` or OutputError.
    """
    if not 0 <= evaluations <= MOST_EVALUATIONS:
        raise PlanError("fit.budget", f"a budget of {evaluations} evaluations; allowed are 0 to {MOST_EVALUATIONS}")
    outputs = [path for path in (output, picture) if path is not None]
    io.refuse_overwriting_inputs(outputs, [] if isinstance(response, Audio) else [Path(response)])
    audio = _read(response)
    fit = fit_response(
        audio,
        rng=np.random.default_rng(seed),
        evaluations=evaluations,
        progress=lambda share: progress("fit", share),
    )
    if output is not None:
        io.write_text_atomic(output, reverb_to_json(fit.reverb))
    if picture is not None:
        from sitwell.report import reverb_picture  # here, since most fits draw nothing

        io.write_text_atomic(picture, reverb_picture(audio, fit.reverb))
    return fit


def render_reverb(
    reverb: Reverb,
    output: Path,
    *,
    sample_rate: int = 48000,
    seconds: float | None = None,
    bit_depth: str | None = None,
) -> tuple[Notice, ...]:
    """Write the impulse response of a reverb, by default as 32-bit float; says what the file could not hold."""
    sound = reverb_response(reverb, sample_rate, seconds)
    depth = bit_depth or ("32f" if output.suffix.lower() == ".wav" else None)
    with io.open_writer(output, sample_rate=sample_rate, bit_depth=depth) as writer:
        for block in sound.blocks():
            writer.write(block)
    if writer.clipped_samples:
        text = f"{output}: {writer.clipped_samples} samples were clipped; lower the return or write 32-bit float"
        return (*writer.notices, Notice("output.clipped", text))
    return writer.notices


def find_reverb(name: str | os.PathLike[str]) -> Reverb:
    """Give the starting point of that name, or read the file; raises PlanError `reverb.unknown` or `plan.*`."""
    text = os.fspath(name)
    if text in (known := named_reverbs()):
        return known[text].reverb
    if not Path(text).suffix and not Path(text).is_file():
        close = difflib.get_close_matches(text, known, n=1)
        hint = f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}, or a JSON file"
        raise PlanError("reverb.unknown", f"no reverb is named {text!r}; {hint}")
    return reverb_from_json(io.read_text(Path(text)))


def reverb_to_json(reverb: Reverb) -> str:
    """Write knobs as indented JSON text: what a plan's `reverb` holds."""
    return json.dumps(reverb.to_dict(), indent=2) + "\n"


def reverb_from_json(text: str) -> Reverb:
    """Read knobs, or the `reverb` of a whole plan or of what `fit --json` prints."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError("plan.json", f"the reverb is not JSON: {error}") from None
    if isinstance(data, dict) and isinstance(data.get("reverb"), dict):
        data = data["reverb"]
    return Reverb.from_dict(data, "reverb")


def _read(source: Source) -> Audio:
    if isinstance(source, Audio):
        return io.resample(source, min(source.sample_rate, _HIGHEST_RATE))
    rate = min(io.probe(source).sample_rate, _HIGHEST_RATE)
    return io.read(source, sample_rate=rate, max_seconds=_LONGEST_S)
