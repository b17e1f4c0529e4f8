"""What a take that carries reverb still lacks: the energy that brings it to what is asked, and no more."""

import math
from dataclasses import replace

from sitwell.decide.aims import Aim
from sitwell.decide.rules.reverb import NOTHING_DB
from sitwell.extraction import WET, ReverbEstimate
from sitwell.models import Bundle


def lacking(bundle: Bundle, aim: Aim, heard: ReverbEstimate) -> Aim:
    """Lower a return so that with what is heard it has the energy asked; `NOTHING_DB` when it has that already.

    The interval is of all reverb together, and is dropped with the rest.
    """
    if heard.verdict != WET or heard.return_db is None:
        return aim
    energy = 10.0 ** (aim.value / 10.0) - 10.0 ** (heard.return_db / 10.0)
    missing_db = max(10.0 * math.log10(energy), NOTHING_DB) if energy > 0.0 else NOTHING_DB
    return replace(
        aim, value=missing_db, source=bundle.label, citation=f"{aim.citation}; what is there: {bundle.label}",
        low=None, high=None, confidence=heard.confidence.return_db,
    )  # fmt: skip
