"""`sitwell catalog`: backings that are used again, measured once; and `catalog:ID` where a command takes a backing."""

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from sitwell.catalogue import Catalogue, Entry, id_in, is_reference
from sitwell.cli.door import ProgressLine, door, print_json, say
from sitwell.errors import PlanError, SitwellError
from sitwell.value import Json

EXIT_PARTIAL = 4  # some of several failed
VARIABLE = "SITWELL_CATALOG"

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Backings that are used again, measured once.")

CatalogUrl = Annotated[
    str | None,
    typer.Option(
        "--catalog", metavar="DIR|URL", envvar=VARIABLE, help="where backings are kept; your own folder unless told"
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")]


def catalogue_url(url: str | None) -> str:
    """Choose the catalogue: the one told, or a folder of the person's own."""
    return url or os.path.join(typer.get_app_dir("sitwell"), "catalog")


def backing_of(backing: Path, url: str | None) -> Path | Entry:
    """Turn `catalog:ID` into the entry it names; anything else is a file."""
    return Catalogue.open(catalogue_url(url)).get(id_in(backing)) if is_reference(backing) else backing


@app.command()
@door
def add(
    backings: Annotated[list[Path], typer.Argument(metavar="BACKING...", help="finished backing tracks")],
    id: Annotated[
        str | None, typer.Option("--id", help="what to call it; the file's name unless told; for one backing only")
    ] = None,
    link: Annotated[bool, typer.Option("--link", help="keep no copy of the sound, only where it lies")] = False,
    replace: Annotated[bool, typer.Option("--replace", help="take the place of another backing of this id")] = False,
    catalog: CatalogUrl = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure backings and keep them."""
    if id is not None and len(backings) > 1:
        text = f"--id names one backing, got {len(backings)}; leave it out to use their names"
        raise PlanError("catalog.one_id", text)
    catalogue, added, failed = Catalogue.open(catalogue_url(catalog)), list[Json](), list[Json]()
    for path in backings:
        try:
            with ProgressLine(quiet=quiet) as line:
                entry = catalogue.add(path, id=id, link=link, replace=replace, progress=partial(line, path.name))
        except SitwellError as error:
            if len(backings) == 1:
                raise
            say(f"error: {error.message} [{error.code}]")
            failed.append({"file": str(path), "code": error.code, "message": error.message})
        else:
            say(f"catalog:{entry.id}  {entry.record.seconds:.1f} s, {entry.sample_rate} Hz", quiet=quiet)
            added.append(_told(entry))
    if as_json:
        print_json({"catalog": catalogue.place.url, "added": added, "failed": failed})
    if failed:
        raise typer.Exit(EXIT_PARTIAL)


@app.command("list")
@door
def list_(catalog: CatalogUrl = None, as_json: AsJson = False) -> None:
    """List the backings there are."""
    catalogue = Catalogue.open(catalogue_url(catalog))
    if as_json:
        print_json({"catalog": catalogue.place.url, "backings": [_told(entry) for entry in catalogue.list()]})
        return
    for entry in catalogue.list():
        record = entry.record
        typer.echo(f"{record.id:<32} {record.seconds:7.1f} s {record.sample_rate:6d} Hz  {record.link or record.name}")


@app.command()
@door
def verify(
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID...]", help="all unless told")] = None,
    repair: Annotated[bool, typer.Option("--repair", help="measure anew what is missing or damaged")] = False,
    catalog: CatalogUrl = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Check every sound against its hash, and every analysis."""
    catalogue, found, bad = Catalogue.open(catalogue_url(catalog)), list[Json](), 0
    for finding in catalogue.verify(ids or None, repair=repair):
        problems = [{"code": problem.code, "message": problem.message} for problem in finding.problems]
        found.append({"id": finding.id, "problems": problems, "repaired": finding.repaired})
        bad += bool(problems) and not finding.repaired
        for problem in finding.problems:
            done = "; measured anew" if finding.repaired else ""
            say(f"{problem.message}{done} [{problem.code}]", quiet=quiet)
    say(f"{len(found)} backings looked at, {bad} with problems", quiet=quiet)
    if as_json:
        print_json({"catalog": catalogue.place.url, "backings": found})
    if bad:
        raise typer.Exit(EXIT_PARTIAL)


@app.command()
@door
def remove(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="as `list` names them")],
    catalog: CatalogUrl = None,
    quiet: Quiet = False,
) -> None:
    """Take backings out, with the catalogue's copies of their sounds."""
    catalogue = Catalogue.open(catalogue_url(catalog))
    for entry in _all_known(catalogue, ids):
        catalogue.remove(entry.id)
        say(f"removed {entry.id}", quiet=quiet)


def _all_known(catalogue: Catalogue, ids: Iterable[str]) -> list[Entry]:
    """Find all before one is removed."""
    return [catalogue.get(id) for id in ids]


def _told(entry: Entry) -> Json:
    return {"reference": f"catalog:{entry.id}"} | entry.record.to_dict()
