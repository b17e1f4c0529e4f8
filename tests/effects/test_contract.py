"""What every effect promises, tested from the list of effects: a new one is tested on the day it is born."""

import json
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sitwell.audio import Audio, Samples
from sitwell.effects import (
    EFFECTS,
    Bell,
    Compressor,
    Dips,
    Equalizer,
    HighPass,
    Master,
    Reverb,
    Shelf,
    apply,
)
from tests.strategies import settings_of

EffectType = type[HighPass | Equalizer | Dips | Compressor | Reverb | Master]
AnyEffect = HighPass | Equalizer | Dips | Compressor | Reverb | Master

RATE = 44100
EXAMPLES = 20  # random settings for each effect

# Each effect hard at work, so that every one of its knobs has something to do.
AT_WORK: dict[EffectType, AnyEffect] = {
    HighPass: HighPass(frequency_hz=200.0),
    Equalizer: Equalizer(
        low_shelf=Shelf(150.0, 6.0),
        bell_1=Bell(300.0, -6.0),
        bell_2=Bell(800.0, 6.0),
        bell_3=Bell(2000.0, -6.0),
        bell_4=Bell(4500.0, 6.0),
        high_shelf=Shelf(8000.0, -6.0),
    ),
    Dips: Dips(bell_1=Bell(800.0, -3.0), bell_2=Bell(2000.0, -3.0), bell_3=Bell(4000.0, -3.0)),
    Compressor: Compressor(threshold_db=-30.0, ratio=4.0),
    Reverb: Reverb(return_db=0.0, predelay_ms=0.0),
    Master: Master(gain_db=12.0),
}
KNOBS = [(kind, path) for kind in EFFECTS for path, knob in kind.knobs().items() if knob is not None]
each_effect = pytest.mark.parametrize("kind", EFFECTS, ids=lambda kind: kind.__name__)


@cache
def bursts(rate: int = RATE, *, seconds: float = 0.5, seed: int = 1) -> Audio:
    """Make loud and soft stretches of 150 partials, 40 Hz to 9 kHz, the same at any rate; (2, n)."""
    rng = np.random.default_rng(seed)
    time_s = np.arange(round(seconds * rate)) / rate
    frequencies_hz = 40.0 * (9000.0 / 40.0) ** rng.uniform(size=(2, 150, 1))
    phases = rng.uniform(0, 2 * np.pi, size=(2, 150, 1))
    partials = np.sin(2 * np.pi * frequencies_hz * time_s + phases).sum(axis=1) / 40.0
    loudness = np.where(time_s % 0.2 < 0.12, 1.0, 0.1)
    return Audio.of(partials * loudness, rate)


def click(at: int, *, length: int = 12000) -> Audio:
    """Make one full-scale sample in silence, in both channels."""
    samples = np.zeros((2, length))
    samples[:, at] = 0.9
    return Audio.of(samples, RATE)


def level_db(samples: Samples) -> float:
    """Measure the power of all samples in dB."""
    return 10 * float(np.log10(np.mean(np.square(samples, dtype=np.float64)) + 1e-30))


def in_pieces(effect: AnyEffect, audio: Audio, cuts: list[int]) -> Samples:
    """Process a sound in blocks that end at the given samples, and drop the latency."""
    processor = effect.processor(audio.sample_rate)
    assert processor is not None
    latency: int = getattr(processor, "latency_samples", 0)
    whole = np.concatenate([audio.samples, np.zeros((2, latency), dtype=np.float32)], axis=1)
    done = []
    for start, stop in pairwise([0, *cuts, whole.shape[1]]):
        block = np.ascontiguousarray(whole[:, start:stop])
        processor.process(block)
        done.append(block)
    return np.concatenate(done, axis=1)[:, latency:]


@pytest.fixture(params=EFFECTS, ids=lambda kind: kind.__name__)
def at_work(request: pytest.FixtureRequest) -> AnyEffect:
    """Give each effect hard at work."""
    effect: AnyEffect = AT_WORK[request.param]
    return effect


@each_effect
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_any_setting_gives_finite_sound_of_the_same_length(kind: EffectType, data: st.DataObject) -> None:
    audio = bursts(seconds=0.2)
    out = apply(data.draw(settings_of(kind)), audio)
    assert out.samples.shape == audio.samples.shape
    assert out.sample_rate == audio.sample_rate
    assert np.isfinite(out.samples).all()


@each_effect
def test_off_is_a_wire(kind: EffectType) -> None:
    audio = bursts()
    assert np.array_equal(apply(AT_WORK[kind].replace(enabled=False), audio).samples, audio.samples)


def test_on_is_no_wire(at_work: AnyEffect) -> None:
    audio = bursts()
    assert not np.array_equal(apply(at_work, audio).samples, audio.samples)


@each_effect
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_silence_stays_silent(kind: EffectType, data: st.DataObject) -> None:
    silence = Audio.of(np.zeros((2, 9000)), RATE)
    assert not apply(data.draw(settings_of(kind)), silence).samples.any()


def test_the_same_again_is_the_same_and_the_input_is_untouched(at_work: AnyEffect) -> None:
    audio = bursts()
    before = audio.samples.copy()
    assert np.array_equal(apply(at_work, audio).samples, apply(at_work, audio).samples)
    assert np.array_equal(audio.samples, before)


@each_effect
@given(data=st.data())
def test_any_setting_comes_back_from_json(kind: EffectType, data: st.DataObject) -> None:
    effect = data.draw(settings_of(kind))
    assert kind.from_dict(json.loads(json.dumps(effect.to_dict()))) == effect


@pytest.mark.parametrize(("kind", "path"), KNOBS, ids=[f"{kind.__name__}.{path}" for kind, path in KNOBS])
def test_every_knob_is_heard(kind: EffectType, path: str) -> None:
    knob = kind.knobs()[path]
    assert knob is not None
    audio = bursts()
    low, high = (apply(AT_WORK[kind].set(path, knob.from_unit(position)), audio).samples for position in (0.25, 0.75))
    louder_db = max(level_db(low), level_db(high))
    assert level_db(high - low) - louder_db > -50.0  # dB under the sound itself: the difference is no rounding


def test_nothing_comes_out_before_it_goes_in(at_work: AnyEffect) -> None:
    out = apply(at_work, click(3000)).samples
    assert not out[:, :3000].any()
    assert out[:, 3000:].any()


@pytest.mark.parametrize("kind", [kind for kind in EFFECTS if kind is not Reverb], ids=lambda kind: kind.__name__)
def test_sound_stays_where_it_was_in_time(kind: EffectType) -> None:
    out = apply(AT_WORK[kind], click(3000)).samples
    assert np.abs(out).argmax(axis=1).tolist() == [3000, 3000]


def test_the_return_waits_for_its_predelay() -> None:
    room = Reverb(predelay_ms=0.0)
    at_once, later = (apply(room.replace(predelay_ms=ms), click(0)).samples for ms in (0.0, 100.0))
    assert np.array_equal(later[:, 4410:], at_once[:, :-4410])
    assert not later[:, :4410].any()


@pytest.mark.parametrize("rate", [32000, 48000, 96000])
def test_the_rate_does_not_change_the_sound(at_work: AnyEffect, rate: int) -> None:
    here, there = (level_db(apply(at_work, bursts(hz)).samples) for hz in (RATE, rate))
    tolerance_db = 1.0 if isinstance(at_work, Reverb) else 0.2  # delays are whole samples; bells warp near the top
    assert there == pytest.approx(here, abs=tolerance_db)


@pytest.mark.parametrize("rate", [8000, 192000])
@each_effect
@settings(max_examples=5)
@given(data=st.data())
def test_extreme_rates_give_finite_sound(kind: EffectType, rate: int, data: st.DataObject) -> None:
    out = apply(data.draw(settings_of(kind)), bursts(rate, seconds=0.1))
    assert np.isfinite(out.samples).all()


@each_effect
@settings(max_examples=EXAMPLES)
@given(data=st.data())
def test_block_by_block_equals_the_whole(kind: EffectType, data: st.DataObject) -> None:
    effect = data.draw(settings_of(kind).map(lambda drawn: drawn.replace(enabled=True)))
    audio = bursts()
    cuts = sorted(data.draw(st.lists(st.integers(1, audio.length), unique=True, max_size=12)))
    assume(effect.processor(RATE) is not None)  # an equalizer at rest is a wire
    assert np.array_equal(in_pieces(effect, audio, cuts), apply(effect, audio).samples)


def test_one_sample_at_a_time_equals_the_whole(at_work: AnyEffect) -> None:
    audio = bursts(seconds=0.02)
    cuts = list(range(1, audio.length + 1))
    assert np.array_equal(in_pieces(at_work, audio, cuts), apply(at_work, audio).samples)
