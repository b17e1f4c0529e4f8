"""Numbers as people read them: with a unit and at most one decimal; knows nothing of what is measured."""

import math

NONE = "–"


def number(value: float | None, unit: str = "") -> str:
    """Write a number with at most one decimal and its unit, such as `-3.0 dB`; a dash where there is none."""
    if value is None or not math.isfinite(value):
        return NONE
    if unit == "Hz":
        return _hertz(value)
    if unit in ("ms", "%") or abs(value) >= 1000:
        return with_unit(f"{round(value)}", unit)
    return with_unit(f"{round(value, 1) + 0.0:.1f}", unit)  # + 0.0: never -0.0


def signed(value: float | None, unit: str = "") -> str:
    """Write a change with its sign, such as `+1.5 dB`."""
    text = number(value, unit)
    return f"+{text}" if value is not None and math.isfinite(value) and round(value, 1) > 0 else text


def exact(value: float, unit: str = "") -> str:
    """Write a number as it is in the plan, without needless zeros."""
    return with_unit(f"{value:.10g}", unit)


def clock(seconds: float) -> str:
    """Write a time as minutes and seconds, `1:05`."""
    whole = int(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


def with_unit(text: str, unit: str) -> str:
    """Put a unit behind a number: a space before it, none before `:1` and `%`."""
    return f"{text}{unit}" if unit in (":1", "%", "") else f"{text} {unit}"


def _hertz(value: float) -> str:
    return f"{value / 1000:.1f} kHz" if round(value) >= 1000 else f"{round(value)} Hz"
