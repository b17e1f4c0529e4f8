"""The song that is open: its sound, its analysis, and the answers to what the page asks; one question at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Generic, TypeVar

from sitwell.audio import Audio
from sitwell.errors import SitwellError
from sitwell.io import Guard, common_rate
from sitwell.pipeline import MixResult, Outputs, Progress, Session, render
from sitwell.plan import MixPlan
from sitwell.studio import pictures
from sitwell.studio.projects import PARTS
from sitwell.studio.wire import Sound
from sitwell.value import Json
from sitwell.wishes import Wishes

T = TypeVar("T")
Tell = Callable[[Json], None]


class Superseded(SitwellError):  # noqa: N818 - what is asked anew is no error
    """A newer question of the same kind came; the older one is not answered."""


class Once(Generic[T]):
    """A value that is made when first asked for; who asks meanwhile waits. What failed is tried again."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make, self._lock = make, threading.Lock()
        self._made: list[T] = []

    def __call__(self) -> T:
        with self._lock:
            if not self._made:
                self._made.append(self._make())
            return self._made[0]


class Song:
    """Two files, vocal and backing, with the names people know them by, decoded by `guard` when first asked for.

    Every method may be called from any thread.
    """

    def __init__(self, files: dict[Path, str], guard: Guard, tell: Tell) -> None:
        self._files, self._guard, self._tell = files, guard, tell
        self._pair = Once(self._decoded)
        self._session = Once(lambda: Session.of(*self._pair(), progress=self._progress))
        self.sounds = Once(lambda: tuple(map(Sound.of, self._pair())))
        self.analysis = Once(lambda: pictures.analysis(self._session()))
        self._working = threading.Lock()
        self._newest: dict[str, int] = {}

    def overview(self) -> Json:
        """Say what the page needs to know before anything is measured."""
        return {part: sound.to_dict() for part, sound in zip(PARTS, self.sounds(), strict=True)}

    def decide(self, wishes: Wishes) -> Json:
        """Decide a plan; the newest question wins, an older one raises Superseded."""
        session = self._session()
        with self._turn("decide") as progress:
            plan, notices = session.decide(wishes, progress=progress)
        return {
            "plan": plan.to_dict(),
            "notices": [{"code": notice.code, "message": notice.message} for notice in notices],
        }

    def listen(self, plan: MixPlan, *, refine: bool) -> Json:
        """Render a plan and measure it; the newest question wins."""
        session = self._session()
        with self._turn("listen") as progress:
            heard = session.listen(plan, refine=refine, progress=progress)
        return pictures.heard(heard)

    def export(self, plan: MixPlan, outputs: Outputs) -> MixResult:
        """Write files by the same call, of the same samples, as `sitwell render`."""
        pair = self._pair()
        with self._working:
            return render(plan, *pair, outputs=outputs, progress=self._progress)

    def _decoded(self) -> tuple[Audio, Audio]:
        """Decode both, at the same time, at the higher of their rates."""
        rate = common_rate(self._guard.probe(file, name=name) for file, name in self._files.items())
        shares = dict.fromkeys(self._files, 0.0)

        def decoded(file: Path) -> Audio:
            def told(share: float) -> None:
                shares[file] = share
                self._progress("read", sum(shares.values()) / 2.0)

            return self._guard.read(file, sample_rate=rate, name=self._files[file], progress=told)

        with ThreadPoolExecutor(2) as both:
            vocal, backing = both.map(decoded, self._files)
        return vocal, backing

    def _progress(self, stage: str, share: float) -> None:
        self._tell({"kind": "progress", "stage": stage, "share": round(share, 3)})

    @contextmanager
    def _turn(self, kind: str) -> Iterator[Progress]:
        """Wait for one's turn; whoever is at work on an older question of this kind stops."""
        mine = self._newest[kind] = self._newest.get(kind, 0) + 1

        def progress(stage: str, share: float) -> None:
            if self._newest[kind] != mine:
                raise Superseded("superseded", "a newer question of this kind came")
            self._progress(stage, share)

        with self._working:
            try:
                progress(kind, 0.0)
                yield progress
            finally:  # whatever came of it, nobody works on it any more
                self._progress(kind, 1.0)
