"""The example district's tasking group: a meeting whose minutes are released, and the next one, whose packs go out."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from .. import agencies, events, exports, hotspots, meetings, papers, shares, tasking
from ..meetings import Attending, Planning
from ..models import Basis, Gateway, ItemKind, Meeting, MeetingState, Person, Presence, TaskingItem
from ..office import Office
from ..shares import Sharing
from ..tasking import Ordering

Deed = tuple[datetime, Callable[[Session], None]]

LAST_WAS = timedelta(days=13)  # so that the next one is tomorrow
CHAIR, MINUTER, ROOM = "Kerry", "Sarah", "Council offices, room 2, or online"
SORRY = {"university": Presence.APOLOGY, "street_pastors": Presence.APOLOGY, "nhs": Presence.APOLOGY}
ONLINE = {"probation", "housing"}
FIRST_GIVEN = ("csu", "police", "wardens", "housing")  # packs of the next meeting that are out already

# What was said about an item, by the beginning of its title, and what was decided.
SAID = {
    "R.T.": ("Housing knows the flat; the neighbour was written to. R.T. would like one person to ring.",
             "Housing keeps in touch and looks in each week"),
    "Gate of Northbrook": ("Worst on Fridays. The school will stand at the gate with us.",
                           "Pupils' session, then two counts"),
    "Beach huts": ("All in the dark, all by the path. Owners do not know whom to tell.",
                   "Evening walks, and a letter to every owner"),
    "Millbrook Gardens": ("The light by the weir has been out since August.", "Visit, and ask for the light"),
    "Cigarette ends": ("Fewer since the bins went up.", "Watch it for a month"),
}  # fmt: skip


def deeds(office: Office, person: Person, *, now: datetime) -> list[Deed]:
    """Both meetings, each step at its time."""
    zone = ZoneInfo(office.settings.time_zone)
    held = datetime.combine((now - LAST_WAS).astimezone(zone).date(), time(10), zone).astimezone(UTC)
    following = datetime.combine((held + meetings.EVERY).astimezone(zone).date(), time(10), zone).astimezone(UTC)
    week = held.astimezone(zone).isocalendar().week
    first, second = (f"NTG-{held.astimezone(zone).year}-{number}" for number in (week // 2, week // 2 + 1))
    group = Group(office, person, zone)
    asked, lately = held - timedelta(hours=20), now - timedelta(hours=3)
    return [
        (asked, lambda session: group.send_round(session, first, held, asked)),
        (held, lambda session: group.hold(session, first, held, following)),
        (held + timedelta(minutes=75), lambda session: group.release(session, first, held + timedelta(minutes=75))),
        (lately, lambda session: group.send_some(session, second, following, lately)),
    ]


class Group:
    """Kerry, who chairs, and what she does."""

    def __init__(self, office: Office, person: Person, zone: ZoneInfo) -> None:
        self.office, self.person, self.zone = office, person, zone
        self.forms = office.forms
        self.own = agencies.own(office.forms, office.settings.unit)

    def plan(self, session: Session, number: str, held: datetime, now: datetime) -> Meeting:
        planning = Planning(number, held, CHAIR, MINUTER, ROOM)
        return meetings.plan(session, self.forms, planning, person=self.person, now=now)

    def send_round(self, session: Session, number: str, held: datetime, now: datetime) -> None:
        meeting = self.plan(session, number, held, now)
        self.share(session, meeting, ("police", "housing"), now, gateway=Gateway.S115)
        self.give(session, meeting, papers.PACK, now)
        self.move(session, number, MeetingState.PACK_SENT, now)

    def send_some(self, session: Session, number: str, held: datetime, now: datetime) -> None:
        """The packs of the next meeting, so far to those who are near."""
        meeting = self.plan(session, number, held, now)
        self.give(session, meeting, papers.PACK, now, FIRST_GIVEN)
        self.move(session, number, MeetingState.PACK_SENT, now)

    def hold(self, session: Session, number: str, now: datetime, following: datetime) -> None:
        self.move(session, number, MeetingState.OPEN, now)
        meeting = meetings.get(session, number)
        came = {one.id: self.attending(one.agency) for one in papers.seats_of(session, number)}
        meetings.attend(session, number, came, person=self.person, now=now)
        at = now
        for _, item in papers.agenda_of(session, number):
            at += timedelta(minutes=6)
            self.take(session, number, item, following, at)
        self.share(
            session, meeting, ("outreach",), at, gateway=Gateway.SAFEGUARDING, basis=Basis.PUBLIC_INTEREST,
            summary="That help is wanted, and by whom", destroy_by=(now + timedelta(days=7)),
        )  # fmt: skip
        told = {"csu", "police", "housing", "outreach"}
        rest = tuple(dict.fromkeys(one.agency for one in meetings.here(session, number) if one.agency not in told))
        self.share(session, meeting, rest, at, summary="How often it happened")
        notes = {
            "previous_ok": True,
            "hotspots_said": "The weir is new on the list; the light comes first.",
            "plans_said": "Freshers' week: an evening patrol on Thursday, and the stall on Wednesday.",
            "next_at": following,
        }
        meetings.write(session, number, notes, person=self.person, now=at)

    def take(self, session: Session, number: str, item: TaskingItem, following: datetime, now: datetime) -> None:
        said, decided = next((SAID[start] for start in SAID if item.title.startswith(start)), ("", ""))
        if said:
            meetings.take(session, self.forms, number, item.id, said, decided, person=self.person, now=now)
        if item.kind is ItemKind.VICTIM:
            due = following.astimezone(self.zone).date()
            ordering = Ordering("Ring each week and say how it goes", "Housing Options", "Mo A", due)
            tasking.order(session, item.id, ordering, person=self.person, now=now)
            session.flush()

    def release(self, session: Session, number: str, now: datetime) -> None:
        for state in (MeetingState.MINUTES_DRAFT, MeetingState.MINUTES_AGREED, MeetingState.RELEASED):
            self.move(session, number, state, now)
        self.give(session, meetings.get(session, number), papers.MINUTES, now)

    def share(
        self, session: Session, meeting: Meeting, to: tuple[str, ...], now: datetime, *, gateway: Gateway | None = None,
        basis: Basis = Basis.PUBLIC_TASK, summary: str = "Home address, and what was reported",
        destroy_by: datetime | None = None,
    ) -> None:  # fmt: skip
        """About the person at risk; depersonalised where no law is named."""
        about = next(item for _, item in papers.agenda_of(session, meeting.id) if item.kind is ItemKind.VICTIM)
        held_on = meeting.held_at.astimezone(self.zone).date()
        sharing = Sharing(
            item_id=about.id,
            from_agency="csu",
            to_agencies=to,
            summary=summary,
            depersonalised=gateway is None,
            gateway=gateway,
            purpose="So that somebody looks in, and the same is not asked twice",
            basis=basis,
            decided_by=CHAIR,
            destroy_by=destroy_by.date() if destroy_by else shares.half_a_year_after(held_on),
        )
        shares.record(session, self.forms, meeting, sharing, person=self.person, now=now)

    def give(
        self, session: Session, meeting: Meeting, which: str, now: datetime, to: tuple[str, ...] | None = None
    ) -> None:
        """To each agency what it may see."""
        whole = papers.whole(session, self.forms, meeting, self.spots(session, meeting, now), now=now)
        known = agencies.register(self.forms)
        invited = dict.fromkeys(one.agency for one in papers.seats_of(session, meeting.id))
        on = now.astimezone(self.zone).date()
        for name in to or invited:
            seen = papers.for_agency(session, whole, known[name], own=self.own, on=on)
            marking = exports.SENSITIVE if seen.is_sensitive else exports.OFFICIAL
            digest = events.digest_of(papers.frozen(seen))
            papers.give(
                session, seen, which, name, how=papers.FILE, marking=marking, digest=digest,
                actor=f"person:{self.person.id}", now=now,
            )  # fmt: skip

    def move(self, session: Session, number: str, to: MeetingState, now: datetime) -> None:
        spots = self.spots(session, meetings.get(session, number), now) if to is MeetingState.PACK_SENT else ()
        meetings.move(session, self.forms, number, to, person=self.person, now=now, own=self.own, spots=spots)

    def spots(self, session: Session, meeting: Meeting, now: datetime) -> list[papers.Spot]:
        if meeting.hotspots is not None:
            return papers.spots_of(meeting, ())
        found = hotspots.candidates(session, self.forms, now=now, zone=self.zone, most=papers.MOST_HOTSPOTS)
        return papers.spots_of(meeting, found.shown)

    def attending(self, agency: str) -> Attending:
        presence = SORRY.get(agency, Presence.ONLINE if agency in ONLINE else Presence.IN_PERSON)
        return Attending(presence, signed=presence is not Presence.APOLOGY)
