"""What lies open on one person's desk: projects, the songs in memory, presets, house models, an example."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from sitwell.errors import InputError, ModelError, PlanError, SitwellError
from sitwell.io import Guard, Limits
from sitwell.models import Bundle, default_bundle
from sitwell.studio.events import Hub
from sitwell.studio.presets import Presets
from sitwell.studio.projects import PARTS, Project, Projects, clean_name
from sitwell.studio.song import Song
from sitwell.studio.wire import Sound
from sitwell.value import Json
from sitwell.wishes import Wishes

MAX_SECONDS = 20 * 60.0  # both sounds wait in the memory of the page
MAX_BYTES = 2**30  # of a file: twenty minutes of 96 kHz stereo float
_MOST_SONGS = 2  # in memory at a time
Example = Callable[[Path], tuple[Path, Path]]  # writes vocal and backing into a folder


class Desk:
    """Everything behind the studio's addresses. Every method may be called from any thread."""

    def __init__(self, home: Path, *, models: tuple[Path, ...] = (), example: Example | None = None) -> None:
        self.projects = Projects(home / "projects")
        self.presets = Presets(home / "presets")
        self._models, self._example = models, example
        self._guard = Guard(Limits(max_seconds=MAX_SECONDS, file_bytes=MAX_BYTES))
        self._songs: OrderedDict[str, Song] = OrderedDict()
        self._hubs: dict[str, Hub] = {}
        self._lock = threading.Lock()

    @property
    def has_example(self) -> bool:
        """Whether there is a song to try."""
        return self._example is not None

    def warm_up(self) -> None:
        """Load what the first song needs, while its files are still being chosen."""
        with contextlib.suppress(SitwellError):  # it is told when it is needed
            default_bundle()
            self._guard.enforced  # noqa: B018 - starts the process that decodes

    def close(self) -> None:
        """End the process that decodes."""
        self._guard.close()

    def make_example(self) -> Project:
        """Make a project of the example."""
        if self._example is None:
            raise InputError("project.not_found", "no example is installed; pip install 'sitwell[demo]'")
        project = self.projects.create("Example")
        for part, file in zip(("vocal", "backing"), self._example(project.folder), strict=True):
            project = self.projects.adopt(project.id, part, file, file.name)
        return project

    def model_names(self) -> list[str]:
        """List the house models that can be used, by name."""
        return [name for name, _ in self._bundles()]

    def wishes(self, asked: Json) -> Wishes:
        """Make wishes of what the page asks; a model is asked for by its name, never by a path."""
        model = asked.get("model")
        if model is None:
            return Wishes.from_dict(asked)
        folder = dict(self._bundles()).get(model) if isinstance(model, str) else None
        if folder is None:
            raise PlanError("wish.model", f"no house model {str(model)[:80]!r}; start the studio with --model FOLDER")
        return Wishes.from_dict({**asked, "model": str(folder)})

    def hub(self, project_id: str) -> Hub:
        """Give the hub of a project."""
        with self._lock:
            return self._hubs.setdefault(project_id, Hub())

    def song(self, project_id: str) -> Song:
        """Open the song of a project; raises InputError `project.incomplete` while a file is missing."""
        project = self.projects.open(project_id)
        vocal, backing = project.part("vocal"), project.part("backing")
        if vocal is None or backing is None:
            missing = "vocal" if vocal is None else "backing track"
            raise InputError("project.incomplete", f"the {missing} is still missing")
        tell = self.hub(project_id).tell
        with self._lock:
            song = self._songs.get(project_id)
            if song is None:
                names = {project.part(part): entry["name"] for part, entry in project.state["parts"].items()}
                song = self._songs[project_id] = Song(
                    {file: names[file] for file in (vocal, backing)}, self._guard, tell
                )
            self._songs.move_to_end(project_id)
            while len(self._songs) > _MOST_SONGS:
                self._songs.popitem(last=False)
            return song

    def sound(self, project_id: str, part: str) -> Sound:
        """Give one sound of a project, also while the other is missing: one may want to sing over the backing."""
        project = self.projects.open(project_id)
        if len(project.state["parts"]) == len(PARTS):
            return self.song(project_id).sounds()[PARTS.index(part)]
        file = project.part(part)
        if file is None:
            raise InputError("project.incomplete", f"the {part} is still missing")
        return Sound.of(self._guard.read(file, name=project.state["parts"][part]["name"]))

    def probe(self, file: Path, name: str) -> None:
        """Raise InputError for what cannot be a sound, by its header."""
        self._guard.probe(file, name=clean_name(name))

    def adopt(self, project_id: str, part: str, file: Path, name: str) -> Project:
        """Make a file part of a project and forget what was known of the one before."""
        project = self.projects.adopt(project_id, part, file, name)
        with self._lock:
            self._songs.pop(project_id, None)
        return project

    def remove(self, project_id: str) -> None:
        """Delete a project."""
        with self._lock:
            self._songs.pop(project_id, None)
        self.projects.remove(project_id)

    def _bundles(self) -> list[tuple[str, Path]]:
        found = []
        for folder in self._models:
            try:
                found.append((Bundle.load(folder).label, folder))
            except ModelError:
                continue  # the command line refuses what cannot be loaded; this one was broken since
        return found
