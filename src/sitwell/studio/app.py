"""The addresses of the studio: each turns a request into one call and its answer into JSON or bytes."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from sitwell.errors import InputError, OutputError, SitwellError
from sitwell.plan import MixPlan, plan_schema
from sitwell.studio.desk import MAX_BYTES, MAX_SECONDS, Desk
from sitwell.studio.exports import KINDS, export
from sitwell.studio.projects import PARTS
from sitwell.studio.song import Song, Superseded
from sitwell.studio.upload import receive
from sitwell.studio.wire import Sound
from sitwell.value import Json
from sitwell.version import __version__
from sitwell.wishes import DEFAULT_METHOD, METHODS, Wishes

_MOST_JSON = 16 * 2**20  # a project with its whole history
_API = "/api/projects/{project}"


def make_app(desk: Desk, page: Path) -> Starlette:
    """Make the app without its guard; `page` is the folder of the built page."""
    api = _Api(desk)
    routes = [
        Route("/api/studio", api.studio),
        Route("/api/projects", api.projects, methods=["GET", "POST"]),
        Route("/api/example", api.example, methods=["POST"]),
        Route("/api/presets", api.presets),
        Route("/api/presets/{name}", api.preset, methods=["PUT", "DELETE"]),
        Route(_API, api.project, methods=["GET", "PUT", "DELETE"]),
        Route(_API + "/events", api.events),
        Route(_API + "/sounds", api.sounds),
        Route(_API + "/analysis", api.analysis),
        Route(_API + "/decide", api.decide, methods=["POST"]),
        Route(_API + "/listen", api.listen, methods=["POST"]),
        Route(_API + "/exports", api.export, methods=["POST"]),
        Route(_API + "/exports/{name}", api.download),
        Route(_API + "/{part}/samples", api.samples),
        Route(_API + "/{part}/peaks", api.peaks),
        Route(_API + "/{part}", api.sound),
        Route(_API + "/{part}", api.upload, methods=["PUT"]),
        Mount("/", StaticFiles(directory=page, html=True)),
    ]
    return Starlette(
        routes=routes, exception_handlers={SitwellError: _refused, Exception: _failed, HTTPException: _missing}
    )


class _Api:
    """One method an address."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def studio(self, _: Request) -> Response:
        models = await run_in_threadpool(self._desk.model_names)
        return JSONResponse({
            "version": __version__, "schema": plan_schema(), "wishes": Wishes.schema(), "methods": METHODS,
            "default_method": DEFAULT_METHOD, "models": models, "exports": KINDS, "example": self._desk.has_example,
            "limits": {"bytes": MAX_BYTES, "seconds": MAX_SECONDS},
        })  # fmt: skip

    async def projects(self, request: Request) -> Response:
        if request.method == "GET":
            return JSONResponse(await run_in_threadpool(self._desk.projects.all))
        name = str((await _json(request)).get("name", ""))
        project = await run_in_threadpool(self._desk.projects.create, name)
        return JSONResponse(project.to_dict(), status_code=201)

    async def example(self, _: Request) -> Response:
        project = await run_in_threadpool(self._desk.make_example)
        return JSONResponse(project.to_dict(), status_code=201)

    async def presets(self, _: Request) -> Response:
        return JSONResponse(await run_in_threadpool(self._desk.presets.all))

    async def preset(self, request: Request) -> Response:
        name = request.path_params["name"]
        if request.method == "PUT":
            await run_in_threadpool(self._desk.presets.save, name, await _json(request))
        else:
            await run_in_threadpool(self._desk.presets.remove, name)
        return Response(status_code=204)

    async def project(self, request: Request) -> Response:
        name = request.path_params["project"]
        if request.method == "GET":
            return JSONResponse((await run_in_threadpool(self._desk.projects.open, name)).to_dict())
        if request.method == "DELETE":
            await run_in_threadpool(self._desk.remove, name)
            return Response(status_code=204)
        body = await _json(request)
        doc, revision = body.get("doc"), body.get("revision")
        if not isinstance(doc, dict) or not isinstance(revision, int):
            raise InputError("studio.request", "a project is saved as an object `doc` and a number `revision`")
        project = await run_in_threadpool(self._desk.projects.save, name, doc, revision)
        self._desk.hub(name).tell({"kind": "saved", "revision": project.state["revision"], "by": body.get("by")})
        return JSONResponse({"revision": project.state["revision"]})

    async def upload(self, request: Request) -> Response:
        name, part = request.path_params["project"], _part(request)
        project = await run_in_threadpool(self._desk.projects.open, name)
        title = request.query_params.get("name", "")
        place = self._desk.projects.place(project, part, title)
        await receive(request, place, most_bytes=MAX_BYTES, check=lambda file: self._desk.probe(file, title))
        project = await run_in_threadpool(self._desk.adopt, name, part, place, title)
        return JSONResponse(project.to_dict())

    async def events(self, request: Request) -> Response:
        name = request.path_params["project"]
        await run_in_threadpool(self._desk.projects.open, name)
        return StreamingResponse(self._desk.hub(name).follow(), media_type="text/event-stream")

    async def sounds(self, request: Request) -> Response:
        return await self._ask(request, Song.overview)

    async def analysis(self, request: Request) -> Response:
        return await self._ask(request, lambda song: song.analysis())

    async def decide(self, request: Request) -> Response:
        wishes = self._desk.wishes(await _json(request))
        return await self._ask(request, lambda song: song.decide(wishes))

    async def listen(self, request: Request) -> Response:
        body = await _json(request)
        plan, refine = MixPlan.from_dict(body.get("plan")), bool(body.get("refine"))
        return await self._ask(request, lambda song: song.listen(plan, refine=refine))

    async def sound(self, request: Request) -> Response:
        return JSONResponse((await self._sound(request)).to_dict())

    async def samples(self, request: Request) -> Response:
        sound = await self._sound(request)
        headers = {"content-length": str(sound.nbytes)}
        return StreamingResponse(_each(sound.chunks()), media_type="application/octet-stream", headers=headers)

    async def peaks(self, request: Request) -> Response:
        sound = await self._sound(request)
        return Response(sound.peaks.tobytes(), media_type="application/octet-stream")

    async def export(self, request: Request) -> Response:
        name, body = request.path_params["project"], await _json(request)
        plan = MixPlan.from_dict(body.get("plan"))
        project = await run_in_threadpool(self._desk.projects.open, name)
        song = await run_in_threadpool(self._desk.song, name)
        made = await run_in_threadpool(
            export, project, song, plan, str(body.get("kind")), str(body.get("format") or "wav")
        )
        return JSONResponse({"file": made.name}, status_code=201)

    async def download(self, request: Request) -> Response:
        project = await run_in_threadpool(self._desk.projects.open, request.path_params["project"])
        name = request.path_params["name"]
        file = project.folder / "exports" / name
        if Path(name).name != name or name.startswith(".") or not file.is_file():
            raise HTTPException(404)
        return FileResponse(file, filename=name, media_type="application/octet-stream")

    async def _ask(self, request: Request, question: Callable[[Song], Json]) -> Response:
        return JSONResponse(await self._song(request, question))

    async def _sound(self, request: Request) -> Sound:
        return await run_in_threadpool(self._desk.sound, request.path_params["project"], _part(request))

    async def _song(self, request: Request, question: Callable[[Song], Any]) -> Any:
        song = await run_in_threadpool(self._desk.song, request.path_params["project"])
        return await run_in_threadpool(question, song)


def _each(chunks: list[memoryview]) -> Iterator[memoryview]:
    yield from chunks


def _part(request: Request) -> str:
    part: str = request.path_params["part"]
    if part not in PARTS:
        raise HTTPException(404)
    return part


async def _json(request: Request) -> Json:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MOST_JSON:
            raise InputError("studio.too_large", f"more than {_MOST_JSON // 2**20} MB of JSON")
    try:
        value = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InputError("studio.request", "the request must be one JSON object")
    return value


def _refused(_: Request, error: Exception) -> Response:
    """Answer what a caller can cause: code and sentence."""
    assert isinstance(error, SitwellError)
    if isinstance(error, Superseded):
        return Response(status_code=204)
    return JSONResponse({"code": error.code, "message": error.message}, status_code=_status(error))


def _status(error: SitwellError) -> int:
    by_code = {"project.not_found": 404, "project.changed": 409, "studio.too_large": 413, "output.disk_full": 507}
    if error.code in by_code:
        return by_code[error.code]
    match error:
        case OutputError():
            return 500
        case _:
            return 422


def _missing(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"code": "studio.no_such_thing", "message": "there is nothing here"}, error.status_code)


def _failed(_: Request, error: Exception) -> Response:
    """Answer what is a fault of ours, or too much for this machine, without a traceback."""
    if isinstance(error, MemoryError):
        return JSONResponse({"code": "memory", "message": "not enough memory; close other programs"}, 507)
    what = f"{type(error).__name__}; start Sitwell with SITWELL_DEBUG=1 and report what it prints"
    return JSONResponse({"code": "internal", "message": f"this is a fault of Sitwell: {what}"}, status_code=500)
