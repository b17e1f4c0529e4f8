"""Results as a few lines for a terminal: asked and got, what was measured, where the files are."""

import math

from sitwell.analysis import Track
from sitwell.pipeline import MixResult
from sitwell.plan import Target

_TARGETS = (
    ("vbr_lu", "vocal against backing", "LU"),
    ("vmr_db", "vocal against mix", "dB"),
    ("loudness_range_lu", "vocal loudness range", "LU"),
    ("return_db", "reverb against dry vocal", "dB"),
    ("integrated_lufs", "loudness of the mix", "LUFS"),
)


def mix_lines(result: MixResult) -> list[str]:
    """Sum a mix up: a line per target, the peaks, the files, the time it took."""
    lines = [_target_line(name, unit, getattr(result.plan.targets, field)) for field, name, unit in _TARGETS]
    mix = result.measured.mix
    lines.append(f"{'true peak':<26} {number(mix.true_peak_dbtp)} dBTP")
    lines += [f"{name + ' written to':<26} {path}" for name, path in result.outputs.items()]
    seconds = sum(result.timing_s.values())
    parts = ", ".join(f"{stage} {took:.1f}" for stage, took in result.timing_s.items())
    return [*lines, f"{'took':<26} {seconds:.1f} s ({parts})"]


def track_lines(track: Track) -> list[str]:
    """Sum an analysis up in a table."""
    loudness, defects, stereo = track.loudness, track.defects, track.stereo
    rows = (
        ("loudness", f"{number(loudness.integrated_lufs)} LUFS"),
        ("loudness range", f"{number(loudness.loudness_range_lu)} LU"),
        ("loudest moment", f"{number(loudness.max_momentary_lufs)} LUFS"),
        ("loudest 3 s", f"{number(loudness.max_short_term_lufs)} LUFS"),
        ("true peak", f"{number(loudness.true_peak_dbtp)} dBTP"),
        ("crest factor", f"{number(track.crest_db)} dB"),
        ("noise floor", f"{number(defects.noise_floor_dbfs)} dBFS"),
        ("side against mid", f"{number(stereo.width_db)} dB"),
        ("tempo", f"{number(track.tempo.bpm)} bpm, confidence {track.tempo.confidence:.0%}"),
        ("clipped samples", f"{defects.clipped_samples}"),
    )
    head = f"{track.name}: {track.seconds:.1f} s, {track.sample_rate} Hz"
    return [head, *(f"  {name:<18} {text}" for name, text in rows)]


def number(value: float | None) -> str:
    """Write a figure with one decimal, or a word where there is none."""
    return f"{value:.1f}" if value is not None and math.isfinite(value) else "none"


def _target_line(name: str, unit: str, target: Target) -> str:
    asked = f"asked {target.asked:+.1f}, " if target.asked is not None else ""
    status = f" ({target.status})" if target.status and target.status != "met" else ""
    got = f"got {target.got:+.1f} {unit}" if target.got is not None else "got none"
    return f"{name:<26} {asked}{got}{status}{_engineers(target)}"


def _engineers(target: Target) -> str:
    if target.low is None or target.high is None:
        return ""
    return f"; engineers {target.low:+.1f} to {target.high:+.1f} ({target.source})"
