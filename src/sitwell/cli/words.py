"""Results as a few lines for a terminal: asked and got, what was measured, where the files are."""

import math

from sitwell.analysis import Track
from sitwell.extraction import WET, ReverbEstimate
from sitwell.pipeline import MixResult
from sitwell.plan import Target

_TARGETS = (
    ("vbr_lu", "vocal against backing", "LU"),
    ("vmr_db", "vocal against mix", "dB"),
    ("loudness_range_lu", "vocal loudness range", "LU"),
    ("decay_s", "decay of the reverb", "s"),
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


def track_lines(track: Track, reverb: ReverbEstimate | None = None) -> list[str]:
    """Sum an analysis up in a table, with the reverb where somebody listened for it."""
    loudness, defects, stereo = track.loudness, track.defects, track.stereo
    rows = [
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
    ]
    if reverb is not None:
        rows.append(("reverb", wetness(reverb)))
    head = f"{track.name}: {track.seconds:.1f} s, {track.sample_rate} Hz"
    return [head, *(f"  {name:<18} {text}" for name, text in rows)]


def estimate_lines(track: Track, estimate: ReverbEstimate) -> list[str]:
    """Sum an estimate up in a table: each figure with how sure it is."""
    sure = estimate.confidence
    rows = [
        *((f"decay {hz} Hz", decay_s, "s", sure.decay_s[hz]) for hz, decay_s in estimate.decay_s.items()),
        ("return level", estimate.return_db, "dB", sure.return_db),
        ("early to late", estimate.early_to_late_db, "dB", sure.early_to_late_db),
        ("pre-delay", estimate.predelay_ms, "ms", sure.predelay_ms),
    ]
    head = f"{track.name}: {wetness(estimate)}"
    if estimate.verdict != WET:
        return [head]
    return [head, *(f"  {name:<18} {_figure(value, unit, how_sure)}" for name, value, unit, how_sure in rows)]


def wetness(estimate: ReverbEstimate) -> str:
    """Say in a few words how wet a vocal is."""
    match estimate.verdict:
        case "wet":
            long = "" if estimate.middle_decay_s is None else f", lasting {estimate.middle_decay_s:.1f} s"
            return f"wet, its reverb {estimate.below} the voice{long}"
        case "dry":
            return "dry"
        case _:
            return "unknown: too short, not like a singing voice, or without pauses that let its reverb be heard"


def _figure(value: float | None, unit: str, sure: float) -> str:
    return "unknown" if value is None else f"{value:.{2 if unit == 's' else 1}f} {unit}, confidence {sure:.0%}"


def number(value: float | None) -> str:
    """Write a figure with one decimal, or a word where there is none."""
    return f"{value:.1f}" if value is not None and math.isfinite(value) else "none"


def _target_line(name: str, unit: str, target: Target) -> str:
    form = ".1f" if unit == "s" else "+.1f"
    asked = f"asked {target.asked:{form}}, " if target.asked is not None else ""
    status = f" ({target.status})" if target.status and target.status != "met" else ""
    got = f"got {target.got:{form}} {unit}" if target.got is not None else "got none"
    return f"{name:<26} {asked}{got}{status}{_engineers(target, form)}"


def _engineers(target: Target, form: str) -> str:
    if target.low is None or target.high is None:
        return ""
    return f"; engineers {target.low:{form}} to {target.high:{form}} ({target.source})"
