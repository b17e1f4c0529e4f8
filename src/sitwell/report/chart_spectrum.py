"""Charts over frequency: spectra before and after against the target, and what of the vocal is covered."""

import numpy as np

from sitwell.analysis import BARK, THIRD_OCTAVE, Masking, MaskingMap
from sitwell.decide.rules.equalization import DEAD_BAND_DB, target_curve
from sitwell.report.charts import LEFT, RIGHT, Floats, Plot, frequency_labels, time_labels, time_scale
from sitwell.report.recorder import Recording
from sitwell.report.svg import Scale, area_path, cells_path, figure, legend, tag, text, ticks

_LOW_HZ, _HIGH_HZ = 50.0, 16000.0
_LEVEL_HZ = (200.0, 6300.0)  # spectra are compared after bringing them to the same mean over these bands
_SPAN_DB = 48.0
_SILENT_DB = -150.0
_ROW_PX = 5.0
_CHANGE_TOP = 252.0
_HEADINGS = {"vocal": "Vocal while it sings", "backing": "Backing while the vocal sings"}
_BARK_LABELS = (
    (100.0, "100 Hz"),
    (510.0, "500"),
    (1080.0, "1k"),
    (2000.0, "2k"),
    (5300.0, "5k"),
    (12000.0, "12k"),
)


def spectrum_chart(recording: Recording, *, name: str, width: float, part: str, target: bool = True) -> str:
    """Draw the mean spectrum of the `vocal` or the `backing` while it sings, and below what was changed.

    With `target` the spectrum that the rule corrects the vocal towards is drawn as a band.
    """
    target = target and part == "vocal"
    before = spectrum_shape(getattr(recording.before, f"{part}_thirds_db"))
    after = spectrum_shape(getattr(recording.after, f"{part}_thirds_db"))
    x = Scale(_LOW_HZ, _HIGH_HZ, LEFT, width - RIGHT, octaves=True)
    plot = Plot(x, Scale(-36.0, 12.0, 226.0, 46.0))
    labels = frequency_labels(_LOW_HZ, _HIGH_HZ, width)
    parts = [
        text(LEFT, 14, _HEADINGS[part], class_="heading"),
        legend(LEFT, 34, _entries(part, target=target)),
        plot.frame,
        _target(plot) if target else "",
        plot.rows(ticks(-36.0, 12.0, 5, (12.0,))),
        text(x.end, 14, "dB", class_="end"),
        plot.columns(labels, named=False),
        plot.line(THIRD_OCTAVE.centres_hz, _shown(before), "before"),
        plot.line(THIRD_OCTAVE.centres_hz, _shown(after), part),
        _change(x, labels, recording, part),
    ]
    return figure(
        name, *parts, width=width, height=_CHANGE_TOP + 90.0,
        title=f"Spectrum of the {part}, before and after", description=_describe(recording, part),
    )  # fmt: skip


def spectrum_shape(level_db: Floats) -> Floats:
    """Bring levels (31,) in dB to a mean of 0 dB from 200 Hz to 6.3 kHz; NaN where there is nothing."""
    heard = level_db > _SILENT_DB
    level = heard & (THIRD_OCTAVE.centres_hz >= _LEVEL_HZ[0] - 1) & (THIRD_OCTAVE.centres_hz <= _LEVEL_HZ[1] + 10)
    if not level.any():
        return np.full(len(level_db), np.nan)
    return np.where(heard, level_db - level_db[level].mean(), np.nan)


def change_db(recording: Recording, part: str) -> Floats:
    """Measure what was changed of a spectrum: (31,) dB; that of the vocal apart from its level."""
    before, after = (getattr(state, f"{part}_thirds_db") for state in (recording.before, recording.after))
    if part == "vocal":
        return spectrum_shape(after) - spectrum_shape(before)
    return np.where((before > _SILENT_DB) & (after > _SILENT_DB), after - before, np.nan)


def _change(x: Scale, labels: list[tuple[float, str]], recording: Recording, part: str) -> str:
    change = change_db(recording, part)
    shown = (THIRD_OCTAVE.centres_hz >= _LOW_HZ) & (THIRD_OCTAVE.centres_hz <= _HIGH_HZ) & np.isfinite(change)
    seen = np.abs(change[shown & (THIRD_OCTAVE.centres_hz >= 100.0)])
    span = 6.0 if seen.max(initial=0.0) <= 6.0 else 12.0
    plot = Plot(x, Scale(-span, span, _CHANGE_TOP + 62.0, _CHANGE_TOP))
    zero = np.full(int(shown.sum()), plot.y.at(0.0))
    hz = THIRD_OCTAVE.centres_hz[shown]
    area = tag("path", d=area_path(x(hz), plot.y(change[shown]), zero), class_=f"fill-{part}", opacity="0.25")
    return "".join([
        plot.frame, plot.rows([-span, 0.0, span]), plot.columns(labels),
        text(LEFT, _CHANGE_TOP - 7, "change, dB"),
        area, plot.line(hz, np.clip(change[shown], -span, span), part),
    ])  # fmt: skip


def _target(plot: Plot) -> str:
    hz, db = target_curve()
    shape = db - db[(hz >= _LEVEL_HZ[0] - 1) & (hz <= _LEVEL_HZ[1] + 10)].mean()
    upper, lower = plot.y(shape + DEAD_BAND_DB), plot.y(shape - DEAD_BAND_DB)
    return tag("path", d=area_path(plot.x(hz), upper, lower), class_="fill-target")


def _entries(part: str, *, target: bool) -> tuple[tuple[str, str], ...]:
    lines = (("before", "before"), (part, "after"))
    return (*lines, ("fill-target", "mixed vocals ±2 dB")) if target else lines


def _shown(shape: Floats) -> Floats:
    inside = (THIRD_OCTAVE.centres_hz >= _LOW_HZ - 1) & (THIRD_OCTAVE.centres_hz <= _HIGH_HZ + 1)
    return np.where(inside, shape, np.nan)


def _describe(recording: Recording, part: str) -> str:
    change = change_db(recording, part)
    inside = (THIRD_OCTAVE.centres_hz >= 100.0) & (THIRD_OCTAVE.centres_hz <= 12500.0) & np.isfinite(change)
    if not inside.any():
        return "Nothing to compare: silence."
    strongest = int(np.argmax(np.where(inside, np.abs(change), -1.0)))
    where = f"{change[strongest]:+.1f} dB at {THIRD_OCTAVE.centres_hz[strongest]:.0f} Hz"
    return f"Largest change between 100 Hz and 12.5 kHz: {where}. The numbers are in the table below."


def masking_chart(recording: Recording, *, name: str, width: float, after: bool) -> str:
    """Draw where the backing covers the vocal: time across, Bark bands up."""
    state = recording.after if after else recording.before
    heading = "Mix" if after else "Plain sum"
    x = time_scale(recording.seconds, width)
    top, rows = 44.0, len(BARK)
    plot = Plot(x, Scale(0.0, rows, top + rows * _ROW_PX, top))
    parts = [
        text(
            LEFT,
            14,
            f"{heading}: {audible_percent(state.masking)} can be heard",
            class_="heading",
        ),
        legend(LEFT, 33, (("cell-heard", "heard"), ("cell-edge", "just heard"), ("cell-covered", "covered"))),
        plot.frame,
        plot.columns(time_labels(recording.seconds, width)),
        _cells(plot, state.masking_map, recording.seconds),
        _bark_labels(plot),
    ]
    return figure(
        name, *parts, width=width, height=top + rows * _ROW_PX + 24.0,
        title=f"What covers the vocal. {heading}",
        description=f"Between 1 and 5 kHz {audible_percent(state.masking)} of the sung cells can be heard.",
    )  # fmt: skip


def audible_percent(masking: Masking) -> str:
    """Write the share of the vocal that can be heard between 1 and 5 kHz."""
    return f"{100.0 * masking.audible_share:.1f} %"


def _cells(plot: Plot, cells: MaskingMap, seconds: float) -> str:
    columns = len(cells.times_s)
    if not columns:
        return ""
    half = cells.times_s[0]
    edges_s = np.minimum(np.concatenate([[0.0], cells.times_s + half]), seconds)
    x, y = plot.x(edges_s), plot.y(np.arange(len(BARK) + 1))
    ratio = cells.signal_to_mask_db
    with np.errstate(invalid="ignore"):
        kinds = (("heard", ratio >= 6.0), ("edge", (ratio >= 0.0) & (ratio < 6.0)), ("covered", ratio < 0.0))
    return "".join(tag("path", d=cells_path(mask, x, y), class_=f"cell-{kind}") for kind, mask in kinds)


def _bark_labels(plot: Plot) -> str:
    """Write frequencies at the left and bracket the bands in which words are understood at the right."""
    parts = []
    for hz, words in _BARK_LABELS:
        edge = int(np.argmin(np.abs(BARK.edges_hz - hz)))
        parts.append(text(LEFT - 6, plot.y.at(edge) + 4, words, class_="end"))
    bands = np.flatnonzero((BARK.centres_hz >= 1000.0) & (BARK.centres_hz <= 5000.0))
    low, high = plot.y.at(bands[0]), plot.y.at(bands[-1] + 1)
    parts.append(tag("path", d=f"M{plot.x.end + 2:g} {low:g}h4V{high:g}h-4", class_="axis"))
    return "".join(parts)
