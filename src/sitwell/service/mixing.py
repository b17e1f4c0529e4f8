"""One job made into files: strangers' sound is decoded behind the fence, the rest is the pipeline as at every door."""

import hashlib
import json
from pathlib import Path
from typing import Any

from sitwell import io, pipeline
from sitwell.pipeline import Foreign, MixResult, Outputs, Progress
from sitwell.plan import MixPlan
from sitwell.service.job import Job
from sitwell.service.request import UPLOADS, MixRequest, Sound

MEDIA_TYPES = {
    ".wav": "audio/wav", ".flac": "audio/flac", ".ogg": "audio/ogg", ".opus": "audio/ogg", ".mp3": "audio/mpeg",
    ".m4a": "audio/mp4", ".json": "application/json", ".html": "text/html; charset=utf-8",
}  # fmt: skip


def make(job: Job, guard: io.Guard, sounds: tuple[Sound, Sound], folder: Path, progress: Progress) -> dict[str, Any]:
    """Mix or render a job into a folder that is there, and say what is in it.

    Raises SitwellError for what is wrong with the request or its files.
    """
    request = MixRequest.model_validate({name: job.request[name] for name in job.request if name != UPLOADS})
    vocal, backing = (Foreign(guard, sound.path, sound.name, entry=sound.entry) for sound in sounds)
    outputs = Outputs(
        mix=folder / f"mix.{request.output.format}",
        plan=folder / "plan.json",
        report=folder / "report.html" if request.output.report else None,
        stems=folder / "stems" if request.output.stems else None,
        bit_depth=request.output.bit_depth,
    )
    if job.plan is None:
        result = pipeline.mix(vocal, backing, wishes=request.wanted, outputs=outputs, progress=progress)
    else:
        plan = MixPlan.from_json(job.plan)
        result = pipeline.render(plan, vocal, backing, outputs=outputs, progress=progress)
    return _told(result, folder)


def _told(result: MixResult, folder: Path) -> dict[str, Any]:
    """Say what came out, without a word of where it lies here."""
    told = result.to_dict()
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    kept = {name: told[name] for name in ("measured", "targets", "timing_s")}
    warnings = json.loads(json.dumps(told["warnings"]).replace(json.dumps(f"{folder}/")[1:-1], ""))
    return kept | {"warnings": warnings, "folder": folder.name, "files": [_described(path, folder) for path in files]}


def _described(path: Path, folder: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {
        "name": path.stem if path.parent == folder else f"stems/{path.stem}",
        "file": path.relative_to(folder).as_posix(),
        "bytes": path.stat().st_size,
        "sha256": digest,
        "media_type": MEDIA_TYPES[path.suffix],
    }
