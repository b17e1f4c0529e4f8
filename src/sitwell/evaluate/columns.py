"""Which figures a table shows, how songs are summed up in each, and in which direction it is better."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell.evaluate.bootstrap import mean_ratio, median

Floats = npt.NDArray[np.float64]
LOWER, HIGHER, NEITHER = "lower", "higher", ""


def mean(rows: Floats) -> float:
    """Average the first column."""
    return float(rows[:, 0].mean())


@dataclass(frozen=True)
class Measure:
    """One line of a table: its name, words and unit, and the figures of a song that it is made of."""

    key: str
    words: str
    unit: str = ""
    better: str = LOWER
    parts: tuple[str, ...] = ()  # `key` alone where empty
    statistic: Callable[[Floats], float] = mean
    decimals: int = 2
    drawn: bool = False  # in the picture

    @property
    def figures(self) -> tuple[str, ...]:
        """Names of the figures of a song."""
        return self.parts or (self.key,)


def _share(key: str, words: str, better: str = NEITHER, *, drawn: bool = False) -> Measure:
    return Measure(key, words, "%", better, statistic=lambda rows: 100.0 * mean(rows), decimals=0, drawn=drawn)


def _ratio(kind: str, ending: str = "", where: str = "", *, drawn: bool = False) -> Measure:
    parts = (f"residual_{kind}{ending}", f"corruption_{kind}{ending}")
    return Measure(f"ratio_{kind}{ending}", f"{kind} corruption left{where}", "", LOWER, parts, mean_ratio, drawn=drawn)


_WIDE = " 80 Hz to 16 kHz"
MEASURES: dict[str, tuple[Measure, ...]] = {
    "level": (
        Measure("vbr_error", "vocal to backing, error", "LU", drawn=True),
        Measure("range_error", "loudness range, error", "LU", drawn=True),
        Measure("vbr_asked", "vocal to backing asked for", "LU", NEITHER),
        Measure("range_asked", "loudness range asked for", "LU", NEITHER),
        _share("vbr_covered", "vocal to backing within the 80 % interval"),
        Measure("vbr_width", "width of that interval", "LU", NEITHER),
        _share("range_covered", "range within the 80 % interval"),
        Measure("range_width", "width of that interval", "LU", NEITHER),
    ),
    "equalizer": (
        _ratio("mild", drawn=True),
        _ratio("medium", drawn=True),
        _ratio("origin", drawn=True),
        Measure("change", "change of a good vocal", "dB", drawn=True),
        _ratio("mild", "_wide", _WIDE),
        _ratio("medium", "_wide", _WIDE),
        _ratio("origin", "_wide", _WIDE),
        Measure("change_wide", f"change of a good vocal{_WIDE}", "dB"),
    ),
    "damage": (
        Measure("features_mid", "audio features, mid", decimals=4, drawn=True),
        Measure("features_all", "audio features, all", decimals=4),
        Measure("vbr_error", "vocal to backing, error", "LU", drawn=True),
        Measure("range_error", "vocal's loudness range, error", "LU", drawn=True),
        Measure("equalizer_error", "equalizer, error", "dB", drawn=True),
        Measure("mss", "spectrogram (MSS), median", statistic=median),
        Measure("mss_mid_side", "spectrogram, mid and side, median", statistic=median),
        Measure("mldr", "dynamics (MLDR), median", statistic=median, drawn=True),
        Measure("mldr_mid_side", "dynamics, mid and side, median", statistic=median),
        _share("audible", "vocal not masked", drawn=True),
        _share("vbr_inside", "balance where professionals have it"),
        _share("range_inside", "range where professionals have it"),
        Measure("peak", "peak over loudness of the mix", "dB", NEITHER, decimals=1),
    ),
}
