"""Rehearsal: one form file, checked for its author, or shown in the real app on a server that keeps nothing.

The preview is Beatbook itself with a data folder that goes when it stops, a phone that is set up already and this form
alone. Every time its page is loaded the file is read again and what the browser kept of the last look is cleared.
"""

import socket
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import uvicorn
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from . import advice, logs, people
from .api import cookie_name
from .app import create_app
from .forms import Form, FormError, Forms, load_one
from .forms.effort import (
    PUPILS_READING_AGE,
    READING_AGE,
    effort,
    long_labels,
    questions,
    reading_age,
    texts_of,
)
from .forms.people import unmarked
from .models import Role
from .office import Office, open_office
from .serving import say
from .settings import Settings

MARKER = "beatbook-marker=preview; path=/; samesite=strict"  # the app asks the server who it is when it sees this


def report(file: Path, shipped: Path) -> Iterator[str]:
    """What an author wants to know of a form that is fine. Errors: FormError, OSError."""
    form, forms = load_one(file, shipped)
    yield f"{file.name}: {form.title}, version {form.version}, is fine."
    yield from facts(form, forms)


def facts(form: Form, forms: Forms) -> Iterator[str]:
    needs = effort(form, forms, datetime.now(UTC))
    yield f"Questions: {questions(form)}, of which {needs.asked} must be answered on the shortest way."
    typed = f", and {needs.typed} to type" if needs.typed else ", nothing to type"
    yield f"Shortest way: {needs.taps} taps from the home screen to Finish{typed}."
    age, wanted = reading_age(texts_of(form)), PUPILS_READING_AGE if "pupil" in form.audience else READING_AGE
    if age is not None:
        yield f"Reading age of its words: about {age}{'' if age <= wanted else f'; aim for {wanted}'}."
    for label in long_labels(form):
        yield f"Long to read walking: {label}"
    for field in unmarked(form):
        asked = f"field {field.name}, {field.label or 'without a label'}"
        yield f"Does it tell who somebody is, or how they are? {asked}. Then add personal = true."
    for flag in form.flags:
        yield f"Flag: {flag.label} ({flag.level}{', to ' + ', '.join(flag.to) if flag.to else ''})."


def serve(file: Path, shipped: Path, port: int | None = None) -> int:
    """Show a form until told to stop. Errors: FormError, OSError."""
    load_one(file, shipped)
    logs.set_up("ERROR")
    with tempfile.TemporaryDirectory(prefix="beatbook-preview-") as folder:
        settings = Settings(
            data=Path(folder), host="127.0.0.1", port=port or free_port(), forms=empty(Path(folder)), log_level="ERROR"
        )
        office = open_office(settings)
        preview = Preview(create_app(office), office, file, shipped)
        say(f"\n{file.name} as on a phone: {settings.link}/preview\n")
        say("  Change the file and load the page again. Nothing that is recorded there is kept.")
        say("  Stop with Ctrl+C.\n")
        config = uvicorn.Config(preview, host=settings.host, port=settings.port, log_level="error", lifespan="on")
        uvicorn.Server(config).run()
    return 0


class Preview:
    """The app with one page more, which may show it in a frame."""

    def __init__(self, app: ASGIApp, office: Office, file: Path, shipped: Path) -> None:
        self.app, self.office, self.file, self.shipped = app, office, file, shipped

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self.answer(scope)
        if answer is not None:
            await answer(scope, receive, send)
            return

        async def send_framed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.get("content-security-policy", "")
                headers["content-security-policy"] = policy.replace("frame-ancestors 'none'", "frame-ancestors 'self'")
            await send(message)

        await self.app(scope, receive, send_framed)

    def answer(self, scope: Scope) -> Response | None:
        path = scope["path"] if scope["type"] == "http" else ""
        if path == "/preview":
            return self.page()
        if path == "/preview.css":
            return Response(CSS, media_type="text/css")
        return self.phone(Request(scope)) if path == "/preview/phone" else None

    def page(self) -> Response:
        """The file as it is now, in its frame; or what is wrong with it."""
        try:
            form, forms = load_one(self.file, self.shipped)
        except (FormError, OSError) as problem:
            return framed("Not yet", f"<p class='wrong'>{escape(str(problem))}</p>")
        form = replace(form, audience=(Role.OFFICER.value,))  # whoever it is for: this phone is an officer's
        alone = Forms([form], forms.lists, forms.settings, forms.infos)
        self.office.pack = self.office.forms = advice.with_cards(alone, self.office.cards)
        about = "".join(f"<li>{escape(line)}</li>" for line in facts(form, forms))
        answer = framed(
            f"{form.title}, version {form.version}",
            f"<ul>{about}</ul><p class='quiet'>Nothing that is recorded here is kept.</p>",
            f"<iframe title='Phone' width='390' height='780' src='/preview/phone?form={form.form_id}'></iframe>",
        )
        answer.headers["clear-site-data"] = '"storage"'
        return answer

    def phone(self, request: Request) -> Response:
        """A phone that is set up already, with the form open."""

        def enrol(session: Any) -> people.Enrolled:
            now = self.office.clock()
            invited = people.invite(session, Role.OFFICER, "Preview", minutes=1, now=now)
            return people.enrol(session, invited.code, now=now)

        enrolled = self.office.database.write(enrol)
        answer = RedirectResponse(f"/#/begin/{request.query_params.get('form', '')}", status_code=303)
        answer.set_cookie(cookie_name(self.office), enrolled.token, path="/", httponly=True, samesite="strict")
        answer.headers.append("set-cookie", MARKER)
        return answer


def framed(title: str, about: str, phone: str = "") -> HTMLResponse:
    page = (
        f"<!doctype html><html lang='en-GB'><head><meta charset='utf-8'><title>{escape(title)} - Preview</title>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        "<link rel='stylesheet' href='/preview.css'>"
        f"</head><body><main><h1>{escape(title)}</h1>{about}</main><div class='phone'>{phone}</div></body></html>"
    )
    policy = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'"
    return HTMLResponse(page, headers={"content-security-policy": policy, "cache-control": "no-store"})


def empty(folder: Path) -> Path:
    """A forms folder with nothing in it, to start from."""
    made = folder / "forms"
    made.mkdir()
    return made


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


CSS = """
body { display: flex; flex-wrap: wrap; gap: 3rem; justify-content: center; margin: 0; padding: 2rem;
  font: 1rem/1.45 system-ui, sans-serif; color: #0b0c0c; background: #f3f6f3; }
main { max-width: 24rem; }
h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.15; }
ul { padding-left: 1.25rem; }
li { margin-bottom: 0.5rem; }
.quiet { color: #3d4448; }
.wrong { padding: 1rem; border-left: 0.375rem solid #8f0015; background: #fcebec; font-weight: 600; }
.phone:empty { display: none; }
.phone { padding: 0.75rem; border-radius: 2.25rem; background: #1a211d; box-shadow: 0 1rem 2.5rem rgb(0 0 0 / 0.25); }
iframe { display: block; border: 0; border-radius: 1.5rem; background: #fff; max-width: 100%; }
"""
