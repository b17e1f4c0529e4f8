"""The rules: each does what it promises, within its limits, and not when it has no cause."""

import numpy as np
import pytest

from sitwell.analysis import THIRD_OCTAVE, Tempo, measure_balance, measure_track
from sitwell.audio import Audio
from sitwell.core import loudness_range_lu, response_db
from sitwell.decide import Decision, Stem, compressor, decide, equalizer
from sitwell.decide.rules import compression, equalization, master, reverb
from sitwell.effects import Equalizer
from sitwell.errors import InputError
from sitwell.plan import MixPlan
from sitwell.render import BACKING, VOCAL, Measured, MixMeter, measure_stems, render_blocks
from sitwell.wishes import Wishes
from tests.songs import band, scaled, song, voice


def decided(vocal: Audio, backing: Audio, **wishes: object) -> Decision:
    first, second = (Stem(audio, measure_track(audio)) for audio in (vocal, backing))
    return decide(first, second, Wishes(method="rules", **wishes))  # type: ignore[arg-type]


def measured(plan: MixPlan, vocal: Audio, backing: Audio) -> Measured:
    meter = MixMeter(vocal.sample_rate)
    for step in render_blocks(plan, vocal, backing):
        meter.process(*step)
    return meter.finish()


@pytest.mark.parametrize("gain_db", [-30.0, 0.0, 12.0])
def test_vocal_lands_at_the_backing_whatever_its_level(gain_db: float) -> None:
    vocal, backing = song()
    vocal = scaled(vocal, gain_db)
    got = measured(decided(vocal, backing).plan, vocal, backing)
    assert got.vbr_lu == pytest.approx(0.0, abs=0.05)  # LU; 0.2 is promised
    assert got.vmr_db == pytest.approx(-3.01, abs=0.05)


def test_one_db_louder_vocal_gets_one_db_less() -> None:
    vocal, backing = song()
    here = decided(vocal, backing).plan.vocal.gain_db
    there = decided(scaled(vocal, 1.0), backing).plan.vocal.gain_db
    assert there == pytest.approx(here - 1.0, abs=0.1)  # dB


def test_vocal_level_offsets_the_balance() -> None:
    vocal, backing = song()
    got = measured(decided(vocal, backing, vocal_level_lu=-4.0).plan, vocal, backing)
    assert got.vbr_lu == pytest.approx(-4.0, abs=0.05)  # LU


def test_amount_zero_is_the_plain_sum_at_the_loudness_asked() -> None:
    vocal, backing = song()
    plan = decided(vocal, backing, amount=0.0, loudness_lufs=-30.0).plan
    mix = np.concatenate([mix for _, mix, _ in render_blocks(plan, vocal, backing)], axis=1)
    plain = (vocal.samples + backing.samples) * 10 ** (plan.master.gain_db / 20)
    assert np.abs(mix - plain).max() < 1e-5  # the limiter has nothing to do here
    assert measured(plan, vocal, backing).mix.integrated_lufs == pytest.approx(-30.0, abs=0.1)  # LU


def test_half_the_amount_goes_half_the_way() -> None:
    vocal, backing = song()
    vocal = scaled(vocal, -12.0)
    whole, half = (decided(vocal, backing, amount=amount, only=("level",)).plan for amount in (100.0, 50.0))
    assert half.vocal.gain_db == pytest.approx(whole.vocal.gain_db / 2, abs=0.02)  # dB


def test_more_than_all_of_the_amount_does_not_pass_the_balance() -> None:
    vocal, backing = song()
    got = measured(decided(scaled(vocal, -12.0), backing, amount=150.0).plan, scaled(vocal, -12.0), backing)
    assert got.vbr_lu == pytest.approx(0.0, abs=0.05)  # LU


@pytest.mark.parametrize("stage", ["level", "equalizer", "compressor", "masking", "reverb"])
def test_only_switches_everything_else_off(stage: str) -> None:
    vocal, backing = song(16.0, swing_db=14.0)
    plan = decided(scaled(vocal, -10.0), backing, only=(stage,)).plan
    acts = {
        "level": plan.vocal.gain_db != 0.0,
        "equalizer": plan.vocal.highpass.enabled or plan.vocal.equalizer.enabled,
        "compressor": plan.vocal.compressor.enabled,
        "masking": plan.backing.equalizer.enabled,
        "reverb": plan.reverb.enabled,
    }
    assert not plan.master.enabled
    assert not any(acts[other] for other in acts if other != stage)
    if stage != "masking":  # this song may have nothing to uncover
        assert acts[stage]


def test_wide_vocal_is_brought_to_fourteen_lu() -> None:
    vocal, backing = song(60.0, swing_db=14.0)
    before = measure_track(vocal).loudness.loudness_range_lu
    plan = decided(vocal, backing).plan
    after = measured(plan, vocal, backing).vocal_loudness_range_lu
    assert before > 16.0
    assert plan.vocal.compressor.enabled
    assert plan.vocal.compressor.ratio <= 6.0
    if plan.targets.loudness_range_lu.status == "met":
        assert after == pytest.approx(14.0, abs=0.5)  # LU
    else:
        assert plan.targets.loudness_range_lu.status == "limit reached"
        assert after > 14.0


def test_narrow_vocal_is_left_alone_and_told_so() -> None:
    vocal, backing = song(20.0, swing_db=2.0)
    plan = decided(vocal, backing).plan
    reason = plan.reason("compressor")
    assert not plan.vocal.compressor.enabled
    assert reason is not None
    assert "bypass" in reason.text


def test_makeup_keeps_the_vocals_loudness() -> None:
    vocal, backing = song(40.0, swing_db=14.0)
    plan = decided(vocal, backing, only=("compressor",)).plan
    assert plan.vocal.compressor.enabled
    energies = measure_stems(plan, vocal, backing)
    after = measure_track(Audio.of(vocal.samples, 44100)).loudness.integrated_lufs
    from sitwell.core import integrated_lufs

    assert integrated_lufs(np.ascontiguousarray(energies[:, VOCAL, VOCAL])) == pytest.approx(after, abs=0.1)  # LU


def test_ratio_set_by_hand_is_kept_and_threshold_solved_for_it() -> None:
    vocal, backing = song(60.0, swing_db=12.0)
    plan = decided(vocal, backing, settings=("vocal.compressor.ratio=5",)).plan
    assert plan.vocal.compressor.ratio == 5.0
    assert measured(plan, vocal, backing).vbr_lu == pytest.approx(0.0, abs=0.05)  # the level follows


def test_knob_on_a_stage_that_is_off_is_told() -> None:
    vocal, backing = song(10.0, swing_db=1.0)
    notices = decided(vocal, backing, only=("level",), settings=("reverb.size=1.5",)).notices
    assert [notice.code for notice in notices] == ["plan.stage_off"]


def test_dull_vocal_gets_brighter_and_boomy_vocal_thinner() -> None:
    target = equalization._TARGET_DB
    hz = THIRD_OCTAVE.centres_hz
    spectrum = np.full(hz.size, 1e-9)
    first = int(np.argmin(np.abs(hz - 50.0)))
    tilt = np.where(hz[first : first + target.size] > 3000, -8.0, 0.0) + np.where(
        hz[first : first + target.size] < 300, 8.0, 0.0
    )
    spectrum[first : first + target.size] = 10 ** ((target + tilt) / 10)
    plan = equalizer.decide(MixPlan(), spectrum, equalization.correct(spectrum, 44100), 44100, Wishes())
    response = plan.vocal.equalizer.sections(44100)
    from sitwell.core import response_db

    at = response_db(response, sample_rate=44100, frequencies_hz=np.array([200.0, 1000.0, 6000.0]))
    assert at[0] < at[1] - 2.0  # dB
    assert at[2] > at[1] + 2.0
    assert np.abs(at).max() <= 6.5


def test_vocal_with_the_target_spectrum_is_left_alone() -> None:
    hz = THIRD_OCTAVE.centres_hz
    spectrum = np.full(hz.size, 1e-9)
    first = int(np.argmin(np.abs(hz - 50.0)))
    spectrum[first : first + 26] = 10 ** (equalization._TARGET_DB / 10)
    plan = equalizer.decide(MixPlan(), spectrum, equalization.correct(spectrum, 44100), 44100, Wishes())
    assert plan.vocal.equalizer == Equalizer()


def test_dips_are_gentle_and_few() -> None:
    vocal, backing = song(20.0)
    plan = decided(vocal, backing).plan
    bells = [plan.backing.equalizer.bell_1, plan.backing.equalizer.bell_2, plan.backing.equalizer.bell_3]
    assert all(-3.0 <= bell.gain_db <= 0.0 for bell in bells)
    unit = plan.set("vocal.gain_db", 0.0)
    flat = unit.set("backing.equalizer.enabled", False)
    loudness = [
        measure_balance(e[:, VOCAL, VOCAL].copy(), e[:, BACKING, BACKING].copy()).backing_lufs
        for e in (measure_stems(unit, vocal, backing), measure_stems(flat, vocal, backing))
    ]
    assert -0.5 <= loudness[0] - loudness[1] <= 0.0  # LU


@pytest.mark.parametrize(("bpm", "decay_s"), [(60.0, 2.58), (100.0, 2.0), (170.0, 1.53), (1000.0, 0.9)])
def test_decay_follows_the_tempo(bpm: float, decay_s: float) -> None:
    assert reverb.decay_at(bpm) == pytest.approx(decay_s, abs=0.01)  # s


@pytest.mark.parametrize(("bpm", "predelay_ms"), [(60.0, 60.0), (120.0, 31.25), (90.0, 41.7), (180.0, 20.8)])
def test_predelay_is_a_note_near_thirty_ms(bpm: float, predelay_ms: float) -> None:
    assert reverb.predelay_at(bpm) == pytest.approx(predelay_ms, abs=0.1)  # ms


def test_unknown_tempo_takes_a_middle_decay() -> None:
    decay, *_ = reverb.tempo_aims(Tempo(bpm=140.0, confidence=0.05))
    assert decay.value == 1.5


def test_return_is_thirteen_db_below_the_dry_vocal() -> None:
    vocal, backing = song(20.0)
    got = measured(decided(vocal, backing).plan, vocal, backing)
    assert got.return_db == pytest.approx(-13.0, abs=0.05)  # dB


def test_loudness_is_reached_and_peaks_stay_below_the_ceiling() -> None:
    vocal, backing = song(20.0)
    got = measured(decided(vocal, backing, loudness_lufs=-16.0, ceiling_dbtp=-2.0).plan, vocal, backing)
    assert got.mix.integrated_lufs == pytest.approx(-16.0, abs=0.1)  # LU
    assert got.mix.true_peak_dbtp <= -2.0 + 0.01


def test_refinement_gives_back_what_the_limiter_took() -> None:
    vocal, backing = song(20.0)
    plan = decided(vocal, backing, loudness_lufs=-12.0, ceiling_dbtp=-3.0).plan
    first = measured(plan, vocal, backing)
    better = master.refine(plan, first)
    assert first.mix.integrated_lufs < -12.1
    assert better is not None
    second = measured(better, vocal, backing)
    assert abs(second.mix.integrated_lufs + 12.0) < abs(first.mix.integrated_lufs + 12.0)


def test_loudness_off_keeps_the_sum() -> None:
    vocal, backing = song(8.0)
    assert decided(vocal, backing, loudness_lufs=None).plan.master.gain_db == 0.0


def test_silence_is_no_vocal() -> None:
    _, backing = song(5.0)
    silence = Audio.of(np.zeros((2, backing.length)), 44100)
    with pytest.raises(InputError, match="vocal.not_found"):
        decided(silence, backing)


def test_silent_backing_leaves_the_level_and_says_so() -> None:
    vocal = voice(5.0, 44100)
    silence = Audio.of(np.zeros((2, vocal.length)), 44100)
    plan = decided(vocal, silence).plan
    reason = plan.reason("level")
    assert plan.vocal.gain_db == 0.0
    assert reason is not None
    assert "silent" in reason.text


@pytest.mark.parametrize("kind", ["noise", "clipped", "one second", "pause", "8 kHz"])
def test_odd_vocals_get_a_valid_plan(kind: str) -> None:
    rng = np.random.default_rng(3)
    rate = 8000 if kind == "8 kHz" else 44100
    vocal = {
        "noise": lambda: Audio.of(0.1 * rng.standard_normal(4 * rate), rate),
        "clipped": lambda: Audio.of(np.clip(10 * voice(4, rate).samples, -1, 1), rate),
        "one second": lambda: voice(1.0, rate),
        "pause": lambda: Audio.of(np.pad(voice(2.0, rate).samples, ((0, 0), (10 * rate, 10 * rate))), rate),
        "8 kHz": lambda: voice(4.0, rate),
    }[kind]()
    backing = band(4.0, rate)
    plan = decided(vocal, backing).plan
    assert MixPlan.from_json(plan.to_json()) == plan
    assert np.isfinite(measured(plan, vocal, backing).mix.integrated_lufs)


def test_left_and_right_swapped_give_the_same_plan() -> None:
    vocal, backing = song(8.0)
    swapped = Audio.of(backing.samples[::-1].copy(), 44100, name=backing.name)
    here, there = decided(vocal, backing).plan, decided(vocal, swapped).plan
    assert here.vocal == there.vocal
    assert here.backing == there.backing


def test_leading_silence_changes_little() -> None:
    vocal, backing = song(16.0)
    here = decided(vocal, backing).plan
    there = decided(*(Audio.of(np.pad(a.samples, ((0, 0), (44100 * 5, 0))), 44100) for a in (vocal, backing))).plan
    assert there.vocal.gain_db == pytest.approx(here.vocal.gain_db, abs=0.3)  # dB


def test_sample_rate_changes_little() -> None:
    here = decided(*song(16.0, 44100)).plan
    there = decided(*song(16.0, 48000)).plan
    assert there.vocal.gain_db == pytest.approx(here.vocal.gain_db, abs=0.5)  # dB
    assert there.reverb.decay_mid_s == pytest.approx(here.reverb.decay_mid_s, rel=0.1)


def test_compression_is_bypassed_exactly_up_to_the_ceiling() -> None:
    vocal, _ = song(30.0, swing_db=6.0)
    plan, _ = compressor.decide(MixPlan(), vocal, 13.0, compression.AIM, Wishes())
    assert loudness_range_lu(measure_track(vocal).energies) < 14.0
    assert not plan.vocal.compressor.enabled
    assert plan.targets.loudness_range_lu.status == "bypass"


def test_a_third_of_a_second_is_too_short() -> None:
    with pytest.raises(InputError, match="vocal.too_short"):
        decided(voice(0.3, 44100), band(4.0, 44100))


def test_a_short_vocal_is_mixed_with_a_warning() -> None:
    vocal, backing = voice(1.4, 44100), band(4.0, 44100)
    decision = decided(vocal, backing)
    assert "vocal.short" in [notice.code for notice in decision.notices]
    assert measured(decision.plan, vocal, backing).vbr_lu == pytest.approx(0.0, abs=0.2)  # LU


def test_more_than_all_of_the_masking_still_spares_the_backing() -> None:
    vocal, backing = song(20.0)
    unit = decided(vocal, backing, amount=150.0).plan.set("vocal.gain_db", 0.0)
    flat = unit.set("backing.equalizer.enabled", False)
    loudness = [
        measure_balance(e[:, VOCAL, VOCAL].copy(), e[:, BACKING, BACKING].copy()).backing_lufs
        for e in (measure_stems(unit, vocal, backing), measure_stems(flat, vocal, backing))
    ]
    assert -0.55 <= loudness[0] - loudness[1] <= 0.0  # LU; predicted from third octaves to a twentieth


def test_a_gain_set_by_hand_is_told_as_such() -> None:
    vocal, backing = song(8.0)
    plan = decided(vocal, backing, settings=("vocal.gain_db=4",)).plan
    assert plan.vocal.gain_db == 4.0
    assert plan.targets.vbr_lu.asked is None
    assert plan.targets.vbr_lu.source == "by hand"


def test_compressor_switched_on_by_hand_acts_on_a_vocal_of_any_level() -> None:
    vocal, backing = song(8.0, swing_db=2.0)
    for gain_db in (0.0, -30.0):
        quiet = scaled(vocal, gain_db)
        plan = decided(quiet, backing, settings=("vocal.compressor.enabled=on",)).plan
        assert plan.vocal.compressor.enabled
        assert 1.0 < measured(plan, quiet, backing).reduction_db < 12.0  # dB


def test_a_knob_of_a_stage_not_asked_for_does_not_switch_it_on() -> None:
    vocal, backing = song(20.0, swing_db=14.0)
    plan = decided(vocal, backing, only=("level",), settings=("vocal.compressor.ratio=3",)).plan
    assert not plan.vocal.compressor.enabled


def test_reverb_switched_on_by_hand_at_no_amount_keeps_its_own_level() -> None:
    vocal, backing = song(8.0)
    plan = decided(vocal, backing, amount=0.0, settings=("reverb.enabled=on",)).plan
    assert plan.reverb.enabled
    assert plan.reverb.return_db == MixPlan().reverb.return_db


def test_the_correction_asked_for_and_got_is_told() -> None:
    vocal, backing = song(8.0)
    target = decided(vocal, backing).plan.targets.equalizer_db
    assert target.asked is not None
    assert target.got is not None
    assert 1.0 < target.got < target.asked < 4.0  # dB; the rule takes half of at most 6 dB, and bands are smooth
    assert (target.source, target.status) == ("rules", "met")


def test_half_the_amount_asks_half_the_correction() -> None:
    vocal, backing = song(8.0)
    whole, half = (decided(vocal, backing, amount=amount).plan.targets.equalizer_db for amount in (100.0, 50.0))
    assert half.asked == pytest.approx((whole.asked or 0.0) / 2, abs=0.001)  # dB


@pytest.mark.parametrize("tone_db", [-5.0, 3.0])
def test_a_tone_that_was_asked_for_is_put_on_at_any_amount(tone_db: float) -> None:
    plan = decided(*song(8.0), amount=0.0, vocal_tone_db=tone_db).plan
    hz = np.array([200.0, 6000.0])
    low, high = response_db(plan.vocal.equalizer.sections(44100), sample_rate=44100, frequencies_hz=hz)
    assert high - low == pytest.approx(tone_db, abs=1.0)  # dB, six smooth bands
    assert not plan.reverb.enabled


def test_more_reverb_is_added_to_what_is_aimed_at() -> None:
    plain, wet = (decided(*song(8.0), reverb_level_db=level).plan for level in (0.0, 4.0))
    assert wet.targets.return_db.asked == pytest.approx((plain.targets.return_db.asked or 0.0) + 4.0)
    assert wet.reverb.return_db == pytest.approx(plain.reverb.return_db + 4.0, abs=0.02)  # dB


def test_a_band_set_by_hand_is_measured_but_not_asked() -> None:
    vocal, backing = song(8.0)
    target = decided(vocal, backing, settings=("vocal.equalizer.bell_1.gain_db=9",)).plan.targets.equalizer_db
    assert (target.asked, target.source) == (None, "by hand")
    assert (target.got or 0.0) > 1.0  # dB


@pytest.mark.slow
def test_twelve_minutes_get_a_valid_plan() -> None:
    vocal, backing = (Audio.of(np.tile(audio.samples, 12), 16000) for audio in song(60.0, 16000))
    plan = decided(vocal, backing).plan
    assert vocal.seconds == 720.0
    assert MixPlan.from_json(plan.to_json()) == plan
