"""A sound as it travels to a machine that cannot see where it lies: bytes, or the address of a catalogue."""

from dataclasses import dataclass
from pathlib import Path

from sitwell.catalogue import Cache, Catalogue, Entry
from sitwell.service.request import Sound


@dataclass(frozen=True)
class Sent:
    """One sound: its file, or a backing as a catalogue of its own, or where every machine finds that backing."""

    name: str
    file: bytes = b""
    backing: str = ""
    files: dict[str, bytes] | None = None
    catalog: str = ""

    @classmethod
    def of(cls, sound: Sound) -> "Sent":
        """Pack a sound; InputError as of the catalogue, or when the file is gone."""
        if sound.entry is None:
            return cls(sound.name, file=sound.path.read_bytes())
        if is_distant(sound.entry):
            return cls(sound.name, backing=sound.entry.id, catalog=sound.entry.place.url)
        return cls(sound.name, backing=sound.entry.id, files=sound.entry.files())

    def unpacked(self, folder: Path) -> Sound:
        """Lay it down in an empty folder that is there, as a sound of this machine."""
        if not self.backing:
            path = folder / "sound"
            path.write_bytes(self.file)
            return Sound(path, self.name)
        for name, content in (self.files or {}).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        entry = Catalogue.open(self.catalog or folder, cache=Cache.own()).get(self.backing)
        return Sound(entry.path(), self.name, entry)


def is_distant(entry: Entry) -> bool:
    """Tell whether a backing lies in a store that every machine can reach."""
    return not entry.record.link and entry.place.local(".") is None
