"""The page of a problem: what happened, in plain words, and a way on."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from ..problems import Problem
from .pages import page

# What a device is told speaks of records on the device; at the desk it reads like this.
DESK_WORDS: dict[str, tuple[str, str]] = {
    "not-found": (
        "Page not found",
        "There is nothing at this address. If you typed it, check that it is right. If you followed a link, "
        "the record may have been removed.",
    ),
    "not-allowed": ("You cannot do that", "Your role does not include it. Ask an administrator if you need it."),
    "cross-site": (
        "That came from another site",
        "Beatbook only takes what was sent from its own pages. Go back to the page and try again there.",
    ),
    "bad-request": ("That could not be read", "Something was missing or too long. Go back and try again."),
    "code-unknown": ("This link does not work", "Its code is not in use. Check that you copied the whole link."),
    "code-used": ("This link was used already", "Each link works once. Ask for a new one."),
    "code-expired": ("This link is too old", "A link ends after a while, in case it is lost. Ask for a new one."),
    "too-many-tries": ("Too many tries", "Wait a minute, then try again. This protects everybody's sign-in."),
    "server-full": ("The server is full", "Nothing can be saved until there is space again. Tell your administrator."),
    "storage-fault": ("The server cannot save", "Nothing was changed. Tell your administrator."),
    "server-error": (
        "Something went wrong",
        "The mistake is ours, and nothing was changed. Try again; if it stays, tell your administrator.",
    ),
}


def show(request: Request, problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """Asks the database nothing, for that may be what is in trouble."""
    title, detail = DESK_WORDS.get(problem.slug, (problem.title, problem.detail))
    response = page(request, "problem.html", status=problem.status, problem=problem, title=title, detail=detail)
    response.headers.update(headers or {})
    return response
