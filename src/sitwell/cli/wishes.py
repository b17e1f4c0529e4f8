"""The options of `mix` and `plan` as wishes."""

from collections.abc import Sequence
from pathlib import Path

from sitwell.errors import PlanError
from sitwell.wishes import Wishes


def wishes_of(
    *,
    method: str | None,
    model: Path | None,
    amount: float,
    vocal_level: float,
    vocal_tone: float,
    reverb_level: float,
    loudness: str,
    ceiling: float,
    only: str,
    targets: str,
    settings: Sequence[str] | None,
) -> Wishes:
    """Make wishes of what was typed; raises PlanError for what cannot be."""
    return Wishes(
        method=method or "",
        model=None if model is None else str(model),
        amount=amount,
        vocal_level_lu=vocal_level,
        vocal_tone_db=vocal_tone,
        reverb_level_db=reverb_level,
        loudness_lufs=_lufs(loudness),
        ceiling_dbtp=ceiling,
        only=_listed(only),
        targets=_listed(targets),
        settings=tuple(settings or ()),
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(item.strip() for item in text.split(",") if item.strip())


def _lufs(text: str) -> float | None:
    if text.strip().lower() == "off":
        return None
    try:
        return float(text)
    except ValueError:
        raise PlanError("wish.loudness", f"--loudness takes a number in LUFS or off, got {text!r}") from None
