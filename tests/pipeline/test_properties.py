"""What must hold for every plan and every pair of sounds, tried on random ones."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sitwell import pipeline
from sitwell.audio import Audio
from sitwell.plan import MixPlan
from sitwell.render import render_blocks
from sitwell.units import gain_to_db
from tests.songs import scaled, song

VOCAL, BACKING = song(3.0, 22050)
KNOBS = MixPlan.knobs()


@st.composite
def plans(draw: st.DrawFn) -> MixPlan:
    """Turn up to ten random knobs to random positions, extremes included."""
    plan = MixPlan()
    for path in draw(st.lists(st.sampled_from(sorted(KNOBS)), max_size=10, unique=True)):
        knob = KNOBS[path]
        at = draw(st.sampled_from([0.0, 0.25, 0.5, 1.0]))
        plan = plan.set(path, draw(st.booleans()) if knob is None else knob.from_unit(at))
    return plan


def rendered(plan: MixPlan, vocal: Audio = VOCAL, backing: Audio = BACKING, frames: int = 16384) -> np.ndarray:
    return np.concatenate([mix for _, mix, _ in render_blocks(plan, vocal, backing, frames=frames)], axis=1)


@settings(max_examples=40)
@given(plans())
def test_any_plan_renders_finite_sound_of_the_right_length(plan: MixPlan) -> None:
    mix = rendered(plan)
    assert np.isfinite(mix).all()
    late = max(round(plan.vocal.offset_ms * 22.05), 0)
    assert mix.shape == (2, max(VOCAL.length + late, BACKING.length))


@settings(max_examples=25)
@given(plans())
def test_no_sample_passes_the_ceiling(plan: MixPlan) -> None:
    plan = plan.set("master.enabled", True)
    assert gain_to_db(float(np.abs(rendered(plan)).max())) <= plan.master.ceiling_dbtp + 0.001  # dB


@settings(max_examples=15)
@given(plans(), st.integers(1, 30000))
def test_block_by_block_equals_whole_for_any_plan(plan: MixPlan, frames: int) -> None:
    assert np.array_equal(rendered(plan, frames=frames), rendered(plan, frames=10**6))


@settings(max_examples=15)
@given(plans())
def test_left_and_right_swapped_in_are_swapped_out_of_the_dry_parts(plan: MixPlan) -> None:
    plan = plan.set("reverb.enabled", False)  # a room has a left and a right of its own
    vocal, backing = (Audio.of(audio.samples[::-1].copy(), 22050) for audio in (VOCAL, BACKING))
    assert np.array_equal(rendered(plan, vocal, backing), rendered(plan)[::-1])


@settings(max_examples=15)
@given(plans())
def test_a_plan_survives_json_and_renders_the_same(plan: MixPlan) -> None:
    again = MixPlan.from_json(plan.to_json())
    assert again == plan
    assert np.array_equal(rendered(again), rendered(plan))


@settings(max_examples=8)
@given(st.floats(-20.0, 12.0))
def test_input_gain_changes_the_level_and_nothing_else(gain_db: float) -> None:
    """Decisions do not depend on how loud the vocal was recorded; its gain makes up for it."""
    here, there = pipeline.mix(VOCAL, BACKING).plan, pipeline.mix(scaled(VOCAL, gain_db), BACKING).plan
    assert abs(there.vocal.gain_db - (here.vocal.gain_db - gain_db)) <= 0.1  # dB
    assert there.vocal.equalizer == here.vocal.equalizer
    assert there.backing.equalizer == here.backing.equalizer
    assert there.reverb.decay_mid_s == here.reverb.decay_mid_s
