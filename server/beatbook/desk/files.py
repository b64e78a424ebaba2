"""Files: the desk's styles and scripts: ours, those that Vite built, and the council's colour."""

import hashlib
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, Response

from .. import web_app
from .session import office_of

FOLDER = Path(__file__).parent / "static"
COLOUR = "council.css"


async def show(request: Request) -> Response:
    """Errors: HTTPException 404, which the app turns into a problem."""
    name = request.path_params["name"]
    if name == COLOUR:
        return Response(colour_css(office_of(request).settings.colour), media_type="text/css")
    file = path_of(name)
    if file is None:
        raise HTTPException(404)
    return FileResponse(file)


def address(name: str, colour: str = "") -> str:
    """Where a file is fetched from. The address changes with the file, so that a browser never keeps an old one."""
    return f"/desk/static/{name}?v={colour.lstrip('#') if name == COLOUR else version_of(name)}"


def path_of(name: str) -> Path | None:
    """Ours first. What Vite builds is missing where there is no Node: the pages then look plain, and work."""
    built = web_app.folder()
    folders = (FOLDER, built / "desk") if built else (FOLDER,)
    return next((folder / name for folder in folders if name[:1] != "." and (folder / name).is_file()), None)


@cache
def version_of(name: str) -> str:
    file = path_of(name)
    return hashlib.sha256(file.read_bytes()).hexdigest()[:12] if file else "missing"


def colour_css(colour: str) -> str:
    """The council's colour, from which the style sheets mix its darker and lighter shades."""
    return f":root {{ --primary: {colour}; --govuk-brand-colour: {colour}; }}\n"
