"""Progress reaches every window, and one that opens in the middle learns how far it is."""

import asyncio
import threading

from sitwell.studio.events import Hub


async def take(stream: object, count: int) -> list[str]:
    found = []
    async for text in stream:  # type: ignore[attr-defined]
        if text.startswith("data:"):
            found.append(text)
        if len(found) == count:
            break
    await stream.aclose()  # type: ignore[attr-defined]
    return found


def test_events_from_any_thread_reach_all_and_late_comers_hear_the_latest() -> None:
    async def story() -> tuple[list[str], list[str], list[str]]:
        hub = Hub()
        early, other = hub.follow(), hub.follow()
        await anext(early)
        await anext(other)
        told = threading.Thread(target=lambda: hub.tell({"kind": "progress", "stage": "read", "share": 0.5}))
        told.start()
        first = await take(early, 1), await take(other, 1)
        return *first, await take(hub.follow(), 1)

    early, other, late = asyncio.run(story())
    assert early == other == late == ['data: {"kind": "progress", "stage": "read", "share": 0.5}\n\n']
