"""The page on which sounds are rated blind: one HTML file that needs no network; knows no condition."""

import base64
import hashlib
import json
from collections.abc import Sequence
from importlib.resources import files

from sitwell.evaluate.listening.sounds import Sound


def make_page(songs: Sequence[Sequence[Sound]], *, seed: int) -> str:
    """Make the page. It is told opaque names only, in the order of these names, so that nothing leaks.

    Each listener hears songs and sounds in an order of their own, drawn from the seed and their name.
    """
    pages = sorted(sorted(sound.name for sound in sounds) for sounds in songs)
    test = json.dumps({"seed": seed, "pages": pages})
    style, script = _resource("page.css"), _resource("page.js")
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)}; "
        "media-src 'self' file:; base-uri 'none'; form-action 'none'"
    )
    return (
        _resource("page.html")
        .replace("{policy}", policy)
        .replace("{style}", style)
        .replace("{test}", test.replace("<", "\\u003c"))
        .replace("{script}", script)
    )


def _resource(name: str) -> str:
    return files("sitwell.evaluate.listening").joinpath(name).read_text(encoding="utf-8")


def _hash(content: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"
