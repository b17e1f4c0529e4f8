"""Engines by name, as doors offer them."""

from sitwell.engines.local import Local
from sitwell.engines.on_ray import OnRay
from sitwell.engines.work import Engine
from sitwell.errors import PlanError

ENGINES = ("local", "ray")


def check_engine(name: str, address: str | None) -> None:
    """Refuse an engine that is not known, and an address for one that has none; PlanError `engine.unknown`."""
    if name not in ENGINES:
        raise PlanError("engine.unknown", f"unknown engine {name!r}; known: {', '.join(ENGINES)}")
    if name == "local" and address is not None:
        raise PlanError("engine.unknown", "--address is that of a Ray cluster; add --engine ray")


def choose_engine(
    name: str, *, address: str | None = None, workers: int | None = None, timeout_s: float | None = None
) -> Engine:
    """Choose an engine; PlanError `engine.unknown`."""
    check_engine(name, address)
    return OnRay(address, workers, timeout_s) if name == "ray" else Local(workers, timeout_s)
