"""`sitwell models`: what a bundle can do, what it was made from, and how good it was on artists left out."""

import textwrap
from pathlib import Path
from typing import Annotated, Any

import typer

from sitwell.cli.door import door, print_json
from sitwell.models import FIGURES, TASKS, Bundle, default_bundle
from sitwell.value import Json

_WIDTH = 96
_NAMES = {
    "level": "level", "range": "loudness range", "decay": "decay of the reverb", "brightness": "its decay at 8 kHz",
    "predelay": "pre-delay", "return": "level of the reverb", "equalizer": "equalizer",
    "extraction": "extraction of reverb",
}  # fmt: skip
_UNITS = {"decay": "s", "brightness": "times that at 1 kHz", "predelay": "ms", "return": "dB"}  # others: LU


@door
def models(
    bundle: Annotated[
        Path | None, typer.Argument(metavar="[BUNDLE]", help="folder of a model; the one that comes along unless told")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print one JSON object to stdout")] = False,
) -> None:
    """Check a model and say what it can do, what it was made from, and how good it is."""
    loaded = default_bundle() if bundle is None else Bundle.load(bundle)
    if as_json:
        tasks = {task: {"kind": _kind(loaded, task)} for task in TASKS}
        print_json({"name": loaded.name, "version": loaded.version, "tasks": tasks, "card": loaded.card})
    else:
        typer.echo("\n".join(_wrapped(line) for line in card_lines(loaded)))


def card_lines(bundle: Bundle) -> list[str]:
    """Put a card into words: tasks and their worth, then the songs with their licences."""
    made = bundle.card.get("created_with")
    by = made.get("sitwell") if isinstance(made, dict) else None
    lines = [f"{bundle.label}, made with Sitwell {by or 'unknown'}", ""]
    for task in TASKS:
        lines += _task_lines(bundle, task)
    data = bundle.card.get("data")
    return [*lines, "", *_data_lines(data if isinstance(data, dict) else {})]


def _task_lines(bundle: Bundle, task: str) -> list[str]:
    figures = bundle.card.get("figures")
    own = figures.get(task) if isinstance(figures, dict) else None
    own = own if isinstance(own, dict) else {}
    lines = [f"{_NAMES[task]}: {_told(bundle, task)}"]
    if isinstance(own.get("verdict"), str):
        lines.append(f"  {own['verdict']}")
    judged = [f"{own[key]} {key}" for key in ("songs", "voices", "artists") if isinstance(own.get(key), int)]
    coverage = _number(own.get("interval"), "coverage")
    held = f"; its interval held {coverage:.0%} of songs of artists left out" if coverage is not None else ""
    if judged:
        lines.append(f"  judged on {', '.join(judged)}{held}")
    return lines


def _told(bundle: Bundle, task: str) -> str:
    if not bundle.has(task):
        return "none; wet takes are taken for dry" if task == "extraction" else "none; the rules decide"
    if task not in FIGURES:
        return "a model" if bundle.shows_skill(task) else "shows no skill; the rules decide"
    constant, unit = bundle.constant(task), _UNITS.get(task, "LU")
    if bundle.shows_skill(task):
        return f"a model; songs unlike those it knows get {constant.value:.1f} {unit}"
    between = f"80 % between {constant.low:.1f} and {constant.high:.1f}"
    return f"prior, since no model showed skill; every song gets {constant.value:.1f} {unit} ({between})"


def _data_lines(data: Json) -> list[str]:
    counts = [f"{data[key]} {key}" for key in ("songs", "voices") if isinstance(data.get(key), int) and data[key]]
    artists = f" by {data['artists']} artists" if isinstance(data.get("artists"), int) else ""
    sources = data.get("sources")
    listed = [source for source in sources if isinstance(source, dict)] if isinstance(sources, list) else []
    rows = [f"  {source.get('songs')} x {source.get('source')}; licence: {source.get('licence')}" for source in listed]
    return [f"learned from {' and '.join(counts) or 'unknown songs'}{artists}", *rows]


def _kind(bundle: Bundle, task: str) -> str | None:
    return ("model" if bundle.shows_skill(task) else "prior") if bundle.has(task) else None


def _number(value: Any, key: str) -> float | None:
    found = value.get(key) if isinstance(value, dict) else None
    return float(found) if isinstance(found, int | float) else None


def _wrapped(line: str) -> str:
    """Break a line, and drop control characters, which a terminal would obey."""
    clean = "".join(letter if letter.isprintable() else " " for letter in line)
    indent = " " * (len(clean) - len(clean.lstrip()))
    return textwrap.fill(clean, _WIDTH, subsequent_indent=indent + "  ", drop_whitespace=True)
