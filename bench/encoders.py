"""What encoders cost and what they leave of the music: CPU of 60 s of stereo, and noise against the masked threshold.

    python bench/encoders.py [--songs 6] [--only aac,opus,mp3,ogg] [--data ../shared/data]

Songs are vocal and backing of pairs of the data folder, added, 60 s, peak at -1 dBFS. Each song goes through every
encoder in turn, so that CPU times compare; they are this process's own. Per Bark band and frame of 46 ms, the power of
decoded minus original is held against what the original masks (`analysis.masking`): `nmr` is that ratio in the mean
of the frames in dB (lower is better), `worst` its 95th percentile, `heard` the share of frames in which some band has
more than 1.5 dB above it. `colour` is the rms difference of band powers in dB, blind to phase: fair to noise that was
put in place of noise. `top` is the level above 12 kHz against the original in dB. Length and lag must be those of the
original.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sitwell import io
from sitwell.analysis.masking import masked_threshold
from sitwell.analysis.spectrum import Powers, SpectrumMeter
from sitwell.audio import Audio, Samples
from sitwell.io.encode import FORMATS, Encoder
from sitwell.io.encode_av import AAC, OPUS, AvFile, Codec

SECONDS = 60.0
Open = Callable[[Path, int], Encoder]
SLOW_AAC = replace(AAC, options={})


@dataclass(frozen=True)
class Candidate:
    """An encoder under a name; `shipped` where it is what Sitwell writes with."""

    name: str
    suffix: str
    open: Open


def by_av(name: str, suffix: str, codec: Codec) -> Candidate:
    """Name an encoder of FFmpeg."""
    return Candidate(name, suffix, lambda path, rate: AvFile(path, codec, rate))


def by_sndfile(name: str, suffix: str, **changed: float) -> Candidate:
    """Name an encoder of libsndfile."""
    from sitwell.io.encode import _Sndfile

    known = replace(FORMATS[suffix], **changed)
    return Candidate(name, suffix, lambda path, rate: _Sndfile(path, known, known.subtype, rate))


def lame(quality: int) -> Codec:
    """Set up LAME's V2 at one of its speeds; 118 are FFmpeg's steps of quality."""
    options = {"compression_level": str(quality), "flags": "+bitexact+qscale", "global_quality": str(2 * 118)}
    return Codec("libmp3lame", "mp3", "fltp", 0, options)


def aac(kilobits: int, **options: str) -> Codec:
    """Set up FFmpeg's AAC."""
    return replace(AAC, bit_rate=kilobits * 1000, options=options)


FAST, PLAIN = {"aac_coder": "fast"}, {"aac_pns": "0", "aac_is": "0"}
CANDIDATES = [
    by_av("aac 192, as shipped", ".m4a", AAC),
    by_av("aac 160, the same", ".m4a", aac(160, **FAST, **PLAIN)),
    by_av("aac 192 fast, all tools", ".m4a", aac(192, **FAST)),
    by_av("aac 192 twoloop, all tools", ".m4a", aac(192)),
    by_av("aac 192 twoloop, no pns, is", ".m4a", aac(192, **PLAIN)),
    by_av("opus 160, as shipped (5)", ".opus", OPUS),
    by_av("opus 160, complexity 10", ".opus", replace(OPUS, options={})),
    by_av("opus 160, complexity 0", ".opus", replace(OPUS, options={"compression_level": "0"})),
    by_av("opus 128, complexity 5", ".opus", replace(OPUS, bit_rate=128_000)),
    by_sndfile("opus of libsndfile", ".opus"),
    by_sndfile("mp3 V2 of libsndfile", ".mp3"),
    by_av("mp3 V2 of FFmpeg, q 5", ".mp3", lame(5)),
    by_av("mp3 V2 of FFmpeg, q 9", ".mp3", lame(9)),
    by_sndfile("ogg vorbis of libsndfile", ".ogg"),
]


@dataclass(frozen=True)
class Found:
    """What one song came to."""

    cpu_s: float
    kilobits: float
    nmr_db: float
    worst_db: float
    heard_percent: float
    colour_db: float
    top_db: float
    lag: int
    longer: int
    peak: float


def music(folder: Path, rate: int | None) -> Audio:
    """Add vocal and backing of a pair: 60 s from a third of it on."""
    files = next(folder.glob("voc*")), next(folder.glob("backing*"))
    rate = rate or io.common_rate(io.probe(file) for file in files)
    parts = [io.read(file, sample_rate=rate).samples for file in files]
    shortest = min(part.shape[1] for part in parts)
    whole = np.roll(parts[0][:, :shortest] + parts[1][:, :shortest], -(shortest // 3), axis=1)
    length = int(SECONDS * rate)
    cut = np.tile(whole, (1, -(-length // shortest)))[:, :length]
    return Audio.of(np.ascontiguousarray(cut * (0.89 / np.abs(cut).max()), dtype=np.float32), rate)


def encode(candidate: Candidate, path: Path, audio: Audio) -> float:
    """Encode in blocks as a mix does; gives CPU seconds."""
    start_s = time.process_time()
    encoder = candidate.open(path, audio.sample_rate)
    for block in audio.blocks():
        encoder.write(np.ascontiguousarray(block.T))
    encoder.finish()
    encoder.close()
    return time.process_time() - start_s


def bark(samples: Samples, rate: int) -> Powers:
    """Measure Bark powers, (frames, 24)."""
    meter = SpectrumMeter(rate)
    meter.process(np.ascontiguousarray(samples))
    return meter.finish().bark


def lag_samples(found: Samples, wanted: Samples) -> int:
    """How much later `found` is, by ten seconds of its first channel."""
    size = 1 << 19
    spectra = np.fft.rfft(found[0, :size], 2 * size) * np.conj(np.fft.rfft(wanted[0, :size], 2 * size))
    lag = int(np.fft.irfft(spectra).argmax())
    return lag if lag < size else lag - 2 * size


def judge(path: Path, audio: Audio, cpu_s: float) -> Found:
    """Decode and compare."""
    found, wanted, rate = io.read(path).samples, audio.samples, audio.sample_rate
    both = min(found.shape[1], wanted.shape[1])
    before, after = bark(wanted[:, :both], rate), bark(found[:, :both], rate)
    noise = bark(found[:, :both] - wanted[:, :both], rate)
    ratio = noise / (masked_threshold(before) + 1e-9)
    frames_db = 10 * np.log10(ratio.mean(axis=1) + 1e-9)
    loud = before > 1e-8
    colour_db = 10 * np.log10((after[loud] + 1e-10) / (before[loud] + 1e-10))
    return Found(
        cpu_s=cpu_s,
        kilobits=path.stat().st_size * 8 / SECONDS / 1000,
        nmr_db=float(frames_db.mean()),
        worst_db=float(np.percentile(frames_db, 95)),
        heard_percent=float((ratio.max(axis=1) > 10**0.15).mean() * 100),
        colour_db=float(np.sqrt(np.mean(colour_db**2))),
        top_db=float(10 * np.log10(after[:, 23].mean() / before[:, 23].mean())),
        lag=lag_samples(found, wanted),
        longer=found.shape[1] - wanted.shape[1],
        peak=float(np.abs(found).max()),
    )


def main() -> None:
    """Read the options and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--songs", type=int, default=6)
    parser.add_argument("--only", default="aac,opus,mp3,ogg")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[1] / "../shared/data")
    options = parser.parse_args()
    chosen = [candidate for candidate in CANDIDATES if candidate.name.split()[0] in options.only.split(",")]
    pairs = [pair for pair in sorted((options.data / "pairs").iterdir()) if any(pair.glob("backing*"))]
    found: dict[str, list[Found]] = {candidate.name: [] for candidate in chosen}
    with tempfile.TemporaryDirectory(prefix="sitwell-bench-") as folder:
        for pair in pairs[:: max(1, len(pairs) // options.songs)][: options.songs]:
            sounds = {rate: music(pair, rate) for rate in (None, 48000)}  # Opus knows 48 kHz only
            for candidate in chosen:
                path, audio = (
                    Path(folder) / f"a{candidate.suffix}",
                    sounds[48000 if ".opus" in candidate.suffix else None],
                )
                found[candidate.name].append(judge(path, audio, encode(candidate, path, audio)))
    print(f"{'':28} CPU s  kbit/s  nmr dB  worst  heard %  colour dB  top dB  peak  lag  longer")
    for name, songs in found.items():
        mean = {key: np.mean([getattr(song, key) for song in songs]) for key in Found.__dataclass_fields__}
        print(
            f"{name:28} {mean['cpu_s']:5.2f} {mean['kilobits']:7.0f} {mean['nmr_db']:7.1f} {mean['worst_db']:6.1f}"
            f" {mean['heard_percent']:8.1f} {mean['colour_db']:10.2f} {mean['top_db']:7.1f}"
            f" {max(song.peak for song in songs):5.2f} {max(abs(song.lag) for song in songs):4}"
            f" {max(abs(song.longer) for song in songs):7}"
        )
    print(f"{len(next(iter(found.values())))} songs; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
