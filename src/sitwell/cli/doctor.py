"""`sitwell doctor`: is this installation able to do its work, and what can it read."""

import importlib.metadata
import platform
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sitwell import io, pipeline
from sitwell.audio import Audio
from sitwell.errors import ModelError, SitwellError
from sitwell.models import TASKS, default_bundle
from sitwell.pipeline import Outputs
from sitwell.value import Json
from sitwell.version import __version__
from sitwell.wishes import DEFAULT_METHOD, LEARNED

_SECONDS, _RATE = 4.0, 44100
_LIBRARIES = ("numpy", "onnxruntime", "soundfile", "soxr", "typer", "av", "fastapi", "uvicorn", "fsspec", "ray")


@dataclass(frozen=True)
class Check:
    """One thing looked at: whether it works and what was seen."""

    name: str
    ok: bool
    seen: str


@dataclass(frozen=True)
class Checks:
    """All that was looked at."""

    versions: dict[str, str]
    codecs: dict[str, bool]
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether everything works."""
        return all(check.ok for check in self.checks)

    def to_dict(self) -> Json:
        """Turn into plain JSON types."""
        checks = [{"name": check.name, "ok": check.ok, "seen": check.seen} for check in self.checks]
        return {"ok": self.ok, "versions": self.versions, "codecs": self.codecs, "checks": checks}

    def lines(self) -> list[str]:
        """Write for a terminal."""
        versions = [f"{name:<12} {version}" for name, version in self.versions.items()]
        codecs = [f"{name:<12} {'yes' if known else 'no'}" for name, known in self.codecs.items()]
        checks = [f"{check.name:<12} {'ok' if check.ok else 'FAILED'}: {check.seen}" for check in self.checks]
        end = "everything works" if self.ok else "something does not work; see above"
        return [*versions, "", "can read or write", *codecs, "", *checks, "", end]


def examine() -> Checks:
    """Look at versions and formats, write a file, and mix four generated seconds."""
    versions = {"sitwell": __version__, "python": sys.version.split()[0], "machine": platform.platform()}
    versions |= {name: _version(name) for name in _LIBRARIES}
    checks = (_check("write", _write), _check("model", _model), _check("fence", _fence), _check("mix", _mix))
    return Checks(versions, io.codecs(), checks)


def _check(name: str, work: Callable[[], str]) -> Check:
    try:
        return Check(name, True, work())
    except (SitwellError, OSError) as error:
        return Check(name, False, str(error))


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _model() -> str:
    """Open the model that comes along; one that is not there is a fault only where it is the default method."""
    try:
        bundle = default_bundle()
    except ModelError as error:
        if error.code != "model.not_found" or DEFAULT_METHOD == LEARNED:
            raise
        return "none comes with this installation; the rules decide"
    told = ", ".join(f"{task} {'model' if bundle.shows_skill(task) else 'prior'}" for task in TASKS if bundle.has(task))
    return f"{bundle.identity}: {told}"


def _write() -> str:
    with tempfile.TemporaryDirectory() as folder:
        io.write_text_atomic(Path(folder) / "test.txt", "sitwell")
        return f"temporary files go to {tempfile.gettempdir()}"


def _fence() -> str:
    """Decode a file as the service does, and say what its process could not have reached."""
    with tempfile.TemporaryDirectory() as folder, io.Guard() as guard:
        path = Path(folder) / "test.wav"
        with io.open_writer(path, sample_rate=_RATE) as writer:
            writer.write(np.zeros((2, _RATE), dtype=np.float32))
        guard.read(path)
        stands = guard.enforced
    said = [f"{'' if there else 'NOT '}{_FENCES[name]}" for name, there in stands.items()]
    return "strangers' files are decoded " + ", ".join(said)


_FENCES = {
    "process": "in a process of its own", "network": "without a network", "files": "without other files",
    "calls": "without starting programs",
}  # fmt: skip


def _mix() -> str:
    time_s = np.arange(int(_SECONDS * _RATE)) / _RATE
    voice = 0.2 * np.sin(2 * np.pi * 220 * time_s) * (1 + np.sin(2 * np.pi * 3 * time_s)) / 2
    band = 0.1 * np.random.default_rng(0).standard_normal((2, time_s.size))
    with tempfile.TemporaryDirectory() as folder:
        result = pipeline.mix(
            Audio.of(voice, _RATE, name="voice"),
            Audio.of(band, _RATE, name="band"),
            outputs=Outputs(mix=Path(folder) / "mix.wav"),
        )
    target = result.plan.targets.vbr_lu
    took_s = sum(result.timing_s.values())
    return f"{_SECONDS:g} s in {took_s:.2f} s; asked {target.asked or 0:+.1f} LU, got {target.got or 0:+.1f}"
