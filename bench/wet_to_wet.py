"""Whether the reverb heard in a produced vocal, put on its dry recording, brings that nearer to the produced one.

    python bench/wet_to_wet.py DATA

DATA holds dry_wet_vocals/*/{dry,wet}.mp3. Lag and polarity are taken from the cross-correlation; pairs that correlate
by less than 0.3 are left out and named. All sounds are at -18 LUFS. Spectra (MSS) and dynamics (MLDR) as in
`sitwell evaluate`, left and right; less is nearer. Nothing but reverb is changed, so equalizer and compressor of the
produced vocal remain as a distance in every row.
"""

import argparse
from pathlib import Path

import numpy as np

from sitwell import read
from sitwell.analysis import measure_track
from sitwell.audio import Audio, Samples
from sitwell.decide.rules.reverb import RETURN_DB
from sitwell.effects import Reverb
from sitwell.evaluate.matched import at_loudness, k_energies
from sitwell.evaluate.mldr import dynamics_distance
from sitwell.evaluate.mss import spectral_distance
from sitwell.extraction import estimate_reverb
from sitwell.fit import reverb_from_figures

LONGEST_LAG_S, LEAST_CORRELATION, LUFS = 0.2, 0.3, -18.0
RULES = Reverb(
    decay_low_s=1.3, decay_mid_s=1.5, decay_high_s=1.0, predelay_ms=30.0, low_cut_hz=250.0, high_cut_hz=8000.0
)  # fmt: skip


def main() -> None:
    """Print distances pair by pair, and their medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    rows = []
    print("| pair | verdict | dry | rules' reverb | reverb as heard |\n|---|---|---|---|---|")
    for folder in sorted(parser.parse_args().data.glob("dry_wet_vocals/*")):
        wet, dry = (read(folder / f"{name}.mp3") for name in ("wet", "dry"))
        aligned = align(dry.samples, wet.samples, wet.sample_rate)
        if aligned is None:
            print(f"| {folder.name} | do not correlate | | | |")
            continue
        heard = estimate_reverb(wet, measure_track(wet))
        if heard.return_db is None or heard.middle_decay_s is None:
            print(f"| {folder.name} | {heard.verdict}, no reverb to put on | | | |")
            continue
        knobs = reverb_from_figures(
            decay_s={int(hz): value for hz, value in heard.decay_s.items()},
            tone_db={int(hz): value for hz, value in heard.octaves_db.items()},
            predelay_ms=heard.predelay_ms,
        )
        made = (aligned, with_reverb(aligned, RULES, RETURN_DB, dry.sample_rate),
                with_reverb(aligned, knobs, heard.return_db, dry.sample_rate))  # fmt: skip
        row = [distances(wet.samples, sound, wet.sample_rate) for sound in made]
        rows.append(row)
        cells = " | ".join(f"{mss:.3f} / {mldr:.3f}" for mss, mldr in row)
        print(f"| {folder.name} | {heard.middle_decay_s:.1f} s, {heard.return_db:.0f} dB | {cells} |", flush=True)
    medians = np.median(np.array(rows), axis=0)
    print(f"| **median of {len(rows)}** | MSS / MLDR | " + " | ".join(f"{a:.3f} / {b:.3f}" for a, b in medians) + " |")
    table = np.array(rows)
    for name, column in (("dry", 0), ("rules' reverb", 1)):
        change = table[:, 2] - table[:, column]
        (mss, mldr), (mss_share, mldr_share) = np.median(change, axis=0), (change < 0).mean(axis=0)
        print(f"against {name}: MSS {mss:+.3f} in the median, nearer in {mss_share:.0%} of pairs; "
              f"MLDR {mldr:+.3f}, {mldr_share:.0%}")  # fmt: skip


def align(dry: Samples, wet: Samples, rate: int) -> Samples | None:
    """Shift the dry vocal (2, n) to the wet one, in its polarity; None when they do not correlate."""
    first, second = (sound.astype(np.float64).mean(axis=0) for sound in (dry, wet))
    length = 2 * max(first.size, second.size)
    product = np.fft.irfft(np.fft.rfft(second, length) * np.conj(np.fft.rfft(first, length)), length)
    reach = round(LONGEST_LAG_S * rate)
    lags = np.r_[0 : reach + 1, -reach:0]
    best = lags[np.abs(product[lags]).argmax()]
    if abs(product[best]) < LEAST_CORRELATION * np.sqrt((first**2).sum() * (second**2).sum()):
        return None
    shifted = np.zeros_like(wet)
    start, stop = max(best, 0), min(wet.shape[1], dry.shape[1] + best)
    shifted[:, start:stop] = dry[:, start - best : stop - best]
    return shifted * np.float32(np.sign(product[best]))


def with_reverb(dry: Samples, reverb: Reverb, return_db: float, rate: int) -> Samples:
    """Add a return of this K-weighted energy against the dry vocal."""
    processor = reverb.replace(enabled=True, return_db=0.0).processor(rate)
    assert processor is not None
    blocks = []
    for block in Audio(dry, rate).blocks():
        processor.process(block)
        blocks.append(block)
    wet = np.concatenate(blocks, axis=1)
    ratio = k_energies(wet, rate).sum() / k_energies(dry, rate).sum()
    return dry + wet * np.float32(np.sqrt(10.0 ** (return_db / 10.0) / ratio))


def distances(wanted: Samples, got: Samples, rate: int) -> tuple[float, float]:
    """Measure MSS and MLDR of left and right at one loudness."""
    first, second = (at_loudness(sound, rate, lufs=LUFS) for sound in (wanted, got))
    return spectral_distance(first, second, rate).left_right, dynamics_distance(first, second, rate).left_right


if __name__ == "__main__":
    main()
