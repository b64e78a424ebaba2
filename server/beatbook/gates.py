"""Gates: what every request passes through on its way in, and every answer on its way out."""

import asyncio
import ipaddress
import time
from collections.abc import MutableMapping
from functools import cache
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.datastructures import Headers as RequestHeaders
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .desk import problem as problem_page
from .office import Office
from .problems import (
    BadHost,
    CrossSite,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooSlow,
    UploadTooLarge,
    all_problems,
)
from .settings import Settings

log = structlog.get_logger()

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
OWN_SITE = frozenset({"same-origin", "none"})  # none: typed or from a bookmark
PROTECTION = {
    "content-security-policy": "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' blob:",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "require-trusted-types-for 'script'",
        )
    ),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}
MAP = "/desk/map"  # the one page whose pictures a council may fetch from elsewhere
TWO_YEARS = "max-age=63072000; includeSubDomains"


class Headers:
    """Says who answers, and how a browser must handle it."""

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self.app = app
        self.office = office
        self.on_map = on_map(office.settings.map_origin)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.add(MutableHeaders(scope=message), scope["path"], message["status"])
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        except Problem as problem:  # from a gate further in, which stands outside the app's own handlers
            answer = await answer_problem(Request(scope), problem)
            await answer(scope, receive, send_with_headers)

    def add(self, headers: MutableHeaders, path: str, status: int) -> None:
        headers["Beatbook-Server"] = self.office.server_id
        for name, value in (self.on_map if path == MAP else PROTECTION).items():
            headers.setdefault(name, value)
        if self.office.settings.is_https:
            headers.setdefault("strict-transport-security", TWO_YEARS)
        if path.startswith("/desk/static/") and status == 200:  # their addresses carry a hash of their content
            headers.setdefault("cache-control", "public, max-age=31536000, immutable")
        elif path.startswith(("/api/", "/desk")):
            headers.setdefault("cache-control", "no-store")


def on_map(origin: str) -> dict[str, str]:
    """The protection of the map's page. Pictures from elsewhere come without cookies, and providers that ask who
    shows their maps hear this server's name and no more.
    """
    if not origin:
        return PROTECTION
    policy = PROTECTION["content-security-policy"].replace("img-src 'self' blob:", f"img-src 'self' {origin}")
    return PROTECTION | {
        "content-security-policy": policy,
        "cross-origin-embedder-policy": "credentialless",
        "referrer-policy": "strict-origin",
    }


class Guard:
    """Refuses other names for this server, and changes asked for by other sites."""

    def __init__(self, app: ASGIApp, office: Office) -> None:
        self.app = app
        self.names = names_of(office.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = RequestHeaders(scope=scope)
            if not self.is_ours(headers.get("host", "")):
                raise BadHost
            if scope["method"] not in SAFE_METHODS and headers.get("sec-fetch-site", "none") not in OWN_SITE:
                raise CrossSite
        await self.app(scope, receive, send)

    def is_ours(self, host: str) -> bool:
        """A name that was configured, or a plain address: a rebinding attack needs a name of its own."""
        name = host.rsplit(":", 1)[0] if not host.endswith("]") else host
        name = name.strip("[]").lower()
        return name in self.names or is_address(name)


def names_of(settings: Settings) -> frozenset[str]:
    link = settings.link.split("://", 1)[1].rsplit(":", 1)[0]
    more = settings.allowed_hosts.split(",")
    return frozenset(name.strip().lower() for name in ("localhost", link, *more) if name.strip())


def is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


class Deadlines:
    """Gives a body so long and no longer; uvicorn itself would wait for ever."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = RequestHeaders(scope=scope).get("content-length", "")
        if announced.isdigit() and int(announced) > self.settings.max_body:
            raise UploadTooLarge
        began, size, is_whole = time.monotonic(), 0, False

        async def receive_in_time() -> MutableMapping[str, Any]:
            nonlocal size, is_whole
            if is_whole:  # what comes now is that the other side leaves, in its own time
                return await receive()
            left = began + self.allowed(size) - time.monotonic()
            try:
                message = await asyncio.wait_for(receive(), max(left, 0.001))
            except TimeoutError as error:
                raise TooSlow from error
            size += len(message.get("body", b""))
            is_whole = not message.get("more_body", False)
            return message

        await self.app(scope, receive_in_time, send)

    def allowed(self, size: int) -> float:
        """Seconds for a body of which `size` bytes have come."""
        return self.settings.body_seconds + size / self.settings.body_bytes_per_second


# Answers ---------------------------------------------------------------------------------------------------------


async def answer_problem(request: Request, error: Exception) -> Response:
    """A problem as JSON for devices and as a page for people."""
    assert isinstance(error, Problem)
    log.info("refused", path=route_of(request), slug=error.slug, status=error.status, ref=error.ref)
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(error.retry_after)
    if error.close:
        headers["connection"] = "close"
    if request.scope["path"].startswith("/desk"):
        return problem_page.show(request, error, headers=headers)
    return JSONResponse(
        error.to_wire(), status_code=error.status, headers=headers, media_type="application/problem+json"
    )


def route_of(request: Request) -> str:
    """The path for the log, in the words of our own routes: the rest is a code, a number, or what somebody typed."""
    ours = words_of(request.app)
    return "/".join(part if part in ours else "…" for part in request.scope["path"].split("/"))


@cache
def words_of(app: Starlette) -> frozenset[str]:
    found, waiting = {""}, list(app.routes)
    while waiting:
        route = waiting.pop()
        found |= {part for part in getattr(route, "path", "").split("/") if not part.startswith("{")}
        waiting += getattr(route, "routes", None) or []
    return frozenset(found)


async def not_found(request: Request, error: Exception) -> Response:
    return await answer_problem(request, NotFound())


async def not_allowed(request: Request, error: Exception) -> Response:
    answer = await answer_problem(request, MethodNotAllowed())
    answer.headers["allow"] = getattr(error, "headers", {}).get("Allow", "")
    return answer


async def fault(request: Request, error: Exception) -> Response:
    """A mistake of ours: the log has it whole, the answer says nothing of our inside."""
    problem = Problem()
    log.exception("fault", path=route_of(request), ref=problem.ref, exc_info=error)
    return await answer_problem(request, problem)


async def health(request: Request) -> PlainTextResponse:
    """GET /healthz"""
    return PlainTextResponse("ok")


async def explain(request: Request) -> PlainTextResponse:
    """GET /problems/{slug}: what the `type` of an answer means."""
    for kind in all_problems():
        if kind.slug == request.path_params["slug"]:
            return PlainTextResponse(f"{kind.title}\n\n{kind.detail}\n")
    raise NotFound
