"""Features of a song: what they must not tell, each with a leak opened on purpose that the check finds."""

import dataclasses
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from sitwell.analysis import Track, measure_balance, measure_track
from sitwell.analysis import features as module
from sitwell.analysis.features import FEATURES, FEATURES_VERSION, levelled, measure_features
from sitwell.audio import Audio
from tests.analysis.sounds import noise, tone
from tests.songs import band, scaled, song, voice

Floats = npt.NDArray[np.float64]
Measure = Callable[[Track, Track], Floats]
SECONDS = 16.0


@pytest.fixture(scope="module")
def parts() -> tuple[Audio, Audio]:
    return song(SECONDS)


@pytest.fixture(scope="module")
def tracks(parts: tuple[Audio, Audio]) -> tuple[Track, Track]:
    return measure_track(parts[0]), measure_track(parts[1])


def test_every_figure_has_a_name_and_a_finite_value(tracks: tuple[Track, Track]) -> None:
    found = measure_features(*tracks)
    assert found.shape == (len(FEATURES),)
    assert len(set(FEATURES)) == len(FEATURES)
    assert np.isfinite(found).all()
    assert FEATURES_VERSION == 1


# --- What is told of the two sounds


def value(name: str, vocal: Audio, backing: Audio) -> float:
    return float(measure_features(measure_track(vocal), measure_track(backing))[FEATURES.index(name)])


def test_hiss_is_bright_and_dense_and_covers_more_than_bass(parts: tuple[Audio, Audio]) -> None:
    hiss, bass = (Audio.of(sound, 44100) for sound in (noise(SECONDS), tone(110.0, SECONDS)))
    for name, larger in (("backing_air_db", hiss), ("backing_dense_share", hiss), ("audible_share", bass)):
        smaller = bass if larger is hiss else hiss
        assert value(name, parts[0], larger) > value(name, parts[0], smaller) + 0.2, name


def test_a_higher_voice_has_a_higher_register(parts: tuple[Audio, Audio]) -> None:
    fast = Audio.of(parts[0].samples[:, ::2], 44100)  # an octave up
    octave = value("vocal_register_octaves", fast, parts[1]) - value("vocal_register_octaves", *parts)
    assert octave == pytest.approx(1.0, abs=0.05)


def test_a_pure_tone_reads_the_group_it_is_in() -> None:
    backing = Audio.of(tone(2000.0, 8.0), 44100)
    assert value("backing_presence_db", voice(8.0, 44100), backing) == pytest.approx(0.0, abs=0.1)  # dB
    assert value("backing_bass_db", voice(8.0, 44100), backing) == -40.0


def test_tempo_is_in_octaves_from_120(parts: tuple[Audio, Audio]) -> None:
    assert value("tempo_octaves", *parts) == pytest.approx(0.0, abs=0.02)


def test_a_backing_that_swells_under_the_voice_is_lifted(parts: tuple[Audio, Audio]) -> None:
    vocal = Audio.of(np.concatenate([parts[0].samples, np.zeros((2, 8 * 44100))], axis=1), 44100)
    under = band(24.0, 44100).samples.copy()
    under[:, 16 * 44100 :] *= np.float32(0.4)
    assert value("backing_lift_lu", vocal, Audio.of(under, 44100)) > 0.5  # LU
    assert value("vocal_active_share", vocal, Audio.of(under, 44100)) < 0.7


# --- What must change nothing, and a leak of each kind


def gain_error(measure: Measure, parts: tuple[Audio, Audio], gain_db: float) -> float:
    vocal, backing = parts
    expected = measure(measure_track(vocal), measure_track(backing))
    by_vocal = measure(measure_track(scaled(vocal, gain_db)), measure_track(backing))
    by_backing = measure(measure_track(vocal), measure_track(scaled(backing, gain_db)))
    return float(max(np.abs(by_vocal - expected).max(), np.abs(by_backing - expected).max()))


def with_balance(vocal: Track, backing: Track) -> Floats:
    return np.append(measure_features(vocal, backing), measure_balance(vocal.energies, backing.energies).vbr_lu)


def with_loudness(vocal: Track, backing: Track) -> Floats:
    return np.append(measure_features(vocal, backing), 0.01 * backing.loudness.integrated_lufs)


@pytest.mark.parametrize("gain_db", [-12.0, 12.0])
def test_input_gain_changes_nothing(parts: tuple[Audio, Audio], gain_db: float) -> None:
    assert gain_error(measure_features, parts, gain_db) < 1e-6


@pytest.mark.parametrize("leak", [with_balance, with_loudness])
def test_the_check_of_gain_finds_a_leak(parts: tuple[Audio, Audio], leak: Measure) -> None:
    assert gain_error(leak, parts, 12.0) > 0.1


def ridden(track: Track, seed: int, sd_db: float = 4.0) -> Track:
    """Give a track a slow random gain, a knot every 2 s."""
    rng = np.random.default_rng(seed)
    at_s = np.arange(0.0, track.seconds + 2.0, 2.0)
    knots_db = rng.normal(0.0, sd_db, len(at_s))
    pieces = 10 ** (np.interp(0.1 * (np.arange(len(track.energies)) + 0.5), at_s, knots_db) / 10)
    frames = (10 ** (np.interp(track.spectrum.times_s, at_s, knots_db) / 10)).astype(np.float32)[:, None]
    spectrum = dataclasses.replace(
        track.spectrum, third_octave=track.spectrum.third_octave * frames, bark=track.spectrum.bark * frames
    )
    return dataclasses.replace(track, energies=track.energies * pieces, spectrum=spectrum)


SPECTRAL = [
    FEATURES.index(name) for name in FEATURES if name.endswith("_db") or name.startswith(("vocal_t", "vocal_c"))
]


def ride_error(tracks: tuple[Track, Track]) -> float:
    expected = measure_features(*tracks)[SPECTRAL]
    moved = [measure_features(ridden(tracks[0], seed), tracks[1])[SPECTRAL] for seed in range(6)]
    return float(np.abs(np.mean(np.abs(np.stack(moved) - expected), axis=0)).max())


def test_riding_the_vocal_hardly_moves_its_spectrum(tracks: tuple[Track, Track]) -> None:
    assert ride_error(tracks) < 0.5  # dB, of rides with 4 dB standard deviation


def test_the_check_of_rides_finds_a_vocal_that_is_not_levelled(
    tracks: tuple[Track, Track], monkeypatch: pytest.MonkeyPatch
) -> None:
    def raw(band_power: Floats, active: Floats, *, frame_rate_hz: float) -> Floats:
        return np.where(active[:, None], band_power, 0.0) * frame_rate_hz

    changing = np.linspace(0.0, 1.0, tracks[0].spectrum.frames)[:, None]  # vowels differ, so that gain can tell
    tilt = np.linspace(-1.5, 1.5, 31)[None, :]
    coloured = tracks[0].spectrum.third_octave * (10 ** (changing * tilt)).astype(np.float32)
    vocal = dataclasses.replace(
        tracks[0], spectrum=dataclasses.replace(tracks[0].spectrum, third_octave=coloured.astype(np.float32))
    )
    fine = ride_error((vocal, tracks[1]))
    monkeypatch.setattr(module, "levelled", raw)
    assert ride_error((vocal, tracks[1])) > max(2.0 * fine, 0.5)


def silence_error(measure: Measure, parts: tuple[Audio, Audio]) -> Floats:
    late = [Audio.of(np.concatenate([np.zeros((2, 5 * 44100)), part.samples], axis=1), 44100) for part in parts]
    moved = measure(measure_track(late[0]), measure_track(late[1]))
    return np.abs(moved - measure(measure_track(parts[0]), measure_track(parts[1])))


def with_share_of_file(vocal: Track, backing: Track) -> Floats:
    found = measure_features(vocal, backing)
    found[FEATURES.index("vocal_active_share")] *= vocal.seconds / 10.0
    return found


def test_leading_silence_changes_little(parts: tuple[Audio, Audio]) -> None:
    error = dict(zip(FEATURES, silence_error(measure_features, parts), strict=True))
    assert max(error.values()) < 0.25, error  # dB, LU: the edges of activity move by a window
    assert error["vocal_active_share"] < 0.01


def test_the_check_of_silence_finds_a_leak(parts: tuple[Audio, Audio]) -> None:
    assert silence_error(with_share_of_file, parts).max() > 0.25


def rate_error(measure: Measure) -> Floats:
    at_44, at_48 = (measure(*map(measure_track, song(SECONDS, rate))) for rate in (44100, 48000))
    return np.abs(at_48 - at_44)


def with_rate(vocal: Track, backing: Track) -> Floats:
    return np.append(measure_features(vocal, backing), vocal.spectrum.frame_rate_hz / 10.0)


def test_sample_rate_changes_little() -> None:
    error = dict(zip(FEATURES, rate_error(measure_features), strict=True))
    noisy = {"backing_air_db", "backing_tilt_db_per_octave"}  # the hi-hat is white noise up to half the rate
    assert max(value for name, value in error.items() if name not in noisy) < 0.35, error
    assert max(error[name] for name in noisy) < 1.0


def test_the_check_of_rates_finds_a_leak() -> None:
    assert rate_error(with_rate).max() > 0.35


# --- Anything may be given as a vocal


SOUNDS = {
    "silence": Audio.of(np.zeros((2, 6 * 44100)), 44100),
    "nothing": Audio.of(np.zeros((2, 0)), 44100),
    "noise": Audio.of(noise(6.0), 44100),
    "tone": Audio.of(tone(440.0, 6.0), 44100),
    "short": Audio.of(noise(0.2), 44100),
    "voice at 16 kHz": voice(6.0, 16000),
    "band": band(6.0, 44100),
}


@pytest.mark.parametrize("vocal", SOUNDS)
@pytest.mark.parametrize("backing", SOUNDS)
def test_anything_gives_finite_values(vocal: str, backing: str) -> None:
    found = measure_features(measure_track(SOUNDS[vocal]), measure_track(SOUNDS[backing]))
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 60.0


def test_levelled_frames_have_the_same_power_second_by_second(tracks: tuple[Track, Track]) -> None:
    active = np.ones(tracks[0].spectrum.frames, dtype=np.bool_)
    active[100:140] = False
    found = levelled(ridden(tracks[0], 1, 8.0).spectrum.bark, active, frame_rate_hz=43.0)
    assert (found[100:140] == 0.0).all()
    assert float(found[active].sum(axis=1).mean()) == pytest.approx(1.0, rel=0.5)
