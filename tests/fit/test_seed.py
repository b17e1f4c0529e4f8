"""Knobs from figures: the closed forms are those of the running network, and the seed gives back what it was given."""

import numpy as np
import pytest

from sitwell.analysis import OCTAVES_HZ, measure_response
from sitwell.effects import Reverb
from sitwell.fit import energy_spectrum, network_decay_s, reverb_from_figures, reverb_response, seed_reverb

OPEN = Reverb(low_cut_hz=20.0, high_cut_hz=20000.0, predelay_ms=0.0, return_db=0.0)
BANDS = np.array(OCTAVES_HZ, dtype=np.float64)


@pytest.mark.parametrize("decays_s", [(1.3, 1.5, 1.0), (0.9, 1.2, 0.8), (4.0, 2.0, 1.0)])
def test_decay_in_closed_form_is_what_the_sound_does(decays_s: tuple[float, float, float]) -> None:
    low, mid, high = decays_s
    reverb = OPEN.replace(decay_low_s=low, decay_mid_s=mid, decay_high_s=high)
    assert network_decay_s(reverb, np.array([100.0, 1000.0, 8000.0]), 44100) == pytest.approx(decays_s, rel=1e-3)
    response = measure_response(reverb_response(reverb, 44100))
    measured = [response.decay_at(hz) for hz in (500, 1000, 2000)]
    # Within an octave the decay varies, and the slow part of it lasts: 8 %.
    assert measured == pytest.approx(list(network_decay_s(reverb, BANDS[2:5], 44100)), rel=0.08)


def test_energy_in_closed_form_is_that_of_the_sound() -> None:
    reverb = Reverb(decay_low_s=2.0, decay_mid_s=1.5, decay_high_s=0.5, low_cut_hz=200.0, high_cut_hz=4000.0)
    tone_db = measure_response(reverb_response(reverb, 44100)).tone_db
    expected_db = 10 * np.log10(energy_spectrum(reverb, BANDS, 44100))
    expected_db -= expected_db[3]
    found_db = np.array([tone_db[str(hz)] for hz in OCTAVES_HZ], dtype=np.float64)
    assert found_db[1:6] == pytest.approx(expected_db[1:6], abs=1.5)  # dB, octaves against their centres


@pytest.mark.parametrize(
    "asked",
    [
        Reverb(decay_low_s=1.0, decay_mid_s=1.6, decay_high_s=0.9, damping_hz=3000.0),
        Reverb(decay_low_s=3.0, decay_mid_s=2.0, decay_high_s=1.0, damping_hz=6000.0),
        Reverb(decay_low_s=0.4, decay_mid_s=0.4, decay_high_s=0.3, damping_hz=4000.0),
    ],
)
def test_figures_of_a_reverb_give_back_its_decay(asked: Reverb) -> None:
    wanted = network_decay_s(asked, BANDS, 48000)
    found = reverb_from_figures(decay_s=dict(zip(OCTAVES_HZ, wanted, strict=True)))
    assert network_decay_s(found, BANDS, 48000) == pytest.approx(wanted, rel=0.02)  # a JND is 5 %


def test_tone_gives_back_the_cuts() -> None:
    asked = Reverb(decay_low_s=1.0, decay_mid_s=1.5, decay_high_s=0.8, low_cut_hz=300.0, high_cut_hz=5000.0)
    tone_db = 10 * np.log10(energy_spectrum(asked, BANDS, 48000)) + 20.0
    found = reverb_from_figures(
        decay_s=dict(zip(OCTAVES_HZ, network_decay_s(asked, BANDS, 48000), strict=True)),
        tone_db=dict(zip(OCTAVES_HZ, tone_db, strict=True)),
        predelay_ms=20.0,
        return_db=-12.0,
    )
    assert (found.predelay_ms, found.return_db) == (20.0, -12.0)
    assert found.low_cut_hz == pytest.approx(300.0, rel=0.12)  # a step of the grid
    assert found.high_cut_hz == pytest.approx(5000.0, rel=0.12)


def test_one_known_decay_is_enough_and_none_is_refused() -> None:
    found = reverb_from_figures(decay_s={125: None, 1000: 1.2, 8000: None})
    assert network_decay_s(found, BANDS, 48000) == pytest.approx(np.full(7, 1.2), rel=0.02)
    with pytest.raises(ValueError, match="no decay time"):
        reverb_from_figures(decay_s={1000: None})


def test_what_no_knob_reaches_is_met_as_near_as_can_be() -> None:
    found = reverb_from_figures(decay_s={500: 0.05, 1000: 0.05, 4000: 0.05}, predelay_ms=900.0, return_db=99.0)
    assert (found.decay_mid_s, found.predelay_ms, found.return_db) == (0.2, 200.0, 20.0)


def test_the_seed_of_our_own_response_is_near_its_knobs() -> None:
    asked = Reverb(return_db=-9.0, predelay_ms=25.0, width=0.5, diffusion=1.0)
    seed = seed_reverb(measure_response(reverb_response(asked, 48000)))
    assert seed.predelay_ms == pytest.approx(25.0, abs=1.5)  # the first echo is not the loudest
    assert seed.width == pytest.approx(0.5, abs=0.1)
    for name in ("decay_low_s", "decay_mid_s", "decay_high_s"):
        assert getattr(seed, name) == pytest.approx(getattr(asked, name), rel=0.1), name
