"""The commands of `sitwell`; each reads its options, calls the pipeline and shows what came back."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell import pipeline
from sitwell.analysis import Track
from sitwell.cli import catalog as catalog_commands
from sitwell.cli import demo as demo_song
from sitwell.cli import doctor as self_check
from sitwell.cli.batch import batch
from sitwell.cli.door import ProgressLine, door, print_json, say, warn
from sitwell.cli.evaluate import evaluate
from sitwell.cli.mix import mix, plan, read_plan, render, show
from sitwell.cli.models import models
from sitwell.cli.options import AsJson, MaxMinutes, Quiet
from sitwell.cli.reverb import reverb as reverb_commands
from sitwell.cli.serve import keys, serve
from sitwell.cli.studio import studio
from sitwell.cli.words import track_lines
from sitwell.errors import ModelError, Notice
from sitwell.extraction import ReverbEstimate
from sitwell.pipeline import Outputs
from sitwell.plan import MixPlan, plan_schema
from sitwell.processes import keep_freed_blocks
from sitwell.version import __version__

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Makes a vocal sit well in its backing track, with parameters you can read and change.",
)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="print the version and stop")] = False,
) -> None:
    if version:
        typer.echo(f"sitwell {__version__}")
        raise typer.Exit()


app.command()(mix)
app.command()(plan)
app.command()(render)


@app.command()
@door
def explain(
    file: Annotated[Path, typer.Argument(metavar="PLAN", help="a plan written by mix or plan")],
) -> None:
    """Say in words what a plan does and why."""
    typer.echo(_in_words(read_plan(file)))


@app.command()
@door
def analyze(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="sound files")],
    max_minutes: MaxMinutes = 30.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure loudness, dynamics, spectrum, stereo image, tempo and defects of sound files, and how wet a vocal is."""
    tracks = []
    with ProgressLine(quiet=quiet) as progress:
        for file in files:
            track, heard = _heard(file, 60 * max_minutes, progress)
            progress.clear()
            tracks.append({"file": str(file)} | track.to_dict() | {"reverb": heard.to_report() if heard else None})
            if not as_json:
                typer.echo("\n".join(track_lines(track, heard)))
    if as_json:
        print_json({"files": tracks})


@app.command()
@door
def schema() -> None:
    """Print the JSON Schema of a plan, with range, unit and text of every knob."""
    print_json(plan_schema())


@app.command()
@door
def doctor(as_json: AsJson = False) -> None:
    """Check this installation: versions, formats, a write test and a mix of two seconds."""
    checks = self_check.examine()
    if as_json:
        print_json(checks.to_dict())
    else:
        typer.echo("\n".join(checks.lines()))
    if not checks.ok:
        raise typer.Exit(1)


@app.command()
@door
def demo(
    folder: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="where the files go")] = Path("demo"),
    quiet: Quiet = False,
) -> None:
    """Mix an excerpt of a real song and say where the files are (needs the extra: sitwell[demo])."""
    vocal, backing = demo_song.prepare(folder)
    outputs = Outputs(
        mix=folder / "mix.wav",
        plan=folder / "plan.json",
        report=folder / "report.html",
        stems=folder / "stems",
        picture=folder / "mix.svg",
    )
    with ProgressLine(quiet=quiet) as progress:
        result = pipeline.mix(vocal, backing, outputs=outputs, progress=progress)
    say(_in_words(result.plan), quiet=quiet)
    show(result, as_json=False, quiet=quiet)


app.command()(batch)
app.command()(evaluate)
app.add_typer(catalog_commands.app, name="catalog")
app.command()(models)
app.add_typer(reverb_commands)
app.command()(serve)
app.add_typer(keys, name="keys")
app.command()(studio)


def run() -> None:
    """Start the command line."""
    keep_freed_blocks()
    app()


def _heard(file: Path, max_seconds: float, progress: ProgressLine) -> tuple[Track, ReverbEstimate | None]:
    """Measure a file, and its reverb where there is a model that hears it."""
    try:
        return pipeline.extract(file, max_seconds=max_seconds, progress=progress)
    except ModelError as error:
        warn((Notice(error.code, f"reverb was not listened for: {error.message}"),))
        return pipeline.analyze(file, max_seconds=max_seconds, progress=progress), None


def _in_words(plan: MixPlan) -> str:
    from sitwell.report import explain as in_words  # here, since most commands put nothing into words

    return in_words(plan)
