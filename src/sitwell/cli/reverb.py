"""`sitwell reverb`: the reverb of a mixed vocal, knobs from a response and back, and the reverbs with a name."""

from pathlib import Path
from typing import Annotated

import typer

from sitwell import pipeline
from sitwell.cli.door import ProgressLine, door, print_json, say, warn
from sitwell.cli.reverb_extract import extract
from sitwell.effects import Reverb, named_reverbs
from sitwell.fit import DEFAULT_EVALUATIONS, Fit

reverb = typer.Typer(
    name="reverb",
    no_args_is_help=True,
    help="Find the reverb of a vocal; turn impulse responses into the knobs of ours and back; list those with a name.",
)
reverb.command()(extract)

AsJson = Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="no words and no progress")]


@reverb.command()
@door
def fit(
    response: Annotated[Path, typer.Argument(metavar="IR", help="an impulse response, mono or stereo, 0.05 to 60 s")],
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="PARAMS.json", help="write the knobs; stdout unless told")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="SVG", help="draw the response beside the fit")
    ] = None,
    budget: Annotated[
        int, typer.Option("--budget", metavar="N", help="responses to try at most; 0: the analytic seed alone")
    ] = DEFAULT_EVALUATIONS,
    seed: Annotated[int, typer.Option("--seed", min=0, help="of the search: the same seed gives the same knobs")] = 0,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find the knobs whose response comes nearest to an impulse response.

    Decay, tone and pre-delay come from closed forms, then CMA-ES searches. Use the result with `mix --reverb`.
    """
    with ProgressLine(quiet=quiet) as progress:
        found = pipeline.fit_reverb(response, output, picture=picture, evaluations=budget, seed=seed, progress=progress)
    if as_json:
        print_json(found.to_dict())
        return
    warn(found.notices, quiet=quiet)
    for line in fit_lines(found):
        say(line, quiet=quiet)
    if output is None:
        typer.echo(pipeline.reverb_to_json(found.reverb), nl=False)


@reverb.command()
@door
def render(
    params: Annotated[str, typer.Argument(metavar="NAME|JSON", help="a reverb by name, or a file written by fit")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="IR.wav", help="the impulse response")],
    sample_rate: Annotated[int, typer.Option("--sample-rate", min=8000, max=192000, metavar="HZ")] = 48000,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0.05, max=60.0, help="until it has decayed unless told")
    ] = None,
    bit_depth: Annotated[str | None, typer.Option("--bit-depth", help="32f unless told, 16 or 24")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Write the impulse response of a reverb, at its return level."""
    chosen = pipeline.find_reverb(params)
    notices = pipeline.render_reverb(chosen, output, sample_rate=sample_rate, seconds=seconds, bit_depth=bit_depth)
    if as_json:
        warnings = [{"code": notice.code, "message": notice.message} for notice in notices]
        print_json({"reverb": chosen.to_dict(), "output": str(output), "warnings": warnings})
        return
    warn(notices, quiet=quiet)
    say(f"{output}: {_in_words(chosen)}", quiet=quiet)


@reverb.command(name="list")
@door
def list_names(as_json: AsJson = False) -> None:
    """List the reverbs with a name, the response each was fitted to, and its licence."""
    if as_json:
        print_json({"reverbs": [item.to_dict() for item in named_reverbs().values()]})
        return
    for item in named_reverbs().values():
        typer.echo(f"{item.name:<10} {item.text}; {_in_words(item.reverb)}")
        typer.echo(f"{'':<10} fitted to {item.source} ({item.licence})")


def fit_lines(found: Fit) -> list[str]:
    """Put a fit into words: decay per octave, level, relief, effort."""
    lines = ["          " + "".join(f"{int(band):>8}" for band in found.response.decay_s) + " Hz"]
    for name, figures in (("response", found.response.decay_s), ("fit", found.fitted.decay_s)):
        lines.append(
            f"{name:<10}" + "".join(f"{'?' if s is None else format(s, '.2f'):>8}" for s in figures.values()) + " s"
        )
    direct = "against its direct sound" if found.response.direct else "against a unit impulse"
    lines.append(
        f"level {found.response.level_db:+.1f} dB {direct}, fit {found.fitted.level_db:+.1f} dB; decay relief "
        f"{found.distance.relief_db:.1f} dB apart in the mean, {found.seed_distance.relief_db:.1f} dB before "
        f"the search ({found.evaluations} responses tried)"
    )
    return [*lines, _in_words(found.reverb)]


def _in_words(chosen: Reverb) -> str:
    return (
        f"{chosen.decay_low_s:.2g} / {chosen.decay_mid_s:.2g} / {chosen.decay_high_s:.2g} s at 100 Hz / 1 kHz / 8 kHz, "
        f"{chosen.low_cut_hz:.0f} Hz to {chosen.high_cut_hz:.0f} Hz, pre-delay {chosen.predelay_ms:.0f} ms"
    )
