"""MedleyDB 1 and 2: `X_METADATA.yaml` names the stems in `X_STEMS` with their instruments; `X_MIX.wav` is the mix.

The metadata may lie beside the audio or in a folder of its own, as in https://github.com/marl/medleydb
(`medleydb/data/Metadata`), since the archives of the audio come without it.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from sitwell_training.adapters.found import Found, Part, Skipped, missing_file

# `voices` of resources/taxonomy.yaml without beatboxing and crowd, which are no vocal to be mixed as one.
_VOICES = {
    "male singer", "female singer", "male speaker", "female speaker", "male rapper", "female rapper", "vocalists",
    "choir",
}  # fmt: skip
_METADATA, _STEMS, _MIX = "_METADATA.yaml", "_STEMS", "_MIX.wav"
_LICENCE = "MedleyDB: CC BY-NC-SA 4.0"


def find(folder: Path) -> Iterator[Found | Skipped]:
    """Find songs anywhere below a folder, by their metadata."""
    audio = {path.name.removesuffix(_STEMS): path.parent for path in folder.rglob(f"*{_STEMS}") if path.is_dir()}
    described = {
        path.name.removesuffix(_METADATA): path
        for path in sorted(folder.rglob(f"*{_METADATA}"))
        if not path.name.startswith(".")
    }
    for name in sorted(audio.keys() | described.keys()):
        id_ = f"medleydb_{name}"
        if name not in described:
            yield Skipped(id_, "dataset.metadata", f"{name}{_METADATA} is missing; copy the metadata into {folder}")
        elif name in audio:
            yield _song(id_, name, audio[name], described[name])


def _song(id_: str, name: str, folder: Path, metadata: Path) -> Found | Skipped:
    try:
        read = yaml.safe_load(metadata.read_text(encoding="utf-8"))
        stems = {key: _Stem.of(stem) for key, stem in sorted(read["stems"].items())}
        artist, bleed = str(read["artist"]), _yes(read.get("has_bleed", "no"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, AttributeError) as error:
        return Skipped(id_, "dataset.metadata", f"{metadata.name} cannot be read: {type(error).__name__}: {error}")
    if bleed:
        return Skipped(id_, "dataset.bleed", "the stems hear each other (has_bleed), so no part is a part alone")
    vocal = [folder / f"{name}{_STEMS}" / stem.file for stem in stems.values() if stem.is_voice]
    backing = [folder / f"{name}{_STEMS}" / stem.file for stem in stems.values() if not stem.is_voice]
    if not vocal:
        return Skipped(id_, "dataset.no_vocal", "no stem is a voice")
    if not backing:
        return Skipped(id_, "dataset.no_backing", "all stems are voices")
    mixture = folder / f"{name}{_MIX}"
    return missing_file(id_, [*vocal, *backing]) or Found(
        id=id_,
        artist=artist,
        vocal=tuple(map(Part, vocal)),
        backing=tuple(map(Part, backing)),
        mixture=Part(mixture) if mixture.is_file() else None,
        licence=_LICENCE,
        source="MedleyDB",
        kind="professional-stems",
    )


class _Stem:
    def __init__(self, file: str, instruments: list[str]) -> None:
        self.file = file
        self.is_voice = bool(instruments) and all(name in _VOICES for name in instruments)

    @classmethod
    def of(cls, read: Mapping[str, Any]) -> "_Stem":
        instrument = read["instrument"]
        return cls(str(read["filename"]), instrument if isinstance(instrument, list) else [str(instrument)])


def _yes(word: object) -> bool:
    return word is True or str(word).strip().lower() in ("yes", "true")  # bare yes is True in YAML 1.1
