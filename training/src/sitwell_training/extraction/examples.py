"""Examples to learn extraction from and to judge it by: takes of many singers in many reverbs, measured and kept."""

import functools
import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sitwell import io
from sitwell.analysis import SpectrumMeter
from sitwell.analysis.tails import TAILS_VERSION, Tails, measure_tails, tail_features
from sitwell.audio import Audio, Samples
from sitwell.errors import InputError
from sitwell.io.disk import output_errors, replacing
from sitwell_training.equalizer.voices import Voice
from sitwell_training.extraction.presets import read_decays
from sitwell_training.extraction.responses import RATE, Tail, network_tail, noise_tail, read_tail, shortened
from sitwell_training.extraction.takes import CLEAN, DRY_SHARE, Circumstances, Take, make_take, rms
from sitwell_training.parallel import Failure, run_all
from sitwell_training.store import DAMAGE

Floats = npt.NDArray[np.float64]
Names = npt.NDArray[np.str_]

SYNTHETIC = ("network", "noise")
VERSIONS = (2, TAILS_VERSION)  # of what is made from the same sounds and seed, and of how it is measured
WET_TAKES = 1500
_CHUNK = 25
_SHARES = {"real": 0.3, "network": 0.35, "noise": 0.35}
_SHORTENED_SHARE = 0.7
_ROOM_SHARE = 0.15
_QUIETEST = 1e-4


@dataclass(frozen=True)
class Sources:
    """Sound files by what they are for: dry singing, real responses, backings that leak, and a table of presets."""

    singers: tuple[Voice, ...]
    responses: tuple[Voice, ...]
    presets: str
    backings: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, singers: Iterable[Voice], responses: Iterable[Voice], presets: str, backings: Iterable[str]
    ) -> "Sources":
        """Put everything in an order of its own, so that lists may come in any."""

        def by_id(voice: Voice) -> str:
            return voice.id

        return cls(tuple(sorted(singers, key=by_id)), tuple(sorted(responses, key=by_id)), presets, tuple(backings))


@dataclass(frozen=True)
class Kind:
    """What sort of takes to make: whose split, how long, how wet, in which reverbs, under which circumstances."""

    name: str
    split: str = "train"
    seconds: tuple[float, float] = (10.0, 60.0)
    return_db: tuple[float, float] = (-26.0, -3.0)
    dry_share: float = DRY_SHARE
    real_only: bool = False
    happens: Circumstances = Circumstances()


_ISSUE = {"split": "test", "seconds": (15.0, 60.0), "return_db": (-20.0, -6.0)}
TRAIN = Kind("train")
JUDGED = (
    Kind("unseen rooms and plates", real_only=True, dry_share=0.0, happens=CLEAN, **_ISSUE),  # type: ignore[arg-type]
    Kind("the same, treated and harmed", real_only=True, dry_share=0.0, **_ISSUE),  # type: ignore[arg-type]
    Kind("synthetic reverbs", dry_share=0.0, happens=CLEAN, **_ISSUE),  # type: ignore[arg-type]
    Kind("dry", dry_share=1.0, happens=CLEAN, **_ISSUE),  # type: ignore[arg-type]
    Kind("dry, treated and harmed", dry_share=1.0, **_ISSUE),  # type: ignore[arg-type]
)


@dataclass(frozen=True, eq=False)
class Examples:
    """What was measured, as `Tails`; what is true: decay_s and octaves_db (n, 7), the rest (n,); singer and response.

    NaN where a figure is unknown; of a dry take all are but return_db, which is -inf.
    """

    votes: npt.NDArray[np.float32]
    statistics: npt.NDArray[np.float32]
    shares: Floats
    decay_s: Floats
    octaves_db: Floats
    return_db: Floats
    early_to_late_db: Floats
    predelay_ms: Floats
    singer: Names
    response: Names

    def of(self, chosen: npt.NDArray[np.bool_]) -> "Examples":
        """Keep some."""
        return Examples(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def features(self) -> npt.NDArray[np.float32]:
        """Arrange what was measured as the model sees it, (n, 7, k)."""
        measured = zip(self.votes.astype(np.float64), self.statistics.astype(np.float64), self.shares, strict=True)
        return np.stack([tail_features(Tails(*each)) for each in measured])

    @property
    def wet(self) -> npt.NDArray[np.bool_]:
        """Tell which have a reverb, (n,)."""
        return np.isfinite(self.return_db)


def make_examples(
    sources: Sources,
    kind: Kind,
    count: int,
    *,
    seed: int,
    cache: Path,
    workers: int | None = None,
    progress: Callable[[float, float], None] = lambda _done, _total: None,
) -> Examples:
    """Make and measure takes; what the cache holds is not made again. Raises InputError `fit.extraction`."""
    content = content_of(sources)
    jobs = [
        (sources, kind, seed, start, min(_CHUNK, count - start), str(_place(cache, content, kind, seed, start, count)))
        for start in range(0, count, _CHUNK)
    ]
    cache.mkdir(parents=True, exist_ok=True)
    progress(0, len(jobs))
    for done, (_, result) in enumerate(run_all(_chunk, jobs, workers=workers), 1):
        if isinstance(result, Failure):
            raise InputError(result.code, result.message)
        progress(done, len(jobs))
    parts = [found for job in jobs if (found := _read(Path(job[-1]))) is not None]
    return Examples(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Examples)))


def draw_take(sources: Sources, kind: Kind, rng: np.random.Generator) -> tuple[Take, str, str]:
    """Make one take of a kind; name its singer and its response."""
    singers, tails, decays, backings = _loaded(sources, kind.split)
    names = sorted(singers)
    weight = np.sqrt([sum(phrase.size for phrase in singers[name]) for name in names])
    singer = names[int(rng.choice(len(names), p=weight / weight.sum()))]
    tail, response = (None, "dry") if rng.random() < kind.dry_share else _drawn(tails, decays, kind, rng)
    take = make_take(
        singers[singer], tail, backings, rng=rng, seconds=kind.seconds, return_db=kind.return_db, happens=kind.happens
    )
    return take, singer, response


def _drawn(tails: dict[str, list[Tail]], decays: Floats, kind: Kind, rng: np.random.Generator) -> tuple[Tail, str]:
    """Choose a reverb: real ones at times with more absorption, others with the decays of a preset or a small room."""
    what = "real" if kind.real_only else str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
    if what == "real":
        name = sorted(tails)[int(rng.integers(len(tails)))]
        tail = tails[name][int(rng.integers(len(tails[name])))]
        damped = not kind.real_only and rng.random() < _SHORTENED_SHARE
        return (shortened(tail, float(np.exp(rng.uniform(np.log(0.4), np.log(8.0))))) if damped else tail), name
    wanted = decays[int(rng.integers(len(decays)))] * np.exp(rng.normal(0.0, 0.2))
    if rng.random() < _ROOM_SHARE:
        wanted = wanted / wanted[1] * rng.uniform(0.15, 0.8)
    return (network_tail if what == "network" else noise_tail)(np.clip(wanted, 0.12, 6.0), rng), what


def _chunk(job: tuple[Sources, Kind, int, int, int, str]) -> None:
    """Make some takes and measure them: the work of a process."""
    sources, kind, seed, start, count, place = job
    if _read(Path(place)) is not None:
        return
    rows = [_row(sources, kind, np.random.default_rng([seed, start + index])) for index in range(count)]
    columns = {
        field.name: np.stack(column) for field, column in zip(fields(Examples), zip(*rows, strict=True), strict=True)
    }
    with replacing(Path(place)) as temporary, output_errors(Path(place)), temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **columns)


def _row(sources: Sources, kind: Kind, rng: np.random.Generator) -> tuple[npt.NDArray[np.generic], ...]:
    take, singer, response = draw_take(sources, kind, rng)
    figures = (take.decay_s, take.octaves_db, take.return_db, take.early_to_late_db, take.predelay_ms)
    tails = tails_of(take.audio)
    measured = (tails.votes.astype(np.float32), tails.statistics.astype(np.float32), tails.shares)
    return (
        *measured,
        *(np.asarray(figure, dtype=np.float64) for figure in figures),
        np.array(singer),
        np.array(response),
    )


def tails_of(audio: Audio) -> Tails:
    """Measure how a sound fades, and nothing else of it."""
    meter = SpectrumMeter(audio.sample_rate)
    for block in audio.blocks():
        meter.process(block)
    return measure_tails(meter.finish())


@functools.lru_cache(maxsize=2)
def _loaded(
    sources: Sources, split: str
) -> tuple[dict[str, list[Samples]], dict[str, list[Tail]], Floats, list[Samples]]:
    """Read the sounds of one split, once in each process: phrases by singer, tails by response, decays, backings."""
    singers: dict[str, list[Samples]] = {}
    for voice in sources.singers:
        if voice.split == split and rms(phrase := _mono(voice.vocal)) > _QUIETEST:
            singers.setdefault(voice.artist, []).append(phrase)
    tails: dict[str, list[Tail]] = {}
    for response in sources.responses:
        if response.split == split:
            tails.setdefault(response.artist, []).append(read_tail(Path(response.vocal)))
    if not singers or not tails:
        raise InputError("fit.extraction", f"extraction needs dry singers and responses, both of the split {split}")
    return singers, tails, read_decays(Path(sources.presets)), [_mono(path) for path in sources.backings]


def _mono(path: str) -> Samples:
    return np.ascontiguousarray(io.read(path, sample_rate=RATE).samples.mean(axis=0))


def content_of(sources: Sources) -> str:
    """Hash all that takes are made of."""
    files = [voice.vocal for voice in (*sources.singers, *sources.responses)] + [sources.presets, *sources.backings]
    told = [[voice.artist, voice.split] for voice in (*sources.singers, *sources.responses)]
    hashes = [
        hashlib.sha256(Path(file).read_bytes()).hexdigest() if Path(file).is_file() else "absent" for file in files
    ]
    return hashlib.sha256(json.dumps([told, hashes]).encode()).hexdigest()


def _place(cache: Path, content: str, kind: Kind, seed: int, start: int, count: int) -> Path:
    told = [*VERSIONS, content, repr(kind), seed, start, min(_CHUNK, count - start)]
    return cache / f"takes-{hashlib.sha256(json.dumps(told).encode()).hexdigest()[:24]}.npz"


def _read(place: Path) -> Examples | None:
    """Read what was made; None when there is nothing, or something damaged."""
    try:
        with place.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:
            return Examples(*(arrays[field.name] for field in fields(Examples)))
    except DAMAGE:
        return None
