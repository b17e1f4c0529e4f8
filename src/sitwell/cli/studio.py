"""`sitwell studio`: opens the page in which a person hears, sees and changes a mix."""

import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sitwell import io
from sitwell.cli import demo as demo_song
from sitwell.cli.door import door, say
from sitwell.errors import CodecError, InputError, PlanError
from sitwell.models import Bundle

if TYPE_CHECKING:
    from sitwell.studio import Desk

_HOME = Path.home() / "Sitwell"


@door
def studio(
    vocal: Annotated[
        Path | None, typer.Argument(metavar="[VOCAL]", help="the vocal alone, or the folder of a project")
    ] = None,
    backing: Annotated[Path | None, typer.Argument(metavar="[BACKING]", help="the finished backing track")] = None,
    home: Annotated[Path, typer.Option("--home", metavar="DIR", help="where projects and presets are kept")] = _HOME,
    model: Annotated[
        list[Path] | None, typer.Option("--model", metavar="BUNDLE", help="a model of your own to choose in the page")
    ] = None,
    port: Annotated[int, typer.Option("--port", help="a fixed port; any free one unless told")] = 0,
    browse: Annotated[bool, typer.Option("--browser/--no-browser", help="open the page at once")] = True,
) -> None:
    """Open the studio in the browser: drop two files, hear the mix, see why, change it, export it."""
    if importlib.util.find_spec("uvicorn") is None or importlib.util.find_spec("starlette") is None:
        raise CodecError("studio.missing", "the studio is not installed; pip install 'sitwell[studio]'")
    from sitwell.studio import Desk, serve  # here, since only this command serves

    for folder in model or []:
        Bundle.load(folder)  # what cannot be used is told before anything opens
    has_demo = importlib.util.find_spec("stempeg") is not None
    desk = Desk(home, models=tuple(model or ()), example=demo_song.prepare if has_demo else None)
    serve(
        desk,
        port=port,
        project=_project(desk, vocal, backing),
        browse=browse,
        tell=lambda address: say(f"Sitwell is at {address}\nStop it with Ctrl-C; everything is saved."),
    )


def _project(desk: "Desk", vocal: Path | None, backing: Path | None) -> str | None:
    """Make a project of two files, or find the one whose folder was named."""
    if vocal is None:
        return None
    if backing is None:
        folder = vocal.resolve()
        if folder.is_dir() and folder.parent == desk.projects.home.resolve():
            return str(desk.projects.open(folder.name).id)
        raise PlanError("studio.files", "give a vocal and its backing, the folder of a project, or nothing")
    for file in (vocal, backing):
        io.probe(file)
    project = desk.projects.create(vocal.stem)
    for part, file in (("vocal", vocal), ("backing", backing)):
        place = desk.projects.place(project, part, file.name)
        try:
            shutil.copyfile(file, place)
        except OSError as error:
            raise InputError("file.unreadable", f"{file}: cannot be copied: {error.strerror}") from None
        desk.projects.adopt(project.id, part, place, file.name)
    return project.id
