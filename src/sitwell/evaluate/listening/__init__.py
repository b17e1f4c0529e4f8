"""A blind listening test: mixes of equal loudness under opaque names, and a page to rate them on."""

from sitwell.evaluate.listening.write import write_listening

__all__ = ["write_listening"]
