"""Card: one piece of advice on a public page, opened by the square on an officer's phone. Nobody is followed there."""

from starlette.requests import Request
from starlette.responses import Response

from ..advice import AUDIENCES, SCHOOLS
from .pages import page
from .session import office_of
from .tasks import today


async def show(request: Request) -> Response:
    office, code = office_of(request), request.path_params["code"]
    card = office.cards.find(code.upper())
    if card is None:
        return page(request, "card_missing.html", status=404)
    chosen = request.query_params.get("school")
    school = next((row for row in office.forms.lists.get(SCHOOLS, ()) if row["name"] == chosen), None)
    said = card.said(today(office), school)
    return page(request, "card.html", card=card, said=said, school=school, audiences=AUDIENCES)
