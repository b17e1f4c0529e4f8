"""`sitwell mix`, `plan` and `render`: from two files to a mix, to a plan, and from a plan to a mix."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell import io, pipeline
from sitwell.cli.catalog import CatalogUrl, backing_of
from sitwell.cli.door import ProgressLine, door, print_json, say, warn
from sitwell.cli.options import (
    Amount,
    AsJson,
    Backing,
    BitDepth,
    Ceiling,
    Loudness,
    MaxMinutes,
    Method,
    Model,
    NamedOrFile,
    Only,
    Out,
    Picture,
    Quiet,
    Report,
    ReverbLevel,
    Settings,
    Stems,
    Targets,
    Vocal,
    VocalLevel,
    VocalTone,
)
from sitwell.cli.wishes import wishes_of
from sitwell.cli.words import mix_lines
from sitwell.pipeline import MixResult, Outputs
from sitwell.plan import MixPlan
from sitwell.wishes import Wishes


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
    show(result, as_json=as_json, quiet=quiet)


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
        show(result, as_json=True, quiet=quiet)
    else:
        warn(result.warnings, quiet=quiet)
        typer.echo(result.plan.to_json(), nl=False)


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
    chosen = read_plan(plan)
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
    show(result, as_json=as_json, quiet=quiet)


def read_plan(path: Path) -> MixPlan:
    """Read a plan from a file."""
    return MixPlan.from_json(io.read_text(path))


def show(result: MixResult, *, as_json: bool, quiet: bool) -> None:
    """Say what came out, as JSON or in lines."""
    if as_json:
        print_json(result.to_dict())
        return
    warn(result.warnings, quiet=quiet)
    for line in mix_lines(result):
        say(line, quiet=quiet)
