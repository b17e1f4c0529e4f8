"""What every command does at its border: errors become exit codes and sentences, progress goes to stderr."""

import functools
import json
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import NoReturn, ParamSpec, TextIO

import typer

from sitwell.errors import CodecError, InputError, Notice, PlanError, SitwellError
from sitwell.value import Json

EXIT_FAILED, EXIT_USAGE, EXIT_INPUT, EXIT_CODEC, EXIT_INTERRUPTED = 1, 2, 3, 5, 130
_QUIET_S = 1.0  # shorter work shows no progress
P = ParamSpec("P")


def door(command: Callable[P, None]) -> Callable[P, None]:
    """Turn what a command raises into an exit code and one sentence; with `--json` also into JSON.

    0 done, 1 failed, 2 wrong usage or plan, 3 unusable audio, 5 unsupported format, 130 interrupted.
    """

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        as_json = bool(kwargs.get("as_json"))
        try:
            command(*args, **kwargs)
        except typer.Exit:  # a command that chose its exit code
            raise
        except SitwellError as error:
            _fail(error.code, error.message, _exit_code(error), as_json)
        except KeyboardInterrupt:
            _fail("interrupted", "interrupted; nothing was left half-written", EXIT_INTERRUPTED, as_json)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(EXIT_FAILED) from None
        except MemoryError:
            _fail(
                "memory",
                "not enough memory; close other programs or mix a shorter song",
                EXIT_FAILED,
                as_json,
            )
        except Exception as error:
            if os.environ.get("SITWELL_DEBUG"):
                traceback.print_exc()
            what = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            hint = "this is a fault of Sitwell; run again with SITWELL_DEBUG=1 and report what it prints"
            _fail("internal", f"{what}; {hint}", EXIT_FAILED, as_json)

    return wrapped


def print_json(value: Json) -> None:
    """Print one JSON object to stdout."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def say(text: str, *, quiet: bool = False) -> None:
    """Say something to a person, on stderr."""
    if not quiet:
        sys.stderr.write(text + "\n")


def warn(notices: tuple[Notice, ...], *, quiet: bool = False) -> None:
    """Say what a person should know, on stderr."""
    for notice in notices:
        say(f"warning: {notice.message} [{notice.code}]", quiet=quiet)


class ProgressLine:
    """One line on a terminal that follows the work; silent when stderr is no terminal or work is short."""

    def __init__(self, *, quiet: bool, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shown = not quiet and self._stream.isatty()
        self._start, self._last, self._drawn = time.monotonic(), 0.0, False

    def __call__(self, stage: str, share: float) -> None:
        """Show a stage and the share of it that is done, at most ten times a second."""
        now = time.monotonic()
        if not self._shown or now - self._start < _QUIET_S or now - self._last < 0.1:
            return
        self._last, self._drawn = now, True
        filled = round(24 * min(max(share, 0.0), 1.0))
        self._stream.write(f"\r{stage:<8} {'█' * filled}{'░' * (24 - filled)} {share:4.0%}\x1b[K")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
            self._drawn = False

    def __enter__(self) -> "ProgressLine":
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()


def _exit_code(error: SitwellError) -> int:
    match error:
        case CodecError():
            return EXIT_CODEC
        case InputError():
            return EXIT_INPUT
        case PlanError():
            return EXIT_USAGE
        case _:
            return EXIT_FAILED


def _fail(code: str, message: str, exit_code: int, as_json: bool) -> NoReturn:
    if as_json:
        print_json({"error": {"code": code, "message": message}})
    say(f"error: {message} [{code}]")
    raise typer.Exit(exit_code)
