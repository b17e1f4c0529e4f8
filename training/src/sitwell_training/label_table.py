"""Labels of songs as a table: CSV or Parquet, by the ending of the name."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sitwell.analysis import THIRD_OCTAVES_HZ
from sitwell.errors import InputError
from sitwell.io import write_text_atomic
from sitwell_training.catalogue import write_table
from sitwell_training.prepare import PreparedSong

_OF_SONG = ("id", "artist", "split", "kind", "licence", "source")
_FIGURES = (
    "loudness_range_lu", "vbr_spread_lu", "vbr_slope", "vocal_lufs", "backing_lufs", "active_share", "seconds",
)  # fmt: skip


def label_row(item: PreparedSong) -> dict[str, Any]:
    """Give a song's labels by column; the level is None where the sum is not what was released."""
    row: dict[str, Any] = {name: getattr(item.song, name) for name in _OF_SONG}
    row["vbr_lu"] = item.vbr_lu
    row |= {name: getattr(item.labels, name) for name in _FIGURES}
    for part, levels in (("vocal", item.labels.vocal_db), ("backing", item.labels.backing_db)):
        row |= {f"{part}_{hz:.0f}hz_db": db for hz, db in zip(THIRD_OCTAVES_HZ.tolist(), levels, strict=True)}
    return row


def write_labels(path: Path, songs: Sequence[PreparedSong]) -> None:
    """Write a row a song; raises InputError `dataset.format` for another ending than .csv and .parquet."""
    rows = [label_row(item) for item in songs]
    if path.suffix.lower() == ".parquet":
        write_table(path, {name: [row[name] for row in rows] for name in (rows[0] if rows else {})})
    elif path.suffix.lower() == ".csv":
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0] if rows else [], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        write_text_atomic(path, text.getvalue())
    else:
        raise InputError("dataset.format", f"{path}: labels are written as .csv or .parquet")
