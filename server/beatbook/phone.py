"""Phone: the built app for phones and tablets, as files; a plain page where it could not be built."""

from html import escape
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from . import web_app

FOR_EVER = "public, max-age=31536000, immutable"  # names under /assets carry a hash of their content
MISSING = """<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>Beatbook</title>
<h1>Beatbook is running</h1><p>The app for phones is not here yet. {why}</p>
<p>The <a href="/desk/">desk</a> works.</p>"""


async def files(scope: Scope, receive: Receive, send: Send) -> None:
    await answer(scope)(scope, receive, send)


def answer(scope: Scope) -> Response:
    """Errors: HTTPException 404 and 405, which the app turns into problems."""
    if scope["method"] not in ("GET", "HEAD"):
        raise HTTPException(405, headers={"Allow": "GET, HEAD"})
    folder, path = web_app.folder(), scope["path"].lstrip("/") or "index.html"
    if folder is None and path == "index.html":
        return HTMLResponse(MISSING.format(why=escape(web_app.why_missing())), status_code=503)
    file = inside(folder, path) if folder else None
    if file is None:
        raise HTTPException(404)
    return FileResponse(file, headers={"cache-control": FOR_EVER if path.startswith("assets/") else "no-cache"})


def inside(folder: Path, path: str) -> Path | None:
    """The file of that path, if it lies in the folder and is not hidden."""
    if "\0" in path:
        return None
    file = (folder / path).resolve()
    hidden = any(part.startswith(".") for part in Path(path).parts)
    return file if file.is_relative_to(folder.resolve()) and file.is_file() and not hidden else None
