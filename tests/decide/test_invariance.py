"""What must not change a learned plan: input gain, sample rate, silence before the song, deciding again."""

from pathlib import Path

import numpy as np
import pytest

from sitwell import pipeline
from sitwell.audio import Audio
from sitwell.models import Bundle
from sitwell.plan import Target, Targets
from sitwell.wishes import Wishes
from tests.decide.deciding import decided, model_that_comes_along, sensitive_bundle
from tests.songs import scaled, song

AIMED = ("vbr_lu", "loudness_range_lu", "equalizer_db")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a bundle with a level model that looks at the song, and a range model that asks for 6 LU."""
    return sensitive_bundle(tmp_path_factory.mktemp("models") / "b")


@pytest.fixture(params=["small", "that comes along"])
def model(request: pytest.FixtureRequest, folder: Path) -> Bundle:
    """Give a small model that looks at the song, and the one that comes along."""
    return Bundle.load(folder) if request.param == "small" else model_that_comes_along()


def same(here: Targets, there: Targets, within: float) -> None:
    for name in AIMED:
        first, second = getattr(here, name), getattr(there, name)
        assert asked_and_got(second) == pytest.approx(asked_and_got(first), abs=within), name
        assert second.source == first.source, name
        assert (second.confidence is None) == (first.confidence is None), name


def asked_and_got(target: Target) -> tuple[float, float]:
    assert target.asked is not None
    assert target.got is not None
    return target.asked, target.got


@pytest.mark.parametrize(("vocal_db", "backing_db"), [(12.0, 0.0), (-12.0, 0.0), (0.0, 12.0), (0.0, -12.0)])
def test_input_gain_does_not_change_what_is_asked_nor_what_is_got(
    folder: Path, vocal_db: float, backing_db: float
) -> None:
    vocal, backing = song(20.0)
    wishes = Wishes(model=str(folder))
    here = pipeline.mix(vocal, backing, wishes=wishes)
    there = pipeline.mix(scaled(vocal, vocal_db), scaled(backing, backing_db), wishes=wishes)
    for name in ("vbr_lu", "loudness_range_lu"):
        first, second = getattr(here.plan.targets, name), getattr(there.plan.targets, name)
        assert second.asked == pytest.approx(first.asked, abs=0.1), name  # LU
        assert second.got == pytest.approx(first.got, abs=0.1), name
    gain_db = there.plan.vocal.gain_db - here.plan.vocal.gain_db
    assert gain_db == pytest.approx(backing_db - vocal_db, abs=0.1)


@pytest.mark.parametrize(("vocal_db", "backing_db"), [(12.0, 0.0), (-12.0, 12.0)])
def test_no_target_hears_the_input_gain(model: Bundle, vocal_db: float, backing_db: float) -> None:
    vocal, backing = song(20.0)
    here = decided(vocal, backing, model).plan.targets
    there = decided(scaled(vocal, vocal_db), scaled(backing, backing_db), model).plan.targets
    for name in AIMED:
        first, second = getattr(here, name), getattr(there, name)
        assert second.asked == pytest.approx(first.asked, abs=0.1), name  # LU, dB
        assert second.confidence == pytest.approx(first.confidence, abs=0.01), name


def test_sample_rate_changes_little(model: Bundle) -> None:
    here, there = (decided(*song(20.0, rate), model).plan.targets for rate in (44100, 48000))
    for name in AIMED:
        assert getattr(there, name).asked == pytest.approx(getattr(here, name).asked, abs=0.3), name  # LU, dB


def test_leading_silence_changes_little(model: Bundle) -> None:
    vocal, backing = song(20.0)
    later, under = (Audio.of(np.pad(a.samples, ((0, 0), (44100 * 5, 0))), 44100) for a in (vocal, backing))
    here, there = decided(vocal, backing, model).plan, decided(later, under, model).plan
    for name in AIMED:
        assert getattr(there.targets, name).asked == pytest.approx(getattr(here.targets, name).asked, abs=0.3), name
    assert there.vocal.gain_db == pytest.approx(here.vocal.gain_db, abs=0.3)  # dB


def test_the_same_song_gives_the_same_plan(model: Bundle) -> None:
    vocal, backing = song(10.0)
    assert decided(vocal, backing, model).plan == decided(vocal, backing, model).plan
