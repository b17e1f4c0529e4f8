"""Does every mix get what was asked? All songs of a folder of real audio, read back by two other meters.

    python bench/exactness.py [--data FOLDER] [--most N]

For each pair: sitwell's mix with its stems; then ffmpeg's ebur128 and libebur128 read loudness and true peak
of the mix, libebur128 the balance of the stems over 3 s windows, and the share of the vocal that is audible
is measured on the stems with and without the masking rule.
"""

import argparse
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyebur128

from sitwell import analyze
from sitwell.analysis import active_frames, audible_share, pad_frames
from sitwell.audio import Audio
from sitwell.io import read
from sitwell.pipeline import MixResult, Outputs, mix
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]


def songs(data: Path) -> dict[str, tuple[Audio, Audio]]:
    """Find pairs and unmixed multitracks: name to a call that reads vocal and backing."""
    pairs = {folder.name: _pair(folder) for folder in sorted((data / "pairs").iterdir()) if folder.is_dir()}
    raw = {folder.name: _multitrack(folder) for folder in sorted((data / "raw_multitracks").iterdir())}
    return pairs | raw


def _pair(folder: Path):
    return lambda: (read(folder / "vocals.ogg"), read(folder / "backing.ogg"))


def _multitrack(folder: Path):
    def sum_of(files: list[Path]) -> Audio:
        stems = [read(file) for file in files]
        length = max(stem.length for stem in stems)
        total = sum(np.pad(stem.samples, ((0, 0), (0, length - stem.length))) for stem in stems)
        return Audio.of(total, stems[0].sample_rate, name=folder.name)

    files = sorted(folder.glob("*.flac"))
    return lambda: (
        sum_of([file for file in files if file.name.startswith("vocals")]),
        sum_of([file for file in files if not file.name.startswith("vocals")]),
    )


def check(name: str, vocal: Audio, backing: Audio) -> dict[str, float | str | None]:
    """Mix one song and read it back."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        result = mix(vocal, backing, outputs=Outputs(mix=out / "mix.wav", stems=out / "stems"))
        stems = {stem: read(out / "stems" / f"{stem}.wav") for stem in ("vocal", "backing")}
        peak_ffmpeg, lufs_ffmpeg = _ffmpeg(out / "mix.wav")
        peak_ebur128, lufs_ebur128 = _ebur128(read(out / "mix.wav"))
        vbr_lu = _short_term_balance(stems["vocal"], stems["backing"])
        with_dips = _audible(stems["vocal"], stems["backing"])
    plain = _without_masking(vocal, backing)
    targets = result.plan.targets
    return {
        "song": name,
        "vbr_lu": result.measured.vbr_lu,
        "vbr_ebur128_lu": vbr_lu,
        "vmr_error_db": abs(result.measured.vmr_db - (targets.vmr_db.asked or 0.0)),
        "range_asked_lu": targets.loudness_range_lu.asked,
        "range_got_lu": targets.loudness_range_lu.got,
        "range_status": targets.loudness_range_lu.status,
        "peak_ffmpeg_dbtp": peak_ffmpeg,
        "peak_ebur128_dbtp": peak_ebur128,
        "lufs_ffmpeg": lufs_ffmpeg,
        "lufs_ebur128": lufs_ebur128,
        "audible_without": plain,
        "audible_with": with_dips,
        "limiter_db": result.measured.limiter_reduction_db,
    }


def _without_masking(vocal: Audio, backing: Audio) -> float:
    with tempfile.TemporaryDirectory() as folder:
        wishes = Wishes(settings=("backing.equalizer.enabled=off",))
        stems = Path(folder) / "stems"
        result: MixResult = mix(vocal, backing, wishes=wishes, outputs=Outputs(stems=stems))
        assert not result.plan.backing.equalizer.enabled
        return _audible(read(stems / "vocal.wav"), read(stems / "backing.wav"))


def _audible(vocal: Audio, backing: Audio) -> float:
    sung, under = analyze(vocal), analyze(backing)
    return audible_share(
        sung.spectrum.bark,
        pad_frames(under.spectrum.bark, sung.spectrum.frames)[: sung.spectrum.frames],
        active_frames(sung),
    )


def _ffmpeg(path: Path) -> tuple[float, float]:
    command = ["ffmpeg", "-nostats", "-hide_banner", "-i", str(path), "-af", "ebur128=peak=true", "-f", "null", "-"]
    summary = subprocess.run(command, capture_output=True, text=True, check=True).stderr.rpartition("Summary:")[2]
    return float(re.findall(r"Peak:\s+(\S+)", summary)[0]), float(re.findall(r"I:\s+(\S+)", summary)[0])


def _ebur128(audio: Audio) -> tuple[float, float]:
    mode = pyebur128.MeasurementMode
    state = pyebur128.R128State(2, audio.sample_rate, mode.MODE_I | mode.MODE_TRUE_PEAK)
    state.add_frames(np.ascontiguousarray(audio.samples.T).ravel(), audio.length)
    peak = max(pyebur128.get_true_peak(state, channel) for channel in (0, 1))
    return 20.0 * float(np.log10(max(peak, 1e-9))), float(pyebur128.get_loudness_global(state))


def _short_term_balance(vocal: Audio, backing: Audio) -> float:
    """Balance over windows of 3 s every 1 s in which the vocal is within 20 LU of its own loudness."""
    sung, under = _windows(vocal), _windows(backing)
    active = sung > _ebur128(vocal)[1] - 20.0
    return _power_mean(sung[active]) - _power_mean(under[active])


def _windows(audio: Audio) -> Floats:
    rate, loudness = audio.sample_rate, []
    for start in range(0, max(audio.length - 3 * rate, 0) + 1, rate):
        state = pyebur128.R128State(2, rate, pyebur128.MeasurementMode.MODE_S)
        piece = np.ascontiguousarray(audio.samples[:, start : start + 3 * rate].T)
        state.add_frames(piece.ravel(), len(piece))
        loudness.append(pyebur128.get_loudness_shortterm(state))
    return np.asarray(loudness)


def _power_mean(lufs: Floats) -> float:
    return float(10.0 * np.log10(np.mean(10.0 ** (lufs / 10.0))))


def main() -> None:
    """Check all songs and print a line each, then the worst of each figure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path(os.environ.get("SITWELL_DATA", "../shared/data")))
    parser.add_argument("--most", type=int, default=10**6)
    chosen = parser.parse_args()
    rows = []
    for name, load in list(songs(chosen.data).items())[: chosen.most]:
        row = check(name, *load())
        rows.append(row)
        print(json.dumps({key: round(v, 3) if isinstance(v, float) else v for key, v in row.items()}), flush=True)
    summary = {
        "songs": len(rows),
        "worst_vmr_error_db": max(row["vmr_error_db"] for row in rows),
        "worst_vbr_error_by_ebur128_lu": max(abs(row["vbr_ebur128_lu"]) for row in rows),
        "worst_range_error_lu": max(
            (abs(row["range_got_lu"] - row["range_asked_lu"]) for row in rows if row["range_status"] == "met"),
            default=0,
        ),
        "range_limit_reached": sum(row["range_status"] == "limit reached" for row in rows),
        "highest_peak_ffmpeg_dbtp": max(row["peak_ffmpeg_dbtp"] for row in rows),
        "highest_peak_ebur128_dbtp": max(row["peak_ebur128_dbtp"] for row in rows),
        "worst_loudness_error_ffmpeg_lu": max(abs(row["lufs_ffmpeg"] + 14.0) for row in rows),
        "masking_raised": float(np.mean([row["audible_with"] > row["audible_without"] for row in rows])),
        "masking_worst": min(row["audible_with"] - row["audible_without"] for row in rows),
        "masking_mean": float(np.mean([row["audible_with"] - row["audible_without"] for row in rows])),
    }
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
