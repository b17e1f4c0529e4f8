"""`sitwell reverb extract`: the reverb that a mixed vocal carries."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell import io, pipeline
from sitwell.cli.door import ProgressLine, door, print_json, say
from sitwell.cli.words import estimate_lines


@door
def extract(
    vocal: Annotated[Path, typer.Argument(metavar="WET_VOCAL", help="the vocal alone, as it was mixed")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="IR.wav", help="write a smooth response of this reverb")
    ] = None,
    model: Annotated[Path | None, typer.Option("--model", metavar="BUNDLE", help="a model of your own")] = None,
    max_minutes: Annotated[float, typer.Option("--max-minutes", help="refuse longer files")] = io.MAX_SECONDS / 60,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")] = False,
) -> None:
    """Estimate the reverb a vocal carries: decay by octave, level, balance; unknown where nothing can be heard."""
    with ProgressLine(quiet=quiet) as progress:
        track, estimate = pipeline.extract(
            vocal, model=model, output=output, singing=True, max_seconds=60 * max_minutes, progress=progress
        )
    if as_json:
        print_json(estimate.to_report())
    else:
        typer.echo("\n".join(estimate_lines(track, estimate)))
    if output is not None:
        say(f"response written to {output}", quiet=quiet)
