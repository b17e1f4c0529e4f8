"""Backings that are used again: each kept with what was measured of it; on a disk or in an object store.

catalogue = Catalogue.open("catalog")
entry = catalogue.add("song.mp3", id="song")
sitwell.mix("take.wav", entry, "mix.wav")
"""

from sitwell.catalogue.cache import Cache, content_of
from sitwell.catalogue.catalogue import Catalogue, Finding
from sitwell.catalogue.entry import Entry
from sitwell.catalogue.ids import SCHEME, checked_id, id_in, is_reference

__all__ = ["SCHEME", "Cache", "Catalogue", "Entry", "Finding", "checked_id", "content_of", "id_in", "is_reference"]
