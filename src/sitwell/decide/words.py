"""Aims in words: who sits where, as a reason tells it; claims of the model, the prior and a person kept apart."""

from sitwell.decide.aims import BY_HAND, PRIOR, RULES, Aim


def whose(aim: Aim) -> str:
    """Name the vocals an aim speaks of: those over such backings for a model, all of them for a prior."""
    return "vocals in released songs" if aim.source == PRIOR else "vocals over backing tracks like this"


def between(aim: Aim) -> str:
    """Say the interval and the source in brackets: `(80 % between -5.4 and -0.9; model default 1)`."""
    known = [f"80 % between {aim.low:.1f} and {aim.high:.1f}"] if aim.low is not None and aim.high is not None else []
    return f"({'; '.join([*known, aim.source])})"


def is_learned(aim: Aim) -> bool:
    """Tell whether an aim comes from what was learned of songs, be it only their middle."""
    return aim.source not in (RULES, BY_HAND)
