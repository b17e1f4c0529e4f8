"""The commands of `sitwell`; each reads its options, calls the pipeline and shows what came back."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell import io, pipeline
from sitwell.analysis import Track
from sitwell.cli import catalog as catalog_commands
from sitwell.cli import demo as demo_song
from sitwell.cli import doctor as self_check
from sitwell.cli.batch import batch
from sitwell.cli.catalog import CatalogUrl, backing_of
from sitwell.cli.door import ProgressLine, door, print_json, say, warn
from sitwell.cli.evaluate import evaluate
from sitwell.cli.models import models
from sitwell.cli.reverb import reverb as reverb_commands
from sitwell.cli.serve import keys, serve
from sitwell.cli.studio import studio
from sitwell.cli.wishes import wishes_of
from sitwell.cli.words import mix_lines, track_lines
from sitwell.errors import ModelError, Notice
from sitwell.extraction import ReverbEstimate
from sitwell.pipeline import MixResult, Outputs
from sitwell.plan import MixPlan, plan_schema
from sitwell.processes import keep_freed_blocks
from sitwell.version import __version__
from sitwell.wishes import DEFAULT_METHOD, METHODS, STAGES, TARGETS, Wishes

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Makes a vocal sit well in its backing track, with parameters you can read and change.",
)

Vocal = Annotated[Path, typer.Argument(metavar="VOCAL", help="the vocal alone, raw or processed")]
Backing = Annotated[Path, typer.Argument(metavar="BACKING", help="the finished backing track, or catalog:ID")]
Out = Annotated[
    Path, typer.Option("-o", "--output", help="the mix; .wav .flac .ogg .mp3 .m4a .opus by its ending", metavar="OUT")
]
Stems = Annotated[
    Path | None, typer.Option("--stems", metavar="DIR", help="folder for vocal.wav, reverb.wav, backing.wav")
]
Report = Annotated[Path | None, typer.Option("--report", metavar="HTML", help="write a report to look at")]
Picture = Annotated[Path | None, typer.Option("--picture", metavar="SVG", help="draw spectrum and loudness")]
BitDepth = Annotated[str | None, typer.Option("--bit-depth", help="16, 24 or 32f for .wav, 16 or 24 for .flac")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="PATH=VALUE", help="set a knob by hand, such as vocal.compressor.ratio=3"),
]
NamedOrFile = Annotated[
    str | None,
    typer.Option(
        "--reverb", metavar="NAME|JSON", help="a reverb by name or file, see `sitwell reverb`; level is solved"
    ),
]
Method = Annotated[
    str | None,
    typer.Option("--method", help=f"who decides: {', '.join(METHODS)}; {DEFAULT_METHOD} unless a model is named"),
]
Model = Annotated[
    Path | None, typer.Option("--model", metavar="BUNDLE", help="folder of a model of your own, which then decides")
]
Targets = Annotated[
    str,
    typer.Option(
        "--targets", metavar="NAME=VALUE,...", help=f"figures to reach, whoever decides: {', '.join(TARGETS)}"
    ),
]
Amount = Annotated[float, typer.Option("--amount", metavar="PCT", help="0 to 150 %: scales every move")]
VocalLevel = Annotated[
    float, typer.Option("--vocal-level", metavar="LU", help="vocal above (+) or below (-) its target")
]
VocalTone = Annotated[float, typer.Option("--vocal-tone", metavar="DB", help="vocal brighter (+) or darker (-)")]
ReverbLevel = Annotated[float, typer.Option("--reverb-level", metavar="DB", help="vocal wetter (+) or drier (-)")]
Loudness = Annotated[str, typer.Option("--loudness", metavar="LUFS|off", help="loudness of the mix, or off")]
Ceiling = Annotated[float, typer.Option("--ceiling", metavar="DBTP", help="highest true peak of the mix")]
Only = Annotated[str, typer.Option("--only", metavar="STAGE,...", help=f"switch all else off: {', '.join(STAGES)}")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")]
MaxMinutes = Annotated[float, typer.Option("--max-minutes", help="refuse longer files")]


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="print the version and stop")] = False,
) -> None:
    if version:
        typer.echo(f"sitwell {__version__}")
        raise typer.Exit()


@app.command()
@door
def mix(
    vocal: Vocal,
    backing: Backing,
    output: Out,
    method: Method = None,
    model: Model = None,
    plan_out: Annotated[Path | None, typer.Option("--plan-out", metavar="PLAN.json", help="write the plan")] = None,
    report: Report = None,
    picture: Picture = None,
    stems: Stems = None,
    settings: Settings = None,
    reverb: NamedOrFile = None,
    targets: Targets = "",
    amount: Amount = 100.0,
    vocal_level: VocalLevel = 0.0,
    vocal_tone: VocalTone = 0.0,
    reverb_level: ReverbLevel = 0.0,
    loudness: Loudness = "-14",
    ceiling: Ceiling = -1.0,
    only: Only = "",
    bit_depth: BitDepth = None,
    catalog: CatalogUrl = None,
    max_minutes: MaxMinutes = 30.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Mix a vocal into its backing track."""
    wishes = wishes_of(
        method=method, model=model, amount=amount, vocal_level=vocal_level, vocal_tone=vocal_tone,
        reverb_level=reverb_level, loudness=loudness, ceiling=ceiling, only=only, targets=targets, settings=settings,
        reverb=reverb,
    )  # fmt: skip
    source = backing_of(backing, catalog)
    outputs = Outputs(mix=output, plan=plan_out, report=report, stems=stems, bit_depth=bit_depth, picture=picture)
    with ProgressLine(quiet=quiet) as progress:
        result = pipeline.mix(
            vocal, source, wishes=wishes, outputs=outputs, max_seconds=60 * max_minutes, progress=progress
        )
    _show(result, as_json=as_json, quiet=quiet)


@app.command()
@door
def plan(
    vocal: Vocal,
    backing: Backing,
    method: Method = None,
    model: Model = None,
    settings: Settings = None,
    reverb: NamedOrFile = None,
    targets: Targets = "",
    amount: Amount = 100.0,
    vocal_level: VocalLevel = 0.0,
    vocal_tone: VocalTone = 0.0,
    reverb_level: ReverbLevel = 0.0,
    loudness: Loudness = "-14",
    ceiling: Ceiling = -1.0,
    only: Only = "",
    catalog: CatalogUrl = None,
    max_minutes: MaxMinutes = 30.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Decide and measure a mix, and write nothing: the plan goes to stdout."""
    wishes = wishes_of(
        method=method, model=model, amount=amount, vocal_level=vocal_level, vocal_tone=vocal_tone,
        reverb_level=reverb_level, loudness=loudness, ceiling=ceiling, only=only, targets=targets, settings=settings,
        reverb=reverb,
    )  # fmt: skip
    source = backing_of(backing, catalog)
    with ProgressLine(quiet=quiet) as progress:
        result = pipeline.mix(vocal, source, wishes=wishes, max_seconds=60 * max_minutes, progress=progress)
    if as_json:
        _show(result, as_json=True, quiet=quiet)
    else:
        warn(result.warnings, quiet=quiet)
        typer.echo(result.plan.to_json(), nl=False)


@app.command()
@door
def render(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="a plan written by mix or plan, edited or not")],
    vocal: Vocal,
    backing: Backing,
    output: Out,
    report: Report = None,
    picture: Picture = None,
    stems: Stems = None,
    settings: Settings = None,
    reverb: NamedOrFile = None,
    bit_depth: BitDepth = None,
    catalog: CatalogUrl = None,
    max_minutes: MaxMinutes = 30.0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Render a plan as it is; nothing is decided again."""
    chosen = _read_plan(plan)
    if reverb is not None:
        level_db = chosen.reverb.return_db
        chosen = chosen.replace(reverb=pipeline.find_reverb(reverb).replace(enabled=True, return_db=level_db))
    chosen = Wishes(settings=tuple(settings or ())).apply(chosen)
    source = backing_of(backing, catalog)
    outputs = Outputs(mix=output, report=report, stems=stems, bit_depth=bit_depth, picture=picture)
    with ProgressLine(quiet=quiet) as progress:
        result = pipeline.render(
            chosen, vocal, source, outputs=outputs, max_seconds=60 * max_minutes, progress=progress
        )
    _show(result, as_json=as_json, quiet=quiet)


@app.command()
@door
def explain(
    plan: Annotated[Path, typer.Argument(metavar="PLAN", help="a plan written by mix or plan")],
) -> None:
    """Say in words what a plan does and why."""
    typer.echo(_in_words(_read_plan(plan)))


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
    _show(result, as_json=False, quiet=quiet)


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


def _read_plan(path: Path) -> MixPlan:
    return MixPlan.from_json(io.read_text(path))


def _in_words(plan: MixPlan) -> str:
    from sitwell.report import explain as in_words  # here, since most commands put nothing into words

    return in_words(plan)


def _show(result: MixResult, *, as_json: bool, quiet: bool) -> None:
    if as_json:
        print_json(result.to_dict())
        return
    warn(result.warnings, quiet=quiet)
    for line in mix_lines(result):
        say(line, quiet=quiet)
