"""Small data sets in the layouts of the real ones, made of generated sound."""

import json
from collections.abc import Mapping
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
import soundfile
import yaml

from tests.songs import band, voice

RATE = 44100
Sounds = dict[str, npt.NDArray[np.float32]]


def stems(seconds: float = 8.0, *, seed: int = 0, sample_rate: int = RATE) -> Sounds:
    """Make four stems and their sum, as in MUSDB18: (2, samples) each; `other` is quiet noise."""
    rng = np.random.default_rng(seed)
    sung = voice(seconds, sample_rate, seed=seed).samples
    whole = band(seconds, sample_rate, seed=seed + 1).samples
    noise = (0.02 * rng.standard_normal(whole.shape)).astype(np.float32)
    made = {"vocals": sung, "drums": 0.6 * whole, "bass": 0.4 * whole, "other": noise}
    return made | {"mixture": np.sum(list(made.values()), axis=0, dtype=np.float32)}


def write(path: Path, samples: npt.NDArray[np.float32], sample_rate: int = RATE) -> Path:
    """Write a sound file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples.T, sample_rate, subtype="FLOAT" if path.suffix == ".wav" else None)
    return path


def musdb18(folder: Path, names: Mapping[str, str]) -> None:
    """Write `split/name.stem.mp4` for each name; five AAC streams in the order of the data set."""
    for number, (name, split) in enumerate(names.items()):
        made = stems(seed=number)
        (folder / split).mkdir(parents=True, exist_ok=True)
        with av.open(str(folder / split / f"{name}.stem.mp4"), "w", format="mp4") as container:
            order = ("mixture", "drums", "bass", "other", "vocals")
            streams = [container.add_stream("aac", rate=RATE, layout="stereo") for _ in order]
            for stream in streams:
                stream.bit_rate = 256_000
            for stream, stem in zip(streams, order, strict=True):
                frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(made[stem]), format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = RATE, 0
                for packet in (*stream.encode(frame), *stream.encode(None)):
                    container.mux(packet)


def musdb18_hq(folder: Path, names: Mapping[str, str]) -> None:
    """Write `split/name/{mixture,drums,bass,other,vocals}.wav`."""
    for number, (name, split) in enumerate(names.items()):
        for stem, samples in stems(seed=number).items():
            write(folder / split / name / f"{stem}.wav", samples)


def dsd100(folder: Path, names: Mapping[str, str]) -> None:
    """Write `Sources/subset/name/*.wav` and `Mixtures/subset/name/mixture.wav`."""
    for number, (name, subset) in enumerate(names.items()):
        for stem, samples in stems(seed=number).items():
            kind = "Mixtures" if stem == "mixture" else "Sources"
            write(folder / kind / subset / name / f"{stem}.wav", samples)


def medleydb(
    folder: Path,
    name: str,
    instruments: Mapping[str, str],
    *,
    bleed: str = "no",
    metadata: Path | None = None,
    mixture_vocal_gain: float = 1.0,
) -> None:
    """Write `Audio/name/` with a stem for each id and instrument, the mix, and the metadata."""
    song, described = folder / "Audio" / name, {}
    mixture = np.zeros((2, 8 * RATE), dtype=np.float32)
    for number, (id_, instrument) in enumerate(instruments.items()):
        sung = "singer" in instrument or instrument == "vocalists"
        samples = voice(8.0, RATE, seed=number).samples if sung else band(8.0, RATE, seed=number).samples
        mixture += samples * np.float32(mixture_vocal_gain if sung else 1.0)
        file = f"{name}_STEM_{id_[1:]}.wav"
        write(song / f"{name}_STEMS" / file, samples)
        raw = {"R01": {"filename": f"{name}_RAW_{id_[1:]}_01.wav", "instrument": instrument}}
        described[id_] = {"component": "", "filename": file, "instrument": instrument, "raw": raw}
    write(song / f"{name}_MIX.wav", mixture)
    read = {
        "album": "", "artist": "The Band", "excerpt": "no", "has_bleed": bleed, "instrumental": "no",
        "mix_filename": f"{name}_MIX.wav", "raw_dir": f"{name}_RAW", "stem_dir": f"{name}_STEMS",
        "stems": described, "title": name, "version": 1.2,
    }  # fmt: skip
    place = metadata or song
    place.mkdir(parents=True, exist_ok=True)
    (place / f"{name}_METADATA.yaml").write_text(yaml.safe_dump(read), encoding="utf-8")
    (place / f"._{name}_METADATA.yaml").write_bytes(b"\x00\x05\x16\x07")  # as macOS leaves it in archives


def moisesdb(folder: Path, uuid: str, tracks: Mapping[str, list[tuple[str, bool | None]]]) -> None:
    """Write `uuid/data.json` and `uuid/stem/id.wav`: stems with (track id, has_bleed) each."""
    song = folder / uuid
    described = []
    for number, (stem, listed) in enumerate(tracks.items()):
        for id_, _ in listed:
            sound = voice(8.0, RATE, seed=number) if stem == "vocals" else band(8.0, RATE, seed=number)
            write(song / stem / f"{id_}.wav", sound.samples)
        rows = [
            {"trackType": "any", "id": id_, "type": "audio/x-wav", "extension": "wav", "has_bleed": bleed}
            for id_, bleed in listed
        ]
        described.append({"id": stem, "stemName": stem, "stemType": stem, "tracks": rows})
    text = json.dumps({"song": "Title", "artist": "Someone", "genre": "pop", "stems": described})
    (song / "data.json").write_text(text, encoding="utf-8")


def cambridge(folder: Path, name: str, tracks: list[str], *, mixture: str = "") -> None:
    """Write `name/01_Kick.wav` and so on, and a preview of the mix when asked to."""
    total = np.zeros((2, 8 * RATE), dtype=np.float32)
    for number, track in enumerate(tracks):
        sung = "Vox" in track and "Gtr" not in track
        samples = voice(8.0, RATE, seed=number).samples if sung else band(8.0, RATE, seed=number).samples
        total += samples
        write(folder / name / track, samples)
    if mixture:
        write(folder / name / mixture, total)
