"""`sitwell-train dataset`: catalogues from data sets, their check, and their labels."""

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from sitwell.cli.door import EXIT_INPUT, door, print_json, say, warn
from sitwell.engines import ENGINES, choose_engine
from sitwell.errors import InputError, PlanError
from sitwell_training import cli_voices
from sitwell_training.adapters import ADAPTERS, Adapter, Found, Skipped, mixes, plain
from sitwell_training.progress import ProgressEstimate
from sitwell_training.sums import TOLERANCE_DB

EXIT_PARTIAL = 4  # some songs could not be used though they should
_BY_NATURE = {"dataset.no_vocal", "dataset.no_backing", "dataset.bleed"}  # such songs are in every data set
_CACHE = Path("~/.cache/sitwell-train").expanduser()

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Make, check and label catalogues of mixed songs.",
)

Folder = Annotated[Path, typer.Argument(metavar="FOLDER", help="where the data set lies")]
Out = Annotated[Path, typer.Option("-o", "--output", metavar="CATALOGUE", help="the catalogue; .jsonl or .parquet")]
Work = Annotated[
    Path | None, typer.Option("--work", metavar="DIR", help="where sums go; CATALOGUE.work beside it unless told")
]
TestShare = Annotated[
    float, typer.Option("--test-share", min=0.0, max=1.0, help="share of artists to test with, where nobody says")
]
Tolerance = Annotated[
    float, typer.Option("--tolerance", metavar="DB", help="how far the sum of the stems may be from the mixture")
]
Workers = Annotated[int | None, typer.Option("--workers", min=1, help="processes; one for each core unless told")]
ArtistFrom = Annotated[
    str, typer.Option("--artist-from", metavar="REGEX", help="its first group, in a song's path, is the artist")
]
Catalogue = Annotated[Path, typer.Argument(metavar="CATALOGUE", help=".jsonl, .parquet, or a folder of pairs")]
Cache = Annotated[Path, typer.Option("--cache", metavar="DIR", help="where finished work is kept")]
AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")]


def register(root: typer.Typer) -> None:
    """Add the commands to the command line."""
    for adapter in ADAPTERS:
        if adapter.find not in (plain.find, mixes.find):
            app.command(adapter.name, help=f"Make a catalogue of {adapter.text}.")(_command(adapter))
    cli_voices.register(app)
    root.add_typer(app, name="dataset")


def _command(adapter: Adapter) -> Callable[..., None]:
    @door
    def make(
        folder: Folder,
        output: Out,
        work: Work = None,
        test_share: TestShare = 0.3,
        tolerance: Tolerance = TOLERANCE_DB,
        workers: Workers = None,
        as_json: AsJson = False,
        quiet: Quiet = False,
    ) -> None:
        _make(
            _found(adapter, folder), output, work=work, test_share=test_share, tolerance=tolerance, workers=workers,
            as_json=as_json, quiet=quiet,
        )  # fmt: skip

    return make


@app.command("plain", help="Make a catalogue of folders with vocals.* and backing.*, or with stems that are summed.")
@door
def make_plain(
    folder: Folder,
    output: Out,
    artist_from: ArtistFrom = "",
    work: Work = None,
    test_share: TestShare = 0.3,
    tolerance: Tolerance = TOLERANCE_DB,
    workers: Workers = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make a catalogue of plain folders."""
    found = plain.find(_existing(folder), _pattern(artist_from))
    _make(
        found, output, work=work, test_share=test_share, tolerance=tolerance, workers=workers,
        as_json=as_json, quiet=quiet,
    )  # fmt: skip


@app.command("mixes", help="Split finished mixes into vocal and backing and make a catalogue of them.")
@door
def make_mixes(
    folder: Folder,
    output: Out,
    separator: Annotated[str, typer.Option("--separator", help="spleeter (offline) or demucs (needs a network once)")],
    artist_from: ArtistFrom = "",
    work: Work = None,
    test_share: TestShare = 0.3,
    workers: Annotated[int, typer.Option("--workers", min=1, help="processes; the separator uses all cores")] = 1,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make a catalogue of mixes."""
    found = mixes.find(_existing(folder), _pattern(artist_from))
    _make(
        found, output, work=work, test_share=test_share, separator=separator, workers=workers,
        as_json=as_json, quiet=quiet,
    )  # fmt: skip


@app.command("join")
@door
def join(
    catalogues: Annotated[list[Path], typer.Argument(metavar="CATALOGUE...", help="catalogues to put together")],
    output: Out,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Put catalogues together; artists with songs on both sides go to the test side."""
    from sitwell_training.assemble import one_side
    from sitwell_training.catalogue import read_catalogue, write_catalogue

    songs, notices = one_side([song for path in catalogues for song in read_catalogue(path)])
    write_catalogue(output, songs)
    warn(notices, quiet=quiet)
    say(f"{output}: {len(songs)} songs", quiet=quiet)
    if as_json:
        print_json({"catalogue": str(output), "songs": len(songs), "notices": [asdict(notice) for notice in notices]})


@app.command("check")
@door
def check(catalogue: Catalogue, workers: Workers = None, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Look for missing files, pairs that do not belong together, and artists or sounds in both train and test."""
    from sitwell_training.catalogue import read_catalogue
    from sitwell_training.check import check_songs

    songs = read_catalogue(catalogue)
    with ProgressEstimate("checking", quiet=quiet) as progress:
        report = check_songs(songs, workers=workers, progress=progress)
    if as_json:
        print_json(report.to_dict())
    else:
        typer.echo("\n".join(report.lines()))
    if not report.ok:
        raise typer.Exit(EXIT_INPUT)


@app.command("labels")
@door
def labels(
    catalogue: Catalogue,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="TABLE", help="write a row a song; .csv or .parquet")
    ] = None,
    cache: Cache = _CACHE,
    workers: Workers = None,
    engine: Annotated[str, typer.Option("--engine", help=" or ".join(ENGINES))] = "local",
    address: Annotated[str | None, typer.Option("--address", help="of a Ray cluster")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Measure balance, dynamics and spectra of every song; what was measured before is not measured again."""
    from sitwell_training.catalogue import read_catalogue
    from sitwell_training.label_table import label_row, write_labels
    from sitwell_training.prepare import prepare

    chosen = None if engine == "local" and address is None else choose_engine(engine, address=address, workers=workers)
    songs = read_catalogue(catalogue)
    with ProgressEstimate("measuring", quiet=quiet) as progress:
        prepared = prepare(songs, cache=cache, workers=workers, engine=chosen, progress=progress)
    skipped = [Skipped(*item) for item in prepared.skipped]
    if output is not None:
        write_labels(output, prepared.songs)
    if as_json:
        rows = [label_row(item) for item in prepared.songs]
        print_json({"songs": rows, "skipped": [asdict(item) for item in skipped]})
    else:
        typer.echo(f"{len(prepared.songs)} songs measured")
        for name, values in (
            ("vocal against backing", [item.vbr_lu for item in prepared.songs]),
            ("vocal loudness range", [item.labels.loudness_range_lu for item in prepared.songs]),
        ):
            typer.echo(_summary(name, [value for value in values if value is not None]))
    _say_skipped(skipped, quiet=quiet)
    if skipped:
        raise typer.Exit(EXIT_PARTIAL)


def _make(
    found: Iterable[Found | Skipped],
    output: Path,
    *,
    work: Path | None,
    test_share: float,
    workers: int | None,
    as_json: bool,
    quiet: bool,
    tolerance: float = TOLERANCE_DB,
    separator: str | None = None,
) -> None:
    """Assemble what was found, write the catalogue and say what came of it."""
    from sitwell_training.assemble import Settings, assemble
    from sitwell_training.catalogue import check_format, write_catalogue

    check_format(output)
    folder = work if work is not None else output.with_suffix(".work")
    settings = Settings(folder, tolerance, separator, test_share, workers)
    with ProgressEstimate("songs", quiet=quiet) as progress:
        made = assemble(found, settings, progress=progress)
    _say_skipped(made.skipped, quiet=quiet)
    if not made.songs:
        raise InputError("songs.empty", "no song could be used; see `sitwell-train dataset --help` for the layouts")
    write_catalogue(output, made.songs)
    warn(made.notices, quiet=quiet)
    tested = sum(song.split == "test" for song in made.songs)
    artists = len({song.artist for song in made.songs})
    say(f"{output}: {len(made.songs)} songs by {artists} artists, {tested} songs to test with", quiet=quiet)
    if as_json:
        print_json({
            "catalogue": str(output), "songs": len(made.songs), "artists": artists, "test": tested,
            "skipped": [asdict(item) for item in made.skipped], "notices": [asdict(item) for item in made.notices],
        })  # fmt: skip
    if any(item.code not in _BY_NATURE for item in made.skipped):
        raise typer.Exit(EXIT_PARTIAL)


def _found(adapter: Adapter, folder: Path) -> Iterable[Found | Skipped]:
    """List the songs of a data set; raises InputError `songs.empty` when its layout is another."""
    found = list(adapter.find(_existing(folder)))
    if not found:
        raise InputError("songs.empty", f"{folder}: holds no songs laid out like {adapter.name}: {adapter.text}")
    return found


def _existing(folder: Path) -> Path:
    if not folder.is_dir():
        raise InputError("songs.not_found", f"{folder}: there is no such folder; check the path")
    return folder


def _pattern(text: str) -> re.Pattern[str] | None:
    if not text:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise PlanError("dataset.artist_from", f"--artist-from is no regular expression: {error}") from None
    if pattern.groups < 1:
        raise PlanError("dataset.artist_from", f"--artist-from needs a group in parentheses, got {text!r}")
    return pattern


def _say_skipped(skipped: Iterable[Skipped], *, quiet: bool) -> None:
    for item in skipped:
        say(f"skipped {item.id}: {item.reason} [{item.code}]", quiet=quiet)


def _summary(name: str, values: list[float]) -> str:
    if not values:
        return f"{name:<22} no song says"
    low, high = np.percentile(values, [10, 90])
    mean, spread = np.mean(values), np.std(values)
    return f"{name:<22} {mean:+.1f} LU on average, sd {spread:.1f}, 80 % between {low:+.1f} and {high:+.1f}"
