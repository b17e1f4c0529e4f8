"""`sitwell evaluate`: how good the methods are on a folder or a catalogue of mixed songs."""

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from sitwell import io
from sitwell.cli.door import ProgressLine, door, print_json, say

EXIT_PARTIAL = 4  # some songs could not be judged


@door
def evaluate(
    songs: Annotated[
        Path, typer.Argument(metavar="SONGS", help="folder of */vocals.* and */backing.*, or a .jsonl catalogue")
    ],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="write evaluation.json, .md and .svg here")
    ] = None,
    listening: Annotated[
        Path | None, typer.Option("--listening", metavar="DIR", help="write a blind listening test here")
    ] = None,
    split: Annotated[
        str | None, typer.Option("--split", help="test, train or all; test of a catalogue unless told")
    ] = None,
    methods: Annotated[str, typer.Option("--methods", metavar="METHOD,...", help="rules, learned")] = "rules,learned",
    model: Annotated[Path | None, typer.Option("--model", metavar="BUNDLE", help="folder of the learned model")] = None,
    max_songs: Annotated[
        int | None, typer.Option("--max-songs", min=1, help="at most so many, artists in turns")
    ] = None,
    excerpt: Annotated[
        float, typer.Option("--excerpt", metavar="SECONDS", min=5.0, help="length judged of each song")
    ] = 60.0,
    only: Annotated[
        str, typer.Option("--only", metavar="STAGE,...", help="stages of the damage test; all but reverb unless told")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", min=0, help="of corruptions, damage and intervals")] = 0,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="processes; one for each core unless told")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")] = False,
) -> None:
    """Measure how near each method comes to mixes made by people."""
    from sitwell import evaluate as judging  # here, since no other command needs it

    chosen = judging.choose_songs(songs, split=split, max_songs=max_songs)
    contestants = judging.choose_methods(methods.split(","), model)
    settings = contestants.settings(seed=seed, excerpt_s=excerpt, stages=only.split(","))
    notes = contestants.notes + judging.notes_on(chosen, settings, catalogue=not songs.is_dir())
    processes = workers or os.cpu_count() or 1
    for folder in (output, listening):
        if folder is not None:
            io.make_folder(folder)
    with ProgressLine(quiet=quiet) as line:
        evaluation = judging.evaluate(
            chosen, settings, model=contestants.label, notes=notes, workers=processes, progress=_Estimate(line)
        )
    judging.refuse_if_none(evaluation)
    if output is not None:
        judging.write(evaluation, output)
    if listening is not None:
        with ProgressLine(quiet=quiet) as line:
            page = judging.write_listening(evaluation, listening, workers=processes, progress=_Estimate(line))
        say(f"listening test written to {page}", quiet=quiet)
    if as_json:
        print_json(evaluation.to_dict())
    else:
        typer.echo(judging.markdown(evaluation))
    _say_files(output, quiet)
    if evaluation.failed:
        say(f"warning: {len(evaluation.failed)} of {len(chosen)} songs could not be judged", quiet=quiet)
        raise typer.Exit(EXIT_PARTIAL)


class _Estimate:
    """Turns songs done into a progress line that says how long it will take."""

    def __init__(self, line: ProgressLine) -> None:
        self._line, self._start = line, time.monotonic()

    def __call__(self, done: float, songs: int) -> None:
        """Show the songs done and the time that is left, after the first tenth of a song."""
        left = ""
        if done >= 0.1:
            seconds = (time.monotonic() - self._start) * (songs - done) / done
            left = f", {seconds / 60:.0f} min left" if seconds >= 90 else f", {seconds:.0f} s left"
        self._line(f"song {min(int(done) + 1, songs)} of {songs}{left}", done / songs)


def _say_files(output: Path | None, quiet: bool) -> None:
    if output is not None:
        say(f"figures, tables and picture written to {output}", quiet=quiet)
