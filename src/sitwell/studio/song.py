"""The song that is open: its sound, its analysis, and the answers to what the page asks; one question at a time."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from sitwell.audio import Audio
from sitwell.errors import SitwellError
from sitwell.io import Guard, common_rate
from sitwell.pipeline import MixResult, Outputs, Progress, Session, render
from sitwell.plan import MixPlan
from sitwell.studio import pictures
from sitwell.studio.wire import Sound
from sitwell.value import Json
from sitwell.wishes import Wishes

Tell = Callable[[Json], None]


class Superseded(SitwellError):  # noqa: N818 - what is asked anew is no error
    """A newer question of the same kind came; the older one is not answered."""


class Song:
    """Two files, vocal and backing, with the names people know them by, decoded by `guard` when first asked for.

    Every method may be called from any thread.
    """

    def __init__(self, files: dict[Path, str], guard: Guard, tell: Tell) -> None:
        self._files, self._guard, self._tell = files, guard, tell
        self._opening = threading.Lock()
        self._working = threading.Lock()
        self._newest: dict[str, int] = {}

    def sounds(self) -> tuple[Sound, Sound]:
        """Read both files, once."""
        with self._opening:
            return self._sounds

    def overview(self) -> Json:
        """Say what the page needs to know before anything is measured."""
        return {"vocal": self.sounds()[0].to_dict(), "backing": self.sounds()[1].to_dict()}

    def analysis(self) -> Json:
        """Measure both sounds, once, and turn it into what the page draws."""
        with self._opening:
            return self._analysis

    def decide(self, wishes: Wishes) -> Json:
        """Decide a plan; the newest question wins, an older one raises Superseded."""
        session = self._opened()
        with self._turn("decide") as progress:
            plan, notices = session.decide(wishes, progress=progress)
        return {
            "plan": plan.to_dict(),
            "notices": [{"code": notice.code, "message": notice.message} for notice in notices],
        }

    def listen(self, plan: MixPlan, *, refine: bool) -> Json:
        """Render a plan and measure it; the newest question wins."""
        session = self._opened()
        with self._turn("listen") as progress:
            heard = session.listen(plan, refine=refine, progress=progress)
        return pictures.heard(heard)

    def export(self, plan: MixPlan, outputs: Outputs) -> MixResult:
        """Write files by the same call, of the same samples, as `sitwell render`."""
        with self._opening:
            pair = self._pair
        with self._working:
            return render(plan, *pair, outputs=outputs, progress=self._progress)

    @cached_property
    def _pair(self) -> tuple[Audio, Audio]:
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

    @cached_property
    def _sounds(self) -> tuple[Sound, Sound]:
        vocal, backing = self._pair
        return Sound.of(vocal), Sound.of(backing)

    @cached_property
    def _session(self) -> Session:
        return Session.of(*self._pair, progress=self._progress)

    @cached_property
    def _analysis(self) -> Json:
        return pictures.analysis(self._session)

    def _opened(self) -> Session:
        with self._opening:
            return self._session

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
            progress(kind, 0.0)
            yield progress
            self._progress(kind, 1.0)
