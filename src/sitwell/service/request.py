"""What a client asks for: the JSON of a mix, checked before anything is accepted."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, field_validator

from sitwell.catalogue import Entry
from sitwell.errors import InputError, PlanError
from sitwell.wishes import Wishes

UPLOADS = "uploads"  # beside the request in a job: names of the files that came with it
MAX_JSON_BYTES = 1_000_000  # of a request or a plan
_WISHES = Wishes.schema()
_WISHES["properties"].pop("model")  # a path on the server is nothing a client may name

Reference = Annotated[
    str,
    Field(
        max_length=1024,
        pattern=r"^(catalog|storage):[^\x00-\x1f]+$",
        examples=["catalog:song_17", "storage:takes/a.wav"],
        description="`catalog:ID` of this catalogue (backings only), or `storage:PATH` below the operator's folder",
    ),
]


class Output(BaseModel):
    """Which files are made."""

    model_config = ConfigDict(extra="forbid", strict=True)
    format: Literal["wav", "flac", "ogg", "opus", "mp3", "m4a"] = "wav"
    bit_depth: Literal["16", "24", "32f"] | None = Field(
        default=None, description="of wav (16, 24, 32f) or flac (16, 24)"
    )
    stems: bool = Field(default=False, description="also vocal, reverb and backing before the master, as 32-bit float")
    report: bool = Field(default=False, description="also a page with curves and reasons")


class MixRequest(BaseModel):
    """A mix that is wanted: sounds by reference unless they are uploaded, wishes, and where to tell the end."""

    model_config = ConfigDict(extra="forbid", strict=True)
    vocal: Reference | None = None
    backing: Reference | None = None
    name: str = Field(
        default="", max_length=200, description="names the files of the result; that of the vocal if left out"
    )
    wishes: Annotated[dict[str, Any], WithJsonSchema(_WISHES)] = Field(default_factory=dict)
    output: Output = Output()
    webhook: str | None = Field(
        default=None,
        max_length=2000,
        pattern=r"^https?://",
        description="told when the mix has ended; https, no private address",
    )

    @field_validator("name")
    @classmethod
    def _printable(cls, name: str) -> str:
        if any(ord(sign) < 32 or 0xD800 <= ord(sign) < 0xE000 for sign in name):
            raise ValueError("control characters and lone surrogates are not allowed")
        return name

    @property
    def wanted(self) -> Wishes:
        """The wishes; raises PlanError."""
        if "model" in self.wishes:
            raise PlanError("plan.unknown", "unknown field model: it is the operator who installs models")
        return Wishes.from_dict(self.wishes, "wishes")

    def check(self, *, private_webhooks: bool) -> None:
        """Find what the types cannot say; raises PlanError."""
        _ = self.wanted
        if self.output.bit_depth is not None and self.output.format not in ("wav", "flac"):
            raise PlanError("request.bit_depth", f"{self.output.format} has no bit depth; leave bit_depth out")
        if self.output.bit_depth == "32f" and self.output.format == "flac":
            raise PlanError("request.bit_depth", "flac knows 16 and 24 bits; choose wav for 32f")
        if self.webhook is not None:
            check_url(self.webhook, private=private_webhooks)


def check_url(url: str, *, private: bool) -> None:
    """Refuse an address that no webhook goes to; its host is looked up when it is sent."""
    try:
        parts = urlsplit(url)
        fine = bool(parts.hostname) and parts.port != 0 and parts.username is None and parts.password is None
    except ValueError:
        fine = False
    fine = fine and url.isascii() and url.isprintable() and " " not in url
    if not fine:
        raise PlanError("request.webhook", "webhook is no usable address; give https://host/path, without a user")
    if parts.scheme != "https" and not private:
        raise PlanError("request.webhook", "webhook must be https")


@dataclass(frozen=True)
class Sound:
    """A sound file that is there, and what its owner calls it."""

    path: Path
    name: str
    entry: Entry | None = None  # where it is one of a catalogue


def stored(reference: str, root: Path | None) -> Sound:
    """Find a `storage:` file below its root, whatever its path says and whatever links lie on the way.

    Raises InputError `storage.off`, `storage.path` or `storage.not_found`.
    """
    path = reference.removeprefix("storage:")
    if root is None:
        raise InputError("storage.off", "this service has no storage folder; upload the file")
    if path.startswith("/") or "\\" in path or "\0" in path or ".." in path.split("/"):
        raise InputError("storage.path", f"{path}: give a path below the storage folder, without ..")
    place = (root / path).resolve()
    if not place.is_relative_to(root.resolve()):
        raise InputError("storage.path", f"{path}: leads out of the storage folder")
    if not place.is_file():
        raise InputError("storage.not_found", f"{path}: there is no such file in the storage folder")
    return Sound(place, Path(path).name)
