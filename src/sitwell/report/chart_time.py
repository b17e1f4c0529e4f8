"""Charts over time: waveforms with gain reduction, and loudness of the parts before and after."""

import numpy as np

from sitwell.report.charts import LEFT, Floats, Plot, time_labels, time_scale
from sitwell.report.columns import grouped
from sitwell.report.numbers import number
from sitwell.report.recorder import Curve, Recording
from sitwell.report.svg import Scale, area_path, figure, legend, line_path, tag, text, ticks
from sitwell.units import gain_to_db

_STEP_LU = 6.0
_WAVE_PX, _REDUCTION_PX = 72.0, 64.0
_NO_REDUCTION_DB = 0.05


def waveform_chart(recording: Recording, *, name: str, width: float) -> str:
    """Draw both waveforms as they came and the compressor's gain reduction over one time axis."""
    x, top, parts = time_scale(recording.seconds, width), 22.0, []
    for kind, sides in (("vocal", recording.vocal_peaks), ("backing", recording.backing_peaks)):
        parts += [_lane(x, top, kind, sides), _excerpt(recording, x, top, _WAVE_PX)]
        top += _WAVE_PX + 26.0
    plot, drawn = _reduction(x, top, recording.reduction_db)
    parts += [drawn, plot.columns(time_labels(recording.seconds, width))]
    height = plot.y.start + 24.0
    return figure(
        name, *parts, width=width, height=height, title="Waveforms and gain reduction",
        description=_describe_waves(recording),
    )  # fmt: skip


def _lane(x: Scale, top: float, kind: str, sides: tuple[Floats, Floats]) -> str:
    most = int(x.end - x.start)
    low, high = grouped(sides[0], most, np.minimum), grouped(sides[1], most, np.maximum)
    peak = _peak(sides)
    y = Scale(-1.0, 1.0, top + _WAVE_PX, top)
    across = np.linspace(x.start, x.end, len(low))
    scale = 1.0 / peak if peak > 0 else 0.0
    half = 0.4 / (_WAVE_PX / 2)  # silence is a thin line
    shape = area_path(across, y(np.maximum(high * scale, half)), y(np.minimum(low * scale, -half)))
    label = text(x.start, top - 6, f"{kind} as it came")
    note = text(x.end, top - 6, f"peak {number(gain_to_db(peak), 'dBFS')}", class_="end")
    return Plot(x, y).frame + tag("path", d=shape, class_=f"fill-{kind}") + label + note


def _reduction(x: Scale, top: float, reduction_db: Floats) -> tuple[Plot, str]:
    deepest = float(-reduction_db.min(initial=0.0))
    title = text(x.start, top - 6, "gain reduction of the compressor, dB")
    if deepest < _NO_REDUCTION_DB:
        plot = Plot(x, Scale(-1.0, 0.0, top + 20.0, top))
        return plot, plot.frame + title + text((x.start + x.end) / 2, top + 14, "none", class_="middle")
    span = max(6.0, 3.0 * float(np.ceil(deepest / 3.0)))
    plot = Plot(x, Scale(-span, 0.0, top + _REDUCTION_PX, top))
    values = grouped(reduction_db, int(x.end - x.start), np.minimum)
    across = np.linspace(x.start, x.end, len(values))
    shape = area_path(across, np.full(len(values), top), plot.y(values))
    note = text(x.end, top - 6, f"at most {number(deepest, 'dB')}", class_="end")
    rows = plot.rows(ticks(-span, 0.0, 4, (3.0, 6.0, 12.0, 24.0)))
    area = tag("path", d=shape, class_="fill-warm") + _edge(plot, across, values)
    return plot, plot.frame + rows + area + title + note


def _edge(plot: Plot, across: Floats, values: Floats) -> str:
    return tag("path", d=line_path(across, plot.y(values)), class_="warm")


def loudness_chart(
    recording: Recording,
    *,
    name: str,
    width: float,
    after: bool,
    master_gain_db: float,
    height: float = 190.0,
) -> str:
    """Draw the loudness of vocal and backing over time, before or after; after, the mix as well."""
    state = recording.after if after else recording.before
    gain_db = master_gain_db if after else 0.0
    low, high = _loudness_range(recording, master_gain_db)
    x = time_scale(recording.seconds, width)
    plot = Plot(x, Scale(low, high, height - 24.0, 46.0))
    heading = "After: in the mix" if after else "Before: the two files as they came"
    entries = (("vocal", "vocal"), ("backing", "backing")) + ((("mix", "mix"),) if after else ())
    parts = [
        text(LEFT, 14, heading, class_="heading"),
        legend(LEFT, 34, entries),
        plot.frame,
        plot.rows(ticks(low, high, 6, (6.0, 12.0, 24.0))),
        text(x.end, 34, "LUFS", class_="end"),
        plot.columns(time_labels(recording.seconds, width)),
    ]
    if after:
        parts.append(plot.line(recording.mix.times_s, recording.mix.lufs, "mix"))
    for curve, kind in ((state.backing, "backing"), (state.vocal, "vocal")):
        parts.append(plot.line(curve.times_s, curve.lufs + gain_db, kind))
    if not len(state.vocal.times_s) and not len(state.backing.times_s):
        parts.append(text((x.start + x.end) / 2, height / 2 + 14, "too short to measure", class_="middle"))
    return figure(
        name, *parts, width=width, height=height, title=f"Loudness over time. {heading}",
        description=_describe_loudness(state.vocal, state.backing, gain_db),
    )  # fmt: skip


def _loudness_range(recording: Recording, gain_db: float) -> tuple[float, float]:
    """Find one scale for before and after: nearly all that is heard, 18 to 36 LU of it."""
    states = ((recording.before, 0.0), (recording.after, gain_db))
    curves = [curve.lufs + gain for state, gain in states for curve in (state.vocal, state.backing)]
    heard = [curve[np.isfinite(curve)] for curve in (*curves, recording.mix.lufs)]
    heard = [curve for curve in heard if len(curve)]
    if not heard:
        return -36.0, 0.0
    high = _STEP_LU * np.ceil((max(curve.max() for curve in heard) + 0.5) / _STEP_LU)
    usual = min(np.percentile(curve, 8) for curve in heard) - 2.0
    low = _STEP_LU * np.floor(usual / _STEP_LU)
    return float(np.clip(low, high - 36.0, high - 18.0)), float(high)


def _excerpt(recording: Recording, x: Scale, top: float, height: float) -> str:
    """Mark the stretch that can be listened to."""
    if not is_excerpt_marked(recording) or recording.excerpt is None:
        return ""
    start_s = recording.excerpt.start_s
    begin, end = x(np.array([start_s, start_s + recording.excerpt.seconds])).tolist()
    return tag("path", d=f"M{begin:.1f} {top:g}H{end:.1f}v{height:g}H{begin:.1f}z", class_="excerpt")


def is_excerpt_marked(recording: Recording) -> bool:
    """Tell whether the stretch to listen to is marked: not when it is all of the song."""
    return recording.excerpt is not None and recording.excerpt.seconds <= 0.98 * recording.seconds


def _describe_waves(recording: Recording) -> str:
    vocal, backing = (number(gain_to_db(_peak(p)), "dBFS") for p in (recording.vocal_peaks, recording.backing_peaks))
    deepest = number(-float(recording.reduction_db.min(initial=0.0)), "dB")
    return (
        f"Over {number(recording.seconds, 's')}: the vocal peaks at {vocal}, the backing at {backing}; "
        f"the compressor takes at most {deepest}."
    )


def _describe_loudness(vocal: Curve, backing: Curve, gain_db: float) -> str:
    middle = [
        number(float(np.median(curve.lufs[np.isfinite(curve.lufs)])) + gain_db, "LUFS")
        if np.isfinite(curve.lufs).any() else "silent"
        for curve in (vocal, backing)
    ]  # fmt: skip
    return f"Vocal: median {middle[0]}; backing: median {middle[1]}. The numbers are in the table below."


def _peak(sides: tuple[Floats, Floats]) -> float:
    return float(max(-sides[0].min(initial=0.0), sides[1].max(initial=0.0)))
