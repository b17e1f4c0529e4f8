"""Fits the plan's six bands to a wanted response: greedy choice of bands, least squares for their gains.

Any corrective EQ, by rule or learned, ends here, so that it stays smooth and readable.
"""

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.effects import Bell, Equalizer, Shelf

Floats = npt.NDArray[np.float64]
Band = tuple[str, float, float]  # kind, frequency in Hz, q

_MAX_BELLS = 4
_WORTH_DB = 0.08  # rms gained by one more band, below which it is not worth a band
_SMALLEST_DB = 0.4
_LARGEST_DB = 9.0
_PROBE_DB = 4.0  # responses are near proportional to gain in dB; probed here
_BELL_HZ = tuple(float(hz) for hz in (125, 160, 200, 250, 315, 400, 500, 630, 800, 1000, 1250, 1600, 2000,
                                      2500, 3150, 4000, 5000, 6300, 8000))  # fmt: skip
_CANDIDATES: tuple[Band, ...] = (
    *(("bell", hz, q) for hz in _BELL_HZ for q in (0.6, 1.0, 1.6)),
    *(("low_shelf", hz, 0.71) for hz in (120.0, 180.0, 270.0)),
    *(("high_shelf", hz, 0.71) for hz in (4000.0, 6000.0, 8500.0)),
)


def fit_equalizer(frequencies_hz: Floats, wanted_db: Floats, sample_rate: int) -> Equalizer:
    """Find the bands whose response at `frequencies_hz` (n,) is nearest to `wanted_db` (n,).

    At most four bells and one shelf at each end; bands that would do little are left at 0 dB.
    """
    candidates = [band for band in _CANDIDATES if band[1] < 0.4 * sample_rate]
    table = np.stack([_response(band, frequencies_hz, sample_rate) for band in candidates])
    chosen: list[int] = []
    error = _rms(wanted_db)
    while True:
        allowed = [i for i in range(len(candidates)) if _may_join(i, chosen, candidates)]
        trials = [(_rms(wanted_db - _gains(table, [*chosen, i], wanted_db) @ table[[*chosen, i]]), i) for i in allowed]
        if not trials or error - min(trials)[0] < _WORTH_DB:
            break
        error, best = min(trials)
        chosen.append(best)
    gains_db = _gains(table, chosen, wanted_db)
    kept = [(candidates[i], gain) for i, gain in zip(chosen, gains_db, strict=True) if abs(gain) >= _SMALLEST_DB]
    return _equalizer(kept)


def _response(band: Band, frequencies_hz: Floats, sample_rate: int) -> Floats:
    kind, hz, q = band
    design = {
        "bell": core.design_bell, "low_shelf": core.design_low_shelf, "high_shelf": core.design_high_shelf
    }[kind]  # fmt: skip
    section = design(sample_rate=sample_rate, frequency_hz=hz, gain_db=_PROBE_DB, q=q)
    return core.response_db(section[None], sample_rate=sample_rate, frequencies_hz=frequencies_hz) / _PROBE_DB


def _gains(table: Floats, chosen: list[int], wanted_db: Floats) -> Floats:
    rows = table[chosen]
    gram = rows @ rows.T + 0.02 * np.eye(len(chosen))  # a little ridge: no two bands fighting each other
    return np.clip(np.linalg.solve(gram, rows @ wanted_db), -_LARGEST_DB, _LARGEST_DB)


def _may_join(i: int, chosen: list[int], candidates: list[Band]) -> bool:
    kind, hz, _ = candidates[i]
    same = [candidates[j] for j in chosen if candidates[j][0] == kind]
    if kind != "bell":
        return not same
    return len(same) < _MAX_BELLS and all(abs(np.log2(hz / other)) > 0.6 for _, other, _ in same)


def _equalizer(bands: list[tuple[Band, float]]) -> Equalizer:
    slots: dict[str, Bell | Shelf] = {}
    bells = sorted((hz, q, gain_db) for (kind, hz, q), gain_db in bands if kind == "bell")
    for slot, (hz, q, gain_db) in enumerate(bells, start=1):
        slots[f"bell_{slot}"] = Bell(frequency_hz=hz, gain_db=float(gain_db), q=q)
    for (kind, hz, q), gain_db in bands:
        if kind != "bell":
            slots[kind] = Shelf(frequency_hz=hz, gain_db=float(gain_db), q=q)
    return Equalizer().replace(**slots).rounded()


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2))) if values.size else 0.0
