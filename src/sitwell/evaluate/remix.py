"""The damage test: spoil the vocal of a good mix, mix it again by each method, measure the way back."""

import math
from dataclasses import dataclass

import numpy as np

from sitwell import core
from sitwell.analysis import SpectrumMeter, audible_share, frame_activity, measure_balance
from sitwell.audio import Audio, Samples
from sitwell.decide import Stem
from sitwell.evaluate.damage import Damage, draw_damage
from sitwell.evaluate.equalizer import RANGES_HZ, residual_db
from sitwell.evaluate.features import Features, feature_distance, measure_features
from sitwell.evaluate.level import CONSTANT, ORACLE
from sitwell.evaluate.matched import at_loudness
from sitwell.evaluate.methods import Parts, constant_plan, neutral_plan, plan_by, render_parts, stem
from sitwell.evaluate.mldr import dynamics_distance
from sitwell.evaluate.mss import spectral_distance
from sitwell.evaluate.published import PROFESSIONAL_RANGE_LU, PROFESSIONAL_VBR_LU
from sitwell.evaluate.settings import Settings
from sitwell.plan import MixPlan
from sitwell.units import gain_to_db

Row = dict[str, float]
DAMAGED = "damaged sum"
_VOCAL_LUFS = -18.0


def damage_rows(vocal: Audio, backing: Stem, *, settings: Settings, rng: np.random.Generator) -> dict[str, Row]:
    """Damage the vocal, mix it again, compare with the mix as it was; means over the draws."""
    original = _Measured.of(render_parts(neutral_plan(), vocal, backing.audio), vocal.sample_rate)
    drawn = [
        _remixed(vocal, backing, draw_damage(rng, seconds=vocal.seconds), original, settings)
        for _ in range(settings.draws)
    ]
    rows = {
        row: {name: float(np.mean([draw[row][name] for draw in drawn])) for name in figures}
        for row, figures in drawn[0].items()
    }
    rows[ORACLE] = _compare(original, original) | {"equalizer_error": 0.0}
    return rows


def _remixed(vocal: Audio, backing: Stem, damage: Damage, original: "_Measured", settings: Settings) -> dict[str, Row]:
    spoiled = stem(damage.apply(vocal))
    plans = {
        DAMAGED: neutral_plan(),
        CONSTANT: constant_plan(spoiled, backing, vbr_lu=settings.constant_vbr_lu),
        **{
            method: plan_by(method, spoiled, backing, settings=settings, stages=settings.stages)
            for method in settings.methods
        },
    }
    return {name: _row(plan, spoiled.audio, backing.audio, damage, original) for name, plan in plans.items()}


@dataclass(frozen=True, eq=False)
class _Measured:
    """A mix and what was measured of it."""

    vocal: Samples  # at -18 LUFS
    sample_rate: int
    features: Features
    vbr_lu: float
    range_lu: float
    audible: float
    peak_db: float

    @classmethod
    def of(cls, parts: Parts, sample_rate: int) -> "_Measured":
        return cls(
            vocal=at_loudness(parts.vocal, sample_rate, lufs=_VOCAL_LUFS),
            sample_rate=sample_rate,
            features=measure_features(parts.mix, sample_rate),
            vbr_lu=measure_balance(parts.vocal_energies, parts.backing_energies).vbr_lu,
            range_lu=core.loudness_range_lu(parts.vocal_energies),
            audible=_audible(parts, sample_rate),
            peak_db=_peak_to_loudness_db(parts.mix, sample_rate),
        )


def _row(plan: MixPlan, vocal: Audio, backing: Audio, damage: Damage, original: _Measured) -> Row:
    found = _Measured.of(render_parts(plan, vocal, backing), vocal.sample_rate)
    return _compare(original, found) | {
        "equalizer_error": residual_db(damage.corruption, plan, vocal.sample_rate, RANGES_HZ[""])
    }


def _compare(original: _Measured, found: _Measured) -> Row:
    features = feature_distance(original.features, found.features)
    spectra = spectral_distance(original.vocal, found.vocal, original.sample_rate)
    dynamics = dynamics_distance(original.vocal, found.vocal, original.sample_rate)
    return {
        "features_mid": features.mid,
        "features_all": features.all,
        "vbr_error": _apart(original.vbr_lu, found.vbr_lu),
        "range_error": _apart(original.range_lu, found.range_lu),
        "mss": spectra.left_right,
        "mss_mid_side": spectra.mid_side,
        "mldr": dynamics.left_right,
        "mldr_mid_side": dynamics.mid_side,
        "audible": found.audible,
        "vbr_inside": _inside(found.vbr_lu, PROFESSIONAL_VBR_LU),
        "range_inside": _inside(found.range_lu, PROFESSIONAL_RANGE_LU),
        "peak": found.peak_db,
    }


def _audible(parts: Parts, sample_rate: int) -> float:
    """Measure the share of sung cells from 1 to 5 kHz in which the vocal can be heard."""
    spectra = []
    for sound in (parts.vocal, parts.backing):
        meter = SpectrumMeter(sample_rate)
        for block in Audio(sound, sample_rate).blocks():
            meter.process(block)
        spectra.append(meter.finish())
    active = frame_activity(parts.vocal_energies, spectra[0].times_s)
    return audible_share(spectra[0].bark, spectra[1].bark, active)


def _peak_to_loudness_db(mix: Samples, sample_rate: int) -> float:
    meter = core.Meter(sample_rate=sample_rate, channels=2)
    energies = np.concatenate([meter.process(block) for block in Audio(mix, sample_rate).blocks()])
    return gain_to_db(meter.true_peak) - core.integrated_lufs(energies)


def _apart(first: float, second: float) -> float:
    return abs(first - second) if math.isfinite(first) and math.isfinite(second) else math.nan


def _inside(value: float, limits: tuple[float, float]) -> float:
    return float(limits[0] <= value <= limits[1]) if math.isfinite(value) else math.nan
