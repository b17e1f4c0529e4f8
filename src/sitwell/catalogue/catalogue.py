"""The catalogue: `Catalogue.open(url).add, get, list, verify, remove`; safe when many use it at once.

    ids/ID.json                  which folder holds a backing, and what its sound is
    tracks/ID-NONCE/sound.mp3    the sound as it came
    tracks/ID-NONCE/analysis-KEY-RATE.npz

Every file appears whole. A backing is there once its file in `ids` is, which is written last and removed first;
a folder belongs to one `ids` file alone, so that nobody removes what somebody else has just begun to use.
"""

import json
import os
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sitwell import io
from sitwell.analysis import measure_track, sketch
from sitwell.audio import Audio
from sitwell.catalogue.cache import Cache, content_of
from sitwell.catalogue.entry import Entry, Record
from sitwell.catalogue.ids import checked_id
from sitwell.errors import InputError, Notice, PlanError, SitwellError
from sitwell.storage import Folder, open_folder


@dataclass(frozen=True)
class Finding:
    """What `verify` saw of a backing: nothing wrong, or what is, and whether it was repaired."""

    id: str
    problems: tuple[Notice, ...] = ()
    repaired: bool = False


@dataclass(frozen=True)
class Catalogue:
    """Backings and what was measured of them, at a path or a URL."""

    place: Folder
    cache: Cache | None = None

    @classmethod
    def open(cls, url: str | os.PathLike[str], *, cache: Cache | None = None) -> "Catalogue":
        """Open a catalogue, which may be empty or not there yet; `cache` keeps distant sounds, and samples.

        Raises CodecError `storage.extra` for a URL that this installation cannot read.
        """
        return cls(open_folder(url), cache)

    def add(
        self,
        source: str | os.PathLike[str],
        *,
        id: str | None = None,
        link: bool = False,
        replace: bool = False,
        name: str | None = None,
        read: Callable[..., Audio] = io.read,
        progress: Callable[[float], None] = lambda _share: None,
    ) -> Entry:
        """Measure a backing and keep it; with `link` only where it lies is kept, and no copy.

        `name` stands for that of the file, `read` for `io.read`, such as that of an `io.Guard`.

        The id is the name of the file without its ending unless told. A backing that is there already with the
        same content is left as it is. Raises InputError `catalog.id`, `catalog.taken` and those of `io.read`.
        """
        path = Path(source)
        called = name or path.name
        key = checked_id(path.stem if id is None else id)
        sha256 = content_of(path)
        there = self._find(key)
        if there is not None and self._same(there, sha256, replace):
            return there
        audio = read(path, progress=progress)
        record = Record(
            id=key,
            folder=f"tracks/{key}-{secrets.token_hex(6)}",
            sha256=sha256,
            size=path.stat().st_size,
            name=called,
            sample_rate=audio.sample_rate,
            seconds=round(audio.seconds, 6),
            sound="" if link else f"sound{_suffix(Path(called))}",
            link=str(path.absolute()) if link else "",
        )
        entry = self._entry(record)
        try:
            if not link:
                self.place.put(f"{record.folder}/{record.sound}", path)
            entry.write(sketch(measure_track(audio)))
        except BaseException:
            self.place.remove(record.folder)
            raise
        return self._published(entry, there, replace)

    def get(self, id: str) -> Entry:
        """Find a backing; InputError `catalog.id` or `catalog.unknown`."""
        found = self._find(checked_id(id))
        if found is None:
            raise InputError(
                "catalog.unknown",
                f"no backing {id!r} in {self.place.url}; `sitwell catalog list` names those there are",
            )
        return found

    def list(self) -> Iterator[Entry]:
        """Yield all backings by id."""
        for name in self.place.names("ids"):
            if name.endswith(".json"):
                found = self._find(name.removesuffix(".json"))
                if found is not None:
                    yield found

    def remove(self, id: str) -> None:
        """Take a backing out, with its copy of the sound; InputError `catalog.id` or `catalog.unknown`."""
        entry = self.get(id)
        self.place.remove(f"ids/{entry.id}.json")
        self.place.remove(entry.record.folder)

    def verify(self, ids: Iterable[str] | None = None, *, repair: bool = False) -> Iterator[Finding]:
        """Check sounds against their hashes and read every analysis; `repair` measures anew what is missing."""
        for name in self._ids() if ids is None else ids:
            try:
                yield _examined(self.get(name), repair)
            except SitwellError as error:
                yield Finding(name, (Notice(error.code, error.message),))

    def _ids(self) -> Iterable[str]:
        return (name.removesuffix(".json") for name in self.place.names("ids") if name.endswith(".json"))

    def _find(self, name: str) -> Entry | None:
        path = f"ids/{name}.json"
        if not self.place.exists(path):
            return None
        try:
            return self._entry(Record.from_dict(json.loads(self.place.read(path)), "backing"))
        except InputError as error:
            if error.code == "storage.not_found":  # removed between two looks
                return None
            raise
        except (ValueError, RecursionError, PlanError):
            text = f"{self.place.url}/{path}: not a backing; remove this file and add the backing again"
            raise InputError("catalog.damaged", text) from None

    def _entry(self, record: Record) -> Entry:
        return Entry(record, self.place, self.cache)

    def _same(self, there: Entry, sha256: str, replace: bool) -> bool:
        """Tell whether a backing is there as it is to be added, or may be replaced; else it is taken."""
        if there.record.sha256 == sha256:
            return True
        if not replace:
            raise InputError(
                "catalog.taken",
                f"id {there.id!r} is another backing ({there.record.name}); choose another, or replace it",
            )
        return False

    def _published(self, entry: Entry, there: Entry | None, replace: bool) -> Entry:
        """Let everybody see a backing; somebody else may have been faster.

        Its folder stays when this fails: it may be there although the answer of a store was lost.
        """
        path, content = f"ids/{entry.id}.json", entry.record.to_bytes()
        if replace:
            self.place.write(path, content)
            if there is not None:
                self.place.remove(there.record.folder)
            return entry
        if self.place.create(path, content):
            return entry
        self.place.remove(entry.record.folder)
        first = self.get(entry.id)
        self._same(first, entry.record.sha256, replace=False)
        return first


def _suffix(path: Path) -> str:
    """Keep the ending of a file for people; what it is, its content tells."""
    ending = path.suffix.lower()
    return ending if re.fullmatch(r"\.[a-z0-9]{1,8}", ending) else ""


def _examined(entry: Entry, repair: bool) -> Finding:
    if entry.content() != entry.record.sha256:
        text = f"{entry.id}: its sound is not what was added; add it again"
        return Finding(entry.id, (Notice("catalog.changed", text),))
    if entry.track(entry.sample_rate) is not None:
        return Finding(entry.id)
    text = f"{entry.id}: its analysis is missing, damaged or of another version; takes measure it anew"
    if repair:
        entry.write(sketch(measure_track(io.read(entry.path()))))
    return Finding(entry.id, (Notice("catalog.not_measured", text),), repaired=repair)
