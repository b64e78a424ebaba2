"""The map: how many of the records that a filter finds lie in each square of the National Grid.

It needs no tiles, no provider and no script: the server counts and draws, a table beside it says the same, and every
square leads to its records. A council's own map pictures lie behind the squares, where there are some. What pupils
recorded is never on it (MT3, MT17).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from .. import grid, listings, saved
from ..forms import Forms
from ..grid import Square
from ..listings import Located, Wanted
from ..models import Device, Person, Role, SavedFilter
from ..people import May
from ..problems import NotFound
from . import background, map_drawing
from .filters import Filter, filter_from, filter_of
from .map_drawing import Known
from .pages import page
from .records import Chip, Facet, chips_of, deciders, devices_of, facets_of
from .session import office_of, person_required
from .tasks import today
from .words import date_words, plural

PATH = "/desk/map"
OFFERED = (100, 250, 500)  # metres: the sides of the squares that somebody may choose
MOST_ACROSS = 22  # squares; more could not carry a number that is read
MOST_ROWS = 100  # of the table
USUAL_DAYS = 28  # of a map that nobody gave a period
FEW = 3  # reports of anti-social behaviour: fewer on paper could point at somebody's door
NEAR_PEOPLE = "asb"
KNOWN = ("schools", "hut_rows", "parks")  # the lists whose places are on the map, in the order of what gets a label


@dataclass(frozen=True)
class Cell:
    """A square with what lies in it."""

    square: Square
    number: int
    before: int | None  # in the period before; none where there is no such period
    is_few: bool  # not to be printed
    address: str

    @property
    def change(self) -> str:
        return changed(self.number, self.before)


@dataclass(frozen=True)
class Map:
    cells: list[Cell]  # most first
    side: int
    are_clusters: bool  # larger than what was chosen, for all would not fit: a square leads to a closer look
    total: int  # on the map
    placeless: int
    cut: bool  # there are more than were counted
    before: tuple[date, date] | None  # the period that this one is compared with
    before_total: int | None
    drawing: map_drawing.Drawing | None
    chips: list[Chip]
    facets: list[Facet]
    are_all: bool  # whether the facets count every record
    devices: list[Device]
    people: list[Person]
    saved: list[tuple[SavedFilter, str]]


@person_required(May.READ_RECORDS)
async def show(request: Request) -> Response:
    office = office_of(request)
    on = today(office)
    if not request.query_params:
        since = on - timedelta(days=USUAL_DAYS - 1)
        return RedirectResponse(f"{PATH}?from={since}&to={on}", status_code=303)
    chosen, side = filter_of(request), side_of(request)

    def read() -> Map:
        with office.database.reading() as session:
            return view(session, request, chosen, side, on)

    found = await run_in_threadpool(read)
    spans = [(name, spanned(chosen, on, days)) for name, days in SPANS]
    return page(
        request,
        "map.html",
        map=found,
        chosen=chosen,
        side=side,
        offered=OFFERED,
        spans=[(name, one.address(PATH, size=side), one == chosen) for name, one in spans],
        title=title_of(found),
        rows=found.cells[:MOST_ROWS],
        few=FEW,
    )


def side_of(request: Request) -> int:
    """Errors: NotFound."""
    given = request.query_params.get("size") or str(OFFERED[0])
    if given not in map(str, OFFERED):
        raise NotFound
    return int(given)


SPANS = (("28 days", 28), ("12 weeks", 84), ("A year", 365), ("All", None))


def spanned(chosen: Filter, on: date, days: int | None) -> Filter:
    """The same filter over another time that ends today."""
    since = on - timedelta(days=days - 1) if days else None
    return chosen.but(since=since, until=on if days else None)


def view(session: Session, request: Request, chosen: Filter, side: int, on: date) -> Map:
    office, forms = office_of(request), office_of(request).forms
    wanted, hidden = chosen.wanted, of_pupils(forms)
    earlier = before(wanted, on)
    drawn, here, *then = counted(session, [one for one in (wanted, earlier) if one], side, hidden)
    numbers, older = of_squares(here, drawn), of_squares(then[0], drawn) if then else Counter[Square]()
    near_people = {grid.around(square, drawn) for form_id, square in here.numbers if form_id == NEAR_PEOPLE}
    cells = [
        Cell(
            square=square,
            number=numbers[square],
            before=older[square] if earlier else None,
            is_few=numbers[square] < FEW and square in near_people,
            address=leads_to(chosen, square, side, closer=drawn > side),
        )
        for square in {**numbers, **older}
    ]
    cells.sort(key=lambda cell: (-cell.number, -(cell.before or 0), cell.square))
    among = listings.facets(session, wanted)
    shown = replace(among, forms={form: number for form, number in among.forms.items() if form not in hidden})

    def on_map(one: Filter) -> str:
        return one.address(PATH, size=side)

    return Map(
        cells=cells,
        side=drawn,
        are_clusters=drawn > side,
        total=numbers.total(),
        placeless=here.placeless,
        cut=not all(one.is_all for one in (here, *then)),
        before=(earlier.since, earlier.until) if earlier and earlier.since and earlier.until else None,
        before_total=older.total() if earlier else None,
        drawing=map_drawing.draw(cells, drawn, known_places(forms), background.of(office)) if cells else None,
        chips=chips_of(session, forms, chosen, on_map),
        facets=facets_of(forms, chosen, shown, on_map),
        are_all=among.is_all,
        devices=devices_of(session),
        people=deciders(session),
        saved=[(one, on_map(filter_from(one.query, wanted.zone))) for one in saved.of(session, request.state.person)],
    )


# Counting ---------------------------------------------------------------------------------------------------------


def of_pupils(forms: Forms) -> set[str]:
    """The forms that pupils fill."""
    return {form.form_id for form in forms if Role.PUPIL in form.audience}


def counted(
    session: Session, wanted: Sequence[Wanted], side: int, hidden: set[str]
) -> tuple[int, *tuple[Located, ...]]:
    """The side of the squares that are drawn, and what lies in each under each filter.

    A whole district is counted by its square kilometres; where smaller squares may fit on the map, by smaller ones,
    for then there are few kilometres.
    """
    for each in (grid.AREA, grid.BLOCK, grid.CELL) if wanted[0].is_tallied_by_square else (grid.CELL,):
        found = [listings.located(session, one, each, without=hidden) for one in wanted]
        if drawn_side(found, side, less=each) % each == 0:
            break
    return drawn_side(found, side), *found


def of_squares(found: Located, side: int) -> Counter[Square]:
    numbers = Counter[Square]()
    for (_, square), number in found.numbers.items():
        numbers[grid.around(square, side)] += number
    return numbers


def before(wanted: Wanted, on: date) -> Wanted | None:
    """The same filter over as many days just before; none when the filter has no first day."""
    if wanted.since is None:
        return None
    until = wanted.until or on
    days = max((until - wanted.since).days + 1, 1)
    try:
        return (
            Filter(wanted).but(since=wanted.since - timedelta(days=days), until=wanted.since - timedelta(days=1)).wanted
        )
    except OverflowError:
        return None  # the year 1 has none before it


def drawn_side(found: Sequence[Located], side: int, *, less: int = 0) -> int:
    """The side that was chosen, or the smallest larger one whose squares fit on the map. `less` is by how many metres
    they may lie closer together than their squares."""
    squares = {square for one in found for _, square in one.numbers} or {Square(0, 0, grid.CELL)}
    wide = max(one.easting for one in squares) - min(one.easting for one in squares) - less
    high = max(one.northing for one in squares) - min(one.northing for one in squares) - less
    larger = [one for one in grid.SIDES if one >= side]
    return next((one for one in larger if max(wide, high / map_drawing.SHAPE) / one <= MOST_ACROSS), larger[-1])


def leads_to(chosen: Filter, square: Square, side: int, *, closer: bool) -> str:
    """Closer by one look, or to the records themselves."""
    there = chosen.but(square=square)
    return there.address(PATH, size=side) if closer else there.address("/desk/records")


def known_places(forms: Forms) -> list[Known]:
    found = []
    for name in KNOWN:
        for row in forms.lists.get(name, ()):
            try:
                easting, northing = grid.metres(float(row.get("latitude", "")), float(row.get("longitude", "")))
            except ValueError:
                continue
            if not row.get("withdrawn"):
                found.append(Known(row["label"], easting, northing))
    return found


# In words ---------------------------------------------------------------------------------------------------------


def changed(number: int, before: int | None) -> str:
    """How a number stands to the one before it."""
    if before is None:
        return ""
    if before == 0:
        return "new"
    if number == before:
        return "as before"
    return f"{'up' if number > before else 'down'} {abs(number - before):,} from {before:,}"


def title_of(found: Map) -> str:
    """The sentence above the map."""
    if not found.total:
        return "No record here says where it was."
    top = found.cells[0]
    squares = sum(1 for cell in found.cells if cell.number)
    kind = f"{plural(squares, 'square')} of {top.square.size}"
    said = f"{plural(found.total, 'record')} in {kind}, most in {top.square.words} ({top.number:,})."
    if found.before is not None and found.before_total is not None:
        since, until = found.before
        change = changed(found.total, found.before_total).replace("new", "up from none")
        said += f" {change[:1].upper()}{change[1:]}, {date_words(since)} to {date_words(until)}."
    return said
