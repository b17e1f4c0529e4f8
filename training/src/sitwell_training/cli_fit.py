"""`sitwell-train fit` and `sitwell-train skill`: from a catalogue to a bundle, and what it is worth."""

from collections.abc import Callable
from contextlib import ExitStack
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sitwell.cli.door import door, print_json, say
from sitwell.errors import InputError
from sitwell.songs import Song
from sitwell_training.progress import Progress, ProgressEstimate, duration

CACHE = Path("~/.cache/sitwell-train").expanduser()

Seed = Annotated[int, typer.Option("--seed", help="the same seed and songs give the same bundle")]
Cache = Annotated[Path, typer.Option("--cache", help="where finished work is kept")]
Workers = Annotated[int | None, typer.Option("--workers", help="processes that measure; one for each core")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no progress, no report")]
Json = Annotated[bool, typer.Option("--json", help="print the report as JSON")]


class What(StrEnum):
    """Tasks as they are typed."""

    LEVEL = "level"
    RANGE = "range"
    EQUALIZER = "equalizer"
    EXTRACTION = "extraction"
    REVERB = "reverb"
    ALL = "all"


def register(app: typer.Typer) -> None:
    """Add the commands to the command line."""
    app.command("fit")(fit)
    app.command("skill")(skill)


@door
def fit(
    task: Annotated[What, typer.Argument(help="what to train")],
    out: Annotated[Path, typer.Option("--out", help="folder of the bundle; a bundle there is replaced")],
    *,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="catalogue of songs (.jsonl, .parquet) or a folder; extraction, reverb do without"),
    ] = None,
    seed: Seed = 0,
    cache: Cache = CACHE,
    name: Annotated[str, typer.Option("--name", help="name of the bundle, in every plan made with it")] = "house",
    version: Annotated[str, typer.Option("--version", help="version of the bundle")] = "1",
    voices: Annotated[
        list[Path] | None, typer.Option("--voices", help="further vocals for the equalizer (.jsonl), more than once")
    ] = None,
    presets: Annotated[
        Path | None, typer.Option("--presets", help="table of vocal settings that turns dry voices into mixed ones")
    ] = None,
    singers: Annotated[
        list[Path] | None, typer.Option("--singers", help="dry vocals for extraction (.jsonl), more than once")
    ] = None,
    responses: Annotated[
        Path | None, typer.Option("--responses", help="impulse responses for extraction, a list as of voices")
    ] = None,
    onto: Annotated[
        Path | None, typer.Option("--onto", metavar="BUNDLE", help="take all other tasks from this bundle as they are")
    ] = None,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Train models on the songs of a catalogue and write them as a bundle; an interrupted run goes on."""
    from sitwell.models import Bundle
    from sitwell_training import fit as training
    from sitwell_training.equalizer.voices import read_voices
    from sitwell_training.work import TASKS, Voices

    if data is None and task not in (What.EXTRACTION, What.REVERB):
        raise InputError("fit.no_songs", f"{task.value} is learned from songs; name a catalogue with --data")
    songs = _songs(data, "train") if data is not None else ()
    more = tuple(voice for path in voices or () for voice in read_voices(path) if voice.split == "train")
    sources = Voices(
        more, presets, tuple(voice for path in singers or () for voice in read_voices(path)),
        read_voices(responses) if responses is not None else (),
    )  # fmt: skip
    tasks = TASKS if task is What.ALL else (task.value,)
    with ExitStack() as stack:
        done = training.fit_tasks(
            songs, tasks=tasks, seed=seed, cache=cache, voices=sources, stage=_stage(stack, quiet=quiet),
            workers=workers, ears=None if onto is None else Bundle.load(onto),
        )  # fmt: skip
    training.write_fit(done, out, name=name, version=version, onto=onto)
    if as_json:
        print_json(done.to_dict())
    elif not quiet:
        typer.echo(training.report(done))
    say(f"{out}: {', '.join(done.tasks) or 'nothing'} in {duration(done.seconds)}", quiet=quiet)


@door
def skill(
    catalogue: Annotated[Path, typer.Argument(help="catalogue of songs (.jsonl, .parquet) or a folder of pairs")],
    *,
    bundle: Annotated[
        Path | None, typer.Option("--bundle", help="also judge this bundle on the songs kept for testing")
    ] = None,
    presets: Annotated[
        Path | None, typer.Option("--presets", help="table of professional vocal settings, for the reverb")
    ] = None,
    seed: Seed = 0,
    cache: Cache = CACHE,
    workers: Workers = None,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Show what predictions of level, range and reverb are worth on artists left out, with 95 % intervals by artist."""
    from sitwell.models import Bundle
    from sitwell_training import fit as training
    from sitwell_training.prepare import prepare
    from sitwell_training.reverb import ears_of, with_rooms
    from sitwell_training.reverb.professionals import priors
    from sitwell_training.reverb.targets import reverb_targets
    from sitwell_training.targets import LEVEL, RANGE
    from sitwell_training.targets.judged import judge_bundle
    from sitwell_training.work import Voices

    with ExitStack() as stack:
        stage = _stage(stack, quiet=quiet)
        known = None if bundle is None else Bundle.load(bundle)
        done = training.fit_tasks(
            _songs(catalogue, "train"), tasks=("level", "range", "reverb"), seed=seed, cache=cache,
            voices=Voices(presets=presets), stage=stage, workers=workers, ears=known,
        )  # fmt: skip
        judged = None
        if known is not None:
            kept = prepare(_songs(catalogue, "test"), cache=cache, progress=stage("measuring"), workers=workers)
            examples = with_rooms(kept.songs, ears_of(None, known), split="test")
            targets = (LEVEL, RANGE, *reverb_targets(priors(presets)))
            judged = judge_bundle(known, examples, seed=seed, targets=targets)
    if as_json:
        print_json({"left_out": done.to_dict(), "test": judged.to_dict() if judged is not None else None})
        return
    typer.echo(training.report(done))
    if judged is not None:
        typer.echo(f"\n{judged.text()}")


def _songs(catalogue: Path, split: str) -> tuple[Song, ...]:
    """Read the songs of one split; an artist on both sides of it is refused."""
    from sitwell_training.catalogue import read_catalogue
    from sitwell_training.leaks import find_artist_leaks, refuse_leaks

    known = read_catalogue(catalogue)
    refuse_leaks(find_artist_leaks(known))
    songs = tuple(song for song in known if song.split == split)
    if not songs:
        raise InputError("fit.no_songs", f"{catalogue}: no song of the split {split}; set `split` in the catalogue")
    return songs


def _stage(stack: ExitStack, *, quiet: bool) -> Callable[[str], Progress]:
    """Make progress lines, one after another."""

    def start(name: str) -> Progress:
        return stack.enter_context(ProgressEstimate(name, quiet=quiet))

    return start
