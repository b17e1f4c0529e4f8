"""Words from anywhere made safe and well set for a page; knows nothing of what they say."""

import html
import re

_MINUS = re.compile(r"(?<![\w.)])-(?=\d)")


def typeset(words: str) -> str:
    """Escape words for HTML and give negative numbers a minus sign."""
    return html.escape(_MINUS.sub("−", words))
