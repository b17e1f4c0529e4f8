"""Rendering: wires, alignment, sums, and that block sizes do not matter."""

import numpy as np
import pytest

from sitwell import core
from sitwell.audio import Audio
from sitwell.effects import Compressor, Dips, Equalizer, HighPass, Master, Reverb
from sitwell.errors import InputError
from sitwell.plan import Backing, MixPlan, Vocal
from sitwell.render import MixMeter, measure_stems, mix_energies, render_blocks, scaled_energies, stem_blocks
from tests.songs import song

OFF = MixPlan(
    vocal=Vocal(highpass=HighPass(enabled=False), equalizer=Equalizer(enabled=False)),
    backing=Backing(equalizer=Dips(enabled=False)),
    reverb=Reverb(enabled=False),
    master=Master(enabled=False),
)
FULL = MixPlan(
    vocal=Vocal(compressor=Compressor(enabled=True, threshold_db=-30.0), gain_db=3.0).set(
        "equalizer.bell_2.gain_db", -4.0
    ),
    master=Master(gain_db=6.0),
)


def rendered(plan: MixPlan, vocal: Audio, backing: Audio, frames: int = 16384) -> np.ndarray:
    return np.concatenate([mix for _, mix, _ in render_blocks(plan, vocal, backing, frames=frames)], axis=1)


def test_all_off_is_the_plain_sum() -> None:
    vocal, backing = song(3.0)
    assert np.array_equal(rendered(OFF, vocal, backing), vocal.samples + backing.samples)


def test_vocal_gain_scales_only_the_vocal() -> None:
    vocal, backing = song(3.0)
    louder = OFF.set("vocal.gain_db", 6.0)
    expected = vocal.samples * 10 ** (6 / 20) + backing.samples
    assert np.abs(rendered(louder, vocal, backing) - expected).max() < 1e-6  # float32 rounding


@pytest.mark.parametrize("frames", [64, 1000, 16384, 10**6])
def test_block_size_changes_no_bit(frames: int) -> None:
    vocal, backing = song(2.0)
    assert np.array_equal(rendered(FULL, vocal, backing, frames), rendered(FULL, vocal, backing, 4096))


def test_mix_is_aligned_with_its_parts_despite_look_ahead() -> None:
    click = np.zeros((2, 44100), dtype=np.float32)
    click[:, 20000] = 0.25
    silence = Audio.of(np.zeros((2, 44100)), 44100)
    out = rendered(OFF.replace(master=Master()), Audio.of(click, 44100), silence)
    assert out.shape == click.shape
    assert int(np.argmax(np.abs(out[0]))) == 20000


def test_offset_moves_the_vocal_later() -> None:
    click = np.zeros((2, 44100), dtype=np.float32)
    click[:, 20000] = 0.25
    silence = Audio.of(np.zeros((2, 44100)), 44100)
    out = rendered(OFF.set("vocal.offset_ms", 100.0), Audio.of(click, 44100), silence)
    assert int(np.argmax(out[0])) == 20000 + 4410


def test_lengths_may_differ_and_the_longer_counts() -> None:
    vocal, backing = song(2.0)
    longer = Audio.of(np.pad(backing.samples, ((0, 0), (0, 5000))), 44100)
    out = rendered(OFF, vocal, longer)
    assert out.shape[1] == longer.length
    assert np.array_equal(out[:, vocal.length :], longer.samples[:, vocal.length :])


def test_different_rates_are_refused() -> None:
    vocal, _ = song(1.0)
    _, backing = song(1.0, 48000)
    with pytest.raises(InputError, match="audio.rate_mismatch"):
        rendered(OFF, vocal, backing)


def test_energies_of_one_plan_predict_the_mix_of_another() -> None:
    vocal, backing = song(4.0)
    other = FULL.set("vocal.gain_db", -2.0).set("reverb.return_db", -3.0).set("backing.gain_db", -1.5)
    predicted = mix_energies(scaled_energies(measure_stems(FULL, vocal, backing), FULL, other))
    meter = core.Meter(sample_rate=44100, channels=2)
    measured = [meter.process(parts.sum()) for parts in stem_blocks(other, vocal, backing)]
    assert np.concatenate(measured) == pytest.approx(predicted, rel=1e-4)  # float32 sums


def test_known_energies_give_the_figures_that_measuring_gives() -> None:
    vocal, backing = song(8.0)
    known, fresh = MixMeter(44100, measure_stems(FULL, vocal, backing)), MixMeter(44100)
    for step in render_blocks(FULL, vocal, backing):
        known.process(*step)
        fresh.process(*step)
    assert known.finish() == fresh.finish()


def test_silent_vocal_leaves_the_backing() -> None:
    _, backing = song(2.0)
    silence = Audio.of(np.zeros((2, backing.length)), 44100)
    assert np.array_equal(rendered(FULL.replace(master=Master(enabled=False)), silence, backing), backing.samples)


def test_measured_return_is_what_the_parts_say() -> None:
    vocal, backing = song(4.0)
    meter = MixMeter(44100)
    dry, wet = 0.0, 0.0
    for parts, mix, limiter_db in render_blocks(FULL, vocal, backing):
        meter.process(parts, mix, limiter_db)
        if parts is not None:
            dry, wet = dry + float((parts.vocal**2).sum()), wet + float((parts.reverb**2).sum())
    measured = meter.finish()
    # K-weighting moves both alike; the room cuts lows and highs, so only roughly
    assert measured.return_db == pytest.approx(10 * np.log10(wet / dry), abs=3.0)  # dB
