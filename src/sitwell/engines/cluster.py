"""A Ray cluster, the only home of Ray: connects, calls functions there, says in our words what went wrong."""

import functools
import os
import socket
from collections.abc import Callable, Generator, Sequence
from typing import Any

from sitwell.engines.work import Failure
from sitwell.errors import CodecError, InputError

Reference = Any  # what Ray gives for a value that is somewhere in the cluster, or not there yet
_UNREAD = 4  # what a stream may be ahead of its reader: bounds the memory it takes
_ANSWER_S = 10.0


class Cluster:
    """The cluster at `address` or RAY_ADDRESS; without either one of `cores` (all of them unless told) started here.

    Raises CodecError `engine.ray_missing`, InputError `engine.no_cluster`.
    """

    def __init__(self, address: str | None = None, cores: int | None = None) -> None:
        self._ray = _ray()
        self._ours = not self._ray.is_initialized()
        if self._ours:
            _connect(self._ray, address or os.environ.get("RAY_ADDRESS"), cores)

    @property
    def cores(self) -> int:
        """How many there are now; a cluster may grow and shrink."""
        return int(self._ray.cluster_resources().get("CPU", 0))

    def share(self, value: Any) -> Reference:
        """Put a value where every node can fetch it, once for all calls that are given the reference."""
        return self._ray.put(value)

    def call(self, function: Callable[..., Any], *given: Any, retries: int = 0) -> Reference:
        """Call an importable function on a core of the cluster; done anew `retries` times when that is lost."""
        return self._remote(function, ("max_retries", retries)).remote(*given)

    def stream(self, function: Callable[..., Any], *given: Any, wait_s: float) -> Generator[Any, None, None]:
        """Call an importable generator function and yield what it yields; None after every `wait_s` without news.

        The last is a Failure where the cluster lost the call. Closing the generator ends the call and its process.
        """
        options = (("max_retries", 0), ("num_returns", "streaming"), ("_generator_backpressure_num_objects", _UNREAD))
        call, ended = self._remote(function, *options).remote(*given), False
        del given  # the cluster has it now
        try:
            while not ended:
                if not self.done([call], wait_s=wait_s):
                    yield None
                    continue
                reference = next(call, None)
                ended = reference is None
                if not ended:
                    yield self.value(reference)
        finally:
            if not ended:
                self._ray.cancel(call, force=True)

    def done(self, references: Sequence[Reference], *, wait_s: float) -> list[Reference]:
        """Wait for the first of references to have a value, or for so long."""
        found: list[Reference] = self._ray.wait(list(references), num_returns=1, timeout=wait_s)[0]
        return found

    def value(self, reference: Reference) -> Any:
        """Fetch a value; a Failure `memory` or `work.crashed` where the cluster lost it."""
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.OutOfMemoryError as error:
            return Failure("memory", f"a node ran out of memory: {str(error).splitlines()[0]}")
        except self._ray.exceptions.RayError as error:
            return Failure("work.crashed", f"its worker or node was lost: {str(error).splitlines()[0]}")

    def cancel(self, reference: Reference) -> None:
        """End a call and the process that has it."""
        self._ray.cancel(reference, force=True)

    def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        if self._ours:
            self._ray.shutdown()

    @functools.cache  # noqa: B019 - a cluster lives as long as its process
    def _remote(self, function: Callable[..., Any], *options: tuple[str, Any]) -> Any:
        return self._ray.remote(num_cpus=1, **dict(options))(function)


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # reports nothing to anybody
    try:
        import ray
    except ImportError:
        raise CodecError("engine.ray_missing", "the engine ray needs pip install 'sitwell[ray]'") from None
    return ray


def _connect(ray: Any, address: str | None, cores: int | None) -> None:
    here = {} if address else {"num_cpus": cores, "include_dashboard": False}
    try:
        _check_answers(address or "")
        ray.init(address or "local", log_to_driver=False, logging_level="ERROR", **here)
    except (OSError, ValueError, RuntimeError) as error:
        text = f"no cluster answers at {address or 'this machine'}: {str(error).splitlines()[0]}"
        raise InputError(
            "engine.no_cluster",
            f"{text}; check --address, that `ray status` works from here, and RAY_AUTH_MODE=token if it wants a token",
        ) from None


def _check_answers(address: str) -> None:
    """Raise OSError when nobody listens at HOST:PORT; Ray itself would try for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), _ANSWER_S).close()
