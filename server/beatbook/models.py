"""The tables.

A row of `event` is never changed; every other table is what the events have led to. Rows are built only from values
that were validated before (a table model's constructor does not validate).
"""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, BigInteger, Column, Index, LargeBinary
from sqlalchemy import Enum as WordColumn
from sqlalchemy import insert as insert_into
from sqlmodel import Field, Session, SQLModel


class Role(StrEnum):
    OFFICER = "officer"
    PARKING = "parking"
    PUPIL = "pupil"
    SCHOOL = "school"
    VOLUNTEER = "volunteer"
    FORESHORE = "foreshore"
    SUPERVISOR = "supervisor"
    PARTNER = "partner"
    AUDITOR = "auditor"
    ADMIN = "admin"


class ReviewState(StrEnum):
    """ODK's words, and one of ours. On screen: Received, Kept, Sent back, Approved, Not accepted, Mended."""

    RECEIVED = "received"
    HAS_ISSUES = "hasIssues"
    APPROVED = "approved"
    REJECTED = "rejected"
    EDITED = "edited"
    KEPT = "kept"  # of a form that asks for no decision: it waits for nobody. Devices know it as received


class PreviewState(StrEnum):
    WAITING = "waiting"
    MADE = "made"
    FAILED = "failed"


class Purpose(StrEnum):
    """What an invitation's code opens."""

    DEVICE = "device"
    DESK = "desk"
    ADMINISTRATOR = "administrator"


class Standing(StrEnum):
    """What the desk has decided about a device, and what became of that."""

    NEW = "new"  # set up with a code of the desk, and nobody there has said yet that it is theirs
    IN_USE = "in_use"
    LOCKED = "locked"  # asks for its person before it shows anything
    LEAVING = "leaving"  # sends everything, then forgets
    LOST = "lost"  # hands over what it holds, then clears itself
    STOLEN = "stolen"  # reads nothing more; what it hands over is kept apart
    CLEARING = "clearing"  # has handed over everything and was told that it may clear itself
    CLEARED = "cleared"
    GONE = "gone"  # broken, given away or set up anew: it will not come back


TRUSTED = (Standing.IN_USE, Standing.LOCKED, Standing.LEAVING)  # in the hands of somebody whom the desk knows


class TaskState(StrEnum):
    """On screen: To do, Accepted, Doing, Done, Not done."""

    TO_DO = "todo"
    ACCEPTED = "accepted"
    DOING = "doing"
    DONE = "done"
    NOT_DONE = "not_done"


class TaskOrigin(StrEnum):
    """What a task came of; `about` names it."""

    NTG_ACTION = "ntg_action"
    SUPERVISOR = "supervisor"
    HOTSPOT = "hotspot"
    WORKS = "works"
    SELF = "self"


class ItemKind(StrEnum):
    """What the tasking group looks at: places, people, and what is coming."""

    PLACE = "place"
    THEME = "theme"
    VICTIM = "victim"
    OFFENDER = "offender"
    EVENT = "event"


class ItemState(StrEnum):
    NEW = "new"
    LIVE = "live"
    MONITORING = "monitoring"
    CLOSED = "closed"
    MOVED = "moved"


class Progress(StrEnum):
    """How an action stands. That it is late follows from its date."""

    NOT_STARTED = "not_started"
    ON_TRACK = "on_track"
    DONE = "done"
    DROPPED = "dropped"


class ReportStepKind(StrEnum):
    """What the desk does about a report of anti-social behaviour."""

    ACKNOWLEDGED = "acknowledged"
    ONE_OFF = "one_off_closed"
    PASSED_ON = "passed_on"
    IN_CASE = "in_case"


class CaseState(StrEnum):
    """Where a case of anti-social behaviour stands; what may follow what says cases.py."""

    OPEN = "open"
    ASSESSING = "assessing"
    ACTION = "action"
    MONITORING = "monitoring"
    CLOSING = "closing"
    CLOSED = "closed"
    REOPENED = "reopened"


class Priority(StrEnum):
    HIGH = "p1"
    MEDIUM = "p2"
    STANDARD = "p3"


class EntryKind(StrEnum):
    """What is written down about a case."""

    OPENED = "opened"
    JOINED = "joined"  # a report became part of it
    LEFT = "left"  # a report was put elsewhere
    LED = "led"  # another lead or priority
    INTERVIEWED = "interviewed"
    CONTACTED = "contacted"
    TOLD = "told"
    MOVED = "moved"
    REVIEWED = "reviewed"  # a step of a case review
    ASKED = "asked"  # whether the reporter is satisfied
    NOTED = "noted"


class Way(StrEnum):
    """How somebody was reached."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    TEXT = "text"
    EMAIL = "email"
    POST = "post"
    VIA_AGENCY = "via_agency"


class ActionKind(StrEnum):
    ADVICE = "advice"
    VISIT = "visit"
    WARNING_LETTER = "warning_letter"
    MEDIATION = "mediation"
    ABC = "abc"
    DIARY = "diary"
    PATROL_REQUEST = "patrol_request"
    NTG_REFERRAL = "ntg_referral"
    CPW = "cpw"
    CPN = "cpn"
    PSPO_FPN = "pspo_fpn"
    INJUNCTION = "injunction"
    CLOSURE = "closure"
    POLICE_LEAD = "police_lead"
    SAFEGUARDING = "safeguarding"
    NO_ACTION = "no_action"


class CloseReason(StrEnum):
    RESOLVED = "resolved"
    MOVED_ON = "moved_on"
    NO_EVIDENCE = "no_evidence"
    PASSED = "passed"
    REPORTER_WITHDREW = "reporter_withdrew"
    NOT_ASB = "not_asb"


class Satisfied(StrEnum):
    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    NOT_ASKED = "not_asked"


class CaseReview(StrEnum):
    """The right of who reports again and again: others look at how the case was handled."""

    NO = "no"
    REQUESTED = "requested"
    THRESHOLD_MET = "threshold_met"
    NOT_MET = "not_met"
    DONE = "done"


class MeetingState(StrEnum):
    """How far a meeting of the tasking group is; which may follow which stands in meetings.py."""

    PLANNED = "planned"
    PACK_SENT = "pack_sent"
    OPEN = "open"
    MINUTES_DRAFT = "minutes_draft"
    MINUTES_AGREED = "minutes_agreed"
    RELEASED = "released"
    CLOSED = "closed"


class Presence(StrEnum):
    """Whether somebody who was invited to a meeting came."""

    INVITED = "invited"
    IN_PERSON = "in_person"
    ONLINE = "online"
    APOLOGY = "apology"


class Gateway(StrEnum):
    """The law under which personal data may go to another agency."""

    S115 = "s115"
    SAFEGUARDING = "safeguarding"
    CONSENT = "consent"
    COURT_ORDER = "court_order"
    CRIME = "dpa_sch2"
    ASB_ACT = "asb2014"
    OTHER = "other"


class Basis(StrEnum):
    """What data protection law a disclosure rests on."""

    LAW_ENFORCEMENT = "le_part3"
    PUBLIC_TASK = "public_task"
    PUBLIC_INTEREST = "substantial_public_interest"
    VITAL_INTERESTS = "vital_interests"
    CONSENT = "consent"


class StepKind(StrEnum):
    """What happens to a notice after it was given."""

    PAYMENT = "payment"
    REMINDER = "reminder"
    REPRESENTATION = "representation"
    DECISION = "decision"  # about a representation
    CANCEL = "cancel"
    LEGAL = "legal"
    COURT = "court"


class Proof(StrEnum):
    """How somebody showed who they are when they signed in."""

    LINK = "link"  # a one-time link from an administrator
    PASSWORD = "password"  # noqa: S105  alone: for setting up a second step and nothing else
    CODE = "code"  # a password and a one-time code
    PASSKEY = "passkey"
    COUNCIL = "council"  # the council's own sign-in


def words(kind: type[StrEnum]) -> WordColumn:
    """A state is kept as its word in plain text, so that a new word needs no change to the schema."""
    return WordColumn(
        kind, values_callable=lambda kind: [member.value for member in kind], native_enum=False, length=32
    )


class Ledger(SQLModel, table=True):
    """One row: who this server is and where its history stands."""

    id: int = Field(default=1, primary_key=True)
    server_id: str
    epoch: str  # the name of one unbroken history; a new one after a restore
    seq: int = 0
    chain: str = ""
    safe_seq: int = 0  # highest seq covered by a verified backup


class Event(SQLModel, table=True):
    """One link of the log. `data` is kept as the very text that was hashed."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: datetime
    kind: str = Field(index=True)
    actor: str
    subject: str = Field(index=True)
    data: str
    chain: str


class Person(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    role: Role = Field(sa_type=words(Role))
    email: str | None = Field(default=None, unique=True)
    password_hash: str | None = None
    created_at: datetime
    ended_at: datetime | None = None
    school_id: str | None = None  # whose adult it is; such a person sees that school and no other


class DeskSession(SQLModel, table=True):
    __tablename__ = "desk_session"

    token_digest: str = Field(primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    created_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None
    how: Proof = Field(default=Proof.LINK, sa_type=words(Proof))
    browser: str = ""  # "Firefox on Windows": so that people know their own sessions again


class Passkey(SQLModel, table=True):
    """A key in a person's device or browser; the private half never leaves it (WebAuthn)."""

    id: str = Field(primary_key=True)  # the credential's own, base64url
    person_id: str = Field(foreign_key="person.id", index=True)
    public_key: str  # COSE, base64url
    sign_count: int = Field(sa_type=BigInteger)
    label: str
    created_at: datetime
    used_at: datetime | None = None
    ended_at: datetime | None = None


class Authenticator(SQLModel, table=True):
    """The app that gives a person's one-time codes."""

    person_id: str = Field(primary_key=True, foreign_key="person.id")
    secret: str  # shared with the app, so it cannot be hashed; a stolen database still lacks the passwords
    confirmed_at: datetime | None = None
    last_step: int = Field(default=0, sa_type=BigInteger)  # of the last code used: each works once


class Identity(SQLModel, table=True):
    """A person as the council's own sign-in knows them. Never changed."""

    issuer: str = Field(primary_key=True)
    subject: str = Field(primary_key=True)
    seq: int = Field(unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    connected_at: datetime


class Invitation(SQLModel, table=True):
    code_digest: str = Field(primary_key=True)
    purpose: Purpose = Field(sa_type=words(Purpose))
    role: Role = Field(sa_type=words(Role))
    name: str
    created_at: datetime
    expires_at: datetime
    used_at: datetime | None = None
    made_id: str | None = None  # the device or person that came of it
    person_id: str | None = Field(default=None, foreign_key="person.id")  # a desk link for somebody who exists already
    often: bool = False  # the demonstration's desk link may be opened again
    school_id: str | None = None  # of the device or person that comes of it
    confirm: bool = False  # the device that comes of it is a stranger until the desk has seen it
    attempt: str | None = None  # SHA-256 of the secret of the phone that used it, which may ask again for a lost answer


class Device(SQLModel, table=True):
    id: str = Field(primary_key=True)
    name: str
    role: Role = Field(sa_type=words(Role))
    token_digest: str = Field(unique=True)
    enrolled_at: datetime
    retired_at: datetime | None = None
    school_id: str | None = None  # where it stays; empty for what the council carries from school to school
    standing: Standing = Field(default=Standing.IN_USE, sa_type=words(Standing))


class DeviceStep(SQLModel, table=True):
    """One change of how a device stands. The newest is how it stands now."""

    __tablename__ = "device_step"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    device_id: str = Field(foreign_key="device.id", index=True)
    standing: Standing = Field(sa_type=words(Standing))
    why: str | None = None
    by: str  # person:… or device:…
    told: dict = Field(
        default_factory=dict, sa_column=Column(JSON, nullable=False)
    )  # what a device said of its clearing
    at: datetime


class Contact(SQLModel, table=True):
    """What a device last said of itself. Telemetry: no event is written for it, but for cleared storage."""

    device_id: str = Field(primary_key=True, foreign_key="device.id")
    seen_at: datetime
    report: dict = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))
    account: dict | None = Field(default=None, sa_column=Column(JSON))  # its numbers that have no receipt, and why
    wiped_at: datetime | None = None  # when it said that its storage was cleared, until somebody has looked


class Submission(SQLModel, table=True):
    """What a device signed off (`payload`, the frozen bytes) and how we read it."""

    instance_id: str = Field(primary_key=True)
    seq: int = Field(unique=True)
    chain: str
    epoch: str
    digest: str
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    form_id: str
    form_version: str
    device_id: str = Field(foreign_key="device.id")
    received_at: datetime
    captured_at: datetime | None = None
    counter: int | None = Field(default=None, sa_type=BigInteger)
    replaces: str | None = Field(default=None, index=True)
    patrol_id: str | None = Field(default=None, index=True)
    title: str
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    accuracy: float | None = None
    held: bool = False  # its form or version is not known here yet
    complete: bool = False  # every photo it lists is held
    warnings: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    flags: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False, server_default="[]"))
    review_state: ReviewState = Field(default=ReviewState.RECEIVED, sa_type=words(ReviewState))

    __table_args__ = (
        Index("ix_submission_device_counter", "device_id", "counter"),
        Index("ix_submission_form_seq", "form_id", "seq"),
        Index("ix_submission_state_seq", "review_state", "seq"),
    )


class RaisedFlag(SQLModel, table=True):
    """One flag of a submission, for finding: the submission's own column is what the log seals."""

    __tablename__ = "flag"

    instance_id: str = Field(primary_key=True, foreign_key="submission.instance_id")
    name: str = Field(primary_key=True)
    level: str
    roles: str  # whose devices are told: ",officer,foreshore,"
    seq: int  # the submission's

    __table_args__ = (Index("ix_flag_name_seq", "name", "seq"), Index("ix_flag_level_seq", "level", "seq"))


class CarriedNumber(SQLModel, table=True):
    """A number that must be given once, as one submission carries it, for finding the next that does."""

    __tablename__ = "carried_number"

    form_id: str = Field(primary_key=True)
    field: str = Field(primary_key=True)
    number: str = Field(primary_key=True)
    instance_id: str = Field(primary_key=True, foreign_key="submission.instance_id")


class ListChange(SQLModel, table=True):
    """One change of reference data at the desk, which lies over the files of the forms folder. The newest counts."""

    __tablename__ = "list_change"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    list_name: str = Field(index=True)
    rows: list = Field(sa_column=Column(JSON, nullable=False))  # name, before and after of each row that changed
    what: str  # added, changed, withdrawn, brought back, uploaded or undone
    undoes: int | None = None  # the change that this one takes back
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Attachment(SQLModel, table=True):
    """One photo that a submission lists, whether its bytes are here or not."""

    instance_id: str = Field(primary_key=True, foreign_key="submission.instance_id")
    position: int = Field(primary_key=True)
    field: str
    sha256: str = Field(index=True)
    size: int = Field(sa_type=BigInteger)
    media_type: str


class Blob(SQLModel, table=True):
    """Bytes that are here, whoever lists them."""

    sha256: str = Field(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    media_type: str
    width: int
    height: int
    received_at: datetime
    device_id: str = Field(foreign_key="device.id")
    preview: PreviewState = Field(default=PreviewState.WAITING, sa_type=words(PreviewState), index=True)
    preview_sha256: str | None = None
    thumbnail_sha256: str | None = None


class Review(SQLModel, table=True):
    """One decision of a supervisor; the newest counts."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    state: ReviewState = Field(sa_type=words(ReviewState))
    reason: str | None = None
    note: str | None = None
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Quarantine(SQLModel, table=True):
    """Bytes that could not become a submission. Kept until a person has looked."""

    id: str = Field(primary_key=True)
    received_at: datetime
    device_id: str = Field(foreign_key="device.id")
    instance_id: str | None = Field(default=None, index=True)
    digest: str = Field(index=True)
    payload: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    slug: str
    detail: str
    resolved_at: datetime | None = None
    resolved_by: str | None = None  # a person's id
    note: str | None = None  # what came of it


class Gone(SQLModel, table=True):
    """A record for which a device holds our receipt, and which is not here. The row goes when the record comes back."""

    instance_id: str = Field(primary_key=True)
    digest: str
    device_id: str = Field(foreign_key="device.id")
    form_id: str | None = None
    counter: int | None = Field(default=None, sa_column=Column(BigInteger))
    captured_at: datetime | None = None
    acknowledged_at: datetime | None = None
    receipt_seq: int
    receipt_chain: str
    still_there: bool  # whether the device said that it holds the record itself
    noticed_at: datetime


class School(SQLModel, table=True):
    """What a school chose about its walking Wednesdays, and when the unit comes next. Its name stands in a list."""

    id: str = Field(primary_key=True)
    by_count: bool = False  # the trophy goes to the most walkers; otherwise to the largest share of a class
    strict_walk: bool = False  # only walking, wheeling and the walking bus count
    count_bus: bool = False  # bus and train count as well
    daily: bool = False  # every weekday counts, not only Wednesday
    next_visit: date | None = None
    rewards: list | None = Field(default=None, sa_column=Column(JSON))  # after so many walks; none for the usual


class Trophy(SQLModel, table=True):
    """A week's trophy was announced in assembly. Who won follows from the tallies."""

    school_id: str = Field(primary_key=True)
    week: date = Field(primary_key=True)  # its Monday
    winners: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    announced_at: datetime
    person_id: str = Field(foreign_key="person.id")


class Patrol(SQLModel, table=True):
    """A pupils' outing, as its lead adult opened it; what became of it since stands in its steps."""

    id: str = Field(primary_key=True)  # the number of the record that opened it
    school: str = Field(index=True)
    window: str
    code: str = Field(index=True)  # six letters by which tablets join, as long as it is open
    opened_at: datetime = Field(index=True)
    ends_at: datetime
    teams: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    spots: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    year_groups: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False))
    adults: int
    pupils: int
    school_adult: str
    photos: str  # off or masked
    pin_salt: str
    pin_check: str
    opened_by: str  # device:… or person:…


class PatrolStep(SQLModel, table=True):
    """One thing that a grown-up did with a patrol; taken together in the order of `at` they say how it stands."""

    __tablename__ = "patrol_step"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    patrol_id: str = Field(index=True)  # which may arrive later than its step
    act: str  # pause, resume, close, incident, debrief, seen, release
    at: datetime
    by: str  # device:… or person:…
    incident: str | None = None
    incident_note: str | None = None
    debrief: str | None = None


class PatrolCount(SQLModel, table=True):
    """What the tickets of a patrol said together that are erased by now; what each of them said is gone."""

    __tablename__ = "patrol_count"

    patrol_id: str = Field(primary_key=True)
    counts: dict = Field(sa_column=Column(JSON, nullable=False))
    at: datetime  # of the last of them


class PatrolKey(SQLModel, table=True):
    """The public key with which an adult's phone signs patrols that tablets join with no signal."""

    __tablename__ = "patrol_key"

    device_id: str = Field(primary_key=True, foreign_key="device.id")
    key_id: str = Field(unique=True)  # the first letters of its SHA-256
    public_key: str  # base64 of the uncompressed point on P-256
    at: datetime


class PupilPhoto(SQLModel, table=True):
    """A masked photo on a mock ticket: nobody sees it before a supervisor has said that it is fit to be seen."""

    __tablename__ = "pupil_photo"

    sha256: str = Field(primary_key=True)  # as the tablet sent it
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    patrol_id: str = Field(index=True)
    received_at: datetime
    state: str = "pending"  # pending, ok, removed or erased
    shown: str | None = None  # the photo with more covered, which stands in its place
    decided_by: str | None = None
    decided_at: datetime | None = None


class Redaction(SQLModel, table=True):
    """What was erased, when and why; the content is gone, this stub says that it once was."""

    subject: str = Field(primary_key=True)  # a record's number, the SHA-256 of a photo, or task:…, item:…, aside:…
    kind: str  # submission, attachment, task, item, aside or filter
    what: str  # the names of the answers that went; or photo, and the names of its previews
    why: str
    at: datetime
    digest: str | None = None  # SHA-256 of what stands in the payload's place


class Keeping(SQLModel, table=True):
    """One thing that somebody decided about how long a record stays: a hold, or an erasure before its date."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(index=True)  # a record's number, or the id of a task, an item or what was kept aside
    kind: str  # hold, release, ask, agree or decline
    words: str  # why; it stays, so it names nobody
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Emergency(SQLModel, table=True):
    """Somebody whose role may not read a record opened it all the same, for a while. Never changed."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    reason: str  # it stays, so it names nobody
    at: datetime
    until: datetime


class EmergencyReview(SQLModel, table=True):
    """What a second person found when they looked into an emergency. Never changed."""

    __tablename__ = "emergency_review"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    emergency: int = Field(foreign_key="emergency.seq", unique=True)
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    was_right: bool
    words: str
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class SubjectRequest(SQLModel, table=True):
    """Somebody asked what is held about them. What it was looked for by goes again, see subjects/requests.py."""

    __tablename__ = "subject_request"

    id: str = Field(primary_key=True)
    sought: dict = Field(sa_column=Column(JSON, nullable=False))
    proof: str  # how it was checked who asks
    state: str = "open"  # open, released or ended
    opened_at: datetime
    opened_by: str = Field(foreign_key="person.id")
    looked_at: datetime  # when everything was last searched
    closed_at: datetime | None = None
    closed_by: str | None = None
    digest: str | None = None  # SHA-256 of the data that was handed over


class SubjectFind(SQLModel, table=True):
    """One place where that person is mentioned, and what somebody decided may be handed over of it."""

    __tablename__ = "subject_find"

    request_id: str = Field(primary_key=True, foreign_key="subject_request.id")
    where: str = Field(primary_key=True)  # record/…, task/…
    found_by: str  # the names of what matched
    verdict: str = "waiting"  # waiting, goes or stays
    why: str | None = None  # a code, when it stays
    left_out: list = Field(default_factory=list, sa_column=Column(JSON, nullable=False))  # names of its passages
    covered: str = ""  # words that are blacked out in the rest, one a line
    person_id: str | None = None
    at: datetime | None = None


class Stamp(SQLModel, table=True):
    """What a time-stamping authority signed about the end of the log. Never changed."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    head: int  # the event at which the log stood
    chain: str
    answer: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    at: datetime


class Listing(SQLModel, table=True):
    """What lists of records filter and sort by: a narrow twin of `Submission`, see listings.py."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(unique=True)
    form_id: str
    state: ReviewState = Field(sa_type=words(ReviewState))
    complete: bool
    device_id: str
    person_id: str | None = None  # who decided last
    day: str  # of its receipt, in the town's time: 2026-11-22
    captured: int = Field(sa_type=BigInteger, unique=True)  # orders by time of capture, see `listings.rank`
    area: int | None = None  # the square of 1 km in which it was, see grid.py
    cell: int | None = None  # and that of 50 m
    personal: bool = False  # it answers what tells who somebody is

    __table_args__ = (
        Index("ix_listing_form_state", "form_id", "state", "seq"),
        Index("ix_listing_form", "form_id", "seq"),
        Index("ix_listing_state", "state", "seq"),
        Index("ix_listing_complete", "complete", "seq"),
        Index("ix_listing_device", "device_id", "seq"),
        Index("ix_listing_person", "person_id", "seq"),
        Index("ix_listing_day", "day", "seq"),
        Index("ix_listing_area", "area", "day", "form_id", "state", "complete", "cell"),
        Index("ix_listing_cell", "cell", "seq"),
    )


class ListingFlag(SQLModel, table=True):
    """One thing about a record that a supervisor should look at."""

    __tablename__ = "listing_flag"

    flag: str = Field(primary_key=True)
    seq: int = Field(primary_key=True, index=True, sa_column_kwargs={"autoincrement": False})


class Tally(SQLModel, table=True):
    """How many records of a day, a month or all time, in a square or with a flag, have the same form and state, so that
    counting them counts these rows instead."""

    span: str = Field(primary_key=True)  # d2026-11-22, m2026-11, or nothing for all time
    side: int = Field(primary_key=True)  # of the square, or nothing: everywhere
    area: int = Field(primary_key=True)  # the square of 1 km that holds it
    cell: int = Field(primary_key=True)  # the square itself
    flag: str = Field(primary_key=True)  # nothing: whatever its flags
    form_id: str = Field(primary_key=True)
    state: ReviewState = Field(primary_key=True, sa_type=words(ReviewState))
    complete: bool = Field(primary_key=True)
    number: int

    __table_args__ = ({"sqlite_with_rowid": False},)


class Gathered(SQLModel, table=True):
    """One reason why a record of the last weeks counts for a place, see gathered.py."""

    place: str = Field(primary_key=True)  # schools:northbrook, square:TR14805790-100 or words:dark path
    day: str = Field(primary_key=True)  # of its capture, in the town's time
    seq: int = Field(primary_key=True, index=True, sa_column_kwargs={"autoincrement": False})
    weight: str = Field(primary_key=True)
    form_id: str
    times: int
    records: int  # 1 in the first row of a record at a place and 0 in the others, so that their sum counts records
    counts: bool  # whether its review leaves it to count

    __table_args__ = ({"sqlite_with_rowid": False},)


class Arrival(SQLModel, table=True):
    """How many records of a week were on their way for so long, from capture to receipt."""

    week: str = Field(primary_key=True)  # the Monday: 2026-11-23
    minutes: int = Field(primary_key=True)  # begun ones
    number: int


class Remark(SQLModel, table=True):
    """What a supervisor said about a record or did to it beside deciding. Never changed."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    kind: str  # comment, flag, settled or duplicate
    words: str
    other_id: str | None = None  # the record that it is a duplicate of
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Correction(SQLModel, table=True):
    """One answer that was put right at the desk. The submission itself is never changed; the newest counts."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    field: str
    before: str  # both as JSON
    after: str
    reason: str
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class SavedFilter(SQLModel, table=True):
    """A filter of the list that somebody gave a name."""

    __tablename__ = "saved_filter"

    id: str = Field(primary_key=True)
    name: str
    query: str  # as it stands in the address
    person_id: str = Field(foreign_key="person.id", index=True)
    shared: bool = False
    pinned: bool = False  # stands in the navigation
    created_at: datetime
    ended_at: datetime | None = None


class Task(SQLModel, table=True):
    """Something to do in a window of time, for one device or for everybody of a role."""

    id: str = Field(primary_key=True)
    seq: int = Field(index=True)  # of the event that changed it last: what a device fetches since its cursor
    title: str
    note: str | None = None  # what helps whoever does it
    origin: TaskOrigin = Field(sa_type=words(TaskOrigin))
    about: str | None = Field(default=None, index=True)  # the record or the action that it came of
    device_id: str | None = Field(default=None, foreign_key="device.id", index=True)
    role: Role | None = Field(default=None, sa_type=words(Role))  # when it is for no device in particular
    place: str | None = None
    starts_at: datetime
    ends_at: datetime = Field(index=True)
    form_id: str | None = None  # what it opens
    state: TaskState = Field(default=TaskState.TO_DO, sa_type=words(TaskState), index=True)
    state_at: datetime  # when that happened out there, not when we learned of it
    state_by: str  # an actor of the log
    reason: str | None = None  # why it was not done
    made_at: datetime
    made_by: str = Field(foreign_key="person.id")


class TaskResult(SQLModel, table=True):
    """A record that says in its bytes (`taskId`) which task it came of. The task may be unknown here."""

    __tablename__ = "task_result"

    instance_id: str = Field(primary_key=True, foreign_key="submission.instance_id")
    task_id: str = Field(index=True)


class TaskingItem(SQLModel, table=True):
    """What the tasking group is asked to look at."""

    __tablename__ = "tasking_item"

    id: str = Field(primary_key=True)
    kind: ItemKind = Field(sa_type=words(ItemKind))
    title: str
    problem: str
    outcome_wanted: str
    measure: str | None = None
    place: str | None = None
    about: str | None = None  # the record that shows the problem
    source_id: str | None = Field(default=None, unique=True)  # the submission that raised it, if a device did
    raised_by: str  # an actor of the log
    raised_at: datetime
    state: ItemState = Field(default=ItemState.NEW, sa_type=words(ItemState), index=True)
    state_note: str | None = None  # what closed it, or where it was moved
    state_at: datetime


class TaskingAction(SQLModel, table=True):
    """Who does what by when about an item: one lead agency, one named owner, one date (NT6)."""

    __tablename__ = "tasking_action"

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    item_id: str = Field(foreign_key="tasking_item.id", index=True)
    what: str
    lead_agency: str
    owner: str
    support: str | None = None
    due: date = Field(index=True)
    progress: Progress = Field(default=Progress.NOT_STARTED, sa_type=words(Progress))
    result: str | None = None  # what came of it, or why it was dropped
    made_at: datetime
    made_by: str = Field(foreign_key="person.id")
    changed_at: datetime


class Case(SQLModel, table=True):
    """A case of anti-social behaviour: reports of one place or of the same people, and who answers for them."""

    __tablename__ = "asb_case"

    id: str = Field(primary_key=True)
    number: int = Field(unique=True)
    title: str
    place: str | None = None
    lead: str  # an actor of the log: somebody at the desk, or who carries a device
    priority: Priority = Field(sa_type=words(Priority))
    state: CaseState = Field(default=CaseState.OPEN, sa_type=words(CaseState), index=True)
    close_reason: CloseReason | None = Field(default=None, sa_type=words(CloseReason))
    satisfied: Satisfied = Field(default=Satisfied.NOT_ASKED, sa_type=words(Satisfied))
    review: CaseReview = Field(default=CaseReview.NO, sa_type=words(CaseReview))
    interviewed_on: date | None = None
    contacted_on: date | None = None  # by the lead, for the first time
    update_due: date | None = Field(default=None, index=True)  # none when nobody is to be told
    opened_at: datetime
    changed_at: datetime


class CaseEntry(SQLModel, table=True):
    """One thing that was written down about a case. Never changed."""

    __tablename__ = "case_entry"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    case_id: str = Field(foreign_key="asb_case.id", index=True)
    kind: EntryKind = Field(sa_type=words(EntryKind))
    code: str | None = None  # a state, a step of a review or an answer, by its kind
    how: Way | None = Field(default=None, sa_type=words(Way))
    words: str | None = None
    instance_id: str | None = None  # the report that joined or left
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class CaseAction(SQLModel, table=True):
    """Something that is done in a case by a day."""

    __tablename__ = "case_action"

    reference: str = Field(primary_key=True)  # ASB-12/3
    case_id: str = Field(foreign_key="asb_case.id", index=True)
    number: int
    kind: ActionKind = Field(sa_type=words(ActionKind))
    what: str | None = None
    due: date
    follows: str | None = None  # the warning that a notice follows
    notice: str | None = None  # the number of the warning or notice that was given
    item_id: str | None = None  # of the tasking group, to which it was referred
    done_at: datetime | None = None
    result: str | None = None
    made_at: datetime
    made_by: str = Field(foreign_key="person.id")


class ReportStep(SQLModel, table=True):
    """One thing that the desk did about a report. Never changed: the newest that is no acknowledgement counts."""

    __tablename__ = "report_step"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(foreign_key="submission.instance_id", index=True)
    kind: ReportStepKind = Field(sa_type=words(ReportStepKind))
    case_id: str | None = Field(default=None, foreign_key="asb_case.id", index=True)
    how: Way | None = Field(default=None, sa_type=words(Way))
    words: str | None = None
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Meeting(SQLModel, table=True):
    """A meeting of the tasking group. Who was there and what was taken are rows of their own, sealed with this one."""

    id: str = Field(primary_key=True)  # as it is called: NTG-2026-19
    held_at: datetime = Field(index=True)
    place: str | None = None
    chair: str
    minuter: str
    state: MeetingState = Field(default=MeetingState.PLANNED, sa_type=words(MeetingState), index=True)
    state_at: datetime
    opened_at: datetime | None = None
    previous_ok: bool | None = None  # whether the last minutes were agreed; None while nobody has asked
    hotspots: list | None = Field(default=None, sa_column=Column(JSON))  # as they stood when the pack went out
    hotspots_said: str = ""
    plans_said: str = ""  # about coming events and patrols
    next_at: datetime | None = None
    minutes: dict | None = Field(default=None, sa_column=Column(JSON))  # as they were agreed; never changed after
    made_at: datetime
    made_by: str = Field(foreign_key="person.id")


class Attendance(SQLModel, table=True):
    """Somebody who is invited to a meeting for an agency."""

    id: str = Field(primary_key=True)
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    position: int
    agency: str  # a name of the list of agencies
    person: str
    role: str = ""
    presence: Presence = Field(default=Presence.INVITED, sa_type=words(Presence))
    signed_at: datetime | None = None  # confidentiality, for this meeting alone (NT1)


class AgendaItem(SQLModel, table=True):
    """An item of the tasking group on the agenda of a meeting, and what was said and decided there."""

    __tablename__ = "agenda_item"

    meeting_id: str = Field(primary_key=True, foreign_key="meeting.id")
    item_id: str = Field(primary_key=True, foreign_key="tasking_item.id", index=True)
    position: int
    said: str = ""
    decided: str = ""
    taken_at: datetime | None = None


class Share(SQLModel, table=True):
    """One disclosure at or after a meeting: of what kind, never the content (NT2)."""

    number: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    meeting_id: str = Field(foreign_key="meeting.id", index=True)
    item_id: str = Field(foreign_key="tasking_item.id", index=True)  # what it is about
    at: datetime
    from_agency: str
    to_agencies: list = Field(sa_column=Column(JSON, nullable=False))
    summary: str
    depersonalised: bool
    gateway: Gateway | None = Field(default=None, sa_type=words(Gateway))
    purpose: str
    basis: Basis | None = Field(default=None, sa_type=words(Basis))
    decided_by: str
    destroy_by: date = Field(index=True)
    destroyed: dict = Field(default_factory=dict, sa_column=Column(JSON, nullable=False))  # by agency, the day
    made_by: str = Field(foreign_key="person.id")


class Pad(SQLModel, table=True):
    """A code in the numbers of notices, and the one device that ever makes numbers with it."""

    code: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    device_id: str = Field(foreign_key="device.id", index=True)
    given_at: datetime


class Holder(SQLModel, table=True):
    """Who carries a device; the newest counts. The name and number stand on the notices that they give."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    device_id: str = Field(foreign_key="device.id", index=True)
    name: str
    number: str
    since: date
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Authorisation(SQLModel, table=True):
    """What an officer may give notices for, by a paper with a reference; the newest of an offence counts."""

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    device_id: str = Field(foreign_key="device.id", index=True)
    offence: str
    reference: str
    starts_on: date
    ends_on: date  # the last day; before starts_on when it was withdrawn
    person_id: str = Field(foreign_key="person.id")
    at: datetime


class Notice(SQLModel, table=True):
    """A legal notice that a record gave, as it was given. Amounts are in pence."""

    instance_id: str = Field(primary_key=True, foreign_key="submission.instance_id")
    seq: int = Field(unique=True)
    number: str = Field(index=True)
    offence: str
    given_at: datetime
    given_on: date
    amount: int | None = None  # none on a warning
    discount_amount: int | None = None
    discount_until: date | None = None
    no_proceedings_until: date | None = None
    pay_by: date | None = None
    whom: str = Field(index=True)  # a digest of name and date of birth: finds the same person, names nobody
    place: str


class NoticeStep(SQLModel, table=True):
    """One thing that happened to a notice after it was given."""

    __tablename__ = "notice_step"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    instance_id: str = Field(foreign_key="notice.instance_id", index=True)
    kind: StepKind = Field(sa_type=words(StepKind))
    on: date
    amount: int | None = None
    reference: str | None = None
    reason: str | None = None
    note: str | None = None
    person_id: str = Field(foreign_key="person.id")
    at: datetime


def insert(session: Session, *rows: SQLModel) -> None:
    """Insert rows of one table at once, past the session's unit of work.

    A delivery writes half a dozen rows; flushing each by itself took most of the server's time. The session does not
    know the rows afterwards: who needs one reads it.
    """
    if rows:
        session.connection().execute(insert_into(type(rows[0])), [row.model_dump() for row in rows])
