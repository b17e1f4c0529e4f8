"""Words from anywhere made safe and well set for a page; knows nothing of what they say."""

import html
import re

_UNIT = re.compile(r"(?<=\d) (?=(?:dB|dBFS|dBTP|LU|LUFS|Hz|kHz|ms|s|%)(?!\w))")
_MINUS = re.compile(r"(?<![\w.)])-(?=\d)")


def typeset(words: str) -> str:
    """Escape words for HTML, give negative numbers a minus sign and keep numbers and units on one line."""
    return html.escape(_UNIT.sub("\u00a0", _MINUS.sub("−", words)))
