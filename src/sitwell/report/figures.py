"""The sections with charts: each chart for wide and for narrow screens, and its numbers as a table."""

import html
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise

import numpy as np

from sitwell.analysis import BARK, THIRD_OCTAVE
from sitwell.report.chart_spectrum import (
    audible_percent,
    change_db,
    masking_chart,
    spectrum_chart,
    spectrum_shape,
)
from sitwell.report.chart_time import is_excerpt_marked, loudness_chart, waveform_chart
from sitwell.report.numbers import clock, number, signed
from sitwell.report.recorder import Curve, Recording
from sitwell.report.words import typeset

_WIDE_PX, _HALF_PX, _NARROW_PX = 960.0, 468.0, 344.0
_TABLE_ROWS = 24
_PARTS = ("vocal", "backing")


def time_section(recording: Recording, master_gain_db: float) -> str:
    """Show waveforms, gain reduction and loudness over one time axis."""
    loudness = partial(loudness_chart, recording, master_gain_db=master_gain_db)
    window = number(recording.after.vocal.window_s, "s")
    shaded = " The shaded stretch is the one to listen to." if is_excerpt_marked(recording) else ""
    return (
        "<h2>Over time</h2>"
        + chart_figure("waves", partial(waveform_chart, recording))
        + f"<p class='note'>Each waveform is drawn to its own peak.{shaded}</p>"
        + chart_figure("loudness-before", partial(loudness, after=False))
        + chart_figure("loudness-after", partial(loudness, after=True))
        + f"<p class='note'>Loudness in windows of {window} (EBU R 128). "
        + "After, the gain of the master is included for all three.</p>"
        + _time_table(recording, master_gain_db)
    )


def spectrum_section(recording: Recording, *, target: bool) -> str:
    """Show the spectra of both parts before and after, and what was changed; `target` is that of the rule."""
    draw = partial(spectrum_chart, recording, target=target)
    charts = "".join(chart_figure(f"spectrum-{part}", partial(draw, part=part), wide_px=_HALF_PX) for part in _PARTS)
    return (
        "<h2>Tone</h2>"
        "<p class='lead'>Mean spectra over the stretches that are sung, each against its own level.</p>"
        f"<div class='pair'>{charts}</div>{_spectrum_table(recording)}"
    )


def masking_section(recording: Recording) -> str:
    """Show where the backing covers the vocal, before and after."""
    before, after = (audible_percent(state.masking) for state in (recording.before, recording.after))
    charts = "".join(
        chart_figure(name, partial(masking_chart, recording, after=late))
        for name, late in (("masking-before", False), ("masking-after", True))
    )
    return (
        "<h2>What covers the vocal</h2>"
        "<p class='lead'>Where words are understood, between 1 and 5 kHz (the bracket at the right), "
        f"{before} of the vocal could be heard over the backing in the plain sum, {after} in the mix.</p>"
        f"{charts}{_masking_table(recording)}"
    )


def chart_figure(name: str, draw: Callable[..., str], *, wide_px: float = _WIDE_PX) -> str:
    """Draw a chart for wide screens and for narrow ones."""
    wide = draw(name=f"{name}-wide", width=wide_px)
    narrow = draw(name=f"{name}-narrow", width=_NARROW_PX)
    return f"<figure class='chart'>{wide}{narrow}</figure>"


def _time_table(recording: Recording, gain_db: float) -> str:
    before, after = recording.before, recording.after
    curves = (
        (before.vocal, 0.0),
        (before.backing, 0.0),
        (after.vocal, gain_db),
        (after.backing, gain_db),
        (recording.mix, 0.0),
    )
    reductions_db = np.array_split(-recording.reduction_db, _TABLE_ROWS)
    edges_s = np.linspace(0.0, recording.seconds, _TABLE_ROWS + 1).tolist()
    rows = []
    for (begin_s, end_s), reduction_db in zip(pairwise(edges_s), reductions_db, strict=True):
        time = f"{begin_s:.1f} s" if recording.seconds < _TABLE_ROWS else clock(begin_s)
        levels = [number(_mean_lufs(curve, begin_s, end_s) + gain) for curve, gain in curves]
        rows.append((time, *levels, number(float(reduction_db.max(initial=0.0)))))
    heads = (
        "From", "vocal before, LUFS", "backing before", "vocal after", "backing after", "mix",
        "reduction, dB",
    )  # fmt: skip
    return _table(heads, rows)


def _mean_lufs(curve: Curve, begin_s: float, end_s: float) -> float:
    inside = (curve.times_s >= begin_s) & (curve.times_s < end_s) & np.isfinite(curve.lufs)
    if not inside.any():
        return -np.inf
    return float(10.0 * np.log10(np.mean(10.0 ** (curve.lufs[inside] / 10.0))))


def _spectrum_table(recording: Recording) -> str:
    states = (recording.before, recording.after)
    shapes = [
        spectrum_shape(level_db)
        for part in _PARTS
        for level_db in (getattr(state, f"{part}_thirds_db") for state in states)
    ]
    changes = [change_db(recording, part) for part in _PARTS]
    rows = [
        (
            number(hz, "Hz"),
            *(number(float(shape[band])) for shape in shapes),
            *(signed(float(change[band])) for change in changes),
        )
        for band, hz in enumerate(THIRD_OCTAVE.centres_hz.tolist())
        if 49.0 < hz < 16_100.0
    ]
    heads = (
        "Band", "vocal before, dB", "vocal after", "backing before", "backing after", "change of vocal",
        "of backing",
    )  # fmt: skip
    return _table(heads, rows)


def _masking_table(recording: Recording) -> str:
    before, after = (state.masking.masked_share for state in (recording.before, recording.after))
    rows = [
        (number(hz, "Hz"), f"{100.0 * before[band]:.1f} %", f"{100.0 * after[band]:.1f} %")
        for band, hz in enumerate(BARK.centres_hz.tolist())
    ]
    return _table(("Band", "covered in the plain sum", "covered in the mix"), rows)


def _table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    head = "".join(f"<th scope='col'>{html.escape(words)}</th>" for words in heads)
    body = "".join(
        f"<tr><th scope='row'>{first}</th>{''.join(f'<td>{typeset(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in rows
    )
    return (
        "<details class='data'><summary>As a table</summary><div class='scroll'><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )
