"""What happens to a project, told to every page that shows it (server-sent events)."""

import asyncio
import json
from collections.abc import AsyncIterator

from sitwell.value import Json

_BEAT_S = 15.0  # a comment this often, so that a page that went away is noticed


class Hub:
    """Passes events from any thread to the pages that follow; the latest progress is told to who comes later."""

    def __init__(self) -> None:
        self._followers: set[asyncio.Queue[Json]] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._progress: Json | None = None

    def tell(self, event: Json) -> None:
        """Tell all followers; may be called from any thread."""
        if event["kind"] == "progress":
            self._progress = event
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._pass_on, event)

    def _pass_on(self, event: Json) -> None:
        for follower in self._followers:
            follower.put_nowait(event)

    async def follow(self) -> AsyncIterator[str]:
        """Yield events as the text of a stream until the page goes away."""
        self._loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Json] = asyncio.Queue()
        self._followers.add(queue)
        try:
            yield ": hello\n\n"
            if self._progress is not None:
                yield _text(self._progress)
            while True:
                try:
                    yield _text(await asyncio.wait_for(queue.get(), _BEAT_S))
                except TimeoutError:
                    yield ": still here\n\n"
        finally:
            self._followers.discard(queue)


def _text(event: Json) -> str:
    return f"data: {json.dumps(event, ensure_ascii=False)}\n\n"
