"""An evaluation as Markdown that also reads well in a terminal; knows nothing of how it was measured."""

from collections.abc import Sequence

from sitwell.evaluate.bootstrap import Figure
from sitwell.evaluate.columns import Measure
from sitwell.evaluate.evaluation import Evaluation
from sitwell.evaluate.tables import Comparison, Table

HEADINGS = {
    "level": "Balance and loudness range that are asked for, against the human mix",
    "equalizer": "Equalizer: how much of a known corruption is left",
    "damage": "Damage test: the way back to the original mix",
}
_NOTES = {
    "level": "Mean absolute errors. The oracle is the human mix itself.",
    "equalizer": (
        "Residual over corruption, 200 Hz to 10 kHz unless said otherwise, 64 points, mean removed; "
        "1 is nothing done, 0 is all of it taken away."
    ),
    "damage": "The vocal's level, evenness and colour were spoiled; lower is nearer, except where a share is given.",
}
_NONE = "–"


def markdown(evaluation: Evaluation) -> str:
    """Write all tables, the comparisons, and the songs that failed."""
    parts = [f"# Evaluation\n\n{_summary(evaluation)}\n"]
    for table in evaluation.tables:
        parts.append(f"## {HEADINGS[table.name]}\n\n{_songs(table)} {_NOTES[table.name]}\n")
        parts.append(_figures(table))
        if table.comparisons:
            parts.append(_comparisons(table))
    if evaluation.failed:
        rows = [[song.song.id, f"`{song.code}`", song.message] for song in evaluation.failed]
        parts.append("## Songs that could not be judged\n")
        parts.append(_grid(["song", "code", "why"], rows))
    return "\n".join(parts)


def figure_text(figure: Figure, decimals: int) -> str:
    """Write a figure with its interval, such as `0.31 (0.24 to 0.40)`."""
    if figure.value is None:
        return _NONE
    value = _number(figure.value, decimals)
    if figure.low is None or figure.high is None or figure.low == figure.high:
        return value
    return f"{value} ({_number(figure.low, decimals)} to {_number(figure.high, decimals)})"


def _summary(evaluation: Evaluation) -> str:
    settings, songs = evaluation.settings, evaluation.judged
    artists = len({song.song.artist for song in songs})
    failed = f"; {len(evaluation.failed)} more could not be judged" if evaluation.failed else ""
    model = f" The learned method is {evaluation.model}." if evaluation.model else ""
    notes = "".join(f"\n\n{note}" for note in evaluation.notes)
    return (
        f"{len(songs)} songs by {artists} artists{failed}. Intervals: 95 %, bootstrap over artists. "
        f"Constant: {settings.constant_vbr_lu:+.1f} LU, {settings.constant_range_lu:.1f} LU of range. "
        f"Damage test: {', '.join(settings.stages)}. Seed {settings.seed}.{model}{notes}"
    )


def _songs(table: Table) -> str:
    counts = {figure.songs for figures in table.rows.values() for figure in figures.values() if figure.songs}
    low, high = min(counts), max(counts)
    return f"{high} songs." if low == high else f"{low} to {high} songs, by figure."


def _figures(table: Table) -> str:
    rows = [
        [_words(measure), *(figure_text(figures[measure.key], measure.decimals) for figures in table.rows.values())]
        for measure in table.measures
    ]
    return _grid(["", *table.rows], rows)


def _comparisons(table: Table) -> str:
    measures = {measure.key: measure for measure in table.measures}
    shown = [pair for pair in table.comparisons if pair.measure in measures and measures[pair.measure].drawn]
    rows = [_comparison(pair, measures[pair.measure]) for pair in shown]
    return _grid(["song by song", "", "closer in", "mean difference"], rows)


def _comparison(pair: Comparison, measure: Measure) -> list[str]:
    ratio = measure.statistic.__name__ == "mean_ratio"
    words, unit = (measure.words, "dB") if ratio else (measure.words, measure.unit)
    share = pair.closer_share
    percent = Figure(_percent(share.value), _percent(share.low), _percent(share.high), share.songs, share.artists)
    difference = figure_text(pair.difference, measure.decimals)
    words = words.replace(", median", "")
    return [
        f"{pair.first} against {pair.second}",
        words,
        f"{figure_text(percent, 0)} %",
        f"{difference} {unit}".strip(),
    ]


def _percent(share: float | None) -> float | None:
    return None if share is None else 100.0 * share


def _words(measure: Measure) -> str:
    return f"{measure.words}, {measure.unit}" if measure.unit else measure.words


def _grid(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Write a Markdown table whose columns are as wide as their widest cell."""
    cells = [[cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in (head, *rows)]
    widths = [max(3, *(len(row[place]) for row in cells)) for place in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in cells
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]]) + "\n"


def _number(value: float, decimals: int) -> str:
    return f"{value:.{decimals}f}".replace("-", "−") if round(value, decimals) else f"{0:.{decimals}f}"
