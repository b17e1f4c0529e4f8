"""What the backing hides of the vocal, band by band."""

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitwell.analysis import (
    BARK,
    THIRD_OCTAVES_HZ,
    active_cells,
    at_frequencies,
    audible_share,
    masked_threshold,
    masking_map,
    measure_masking,
    pad_frames,
)

Powers = npt.NDArray[np.float32]
FRAMES = 50
ALL = np.ones(FRAMES, dtype=np.bool_)
ONE_KHZ = int(np.searchsorted(BARK.edges_hz, 1000.0)) - 1
PRESENCE = slice(8, 18)  # Bark bands centred from 1000 to 4850 Hz


def flat(power: float = 1.0) -> Powers:
    return np.full((FRAMES, 24), power, dtype=np.float32)


def music(seed: int) -> Powers:
    rng = np.random.default_rng(seed)
    return (rng.exponential(1.0, (FRAMES, 24)) * 10 ** -np.linspace(0, 3, 24)).astype(np.float32)


def test_one_band_masks_6_db_down_and_spreads_more_upwards() -> None:
    backing = np.zeros((1, 24), dtype=np.float32)
    backing[0, 10] = 1.0
    threshold_db = 10 * np.log10(masked_threshold(backing)[0])
    assert threshold_db[10] == pytest.approx(-6.0, abs=0.01)  # dB
    # Schroeder, Atal & Hall 1979: -4.3 dB one Bark up, -7.9 dB one Bark down, then 10 and 25 dB per Bark
    assert threshold_db[11] == pytest.approx(-6.0 - 4.3, abs=0.1)
    assert threshold_db[9] == pytest.approx(-6.0 - 7.9, abs=0.1)
    assert threshold_db[20] - threshold_db[21] == pytest.approx(10.0, abs=0.2)
    assert threshold_db[1] - threshold_db[0] == pytest.approx(25.0, abs=0.3)


def test_thresholds_of_two_maskers_add() -> None:
    together = masked_threshold(music(1) + music(2))
    np.testing.assert_allclose(together, masked_threshold(music(1)) + masked_threshold(music(2)), rtol=1e-5)


def test_all_is_audible_over_silence_and_nothing_under_a_wall() -> None:
    assert audible_share(music(1), np.zeros((FRAMES, 24), dtype=np.float32), ALL) == 1.0
    assert audible_share(music(1), flat(1e6), ALL) == 0.0


def test_without_singing_nothing_is_masked() -> None:
    silence = np.zeros((FRAMES, 24), dtype=np.float32)
    assert audible_share(silence, flat(), ALL) == 1.0
    assert audible_share(flat(), flat(), np.zeros(FRAMES, dtype=np.bool_)) == 1.0
    assert audible_share(silence[:0], silence[:0], ALL[:0]) == 1.0


def test_share_counts_cells_from_1_to_5_khz_only() -> None:
    vocal, backing = flat(), np.full((FRAMES, 24), 1e-9, dtype=np.float32)
    backing[:, :5], backing[:, 21:] = 10.0, 10.0  # loud, but out of reach
    assert audible_share(vocal, backing, ALL) == 1.0
    backing[:20, ONE_KHZ : ONE_KHZ + 9] = 1e6
    assert audible_share(vocal, backing, ALL) == pytest.approx(0.6)  # 20 of 50 frames are covered


@given(st.floats(-20, 20))
def test_gain_of_both_changes_nothing(gain_db: float) -> None:
    factor = np.float32(10 ** (gain_db / 10))
    before = audible_share(music(1), music(2), ALL)
    assert audible_share(music(1) * factor, music(2) * factor, ALL) == pytest.approx(before, abs=2e-3)


@given(st.floats(0, 10), st.integers(8, 17))
def test_a_dip_in_the_backing_never_hides_more(depth_db: float, band: int) -> None:
    dipped = music(2)
    dipped[:, band] *= np.float32(10 ** (-depth_db / 10))
    assert audible_share(music(1), dipped, ALL) >= audible_share(music(1), music(2), ALL)


def test_a_louder_vocal_is_heard_more() -> None:
    shares = [audible_share(music(1) * np.float32(gain), music(2), ALL) for gain in (0.1, 0.3, 1.0, 3.0)]
    assert shares == sorted(shares)
    assert shares[0] < shares[-1]


def test_cells_far_below_their_band_are_not_singing() -> None:
    vocal = flat()
    vocal[:10, ONE_KHZ] = 10**-3.7  # within 40 dB of the band's mean
    vocal[10:20, ONE_KHZ] = 10**-4.3  # not
    cells = active_cells(vocal, ALL)
    assert cells[:10, ONE_KHZ].all()
    assert not cells[10:20, ONE_KHZ].any()
    assert cells[20:].all()


def test_equalizing_the_vocal_does_not_change_which_cells_sing() -> None:
    curve = 10 ** np.linspace(-1, 1, 24)
    equalized = (music(3) * curve).astype(np.float32)
    assert (active_cells(equalized, ALL) == active_cells(music(3), ALL)).all()


def test_inactive_frames_hold_no_cells() -> None:
    active = np.arange(FRAMES) < 5
    assert not active_cells(flat(), active)[5:].any()
    assert active_cells(flat(), active)[:5].all()


def test_need_is_what_is_missing_to_6_db_and_half_outside_1_to_5_khz() -> None:
    backing = flat(1.0)
    threshold = masked_threshold(backing)
    found = measure_masking((threshold * 10**0.2).astype(np.float32), backing, ALL)  # 2 dB above
    np.testing.assert_allclose(found.signal_to_mask_db, 2.0, atol=1e-3)
    assert found.need_db[PRESENCE] == pytest.approx(4.0, abs=1e-3)
    assert found.need_db[5] == pytest.approx(2.0, abs=1e-3)
    assert found.masked_share.max() == 0.0
    assert found.audible_share == 1.0


def test_masked_share_is_the_share_of_covered_frames() -> None:
    backing = flat(1e-6)
    backing[:10] = 1e6
    found = measure_masking(flat(), backing, ALL)
    assert found.masked_share == pytest.approx(0.2)
    assert found.audible_share == pytest.approx(0.8)


def test_a_band_without_vocal_needs_nothing() -> None:
    vocal = flat()
    vocal[:, 20] = 0.0
    found = measure_masking(vocal, flat(100.0), ALL)
    assert found.need_db[20] == 0.0
    assert found.need_db[10] > 10.0


def test_figures_per_band_can_be_read_at_third_octaves() -> None:
    read = at_frequencies(np.arange(24.0), THIRD_OCTAVES_HZ)
    assert read.shape == (31,)
    assert (np.diff(read) >= 0.0).all()
    assert at_frequencies(np.arange(24.0), BARK.centres_hz[7]) == pytest.approx(7.0)


@pytest.mark.parametrize("frames", [0, 1, 399, 400, 401, 9044])
def test_map_has_at_most_400_columns_over_the_whole_song(frames: int) -> None:
    power = np.ones((frames, 24), dtype=np.float32)
    found = masking_map(power, power, np.ones(frames, dtype=np.bool_), frame_rate_hz=43.07)
    assert found.signal_to_mask_db.shape == (24, len(found.times_s))
    assert min(frames, 200) <= len(found.times_s) <= 400
    if frames:
        assert found.times_s[-1] <= frames / 43.07
        assert found.times_s[-1] >= (frames - 1 - frames / 200) / 43.07


def test_map_shows_when_and_where_the_vocal_is_covered() -> None:
    active = np.arange(FRAMES) >= 10
    backing = flat(1e-6)
    backing[30:, ONE_KHZ] = 100.0
    ratio_db = masking_map(flat(), backing, active, frame_rate_hz=10.0).signal_to_mask_db
    assert np.isnan(ratio_db[:, :10]).all()
    assert (ratio_db[:, 10:30] > 40.0).all()
    assert ratio_db[ONE_KHZ, 40] == pytest.approx(-14.0, abs=0.1)  # dB: 20 dB louder, 6 dB offset
    assert ratio_db[2, 40] > 20.0


def test_padding_continues_with_silence() -> None:
    padded = pad_frames(flat(), FRAMES + 5)
    assert padded.shape == (FRAMES + 5, 24)
    assert padded[FRAMES:].max() == 0.0
    assert pad_frames(flat(), 3).shape == (FRAMES, 24)
