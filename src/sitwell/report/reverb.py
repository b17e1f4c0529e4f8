"""One picture of a reverb beside the response it was fitted to: spectrograms, decay per octave, density of echoes."""

import itertools

import numpy as np

from sitwell.analysis import OCTAVES_HZ, Response, measure_echo_density, measure_reverberation
from sitwell.audio import Audio
from sitwell.effects import Reverb
from sitwell.fit import mel_centres_hz, mel_powers, reverb_response
from sitwell.report.charts import LEFT, RIGHT, Floats, Plot, frequency_labels, time_labels
from sitwell.report.picture import light_style
from sitwell.report.svg import Scale, cells_path, figure, legend, tag, text, ticks

_WIDTH_PX, _HEIGHT_PX, _EDGE_PX = 960.0, 452.0, 16.0
_STEP_DB, _STEPS = 10.0, 6
_COLUMNS = 110
_DENSITY_S = 0.12
_DECAY_STEPS_S = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0)
_ROW_LABELS = {200: "200 Hz", 1000: "1k", 4000: "4k", 10000: "10k"}


def reverb_picture(response: Audio, reverb: Reverb) -> str:
    """Draw one SVG, 960 px wide, of a response and of the reverb, both from the start of their decay on.

    Raises InputError as `measure_response` does.
    """
    ours = reverb_response(reverb.replace(predelay_ms=0.0), response.sample_rate)
    measured = [measure_reverberation(sound) for sound in (response, ours)]
    figures = (measured[0][0], measured[1][0])
    first, second = (Audio(found.samples, response.sample_rate) for _, found in measured)
    sounds, name = (first, second), response.name.rpartition(".")[0] or response.name
    half = (_WIDTH_PX - 3 * _EDGE_PX) / 2
    seconds = max(value for value in figures[0].decay_s.values() if value is not None)
    style, ground = light_style()
    right = 2 * _EDGE_PX + half
    return (
        figure(
            "picture",
            tag("style", style),
            tag("rect", width=_WIDTH_PX, height=_HEIGHT_PX, fill=ground),
            _placed(_spectrogram(sounds[0], seconds, half, heading=name, kind="backing"), _EDGE_PX, 14.0),
            _placed(_spectrogram(sounds[1], seconds, half, heading="our reverb", kind="vocal"), right, 14.0),
            _placed(_decays(figures, half, name), _EDGE_PX, 238.0),
            _placed(_densities(sounds, half), right, 238.0),
            width=_WIDTH_PX,
            height=_HEIGHT_PX,
            title=f"{name} and our reverb",
            description="Above: level over time and frequency. Below: decay time per octave, density of echoes.",
        ).replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)
        + "\n"
    )


def _spectrogram(sound: Audio, seconds: float, width: float, *, heading: str, kind: str) -> str:
    """Fill cells in steps of 10 dB, darker where the level is higher: time across, mel bands up."""
    powers = mel_powers(sound.samples, sound.sample_rate)
    frames_s = sound.seconds / len(powers)
    columns = np.minimum((np.linspace(0, seconds, _COLUMNS + 1) / frames_s).astype(int), len(powers))
    level_db = np.full((powers.shape[1], _COLUMNS), -np.inf)
    for column, (first, last) in enumerate(itertools.pairwise(columns)):
        if first < len(powers):
            mean = powers[first : max(last, first + 1)].mean(axis=0)
            level_db[:, column] = 10 * np.log10(np.maximum(mean, 1e-30))
    level_db -= level_db.max()
    plot = Plot(Scale(0.0, seconds, LEFT, width - RIGHT), Scale(0.0, len(level_db), 190.0, 24.0))
    x = plot.x(np.linspace(0, seconds, _COLUMNS + 1))
    y = plot.y(np.arange(len(level_db) + 1))
    steps = [
        tag("path", d=cells_path(level_db > -_STEP_DB * step, x, y), class_=f"fill-{kind}", opacity="0.2")
        for step in range(1, _STEPS + 1)
    ]
    rows = [
        text(LEFT - 6, plot.y.at(np.interp(hz, mel_centres_hz(sound.sample_rate), np.arange(len(level_db)))) + 4, words,
             class_="end")
        for hz, words in _ROW_LABELS.items() if hz < 0.4 * sound.sample_rate
    ]  # fmt: skip
    return "".join(
        [text(LEFT, 14, f"{heading}, steps of 10 dB", class_="heading"), plot.frame, *steps, *rows]
    ) + plot.columns(time_labels(seconds, width))


def _decays(figures: tuple[Response, Response], width: float, name: str) -> str:
    hz = np.array(OCTAVES_HZ, dtype=np.float64)
    curves = [np.array([one.decay_s[str(band)] or np.nan for band in OCTAVES_HZ]) for one in figures]
    known = np.concatenate(curves)[np.isfinite(np.concatenate(curves))]
    low, high = 0.8 * known.min(), 1.25 * known.max()
    plot = Plot(Scale(100.0, 10000.0, LEFT, width - RIGHT, octaves=True), Scale(low, high, 180.0, 44.0, octaves=True))
    parts = [
        text(LEFT, 14, "Decay time, s", class_="heading"),
        legend(LEFT, 34, (("backing", name), ("vocal", "our reverb"))),
        plot.frame,
        plot.rows([value for value in _DECAY_STEPS_S if low <= value <= high]),
        plot.columns(frequency_labels(100.0, 10000.0, width)),
        plot.line(hz, curves[0], "backing"),
        plot.line(hz, curves[1], "vocal"),
    ]
    return "".join(parts)


def _densities(sounds: tuple[Audio, Audio], width: float) -> str:
    times_s = np.arange(0.002, _DENSITY_S, 0.001)
    plot = Plot(Scale(0.0, 1e3 * _DENSITY_S, LEFT, width - RIGHT), Scale(0.0, 1.4, 180.0, 44.0))
    curves = [measure_echo_density(sound.samples, sound.sample_rate, times_s) for sound in sounds]
    milliseconds: Floats = 1e3 * times_s
    parts = [
        text(LEFT, 14, "Density of echoes, 1: as dense as noise", class_="heading"),
        plot.frame,
        plot.rows(ticks(0.0, 1.4, 4, (0.5,))),
        plot.columns([(0.0, "0 ms"), (30.0, "30"), (60.0, "60"), (90.0, "90"), (120.0, "120")]),
        plot.line(milliseconds, curves[0], "backing"),
        plot.line(milliseconds, curves[1], "vocal"),
    ]
    return "".join(parts)


def _placed(parts: str, x: float, y: float) -> str:
    return tag("g", parts, transform=f"translate({x:g} {y:g})")
