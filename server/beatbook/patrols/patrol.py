"""Patrol: how one opens, what grown-ups do with it, and how it stands."""

import base64
import hashlib
import hmac
import re
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, select

from .. import events
from ..models import Patrol, PatrolStep, Role, Submission
from ..problems import CodeUnknown, NotFound, PatrolRules
from ..settings import Settings

OPENING, STEP = "pupil_patrol", "pupil_patrol_step"  # the forms by which phones open and lead patrols
LEADERS = frozenset({Role.OFFICER, Role.PARKING, Role.SCHOOL})
CONFIRMATIONS = ("permission_confirmed", "risk_checked", "hi_vis", "briefing_read")
LEAST_ADULTS = 2
LONGEST = timedelta(hours=3)  # a drop-off or pick-up takes less than one
MOST_TEAMS, MOST_SPOTS = 4, 8
CODE_LETTERS = "ABCDEFGHJKMNPQRTUVWXYZ"  # none that are mistaken for another when read aloud
PIN_ROUNDS = 100_000  # a tenth of a second on a tablet; 10,000 PINs are few, so see `pin_check_of`

Lists = Mapping[str, Sequence[Mapping[str, Any]]]


class State(StrEnum):
    OPEN = "open"
    PAUSED = "paused"
    CLOSED = "closed"  # by a grown-up, or because its end has come


class Act(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    CLOSE = "close"
    INCIDENT = "incident"
    DEBRIEF = "debrief"
    SEEN = "seen"  # a supervisor has read the incident
    RELEASE = "release"  # the school may see the counts


@dataclass(frozen=True)
class Standing:
    """How a patrol stands, as its steps say together, whatever order they came in."""

    state: State
    ended_at: datetime  # when it closed, or when it will
    incidents: tuple[PatrolStep, ...]
    unread: bool  # an incident that no supervisor has read
    debriefs: tuple[PatrolStep, ...]
    released_at: datetime | None


# Opening --------------------------------------------------------------------------------------------------------


def rules_broken(told: Mapping[str, Any], lists: Lists, settings: Settings) -> list[str]:
    """The names of what is not as it has to be (MT5, MT6, DP4), in the form's order; none when the patrol may open."""
    school = row_of(lists, "schools", told.get("school"))
    here = {str(row["name"]) for row in lists.get("school_places", ()) if row.get("school") == told.get("school")}
    adults, pupils = whole(told.get("adults")), whole(told.get("pupils"))
    sound = {
        "school": school is not None,
        "dpia": school is not None and bool(school.get("dpia_ref")),
        "window": told.get("window") in ("am_drop", "pm_pick"),
        "spots": within(told.get("spots"), here, MOST_SPOTS),
        "teams": within(told.get("teams"), ANIMALS, MOST_TEAMS),
        "year_groups": within(told.get("year_groups"), YEARS, len(YEARS)),
        "adults": LEAST_ADULTS <= adults <= 10,
        "pupils": 1 <= pupils <= 12 and pupils <= adults * settings.pupils_per_adult,
        "school_adult": told.get("school_adult") in ("head", "teacher", "ta", "other_staff"),
        **{name: told.get(name) == "yes" for name in CONFIRMATIONS},
        "join_code": bool(re.fullmatch(f"[{CODE_LETTERS}]{{6}}", str(told.get("join_code")))),
        "pin": all(re.fullmatch(r"[\w-]{11,32}", str(told.get(name))) for name in ("pin_salt", "pin_check")),
    }
    return [name for name, is_so in sound.items() if not is_so]


def opening_of(
    patrol_id: str, told: Mapping[str, Any], *, at: datetime, by: str, lists: Lists, settings: Settings
) -> Patrol:
    """The patrol that these answers open. Errors: PatrolRules, which names what is not as it has to be."""
    ends_at, broken = moment_of(told.get("ends_at")), rules_broken(told, lists, settings)
    if ends_at is None or not at < ends_at <= at + LONGEST:
        broken.append("ends_at")
    if broken or ends_at is None:
        raise PatrolRules(broken=broken)
    wants_photos = told.get("photos") == "masked" and may_photograph(row_of(lists, "schools", told["school"]) or {})
    return Patrol(
        id=patrol_id,
        school=str(told["school"]),
        window=str(told["window"]),
        code=str(told["join_code"]),
        opened_at=at,
        ends_at=ends_at,
        teams=list(told["teams"]),
        spots=list(told["spots"]),
        year_groups=list(told["year_groups"]),
        adults=whole(told["adults"]),
        pupils=whole(told["pupils"]),
        school_adult=str(told["school_adult"]),
        photos="masked" if wants_photos else "off",
        pin_salt=str(told["pin_salt"]),
        pin_check=str(told["pin_check"]),
        opened_by=by,
    )


def may_photograph(school: Mapping[str, Any]) -> bool:
    """MT9, DP4: photos are off unless the register holds both the agreement's day and the DPIA's reference."""
    return bool(school.get("photo_agreed_on")) and bool(school.get("dpia_ref"))


def open_patrol(session: Session, patrol: Patrol, *, now: datetime) -> Patrol:
    session.add(patrol)
    seal = {"school": patrol.school, "row": events.digest_of(sealed(patrol))}
    events.append(session, "patrol.opened", patrol.id, actor=patrol.opened_by, now=now, data=seal)
    return patrol


def open_at_desk(
    session: Session,
    told: Mapping[str, Any],
    pin: str,
    *,
    person_id: str,
    lists: Lists,
    settings: Settings,
    now: datetime,
) -> Patrol:
    """Open one at the desk: the code and the PIN's check are made here. Errors: PatrolRules."""
    salt = base64.urlsafe_b64encode(secrets.token_bytes(12)).decode()
    secret = {
        "join_code": new_code(),
        "pin_salt": salt,
        "pin_check": pin_check_of(pin, salt) if re.fullmatch(r"\d{4}", pin) else "",
    }
    patrol = opening_of(
        str(uuid.uuid4()), {**told, **secret}, at=now, by=f"person:{person_id}", lists=lists, settings=settings
    )
    return open_patrol(session, patrol, now=now)


def took_opening(
    session: Session,
    submission: Submission,
    told: Mapping[str, Any],
    *,
    lists: Lists,
    settings: Settings,
    now: datetime,
) -> list[str]:
    """A phone's record opens its patrol. One that may not open stays a record; answers what was not as it has to be."""
    by = f"device:{submission.device_id}"
    try:
        patrol = opening_of(
            submission.instance_id, told, at=submission.captured_at or now, by=by, lists=lists, settings=settings
        )
    except PatrolRules as problem:
        return list(problem.more["broken"])
    open_patrol(session, patrol, now=now)
    return []


def new_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(6))


def pin_check_of(pin: str, salt: str) -> str:
    """What a tablet holds to know the PIN by. Four digits fall to anybody who takes the tablet's storage apart; it
    keeps a child from leaving the patrol's screens, and the PIN itself is nowhere and good for one afternoon only.
    """
    made = hashlib.pbkdf2_hmac("sha256", pin.encode(), salt.encode(), PIN_ROUNDS, 16)
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


# Leading --------------------------------------------------------------------------------------------------------


def step(
    session: Session,
    patrol_id: str,
    act: Act,
    *,
    by: str,
    at: datetime,
    now: datetime,
    incident: str | None = None,
    incident_note: str | None = None,
    debrief: str | None = None,
) -> PatrolStep:
    row = PatrolStep(
        seq=0,
        patrol_id=patrol_id,
        act=act,
        at=at.astimezone(UTC),
        by=by,
        incident=incident if incident in INCIDENTS else None,
        incident_note=tidy(incident_note),
        debrief=tidy(debrief),
    )
    event = events.append(
        session,
        "patrol.step",
        patrol_id,
        actor=by,
        now=now,
        data={"act": act, "row": events.digest_of(sealed_step(row))},
    )
    row.seq = event.seq
    session.add(row)
    return row


def took_step(session: Session, submission: Submission, told: Mapping[str, Any], *, now: datetime) -> None:
    """A phone's record does something with its patrol. It may come before the patrol itself."""
    act = told.get("act")
    if submission.patrol_id is None or act not in (Act.PAUSE, Act.RESUME, Act.CLOSE, Act.INCIDENT, Act.DEBRIEF):
        return
    step(
        session,
        submission.patrol_id,
        Act(act),
        by=f"device:{submission.device_id}",
        at=submission.captured_at or now,
        now=now,
        **{name: str(told[name]) for name in ("incident", "incident_note", "debrief") if told.get(name)},
    )


def erase_words(session: Session, submission: Submission, *, now: datetime) -> None:
    """The record of a step is erased: that it was done stays, what a grown-up wrote with it goes from here too."""
    query = select(PatrolStep).where(
        PatrolStep.patrol_id == submission.patrol_id,
        PatrolStep.by == f"device:{submission.device_id}",
        PatrolStep.at == (submission.captured_at or submission.received_at),
    )
    for row in session.exec(query).all():
        row.incident_note = row.debrief = None
        session.add(row)
        seal = {"step": row.seq, "row": events.digest_of(sealed_step(row))}
        events.append(session, WORDS_ERASED, row.patrol_id, actor="server", now=now, data=seal)


WORDS_ERASED = "patrol.words-erased"


def standing_of(patrol: Patrol, steps: Iterable[PatrolStep], now: datetime) -> Standing:
    ordered = sorted(steps, key=lambda one: (one.at, one.seq))
    closes = [one.at for one in ordered if one.act == Act.CLOSE]
    ended_at = min([patrol.ends_at, *closes])
    pauses = [one.act for one in ordered if one.act in (Act.PAUSE, Act.RESUME)]
    state = State.CLOSED if closes or now >= ended_at else State.PAUSED if pauses[-1:] == [Act.PAUSE] else State.OPEN
    incidents = tuple(one for one in ordered if one.incident not in (None, "none"))
    seen = max((one.seq for one in ordered if one.act == Act.SEEN), default=0)
    return Standing(
        state=state,
        ended_at=ended_at,
        incidents=incidents,
        unread=any(one.seq > seen for one in incidents),
        debriefs=tuple(one for one in ordered if one.debrief),
        released_at=next((one.at for one in ordered if one.act == Act.RELEASE), None),
    )


def steps_of(session: Session, patrol_ids: Sequence[str]) -> dict[str, list[PatrolStep]]:
    """What was done with each, with one query."""
    found: dict[str, list[PatrolStep]] = {patrol_id: [] for patrol_id in patrol_ids}
    for row in session.exec(select(PatrolStep).where(col(PatrolStep.patrol_id).in_(patrol_ids))):
        found[row.patrol_id].append(row)
    return found


# Finding --------------------------------------------------------------------------------------------------------


def get(session: Session, patrol_id: str) -> Patrol:
    """Errors: NotFound."""
    patrol = session.get(Patrol, patrol_id)
    if patrol is None:
        raise NotFound
    return patrol


def recent(session: Session, *, limit: int = 100) -> list[Patrol]:
    return list(session.exec(select(Patrol).order_by(col(Patrol.opened_at).desc()).limit(limit)))


def join(session: Session, code: str, *, now: datetime) -> Patrol:
    """The patrol that a tablet's code opens, while it is open. Errors: CodeUnknown."""
    letters = "".join(letter for letter in code.upper() if letter.isalpha())
    for patrol in session.exec(select(Patrol).where(Patrol.code == letters).order_by(col(Patrol.opened_at).desc())):
        stands = standing_of(patrol, steps_of(session, [patrol.id])[patrol.id], now)
        if stands.state is not State.CLOSED and hmac.compare_digest(patrol.code, letters):
            return patrol
    raise CodeUnknown


def wire(patrol: Patrol, lists: Lists, state: State) -> dict[str, Any]:
    """What a tablet needs to know of its patrol, and no more."""
    school = row_of(lists, "schools", patrol.school) or {}
    return {
        "patrolId": patrol.id,
        "school": patrol.school,
        "schoolName": school.get("label", patrol.school),
        "teams": patrol.teams,
        "spots": patrol.spots,
        "startsAt": events.instant(patrol.opened_at),
        "endsAt": events.instant(patrol.ends_at),
        "photos": patrol.photos,
        "pinSalt": patrol.pin_salt,
        "pinCheck": patrol.pin_check,
        "state": state,
    }


# Small things ---------------------------------------------------------------------------------------------------

ANIMALS = {"fox", "owl", "otter", "badger", "heron", "hare", "robin", "seal"}
YEARS = {"y3", "y4", "y5", "y6", "sec"}
INCIDENTS = {"none", "driver_cross", "near_miss", "child_upset", "other"}


def row_of(lists: Lists, name: str, wanted: Any) -> Mapping[str, Any] | None:
    return next((row for row in lists.get(name, ()) if row["name"] == wanted), None)


def whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def within(value: Any, known: set[str], most: int) -> bool:
    """A list of one to `most` of the known, none twice."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        return False
    return 1 <= len(value) <= most and len(set(value)) == len(value) and set(value) <= known


def moment_of(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def tidy(text: str | None) -> str | None:
    return (text or "").strip()[:1000] or None


def sealed(patrol: Patrol) -> dict[str, Any]:
    return plain(patrol.model_dump())


def sealed_step(row: PatrolStep) -> dict[str, Any]:
    return plain(row.model_dump(exclude={"seq"}))


def plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: events.instant(value) if isinstance(value, datetime) else value for name, value in values.items()}
