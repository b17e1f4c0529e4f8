"""Names of backings: what an id may be, and references such as `catalog:ID` where a file could stand."""

import os
import re

from sitwell.errors import InputError

SCHEME = "catalog:"
_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")


def checked_id(text: str) -> str:
    """Give an id back; InputError `catalog.id` for what could be taken for a path, or is too long."""
    if not _ID.fullmatch(text):
        raise InputError("catalog.id", f"id {text[:140]!r}: 1 to 128 of A-Z, a-z, 0-9, _ and - are allowed")
    return text


def is_reference(source: object) -> bool:
    """Tell whether something given as a file is a reference into a catalogue."""
    return isinstance(source, str | os.PathLike) and str(os.fspath(source)).startswith(SCHEME)


def id_in(reference: str | os.PathLike[str]) -> str:
    """Take the id out of `catalog:ID`; InputError `catalog.id`."""
    return checked_id(os.fspath(reference).removeprefix(SCHEME))
