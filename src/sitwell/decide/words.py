"""Aims in words: who sits where, as a reason tells it; claims of the model, the prior and a person kept apart."""

from sitwell.decide.aims import BY_HAND, PRIOR, RULES, Aim


def whose(aim: Aim) -> str:
    """Name the vocals an aim speaks of: those over such backings for a model, all it learned from for a prior."""
    return (
        "vocals of the songs this model learned from" if aim.source == PRIOR else "vocals over backing tracks like this"
    )


def between(aim: Aim, *, signed: bool = False) -> str:
    """Say the interval and the source in brackets: `(80 % between -5.4 and -0.9; model default 1)`.

    `signed` writes a plus before what is above zero, for figures that may lie on either side of it.
    """
    form = "+.1f" if signed else ".1f"
    known = aim.low is not None and aim.high is not None
    interval = [f"80 % between {aim.low:{form}} and {aim.high:{form}}"] if known else []
    return f"({'; '.join([*interval, aim.source])})"


def is_learned(aim: Aim) -> bool:
    """Tell whether an aim comes from what was learned of songs, be it only their middle."""
    return aim.source not in (RULES, BY_HAND)
