"""Home: where somebody lands who types the desk's bare address."""

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .session import HOME


async def show(request: Request) -> Response:
    return RedirectResponse(HOME, status_code=303)
