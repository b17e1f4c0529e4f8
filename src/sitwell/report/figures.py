"""The sections with charts: each chart for wide and for narrow screens, and its numbers as a table."""

import html
from collections.abc import Callable

import numpy as np

from sitwell.analysis import BARK, THIRD_OCTAVE
from sitwell.report.chart_spectrum import (
    audible_percent,
    change_db,
    masking_chart,
    spectrum_chart,
    spectrum_shape,
)
from sitwell.report.chart_time import loudness_chart, waveform_chart
from sitwell.report.numbers import clock, number, signed
from sitwell.report.recorder import Curve, Recording
from sitwell.report.words import typeset

_WIDE_PX, _HALF_PX, _NARROW_PX = 960.0, 468.0, 344.0
_TABLE_ROWS = 24


def time_section(recording: Recording, master_gain_db: float) -> str:
    """Show waveforms, gain reduction and loudness over one time axis."""

    def loudness(after: bool) -> Callable[[str, float], str]:
        return lambda name, width: loudness_chart(
            recording, name=name, width=width, after=after, master_gain_db=master_gain_db
        )

    window = number(recording.after.vocal.window_s, "s")
    return (
        "<h2>Over time</h2>"
        + _chart("waves", lambda name, width: waveform_chart(recording, name=name, width=width))
        + f"<p class='note'>{_marked(recording)}</p>"
        + _chart("loudness-before", loudness(False))
        + _chart("loudness-after", loudness(True))
        + f"<p class='note'>Loudness in windows of {window} (EBU R 128). In the mix, the gain of the master is "
        "included for all three.</p>" + _time_table(recording, master_gain_db)
    )


def spectrum_section(recording: Recording) -> str:
    """Show the spectra of both parts before and after, and what was changed."""
    charts = "".join(
        _chart(
            f"spectrum-{part}",
            lambda name, width, part=part: spectrum_chart(recording, name=name, width=width, part=part),  # type: ignore[misc]
            wide_px=_HALF_PX,
        )
        for part in ("vocal", "backing")
    )
    return (
        f"<h2>Tone</h2><p class='lead'>Mean spectra over the stretches that are sung, each against its own level.</p>"
        f"<div class='pair'>{charts}</div>{_spectrum_table(recording)}"
    )


def masking_section(recording: Recording) -> str:
    """Show where the backing covers the vocal, before and after."""
    before, after = (audible_percent(state.masking) for state in (recording.before, recording.after))
    charts = "".join(
        _chart(
            f"masking-{'after' if late else 'before'}",
            lambda name, width, late=late: masking_chart(recording, name=name, width=width, after=late),  # type: ignore[misc]
        )
        for late in (False, True)
    )
    return (
        "<h2>What covers the vocal</h2>"
        f"<p class='lead'>Where words are understood, between 1 and 5 kHz, {before} of the vocal could be heard over "
        f"the backing in the plain sum, {after} in the mix.</p>{charts}{_masking_table(recording)}"
    )


def _chart(name: str, draw: Callable[[str, float], str], *, wide_px: float = _WIDE_PX) -> str:
    return (
        f"<figure class='chart'>{draw(f'{name}-wide', wide_px)}{draw(f'{name}-narrow', _NARROW_PX)}</figure>"
    )


def _marked(recording: Recording) -> str:
    if recording.excerpt is None or recording.excerpt.seconds > 0.98 * recording.seconds:
        return "Each waveform is drawn to its own peak."
    return "Each waveform is drawn to its own peak. The shaded stretch is the one to listen to."


def _time_table(recording: Recording, gain_db: float) -> str:
    before, after = recording.before, recording.after
    curves = (
        (before.vocal, 0.0), (before.backing, 0.0), (after.vocal, gain_db), (after.backing, gain_db), (recording.mix, 0.0),
    )  # fmt: skip
    rows = []
    edges = np.linspace(0.0, recording.seconds, _TABLE_ROWS + 1)
    for begin, end in zip(edges[:-1], edges[1:], strict=True):
        columns = len(recording.reduction_db)
        low = int(begin / max(recording.seconds, 1e-9) * columns)
        high = max(low + 1, int(end / max(recording.seconds, 1e-9) * columns))
        reduction = -float(recording.reduction_db[low:high].min(initial=0.0))
        levels = [number(_mean_lufs(curve, begin, end) + gain) for curve, gain in curves]
        time = f"{begin:.1f} s" if recording.seconds < _TABLE_ROWS else clock(float(begin))
        rows.append((time, *levels, number(reduction)))
    heads = (
        "From",
        "vocal before, LUFS",
        "backing before",
        "vocal after",
        "backing after",
        "mix",
        "gain reduction, dB",
    )
    return _table(heads, rows)


def _mean_lufs(curve: Curve, begin_s: float, end_s: float) -> float:
    inside = curve.lufs[(curve.times_s >= begin_s) & (curve.times_s < end_s) & np.isfinite(curve.lufs)]
    return float(10.0 * np.log10(np.mean(10.0 ** (inside / 10.0)))) if len(inside) else -np.inf


def _spectrum_table(recording: Recording) -> str:
    before, after = recording.before, recording.after
    shapes = [
        spectrum_shape(level_db)
        for level_db in (
            before.vocal_thirds_db,
            after.vocal_thirds_db,
            before.backing_thirds_db,
            after.backing_thirds_db,
        )
    ]
    changes = [change_db(recording, part) for part in ("vocal", "backing")]
    rows = [
        (number(float(hz), "Hz"), *(number(float(shape[band])) for shape in shapes),
         *(signed(float(change[band])) for change in changes))
        for band, hz in enumerate(THIRD_OCTAVE.centres_hz) if 49.0 < hz < 16100.0
    ]  # fmt: skip
    heads = (
        "Band",
        "vocal before, dB",
        "vocal after",
        "backing before",
        "backing after",
        "change of vocal",
        "of backing",
    )
    return _table(heads, rows)


def _masking_table(recording: Recording) -> str:
    before, after = (state.masking.masked_share for state in (recording.before, recording.after))
    rows = [
        (number(float(hz), "Hz"), f"{100 * before[band]:.1f} %", f"{100 * after[band]:.1f} %")
        for band, hz in enumerate(BARK.centres_hz)
    ]
    return _table(("Band", "covered in the plain sum", "covered in the mix"), rows)


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    head = "".join(f"<th scope='col'>{html.escape(words)}</th>" for words in heads)
    body = "".join(
        f"<tr><th scope='row'>{row[0]}</th>{''.join(f'<td>{typeset(cell)}</td>' for cell in row[1:])}</tr>"
        for row in rows
    )
    return (
        "<details class='data'><summary>As a table</summary><div class='scroll'><table>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div></details>"
    )
