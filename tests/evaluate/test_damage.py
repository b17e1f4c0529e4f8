"""Deliberate damage: as strong as it says, smooth, repeatable, and audible in every measure."""

import numpy as np
import pytest

from sitwell.core import loudness_range_lu
from sitwell.evaluate.damage import Damage, draw_damage
from sitwell.evaluate.matched import at_loudness, k_energies, loudness_lufs
from sitwell.evaluate.mldr import dynamics_distance
from sitwell.evaluate.mss import spectral_distance
from tests.songs import voice

RATE = 44100


def test_gain_is_3_to_9_db_up_or_down_and_slow_changes_have_3_db() -> None:
    drawn = [draw_damage(np.random.default_rng(seed), seconds=60.0) for seed in range(400)]
    gains = np.array([damage.gain_db for damage in drawn])
    assert 3.0 <= np.abs(gains).min() < 3.2
    assert 8.8 < np.abs(gains).max() <= 9.0
    assert abs(np.sign(gains).mean()) < 0.15
    assert np.concatenate([damage.levels_db for damage in drawn]).std() == pytest.approx(3.0, abs=0.1)
    steps_s = np.concatenate([np.diff(damage.times_s) for damage in drawn])
    assert 2.0 <= steps_s.min() < steps_s.max() <= 4.0


def test_envelope_passes_its_knots_and_has_no_steps() -> None:
    damage = draw_damage(np.random.default_rng(1), seconds=30.0)
    assert damage.envelope_db(damage.times_s) == pytest.approx(damage.gain_db + damage.levels_db)
    fine = damage.envelope_db(np.arange(0, 30, 0.001))
    steepest = np.abs(np.diff(damage.levels_db)).max() * np.pi / 2 / 2.0  # dB a second, knots 2 s apart at least
    assert np.abs(np.diff(fine)).max() <= steepest * 0.001 + 1e-9


def test_without_an_equalizer_the_envelope_is_what_is_heard() -> None:
    damage = draw_damage(np.random.default_rng(2), seconds=12.0, kind="none")
    vocal = voice(12.0, RATE)
    change_db = 20 * np.log10(np.abs(damage.apply(vocal).samples[0]) / np.abs(vocal.samples[0]))
    loud = np.abs(vocal.samples[0]) > 1e-4
    times_s = np.arange(vocal.length) / RATE
    assert change_db[loud] == pytest.approx(damage.envelope_db(times_s)[loud], abs=1e-3)


def test_same_seed_is_the_same_damage() -> None:
    vocal = voice(4.0, RATE)
    first, again, other = (
        draw_damage(np.random.default_rng(seed), seconds=4.0).apply(vocal).samples for seed in (7, 7, 8)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_damage_raises_every_measure_of_the_vocal() -> None:
    vocal = voice(30.0, RATE, swing_db=1.0)
    damaged = draw_damage(np.random.default_rng(3), seconds=30.0).apply(vocal)
    before, after = (at_loudness(sound.samples, RATE, lufs=-18.0) for sound in (vocal, damaged))
    assert spectral_distance(before, after, RATE).left_right > 0.3
    assert dynamics_distance(before, after, RATE).left_right > 0.1
    ranges = [loudness_range_lu(k_energies(sound.samples, RATE)) for sound in (vocal, damaged)]
    assert ranges[1] > ranges[0] + 1.0
    assert abs(loudness_lufs(damaged.samples, RATE) - loudness_lufs(vocal.samples, RATE)) > 1.0


def test_the_equalizer_is_part_of_the_damage() -> None:
    drawn = draw_damage(np.random.default_rng(5), seconds=4.0)
    level = Damage(0.0, np.array([0.0, 4.0]), np.zeros(2), drawn.corruption)
    vocal = voice(4.0, RATE)
    assert drawn.corruption.bands
    assert np.array_equal(level.apply(vocal).samples, drawn.corruption.apply(vocal).samples)
    assert not np.array_equal(level.apply(vocal).samples, vocal.samples)
