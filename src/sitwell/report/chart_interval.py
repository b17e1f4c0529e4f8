"""A chart of intervals: where 80 % lie as a bar for each target, who says so, what was asked, what was got."""

from sitwell.report.charts import RIGHT, Plot
from sitwell.report.numbers import number
from sitwell.report.stages import Aim
from sitwell.report.svg import Scale, figure, legend, tag, text, ticks

_LEFT, _ROW_PX, _BAR_PX, _TOP_PX = 12.0, 74.0, 20.0, 28.0
_STEPS = (1.0, 2.0, 3.0, 6.0, 12.0)
_ROOM_LU = 2.0
_LETTER_PX = 6.4  # as wide as letters of a label are on average, and some room


def drawn_aims(aims: tuple[Aim, ...]) -> tuple[Aim, ...]:
    """Choose the aims that have an interval; the balance is drawn against the backing only."""
    return tuple(
        aim
        for aim in aims
        if aim.unit == "LU" and None not in (aim.target.low, aim.target.high, aim.target.asked, aim.target.got)
    )


def interval_chart(aims: tuple[Aim, ...], *, name: str, width: float) -> str:
    """Draw a row for each of `drawn_aims`, each on its own scale in its unit."""
    rows = "".join(_row(aim, _TOP_PX + place * _ROW_PX, width) for place, aim in enumerate(aims))
    entries = (("fill-target", "80 % lie here"), ("vocal", "asked"), ("fill-vocal", "got"))
    return figure(
        name, legend(_LEFT, 14.0, entries), rows, width=width, height=_TOP_PX + len(aims) * _ROW_PX,
        title="Targets and the intervals around them", description=" ".join(_said(aim) for aim in aims),
    )  # fmt: skip


def _row(aim: Aim, top: float, width: float) -> str:
    low, high, asked, got = _figures(aim)
    least, most = min(low, asked, got) - _ROOM_LU, max(high, asked, got) + _ROOM_LU
    bar = top + 22.0
    plot = Plot(Scale(least, most, _LEFT, width - RIGHT), Scale(0.0, 1.0, bar + _BAR_PX, bar))
    marks = ticks(least, most, max(4, int(width / 80)), _STEPS)
    labels = [(value, f"{value:g} {aim.unit}" if value == marks[-1] else f"{value:g}") for value in marks]
    x, middle = plot.x, bar + _BAR_PX / 2
    band = tag(
        "path", d=f"M{x.at(low):.1f} {bar:g}H{x.at(high):.1f}v{_BAR_PX:g}H{x.at(low):.1f}z", class_="fill-target"
    )
    wanted = tag("path", d=f"M{x.at(asked):.1f} {bar - 3:g}V{bar + _BAR_PX + 3:g}", class_="vocal")
    found = tag("circle", cx=x.at(got), cy=middle, r=5.0, class_="fill-vocal")
    label = text(_LEFT, top + 12, _label(aim, width))
    return plot.frame + label + plot.columns(labels) + band + wanted + found


def _label(aim: Aim, width: float) -> str:
    """Name the figure and who asks, as much of it as there is room for."""
    most = int((width - _LEFT) / _LETTER_PX)
    whole, short = f"{aim.label}, by {aim.asker}", f"{aim.label}, by {aim.target.source}"
    words = whole if len(whole) <= most else short
    return words if len(words) <= most else f"{words[: most - 1]}…"


def _figures(aim: Aim) -> tuple[float, float, float, float]:
    target = aim.target
    return tuple(float(value or 0.0) for value in (target.low, target.high, target.asked, target.got))  # type: ignore[return-value]


def _said(aim: Aim) -> str:
    *_, asked, got = (number(value, aim.unit) for value in _figures(aim))
    return f"{aim.label}: {aim.landing} ({aim.asker}); asked {asked}, got {got}."
