"""Density of echoes and modes: noise is dense, single echoes and few modes are not."""

import numpy as np
import pytest

from sitwell.analysis.density import measure_echo_density, measure_mode_spread
from sitwell.effects import Reverb
from sitwell.fit import reverb_response
from tests.analysis.test_response import decaying_noise

RATE = 44100
TIMES_S = np.array([0.005, 0.03, 0.1, 0.3])
OPEN = Reverb(low_cut_hz=20.0, high_cut_hz=20000.0, predelay_ms=0.0, return_db=0.0)


def test_noise_has_density_one_from_its_start() -> None:
    sounds = [decaying_noise(1.0, 1.5, seed=seed).astype(np.float32) for seed in range(20)]
    density = np.mean([measure_echo_density(sound, RATE, TIMES_S) for sound in sounds], axis=0)
    assert density == pytest.approx(np.ones(4), abs=0.04)  # the scatter of 20 times 40 ms


def test_single_echoes_have_nearly_none() -> None:
    echoes = np.zeros((1, RATE), dtype=np.float32)
    echoes[0, ::441] = np.random.default_rng(0).standard_normal(100)
    assert measure_echo_density(echoes, RATE, TIMES_S).max() < 0.05


def test_modes_of_noise_cannot_be_told_apart_and_few_modes_can() -> None:
    noise = decaying_noise(2.0, 3.0).astype(np.float32)
    assert measure_mode_spread(noise, RATE) == pytest.approx(5.57, abs=0.3)  # dB, Schroeder 1987
    time_s, rng = np.arange(3 * RATE) / RATE, np.random.default_rng(0)
    modes_hz = rng.uniform(400, 4500, 600)  # one each 7 Hz, 1.1 Hz wide
    ringing = np.sum([np.sin(2 * np.pi * hz * time_s + rng.uniform(0, 6)) for hz in modes_hz], axis=0)
    assert measure_mode_spread((ringing * 10 ** (-3 * time_s / 2.0))[None].astype(np.float32), RATE) > 7.0  # dB


@pytest.mark.parametrize("size", [0.5, 1.0, 1.8])
def test_our_reverb_is_dense_from_thirty_milliseconds(size: float) -> None:
    response = reverb_response(OPEN.replace(size=size), RATE)
    density = measure_echo_density(response.samples, RATE, np.arange(0.03, 0.3, 0.01))
    assert density.min() > 0.85
    assert density.mean() == pytest.approx(1.0, abs=0.05)


def test_our_reverb_is_dense_at_once_at_its_usual_size() -> None:
    response = reverb_response(OPEN, RATE)
    assert measure_echo_density(response.samples, RATE, np.arange(0.005, 0.03, 0.005)).min() > 0.85


@pytest.mark.parametrize(("decay_s", "size"), [(1.0, 0.6), (2.0, 1.0), (4.0, 1.8)])
def test_our_reverb_rings_no_more_than_a_plate(decay_s: float, size: float) -> None:
    response = reverb_response(
        OPEN.replace(decay_low_s=decay_s, decay_mid_s=decay_s, decay_high_s=decay_s, size=size), RATE
    )
    assert measure_mode_spread(response.samples, RATE) < 6.3  # dB; EMT 140 plates: 5.8 to 6.2


@pytest.mark.audio_data
def test_plates_are_dense(data) -> None:  # type: ignore[no-untyped-def]
    from sitwell import read

    plate = read(data / "impulse_responses" / "emt140" / "emt_140_bright_2.flac")
    density = measure_echo_density(plate.samples, plate.sample_rate, np.arange(0.03, 0.3, 0.01))
    assert density.mean() == pytest.approx(1.0, abs=0.05)
    assert measure_mode_spread(plate.samples, plate.sample_rate) == pytest.approx(6.0, abs=0.2)  # dB
