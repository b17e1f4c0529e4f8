"""Lets in only who has the address with its token, from this machine, and sends a strict policy along."""

import hmac
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = "; ".join([
    "default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'", "connect-src 'self'",
    "img-src 'self' data:", "worker-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
])  # fmt: skip
_HEADERS = {
    "content-security-policy": _POLICY,
    "permissions-policy": "microphone=(self), camera=(), geolocation=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-store",
}
_SAFE = ("GET", "HEAD")


class Guard:
    """Wraps the app: it sees only requests to `/TOKEN/...`, without the token.

    The host must be one of `hosts` (a name that was rebound to this machine is refused), and what changes
    something must come from the page itself. A wrong address is answered as if nothing were there.
    """

    def __init__(self, app: ASGIApp, *, token: str, hosts: Collection[str]) -> None:
        self._app, self._token, self._hosts = app, token.encode(), frozenset(hosts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            await refusal(scope, receive, sealed)
            return
        inner = "/" + scope["path"].split("/", 2)[2]
        await self._app({**scope, "path": inner, "raw_path": inner.encode()}, receive, sealed)

    def _refusal(self, scope: Scope) -> PlainTextResponse | None:
        headers = Headers(scope=scope)
        host = headers.get("host", "")
        if host not in self._hosts:
            return PlainTextResponse("Sitwell answers on this machine only.", status_code=421)
        parts = scope["path"].split("/", 2)
        if len(parts) < 3 or not hmac.compare_digest(parts[1].encode(), self._token):
            return PlainTextResponse("Open the address that Sitwell printed when it started.", status_code=404)
        if scope["method"] not in _SAFE and not _from_here(headers, host):
            return PlainTextResponse("Only Sitwell's own page may do this.", status_code=403)
        return None


def _from_here(headers: Headers, host: str) -> bool:
    """Tell whether a request that changes something comes from the page, or from no browser at all."""
    if headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return headers.get("origin", f"http://{host}") == f"http://{host}"
