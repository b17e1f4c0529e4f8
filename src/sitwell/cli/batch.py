"""`sitwell batch`: many takes, unattended, resumed where they stopped; on this machine or on a Ray cluster."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from sitwell import batch as batches
from sitwell.cli.catalog import CatalogUrl, catalogue_url
from sitwell.cli.door import ProgressLine, door, print_json, say
from sitwell.engines import ENGINES, Pace, choose_engine, words

EXIT_PARTIAL = 4  # some takes have no result
_SAID_EVERY_S = 60.0
_FAILURES_SAID = 20


@door
def batch(
    manifest: Annotated[
        Path, typer.Argument(metavar="MANIFEST", help=".jsonl, .csv or .parquet with id, vocal, backing and options")
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR|URL", help="mixes and results.jsonl go here")],
    engine: Annotated[str, typer.Option("--engine", help=f"{' or '.join(ENGINES)}")] = "local",
    address: Annotated[
        str | None, typer.Option("--address", help="of a Ray cluster; RAY_ADDRESS, or one started here unless told")
    ] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=1, help="at a time; one a core unless told")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", metavar="NAME=VALUE", help=f"for takes that do not say: {', '.join(batches.OPTIONS)}"),
    ] = None,
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="DIR|URL", help="paths start here and may not leave it; the manifest's folder"),
    ] = None,
    catalog: CatalogUrl = None,
    attempts: Annotated[int, typer.Option("--attempts", min=1, help="for what may pass, such as a crash")] = 3,
    timeout: Annotated[float | None, typer.Option("--timeout", metavar="SECONDS", min=1.0, help="of a take")] = None,
    resume: Annotated[
        bool, typer.Option("--resume/--retry-failed", help="do what is missing; or also what failed for good")
    ] = True,
    max_minutes: Annotated[float, typer.Option("--max-minutes", help="refuse longer files")] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")] = False,
) -> None:
    """Mix every take of a manifest; run again, it does only what is missing."""
    chosen = choose_engine(engine, address=address, workers=workers, timeout_s=timeout)
    listed = batches.read_manifest(manifest, defaults=batches.read_pairs(option or []))
    batches.check_batch(listed)
    places = batches.Places(root or str(manifest.absolute().parent), output, catalogue_url(catalog))
    with _Shown(quiet) as shown:
        summary = batches.run_batch(
            listed, places, chosen, max_seconds=60 * max_minutes, attempts=attempts, again=not resume, report=shown
        )
    if as_json:
        print_json(summary.to_dict())
    for failure in summary.failed[:_FAILURES_SAID]:
        say(f"failed: {failure['id']}: {failure['message']} [{failure['code']}]", quiet=quiet)
    more = len(summary.failed) - _FAILURES_SAID
    say(f"... and {more} more", quiet=quiet or more <= 0)
    say(
        f"{summary.done} mixed in {words(summary.wall_s)}, {summary.before} were there, "
        f"{len(summary.failed)} failed; {summary.results}",
        quiet=quiet,
    )
    if summary.failed:
        raise typer.Exit(EXIT_PARTIAL)


class _Shown:
    """Progress with rate and estimate: a line on a terminal, else a sentence every minute."""

    def __init__(self, quiet: bool) -> None:
        self._line, self._quiet = ProgressLine(quiet=quiet), quiet
        self._start_s = self._said_s = time.monotonic()

    def __call__(self, progress: batches.Progress) -> None:
        """Show how far it is."""
        ended, now_s = progress.before + progress.done + progress.failed, time.monotonic()
        pace = Pace(self._start_s, ended - progress.done)
        left_s = pace.left_s(ended, progress.total)
        said = f"{ended} of {progress.total}, {60 * pace.per_s(ended):.0f} a minute"
        said += f", {progress.failed} failed" if progress.failed else ""
        said += f", {words(left_s)} left" if left_s is not None and progress.done else ""
        self._line(said, ended / progress.total)
        if not sys.stderr.isatty() and now_s - self._said_s > _SAID_EVERY_S:
            self._said_s = now_s
            say(said, quiet=self._quiet)

    def __enter__(self) -> "_Shown":
        return self

    def __exit__(self, *_: object) -> None:
        self._line.clear()
