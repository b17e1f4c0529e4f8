"""The errors a caller can cause, each with a stable code; knows nothing of doors or exit codes.

SitwellError
├── InputError      a sound file or array that cannot be used
│   └── CodecError  a format this installation cannot decode or encode
├── PlanError       a plan, knob, path or wish that is not allowed
├── ModelError      a model bundle that cannot be trusted or loaded
└── OutputError     a result that could not be written
"""

from dataclasses import dataclass


class SitwellError(Exception):
    """Base of all errors a caller can cause: a stable code and one sentence that says what to do."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{message} [{code}]")
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type["SitwellError"], tuple[str, str]]:
        """Travel between processes as code and message."""
        return type(self), (self.code, self.message)


class InputError(SitwellError):
    """A sound file or array cannot be used."""


class CodecError(InputError):
    """A format cannot be decoded or encoded by this installation."""


class PlanError(SitwellError):
    """A plan, a knob, a path or a wish is not allowed."""


class ModelError(SitwellError):
    """A model bundle cannot be trusted or loaded."""


class OutputError(SitwellError):
    """A result could not be written."""


@dataclass(frozen=True)
class Notice:
    """Something a person should know that did not stop the work: stable code and sentence."""

    code: str
    message: str
