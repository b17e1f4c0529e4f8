"""What a separator is: a mix in, its vocal out; and which ones there are, loaded when asked for."""

from collections.abc import Callable
from typing import Protocol

from sitwell.audio import Audio
from sitwell.errors import InputError

SEPARATORS = ("spleeter", "demucs")


class Separator(Protocol):
    """Splits a finished mix in two."""

    sample_rate: int  # that it works at; the mix must have it

    def vocal_of(self, mix: Audio) -> Audio:
        """Estimate the vocal of a mix, same length and rate; the backing is what is left."""
        ...


def load_separator(name: str) -> Separator:
    """Load a separator by its name.

    Raises InputError `separator.unknown` or `separator.missing`, which says how to install it.
    """
    makers: dict[str, Callable[[], Separator]] = {"spleeter": _spleeter, "demucs": _demucs}
    if name not in makers:
        raise InputError("separator.unknown", f"no separator {name!r}; known: {', '.join(SEPARATORS)}")
    return makers[name]()


def missing(name: str, why: str) -> InputError:
    """Make the error for a separator whose extra is not installed."""
    return InputError("separator.missing", f"{name} cannot be used: {why}; pip install 'sitwell-training[{name}]'")


def _spleeter() -> Separator:
    from sitwell_training.separate.spleeter import Spleeter

    return Spleeter.load()


def _demucs() -> Separator:
    from sitwell_training.separate.demucs import Demucs

    return Demucs.load()
