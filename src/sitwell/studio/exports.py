"""Results as files in the folder `exports` of a project, made by the call that `sitwell render` makes."""

import shutil
import tempfile
import zipfile
from pathlib import Path

from sitwell import io
from sitwell.errors import InputError
from sitwell.io.disk import output_errors, replacing
from sitwell.pipeline import Outputs
from sitwell.plan import MixPlan
from sitwell.studio.projects import Project, clean_name
from sitwell.studio.song import Song

KINDS = ("mix", "stems", "plan", "report")
FORMATS = ("wav", "flac", "mp3")


def export(project: Project, song: Song, plan: MixPlan, kind: str, form: str) -> Path:
    """Write a mix, stems (a zip of three WAV files), a plan or a report; give its file."""
    if kind not in KINDS or form not in FORMATS:
        raise InputError("studio.request", f"an export is one of {', '.join(KINDS)}, as {', '.join(FORMATS)}")
    folder = io.make_folder(project.folder / "exports")
    name = clean_name(project.state["name"])
    if kind == "mix":
        return _rendered(song, plan, Outputs(mix=folder / f"{name} mix.{form}"))
    if kind == "report":
        return _rendered(song, plan, Outputs(report=folder / f"{name} report.html"))
    if kind == "plan":
        file = folder / f"{name} plan.json"
        io.write_text_atomic(file, plan.to_json())
        return file
    return _stems(song, plan, folder / f"{name} stems.zip")


def _rendered(song: Song, plan: MixPlan, outputs: Outputs) -> Path:
    song.export(plan, outputs)
    return outputs.all_files[0]


def _stems(song: Song, plan: MixPlan, file: Path) -> Path:
    with output_errors(file):
        folder = Path(tempfile.mkdtemp(prefix=".stems-", dir=file.parent))
    try:
        outputs = Outputs(stems=folder)
        song.export(plan, outputs)
        with replacing(file) as temporary, output_errors(file), zipfile.ZipFile(temporary, "w") as archive:
            for stem in outputs.stem_files:
                archive.write(stem, stem.name)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return file
