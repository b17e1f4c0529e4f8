"""A backing in a catalogue: what is known of it, its sound as a file here, its analysis at a rate."""

import contextlib
import dataclasses
import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from sitwell.analysis import Track
from sitwell.audio import Audio
from sitwell.catalogue.cache import Cache, content_of
from sitwell.catalogue.pack import analysis_key, pack, unpack
from sitwell.errors import InputError, PlanError, SitwellError
from sitwell.storage import Folder
from sitwell.value import Value


@dataclass(frozen=True)
class Record(Value):
    """What a catalogue writes down of a backing; `sound` is a name in its folder, `link` a path elsewhere."""

    id: str
    folder: str
    sha256: str
    size: int
    name: str
    sample_rate: int
    seconds: float
    sound: str = ""
    link: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        inside = re.fullmatch(r"tracks/[A-Za-z0-9_-]+", self.folder)
        if not inside or not re.fullmatch(r"(sound(\.[a-z0-9]+)?)?", self.sound):
            raise PlanError("catalog.damaged", f"{self.id!r}: its files lie outside the catalogue")

    def to_bytes(self) -> bytes:
        """Write as the JSON that a catalogue keeps."""
        return json.dumps(self.to_dict(), ensure_ascii=False).encode()


@dataclass(frozen=True)
class Entry:
    """A backing in a catalogue; mixes take it where they take a file."""

    record: Record
    place: Folder = field(repr=False, compare=False)
    cache: Cache | None = field(default=None, repr=False, compare=False)

    @property
    def id(self) -> str:
        """Its name in the catalogue."""
        return self.record.id

    @property
    def sample_rate(self) -> int:
        """Its own rate in Hz."""
        return self.record.sample_rate

    def path(self) -> Path:
        """Give its sound as a file on this machine, fetched once where it lies elsewhere.

        Raises InputError `catalog.sound_missing` or `catalog.changed`.
        """
        if not self.record.link:
            here = self.place.local(self._sound)
            found = here or (self.cache or Cache.own()).fetched(self.place, self._sound, sha256=self.record.sha256)
        else:
            found = Path(self.record.link)
        try:
            size = os.stat(found).st_size
        except OSError:
            raise InputError(
                "catalog.sound_missing",
                f"{self.id}: its sound {found} is gone; put it back, or remove and add it again",
            ) from None
        if size != self.record.size:
            raise InputError("catalog.changed", f"{self.id}: {found} was changed since it was added; add it again")
        return found

    def audio(self, sample_rate: int, decode: Callable[[], Audio]) -> Audio:
        """Give its sound at a rate in Hz: decoded, unless the cache still has it from an earlier take."""
        if self.cache is None:
            return decode()
        return self.cache.decoded(self.record.sha256, sample_rate, decode, name=self.record.name)

    def content(self) -> str:
        """Compute the SHA-256 of its sound as it lies in the catalogue now."""
        if self.record.link or self.place.local(self._sound):
            return content_of(self.path())
        return hashlib.sha256(self.place.read(self._sound)).hexdigest()

    def files(self) -> dict[str, bytes]:
        """Read all of it by name: in a folder of their own they are a catalogue that holds this backing alone."""
        record = self.record if self.record.sound else self.record.replace(link="", sound="sound")
        found = {f"ids/{self.id}.json": record.to_bytes(), f"{record.folder}/{record.sound}": self.path().read_bytes()}
        for name in self.place.names(record.folder):
            if name.startswith(_analyses()):
                with contextlib.suppress(InputError):  # removed between two looks
                    found[f"{record.folder}/{name}"] = self.place.read(f"{record.folder}/{name}")
        return found

    def track(self, sample_rate: int) -> Track | None:
        """Read what was measured of it at a rate in Hz; None when that has not been done, or is damaged."""
        name = self._analysis(sample_rate)
        try:
            return dataclasses.replace(unpack(self.place.read(name), name), name=self.record.name)
        except InputError:
            return None

    def remember(self, track: Track) -> None:
        """Keep what was measured, for whoever comes next; without effect where nothing may be written."""
        with contextlib.suppress(SitwellError):
            self.write(track)

    def write(self, track: Track) -> None:
        """Keep what was measured; OutputError when it cannot be written."""
        self.place.write(self._analysis(track.sample_rate), pack(track))

    def keep(self, name: str, content: bytes) -> None:
        """Keep one of `files` that was measured where they were carried to; as `remember`."""
        folder, _, file = name.rpartition("/")
        if folder == self.record.folder and file.startswith(_analyses()):
            with contextlib.suppress(SitwellError):
                self.place.write(name, content)

    @property
    def _sound(self) -> str:
        return f"{self.record.folder}/{self.record.sound}"

    def _analysis(self, sample_rate: int) -> str:
        return f"{self.record.folder}/{_analyses()}{sample_rate}.npz"


def _analyses() -> str:
    """Say how the names of analyses of this version start."""
    return f"analysis-{analysis_key()}-"
