"""What the recorder collects agrees with what the meters of the engine say."""

import base64
import io
import math

import numpy as np
import pytest
import soundfile

from sitwell import core
from sitwell.audio import Audio
from sitwell.plan import MixPlan
from sitwell.render import render_blocks
from sitwell.report import Recorder
from sitwell.report.columns import Columns, grouped, peaks
from sitwell.report.excerpt import SECONDS, Excerpt, choose_start_s
from tests.report.stands import RATE, recorded, stem, worked_plan
from tests.songs import song


def _decoded(url: str) -> tuple[np.ndarray, int]:
    encoded = base64.b64decode(url.removeprefix("data:audio/mpeg;base64,"))
    samples, rate = soundfile.read(io.BytesIO(encoded), dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), rate


def _loudness(sound: np.ndarray, rate: int) -> float:
    return core.integrated_lufs(core.Meter(sample_rate=rate, channels=2).process(sound))


@pytest.fixture(scope="module")
def excerpt() -> Excerpt:
    recorder, _ = recorded(worked_plan(), seconds=8.0)
    found = recorder.finish().excerpt
    assert found is not None
    return found


@pytest.mark.parametrize("frames", [1, 7, 1000])
def test_columns_do_not_depend_on_block_size(frames: int) -> None:
    signal = np.random.default_rng(0).standard_normal(1003).astype(np.float32)
    columns = Columns(len(signal), 50)
    for start in range(0, len(signal), frames):
        columns.process(signal[start : start + frames], signal[start : start + frames])
    low, high = columns.finish()
    pieces = [signal[start : start + columns.step] for start in range(0, len(signal), columns.step)]
    np.testing.assert_array_equal(low, [piece.min() for piece in pieces])
    np.testing.assert_array_equal(high, [piece.max() for piece in pieces])


def test_grouping_keeps_the_extremes() -> None:
    values = np.random.default_rng(1).standard_normal(1200)
    assert grouped(values, 100, np.maximum).max() == values.max()
    assert len(grouped(values, 100, np.maximum)) == 100


def test_a_vocal_moved_later_is_drawn_later() -> None:
    click = Audio.of(np.eye(1, 1000, 0)[0], 1000)
    _, high = peaks(click, start=-500, length=1500)
    assert int(np.argmax(high)) * math.ceil(1500 / 1200) == pytest.approx(500, abs=2)  # columns of 2 samples


def test_loudness_over_time_is_that_of_the_mix() -> None:
    recorder, measured = recorded(worked_plan())
    loudest = recorder.finish().mix.lufs.max()
    assert loudest == pytest.approx(measured.mix.max_short_term_lufs, abs=0.01)  # LU, the same energies


def test_gain_reduction_is_that_of_the_compressor() -> None:
    plan = worked_plan()
    vocal, backing = song(8.0, RATE)
    deepest = min(
        float(parts.reduction_db.min()) for parts, _, _ in render_blocks(plan, vocal, backing) if parts is not None
    )
    recorder, _ = recorded(plan, (vocal, backing))
    assert recorder.finish().reduction_db.min() == pytest.approx(deepest)
    assert deepest < -1.0


def test_a_plain_sum_changes_no_spectrum() -> None:
    plan = MixPlan()
    for path in ("vocal.highpass.enabled", "reverb.enabled", "master.enabled"):
        plan = plan.set(path, "off")
    recording = recorded(plan)[0].finish()
    for part in ("vocal_thirds_db", "backing_thirds_db"):
        before, after = getattr(recording.before, part), getattr(recording.after, part)
        np.testing.assert_allclose(after, before, atol=0.01)  # dB
    assert recording.after.masking.audible_share == pytest.approx(recording.before.masking.audible_share)


def test_a_dip_is_seen_in_the_spectrum_of_the_backing() -> None:
    plan = MixPlan().set("backing.equalizer.bell_2.gain_db", -6.0).set("vocal.gain_db", 6.0)
    recording = recorded(plan)[0].finish()
    change_db = recording.after.backing_thirds_db - recording.before.backing_thirds_db
    assert change_db[20] == pytest.approx(-6.0, abs=0.5)  # dB, the third octave at 2 kHz
    assert recording.after.masking.audible_share > recording.before.masking.audible_share


def test_excerpt_is_where_the_singing_is_loudest() -> None:
    quiet = np.random.default_rng(0).standard_normal(40 * 8000).astype(np.float32) * 0.01
    quiet[30 * 8000 :] *= 30.0
    start_s = choose_start_s(stem(Audio.of(quiet, 8000), "voice").track)
    assert start_s == pytest.approx(40.0 - SECONDS, abs=0.2)  # s, pieces of 0.1 s


def test_both_sounds_of_the_excerpt_are_equally_loud(excerpt: Excerpt) -> None:
    levels = [_loudness(*_decoded(url)) for url in (excerpt.before_url, excerpt.after_url)]
    assert levels[0] == pytest.approx(levels[1], abs=0.1)  # LU, what a listener cannot tell
    assert levels[0] == pytest.approx(excerpt.loudness_lufs, abs=0.1)  # LU


def test_the_excerpt_of_the_mix_is_the_mix(excerpt: Excerpt) -> None:
    vocal, backing = song(8.0, RATE)
    blocks = [block for _, block, _ in render_blocks(worked_plan(), vocal, backing)]
    mix = np.concatenate(blocks, axis=1) * 10.0 ** (excerpt.after_gain_db / 20.0)
    decoded, _ = _decoded(excerpt.after_url)
    window = slice(2 * RATE, 3 * RATE)
    lags = range(0, 2400)  # MP3 may delay by up to two frames
    best = max(
        float(np.corrcoef(mix[0, window], decoded[0, window.start + lag : window.stop + lag])[0, 1]) for lag in lags
    )
    assert best > 0.98  # of 1: lossy, but the same music at the same place


def test_excerpt_does_not_clip(excerpt: Excerpt) -> None:
    for url in (excerpt.before_url, excerpt.after_url):
        assert np.abs(_decoded(url)[0]).max() < 1.0


def test_silence_has_no_excerpt() -> None:
    vocal, _ = song(4.0, RATE)
    nothing = Audio.of(np.zeros(4 * RATE), RATE)
    assert recorded(MixPlan(), (nothing, nothing))[0].finish().excerpt is None
    assert recorded(MixPlan(), (vocal, nothing))[0].finish().excerpt is not None


def test_little_is_kept_of_a_long_song() -> None:
    vocal, backing = (stem(sound, "x") for sound in song(8.0, 44100))
    recorder = Recorder(MixPlan(), vocal, backing)
    assert recorder._kept.nbytes < 10e6  # bytes, of 15 MB allowed


def test_asking_twice_gives_the_same() -> None:
    recorder, _ = recorded(MixPlan(), seconds=3.5)
    assert recorder.finish() is recorder.finish()
