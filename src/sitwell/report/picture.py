"""One picture of a mix for a page of text: the vocal's spectrum and the loudness of both parts."""

import re
from functools import cache

from sitwell.plan import MixPlan
from sitwell.report.chart_spectrum import spectrum_chart
from sitwell.report.chart_time import loudness_chart
from sitwell.report.html import resource
from sitwell.report.recorder import Recorder
from sitwell.report.stages import is_tone_by_rule
from sitwell.report.svg import figure, tag

_WIDTH_PX, _HEIGHT_PX, _EDGE_PX = 960.0, 400.0, 16.0


def write_picture(plan: MixPlan, recorder: Recorder) -> str:
    """Draw one SVG that stands alone, 960 px wide on a light ground, before and after."""
    recording = recorder.finish()
    master_gain_db = plan.master.gain_db if plan.master.enabled else 0.0
    half = (_WIDTH_PX - 3 * _EDGE_PX) / 2
    style, ground = light_style()
    right = 2 * _EDGE_PX + half
    by_rule = is_tone_by_rule(plan)
    spectrum = spectrum_chart(recording, name="spectrum-half", width=half, part="vocal", target=by_rule)
    before, after = (
        loudness_chart(recording, name=name, width=half, after=late, master_gain_db=master_gain_db, height=172.0)
        for name, late in (("before-half", False), ("after-half", True))
    )
    return (
        figure(
            "picture",
            tag("style", style),
            tag("rect", width=_WIDTH_PX, height=_HEIGHT_PX, fill=ground),
            _placed(spectrum, _EDGE_PX, 28.0),
            _placed(before, right, 16.0),
            _placed(after, right, 208.0),
            width=_WIDTH_PX,
            height=_HEIGHT_PX,
            title="A mix before and after",
            description="Left: spectrum of the vocal. Right: loudness of vocal and backing over time.",
        ).replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
        + "\n"
    )


def light_style() -> tuple[str, str]:
    """Give the style of charts with the colours of the light page, and the colour of its ground."""
    return _light(resource("chart.css")), _tokens()["--ground"]


def _placed(chart: str, x: float, y: float) -> str:
    """Put a chart at a place in px."""
    return chart.replace("<svg ", f'<svg x="{x:g}" y="{y:g}" ', 1)


def _light(style: str) -> str:
    """Fix the colours of the light page, since not every viewer knows CSS variables."""
    plain = style.replace(".chart ", "")
    return re.sub(r"var\((--[a-z]+)\)", lambda found: _tokens()[found[1]], plain)


@cache
def _tokens() -> dict[str, str]:
    """Read the colours of the light page, which come first in its style."""
    found = re.findall(r"(--[a-z]+): (#[0-9a-f]{6});", resource("page.css"))
    return dict(reversed(found))
