"""An evaluation as one picture: a dot and its interval for each method, a small chart for each measure."""

import math

from sitwell.evaluate.columns import HIGHER, LOWER, Measure
from sitwell.evaluate.evaluation import Evaluation
from sitwell.evaluate.tables import Table
from sitwell.report.numbers import number
from sitwell.report.picture import light_style
from sitwell.report.svg import Scale, figure, tag, text, ticks

_WIDTH_PX, _EDGE_PX, _COLUMNS = 960.0, 16.0, 3
_LABEL_PX, _ROW_PX, _HEAD_PX, _FOOT_PX = 96.0, 20.0, 40.0, 30.0
_HEADINGS = {"level": "what is asked for", "equalizer": "equalizer", "damage": "damage test"}
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 25.0, 50.0)
_KINDS = {"rules": "backing", "learned": "vocal"}


def draw(evaluation: Evaluation) -> str:
    """Draw one SVG that stands alone, 960 px wide on a light ground."""
    panels = [(table, measure) for table in evaluation.tables for measure in table.measures if measure.drawn]
    width = (_WIDTH_PX - (_COLUMNS + 1) * _EDGE_PX) / _COLUMNS
    parts, top = [], _EDGE_PX
    for start in range(0, len(panels), _COLUMNS):
        line = panels[start : start + _COLUMNS]
        height = max(_height(table) for table, _ in line)
        for place, (table, measure) in enumerate(line):
            left = _EDGE_PX + place * (width + _EDGE_PX)
            parts.append(tag("g", _panel(table, measure, width), transform=f"translate({left:g} {top:g})"))
        top += height + _EDGE_PX
    songs, artists = len(evaluation.judged), len({song.song.artist for song in evaluation.judged})
    words = f"{songs} songs by {artists} artists; bars are 95 % intervals over artists; ← lower is better"
    note = text(_EDGE_PX, top + 12, words)
    style, ground = light_style()
    return (
        figure(
            "evaluation",
            tag("style", style),
            tag("rect", width=_WIDTH_PX, height=top + 28, fill=ground),
            *parts,
            note,
            width=_WIDTH_PX,
            height=top + 28,
            title="Evaluation",
            description=f"Figures of each method with intervals. {words}.",
        ).replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
        + "\n"
    )


def _height(table: Table) -> float:
    return _HEAD_PX + _ROW_PX * len(table.rows) + _FOOT_PX


def _panel(table: Table, measure: Measure, width: float) -> str:
    """Draw one measure: a line for each method that has a value."""
    figures = {row: found[measure.key] for row, found in table.rows.items() if found[measure.key].value is not None}
    ends = [end for found in figures.values() for end in (found.value, found.high) if end is not None]
    high = max([*ends, 1e-9]) * 1.08
    if measure.unit == "%":
        high = 100.0
    x = Scale(0.0, high, _LABEL_PX, width - 34.0)
    bottom = _HEAD_PX + _ROW_PX * len(table.rows)
    parts = [text(0, 12, _HEADINGS[table.name]), text(0, 28, _title(measure), class_="heading")]
    for value in ticks(0.0, high, 6 if high >= 0.05 else 4, _STEPS):
        parts.append(tag("path", d=f"M{x.at(value):.1f} {_HEAD_PX:g}V{bottom:g}", class_="grid"))
        parts.append(text(x.at(value), bottom + 15, f"{value:g}", class_="middle"))
    for place, row in enumerate(table.rows):
        down = _HEAD_PX + _ROW_PX * (place + 0.5)
        parts.append(text(_LABEL_PX - 8, down + 4, row, class_="end"))
        found = figures.get(row)
        if found is None or found.value is None:
            continue
        kind = _KINDS.get(row, "other")
        if found.low is not None and found.high is not None and found.high > found.low:
            d = f"M{x.at(found.low):.1f} {down:g}H{x.at(found.high):.1f}"
            parts.append(tag("path", d=d, class_=f"bar-{kind}"))
        parts.append(tag("circle", cx=x.at(found.value), cy=down, r=4.5, class_=f"dot-{kind}"))
        parts.append(text(width, down + 4, _short(found.value, measure), class_="end"))
    return "".join(parts)


def _title(measure: Measure) -> str:
    unit = f", {measure.unit}" if measure.unit else ""
    arrow = {LOWER: " ←", HIGHER: " →"}.get(measure.better, "")
    return f"{measure.words}{unit}{arrow}"


def _short(value: float, measure: Measure) -> str:
    if not math.isfinite(value):
        return number(None)
    return f"{value:.{measure.decimals}f}"
