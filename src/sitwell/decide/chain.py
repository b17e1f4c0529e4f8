"""The chain that solves a plan for aims, whoever set them, in the order in which each stage needs the one before.

High-pass and equalizer from the vocal's spectrum; compressor on the equalized vocal; dips in the backing
under the equalized vocal at its mixed level; reverb from the tempo; then one rendering pass measures
all parts, and the gains of vocal, return and master follow from it in closed form.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sitwell import core
from sitwell.analysis import (
    BARK,
    THIRD_OCTAVE,
    Track,
    active_frames,
    active_windows,
    measure_balance,
    pad_frames,
)
from sitwell.decide import compressor, equalizer, level
from sitwell.decide.aims import Aims
from sitwell.decide.rules import masking, master, reverb
from sitwell.decide.rules.spectrum import sung_spectrum
from sitwell.decide.stem import Stem
from sitwell.effects import Effect
from sitwell.errors import InputError, Notice
from sitwell.plan import MixPlan, Target
from sitwell.render import Energies, KeptRoom, measure_stems, mix_length, return_ratio_db, scaled_energies
from sitwell.wishes import Wishes

Floats = npt.NDArray[np.float64]

QUIETEST_LUFS = -60.0
SHORTEST_S = 0.5  # one window of 400 ms, and some room
SURE_S = 3.0
MOST_KEPT = 12 * 2**20  # samples: 4 min 45 s at 44.1 kHz, 96 MB
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Decision:
    """A plan, what a person should know about it, and the energies of the parts it will make.

    `energies` (pieces, 3, 3) are what `measure_stems` would measure of the plan; `room` is its reverb, where that is
    kept, for the one rendering that follows.
    """

    plan: MixPlan
    notices: tuple[Notice, ...]
    energies: Energies
    room: KeptRoom | None = None


def solve(
    plan: MixPlan,
    stems: tuple[Stem, Stem],
    aims: Aims,
    wishes: Wishes,
    *,
    progress: Progress = lambda _: None,
) -> Decision:
    """Solve every stage of the empty `plan` for `aims`, given vocal and backing."""
    vocal, backing = stems
    rate = vocal.audio.sample_rate
    plan = wishes.apply(plan)
    spectrum = sung_spectrum(vocal.track)
    plan = equalizer.decide(plan, spectrum, aims.correction, rate, wishes)
    range_lu = vocal.track.loudness.loudness_range_lu
    plan, notices = compressor.decide(plan, vocal.audio, range_lu, aims.loudness_range_lu, wishes)
    progress(0.3)
    plan = wishes.apply(plan)
    scene = _scene(plan, vocal.track, backing.track, vbr_lu=aims.vbr_lu.value)
    plan = wishes.apply(masking.decide(plan, scene, wishes))
    plan = wishes.apply(reverb.decide(plan, backing.track.tempo, aims, wishes)).rounded()
    unit = plan.replace(vocal=plan.vocal.replace(gain_db=0.0))
    room = _room_for(unit, mix_length(unit, vocal.audio, backing.audio))
    energies = measure_stems(
        unit, vocal.audio, backing.audio, room=room, progress=lambda share: progress(0.3 + 0.7 * share)
    )
    plan = _solve_gains(unit, energies, aims, wishes)
    notices += _circumstances(plan, vocal.track, aims) + _ineffective(plan, wishes)
    return Decision(plan, notices, scaled_energies(energies, unit, plan), room)


def _room_for(plan: MixPlan, length: int) -> KeptRoom | None:
    """Make room for the reverb of a song that is not too long: it costs as much as all else that is rendered."""
    return KeptRoom(length) if plan.reverb.enabled and length <= MOST_KEPT else None


def _solve_gains(unit: MixPlan, energies: Energies, aims: Aims, wishes: Wishes) -> MixPlan:
    """Solve the gains of vocal, return and master from the energies of the parts of the plan `unit`."""
    plan = level.decide(unit, energies, aims.vbr_lu, wishes)
    plan = reverb.solve(plan, return_ratio_db(energies), aims.return_db, wishes)
    plan = wishes.apply(plan).rounded()
    plan = master.decide(plan, energies, wishes, unit=unit)
    return wishes.apply(plan).rounded()


def require_singing(track: Track) -> None:
    """Raise InputError `vocal.not_found` or `vocal.too_short` when there is nothing to mix."""
    if track.seconds < SHORTEST_S:
        raise InputError(
            "vocal.too_short", f"{track.name}: lasts {track.seconds:.2f} s; at least {SHORTEST_S:g} s are needed"
        )
    loudest = track.loudness.max_momentary_lufs
    if not loudest > QUIETEST_LUFS or not active_windows(track.energies).any():
        level_text = f"never rises above {loudest:.0f} LUFS" if np.isfinite(loudest) else "is silent"
        raise InputError("vocal.not_found", f"{track.name}: no vocal found, it {level_text}; is this the right file?")


def _circumstances(plan: MixPlan, vocal: Track, aims: Aims) -> tuple[Notice, ...]:
    """Warn of what makes a decision less sure."""
    found = []
    if vocal.seconds < SURE_S:
        text = f"{vocal.name}: lasts {vocal.seconds:.1f} s; levels are judged over 400 ms instead of 3 s"
        found.append(Notice("vocal.short", text))
    unsure = [name for name, target in _learned(plan) if target.sureness == "low"]
    if unsure:
        text = f"{vocal.name} and its backing are unlike the songs the model knows; {' and '.join(unsure)} may be off"
        found.append(Notice("model.unsure", text))
    if aims.heard is not None and aims.heard.is_room:
        room = f"{aims.heard.middle_decay_s:.1f} s, {aims.heard.below} the voice"
        text = (
            f"{vocal.name}: sounds as if recorded in a live room ({room}), which no setting takes away; sing nearer to "
            "the microphone, or between curtains and cushions"
        )
        found.append(Notice("vocal.room", text))
    if plan.targets.vbr_lu.status == "no backing to compare with":
        found.append(Notice("backing.silent", "the backing is silent while the vocal sings; the level was left alone"))
    return tuple(found)


def _learned(plan: MixPlan) -> list[tuple[str, Target]]:
    """List what a model asks for; what is a prior is as sure as ever."""
    targets = plan.targets
    named = (
        ("level", targets.vbr_lu),
        ("compression", targets.loudness_range_lu),
        ("equalization", targets.equalizer_db),
        ("reverb", targets.decay_s),
    )
    return [
        (name, target) for name, target in named if target.source.startswith("model ") and target.confidence is not None
    ]


def _scene(plan: MixPlan, vocal: Track, backing: Track, *, vbr_lu: float) -> masking.Scene:
    """Put both spectra at the level they will have: equalized, the vocal at the balance asked."""
    frames = vocal.spectrum.frames
    active = active_frames(vocal)
    now = measure_balance(vocal.energies, backing.energies).vbr_lu
    gain = np.float32(10.0 ** ((vbr_lu - now) / 10.0) if np.isfinite(now) else 1.0)
    bark = (vocal.spectrum.bark * _power(plan, BARK.centres_hz, vocal.sample_rate) * gain).astype(np.float32)
    thirds = vocal.spectrum.third_octave[active].mean(axis=0, dtype=np.float64)
    under = pad_frames(backing.spectrum.third_octave, frames)[:frames]
    return masking.Scene(
        vocal=bark,
        backing=pad_frames(backing.spectrum.bark, frames)[:frames],
        active=active,
        vocal_thirds=thirds * _power(plan, THIRD_OCTAVE.centres_hz, vocal.sample_rate) * gain,
        backing_thirds=under[active].mean(axis=0, dtype=np.float64),
        sample_rate=vocal.sample_rate,
    )


def _power(plan: MixPlan, hz: Floats, sample_rate: int) -> Floats:
    """Compute the power response of the vocal's filters at `hz` (n,)."""
    sections = np.concatenate([plan.vocal.highpass.sections(sample_rate), plan.vocal.equalizer.sections(sample_rate)])
    below = np.minimum(hz, 0.49 * sample_rate)
    response = core.response_db(sections, sample_rate=sample_rate, frequencies_hz=below)
    return np.asarray(10.0 ** (response / 10.0))


def _ineffective(plan: MixPlan, wishes: Wishes) -> tuple[Notice, ...]:
    """Warn of knobs set by hand on stages that are off."""
    stages: dict[str, Effect] = {
        "vocal.highpass": plan.vocal.highpass, "vocal.equalizer": plan.vocal.equalizer,
        "vocal.compressor": plan.vocal.compressor, "backing.equalizer": plan.backing.equalizer,
        "reverb": plan.reverb, "master": plan.master,
    }  # fmt: skip
    return tuple(
        Notice("plan.stage_off", f"{path} is set but {name} is off; add --set {name}.enabled=on")
        for path in sorted(wishes.locked)
        for name, stage in stages.items()
        if path.startswith(name + ".") and not stage.enabled and not path.endswith(".enabled")
    )
