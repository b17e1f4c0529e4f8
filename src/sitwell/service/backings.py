"""Backings that a tenant may use: its own, and those the operator shares with all; knows nothing of HTTP."""

from sitwell.catalogue import Catalogue, Entry, checked_id, id_in, is_reference
from sitwell.errors import InputError, SitwellError
from sitwell.service.job import Job
from sitwell.service.request import Sound
from sitwell.service.settings import Settings


def own(settings: Settings, tenant: str) -> Catalogue:
    """Open a tenant's own catalogue."""
    return Catalogue.open(settings.own_catalogue(tenant), cache=settings.cache)


def own_bytes(settings: Settings, tenant: str) -> int:
    """Count the bytes of a tenant's own catalogue."""
    return sum(path.stat().st_size for path in settings.own_catalogue(tenant).glob("tracks/*/*"))


def shared(settings: Settings) -> Catalogue | None:
    """Open the operator's, where there is one; nobody changes it through the service."""
    return None if settings.catalog is None else Catalogue.open(settings.catalog, cache=settings.cache)


def entry(settings: Settings, tenant: str, backing_id: str) -> Entry:
    """Find a backing, a tenant's own first; the errors name no place of ours.

    Raises InputError `catalog.id`, `catalog.unknown` or `catalog.damaged`.
    """
    key = checked_id(backing_id)
    for catalogue in (own(settings, tenant), shared(settings)):
        if catalogue is not None:
            try:
                return catalogue.get(key)
            except SitwellError as error:
                if error.code != "catalog.unknown":
                    text = f"backing {key!r} cannot be read; add it again, or tell the operator"
                    raise InputError("catalog.damaged", text) from None
    raise InputError("catalog.unknown", f"no backing {key!r}; GET /v1/catalog lists those there are")


def sound_of(settings: Settings, job: Job) -> Sound | None:
    """Find the sound of a job's backing in the catalogue, None where it is another file."""
    reference = job.request.get("backing")
    if not isinstance(reference, str) or not is_reference(reference):
        return None
    found = entry(settings, job.tenant, id_in(reference))
    try:
        return Sound(found.path(), found.record.name, found)
    except SitwellError as error:
        text = f"backing {found.id!r}: its sound is gone or was changed; add it again, or tell the operator"
        raise type(error)(error.code, text) from None


def ids(settings: Settings, tenant: str) -> list[str]:
    """List all ids that a tenant may use."""
    found = set[str]()
    for catalogue in (own(settings, tenant), shared(settings)):
        if catalogue is not None:
            names = catalogue.place.names("ids")
            found |= {name.removesuffix(".json") for name in names if name.endswith(".json")}
    return sorted(found)
