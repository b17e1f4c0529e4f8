"""The work of a batch on one take: find its sounds, mix, put result and record in their places; nothing twice.

Takes are strangers' files: a guard decodes them, one for each process that works, which ends with it.
"""

import copy
import hashlib
import json
import os
import tempfile
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sitwell import io, pipeline
from sitwell.batch.manifest import Take
from sitwell.batch.results import record_name
from sitwell.catalogue import Cache, Catalogue, Entry, content_of, id_in, is_reference
from sitwell.decide import Stem
from sitwell.errors import PlanError, SitwellError
from sitwell.pipeline import Foreign, Outputs
from sitwell.storage import Folder, open_folder
from sitwell.value import Json
from sitwell.version import __version__

_FILE_BYTES = 4 * 2**30  # what a WAV file can hold


@dataclass(frozen=True)
class Places:
    """Where a batch finds and puts things, as text, so that it can travel: folders or URLs."""

    root: str
    output: str
    catalog: str
    cache: Path | None = None


@dataclass
class Mixer:
    """Mixes takes; neighbours over the same backing at the same rate share it, read and measured."""

    places: Places
    max_seconds: float
    _entries: dict[str, Entry] = field(default_factory=dict, repr=False)
    _rate: tuple[str, int] = field(default=("", 0), repr=False)  # of the last take's vocal

    def key(self, item: Take) -> Hashable:
        """Name the backing, and the rate of the vocal where that is known without fetching it."""
        return item.backing, self._vocal_rate(item)

    def load(self, item: Take) -> tuple[Stem, str]:
        """Read and measure a backing at the rate of the mix; with the hash of its content."""
        with self._backing(item) as backing:
            rate = max(pipeline.common_rate(backing), self._vocal_rate(item))
            sha256 = backing.entry.record.sha256 if backing.entry else content_of(backing.path)
            return pipeline.load_backing(backing, rate), sha256

    def __call__(self, item: Take, shared: tuple[Stem, str]) -> Json:
        """Mix one take and give its record, which lies beside the result when this returns."""
        start_s, cpu_s = time.perf_counter(), time.process_time()
        stem, backing_sha256 = shared
        stem = Stem(stem.audio, copy.deepcopy(stem.track))  # an object store's arrays cannot be given to the core
        output = open_folder(self.places.output)
        with self._vocal(item) as vocal:
            vocal_sha256 = content_of(vocal.path)
            name = result_name(item, vocal_sha256, backing_sha256)
            with _written(output, name) as path:
                options = item.options
                outputs = Outputs(mix=path, bit_depth=options.bit_depth)
                result = pipeline.mix(vocal, stem, wishes=options.wishes, outputs=outputs)
                sha256, size = content_of(path), path.stat().st_size
        told = result.to_dict()
        record = {
            "id": item.id, "status": "done", "output": name, "sha256": sha256, "bytes": size,
            "vocal_sha256": vocal_sha256, "backing_sha256": backing_sha256,
            "plan": told["plan"], "measured": told["measured"], "warnings": told["warnings"],
            "timing_s": told["timing_s"], "wall_s": round(time.perf_counter() - start_s, 3),
            "cpu_s": round(time.process_time() - cpu_s, 3), "digest": digest(item, self.places),
        }  # fmt: skip
        output.write(record_name(item.id), json.dumps(record, ensure_ascii=False, allow_nan=False).encode())
        return record

    def _vocal_rate(self, item: Take) -> int:
        """Read the rate of a vocal; 0 when it is far away or cannot be read, which the mix itself will tell."""
        if self._rate[0] != item.id:
            self._rate = item.id, 0
            with suppress(SitwellError):
                vocal = local_file(open_folder(self.places.root), item.vocal)
                self._rate = item.id, pipeline.common_rate(Foreign(self._guard, vocal)) if vocal else 0
        return self._rate[1]

    @property
    def _guard(self) -> io.Guard:
        return _guard(self.max_seconds)

    @property
    def _cache(self) -> Cache | None:
        return None if self.places.cache is None else Cache(self.places.cache)

    @contextmanager
    def _backing(self, item: Take) -> Iterator[Foreign]:
        if not is_reference(item.backing):
            with _fetched(open_folder(self.places.root), item.backing) as path:
                yield Foreign(self._guard, path)
            return
        if item.backing not in self._entries:
            catalogue = Catalogue.open(self.places.catalog, cache=self._cache)
            self._entries[item.backing] = catalogue.get(id_in(item.backing))
        entry = self._entries[item.backing]
        yield Foreign(self._guard, entry.path(), entry.record.name, entry=entry)

    @contextmanager
    def _vocal(self, item: Take) -> Iterator[Foreign]:
        with _fetched(open_folder(self.places.root), item.vocal) as path:
            yield Foreign(self._guard, path, sample_rate=self._vocal_rate(item) or None)


def _guard(max_seconds: float) -> io.Guard:
    """Give what decodes for this process, under limits that grow with the length that is allowed."""
    times = max(1.0, max_seconds / io.MAX_SECONDS)
    usual = io.Limits()
    return io.shared_guard(io.Limits(
        max_seconds=max_seconds,
        file_bytes=round(times * _FILE_BYTES),
        cpu_s=round(times * usual.cpu_s),
        clock_s=times * usual.clock_s,
    ))  # fmt: skip


def result_name(item: Take, vocal_sha256: str, backing_sha256: str) -> str:
    """Name a result by all that it is made of: content of both sounds, options, and this version of Sitwell."""
    told = [vocal_sha256, backing_sha256, _options(item), __version__]
    key = hashlib.sha256(json.dumps(told).encode()).hexdigest()
    return f"mixes/{key[:2]}/{item.id}-{key[:24]}.{item.options.format}"


def digest(item: Take, places: Places) -> str:
    """Name a take without reading its sounds: what is asked, and size and date of the files where they are here."""
    root = open_folder(places.root)
    told = [item.vocal, item.backing, _options(item), __version__]
    for name in (item.vocal, item.backing):
        try:
            path = None if is_reference(name) else local_file(root, name)
            found = path.stat() if path else None
        except (SitwellError, OSError):
            found = None
        told.append([found.st_size, found.st_mtime_ns] if found else None)
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def local_file(root: Folder, name: str) -> Path | None:
    """Give the path of a file below a root on this machine, None for a distant root; PlanError `manifest.path`.

    Links are followed first, so that none leads out.
    """
    top = root.local(".")
    if top is None:
        if name.startswith("/"):
            raise PlanError("manifest.path", f"{name[:200]!r} leads out of the root {root.url}")
        return None
    real, found = os.path.realpath(top), os.path.realpath(top / name)
    if os.path.commonpath([real, found]) != real:
        raise PlanError("manifest.path", f"{name[:200]!r} leads out of the root {root.url}; --root chooses another")
    return Path(found)


def _options(item: Take) -> Any:
    options = item.options
    return [options.wishes.to_dict(), options.format, options.bit_depth]


@contextmanager
def _fetched(root: Folder, name: str) -> Iterator[Path]:
    """Give a file below a root as a file here, for a while."""
    here = local_file(root, name)
    if here is not None:
        yield here
        return
    with tempfile.TemporaryDirectory(prefix="sitwell-") as folder:
        path = Path(folder) / Path(name).name
        root.get(name, path)
        yield path


@contextmanager
def _written(output: Folder, name: str) -> Iterator[Path]:
    """Give a place to write a result to, which is sent to where it belongs afterwards."""
    here = output.local(name)
    if here is not None:
        here.parent.mkdir(parents=True, exist_ok=True)
        yield here
        return
    with tempfile.TemporaryDirectory(prefix="sitwell-") as folder:
        path = Path(folder) / Path(name).name
        yield path
        output.put(name, path)
