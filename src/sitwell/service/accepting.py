"""From a request to a job on the disk: sounds taken in, everything checked, and nothing left when it is refused."""

import asyncio
import hashlib
import json
import re
import shutil
from pathlib import Path
from typing import Any

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from sitwell.catalogue import id_in, is_reference
from sitwell.service import backings, jobs, places
from sitwell.service.job import Job
from sitwell.service.multipart import Upload
from sitwell.service.problems import Problem
from sitwell.service.request import UPLOADS, MixRequest, stored
from sitwell.service.service import Service
from sitwell.service.upload import checked_kind, receive, to_disk, too_slow

_SOUNDS = ("vocal", "backing")


async def take_in(request: Request, service: Service, tenant: str, key: str | None) -> Job:
    """Bring a request and its files to the disk and make it a job; leaves nothing when it is refused."""
    job_id = jobs.new_id()
    folder = places.folder(service.settings, tenant, job_id)
    folder.mkdir(parents=True)
    try:
        try:
            async with asyncio.timeout(service.settings.upload_timeout_s):
                upload = await receive(
                    request, folder, files=_SOUNDS, max_bytes=round(service.settings.max_upload_mb * 1e6),
                    check_disk=service.check_disk, hashed=key is not None,
                )  # fmt: skip
        except TimeoutError:
            raise too_slow(service.settings) from None
        asked, name = await run_in_threadpool(_checked, service, tenant, upload, folder)
        fingerprint = _fingerprint(asked, upload)
        await to_disk(folder)
        try:
            return await run_in_threadpool(
                jobs.accept, service.database, job_id, tenant, name, asked,
                size=upload.bytes, key=key, fingerprint=fingerprint,
            )  # fmt: skip
        except jobs.KeyReused:
            text = "this Idempotency-Key came before with another request; take a new one"
            raise Problem(422, "idempotency.reused", text) from None
    finally:
        if jobs.get(service.database, tenant, job_id) is None:  # refused, or sent before
            shutil.rmtree(folder, ignore_errors=True)


def _checked(service: Service, tenant: str, upload: Upload, folder: Path) -> tuple[dict[str, Any], str]:
    """Check a request and the first bytes of its files; give what the job keeps, and its name."""
    given = upload.json("request")
    if isinstance(given, dict):  # a reference may also be a part of its own
        given |= {part: upload.fields[part].decode("utf-8", "replace") for part in _SOUNDS if part in upload.fields}
    request = MixRequest.model_validate(given)
    request.check(private_webhooks=service.settings.private_webhooks)
    for part in _SOUNDS:
        _check_sound(service, tenant, part, getattr(request, part), upload, folder)
    asked = request.model_dump(exclude_defaults=True) | {UPLOADS: upload.names}
    first = upload.names.get("vocal") or re.split("[:/]", request.vocal or "")[-1]
    return asked, request.name or Path(first).stem


def _check_sound(service: Service, tenant: str, part: str, reference: str | None, upload: Upload, folder: Path) -> None:
    if (reference is None) == (part not in upload.names):
        raise Problem(422, "request.sounds", f"give {part} once: as an uploaded file or as a reference")
    if reference is None:
        checked_kind(folder / f"in-{part}", upload.names[part])
    elif is_reference(reference):
        if part == "vocal":
            raise Problem(422, "request.sounds", "the catalogue has backings only; upload the vocal")
        backings.entry(service.settings, tenant, id_in(reference))
    else:
        stored(reference, None if service.settings.storage is None else service.settings.storage / tenant)


def _fingerprint(asked: dict[str, Any], upload: Upload) -> str:
    text = json.dumps([asked, upload.hashes], sort_keys=True)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
