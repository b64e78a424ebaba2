"""A data folder with very many records, as if a district had worked for three years: for measuring, and for looking.

Some hundred records of many kinds are read by Beatbook itself; the others are those again at other times and places,
in other words, of other devices, with their own bytes, digests, events and decisions, written to the database many at
a time. Nothing is left out that the server would have written, so `python3 server verify --data FOLDER` passes.
"""

import argparse
import hashlib
import itertools
import json
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from filled import filled
from sqlmodel import Session, SQLModel, select

from beatbook import attachments, envelope, events, grid, listings, people, photos, submissions
from beatbook.demo import pictures
from beatbook.demo.records import number_of
from beatbook.forms import Form, Forms, answers
from beatbook.models import (
    Attachment,
    Blob,
    Device,
    Event,
    Listing,
    ListingFlag,
    Person,
    RaisedFlag,
    Review,
    ReviewState,
    Role,
    Submission,
    Tally,
)
from beatbook.office import JUMPED, Office, open_office
from beatbook.settings import Settings
from beatbook.submissions import Reading
from beatbook.submissions import flags as flagging

# What a unit records, in parts of a thousand.
# fmt: off
SHARES = {
    "litter": 330, "graffiti": 215, "asb": 150, "notebook": 90, "gate_visit": 70, "hut_damage": 60, "event_log": 40,
    "driver_contact": 30, "walking_bus": 11, "wow_tally": 3, "draw_contact": 1,
}
STATES = {
    ReviewState.APPROVED: 955, ReviewState.REJECTED: 20, ReviewState.RECEIVED: 11, ReviewState.EDITED: 8,
    ReviewState.HAS_ISSUES: 6,
}
# fmt: on
VARIANTS = 30  # of one form
DEVICES, DECIDERS, PHOTOS = 40, 4, 12
YEARS = 3
PLACE, WORDS = "Qplaceq", "Qwordsq"  # stand in a variant for what each record has of its own
VOCABULARY = 6000  # words that people write, some of them all the time
WAITING = 3000  # the newest, about which nobody has decided
LAG = 900  # records that come between one and the decision about it
MISSING = 3  # of a thousand wait for a photo
TOGETHER = 20_000  # records of one transaction
LONDON = ZoneInfo("Europe/London")


def main() -> None:
    asked = argparse.ArgumentParser(prog="python3 tests/benchmarks million", description=__doc__)
    asked.add_argument("--records", type=int, default=1_000_000)
    asked.add_argument("--data", type=Path, required=True, help="a folder that is not there yet")
    chosen = asked.parse_args()
    if chosen.data.exists():
        raise SystemExit(f"{chosen.data} is there already.")
    began = time.monotonic()

    def tell(done: int) -> None:
        print(f"{done:>9,} records after {time.monotonic() - began:.0f} s", flush=True)

    make(chosen.data, chosen.records, datetime.now(UTC), tell=tell)
    print(f"Made {chosen.records:,} records in {time.monotonic() - began:.0f} s: {chosen.data}")


def make(data: Path, count: int, now: datetime, *, tell: Any = lambda done: None) -> None:
    """Fill a new data folder. `now` is when the last record came."""
    settings = Settings(data=data, log_level="ERROR")
    begins = now - timedelta(days=365 * YEARS)
    office = open_office(settings, lambda: begins)
    try:
        assert settings.database_file is not None
        district = settle_in(office, begins)
        writing = Writing(settings.database_file, district, count, begins, now)
        writing.all(tell)
        # So the server erases nothing of it by itself while it is measured, as after a long time off.
        office.database.write(lambda session: events.append(session, JUMPED, "clock", actor="server", now=now))
    finally:
        office.close()


# What all of them share -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Variant:
    """One record as Beatbook read it, from which others are made."""

    form: Form
    row: dict[str, Any]  # of the submission
    payload: str
    said: str
    flags: list[str]  # by which the desk finds it
    raised: list[RaisedFlag]
    photo: dict[str, Any] | None  # as the payload lists it
    personal: bool


@dataclass(frozen=True)
class Place:
    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True)
class District:
    variants: dict[str, list[Variant]]
    places: list[Place]
    devices: list[Device]
    deciders: list[Person]
    epoch: str


def settle_in(office: Office, now: datetime) -> District:
    """People, devices and a few photos, through the server's own doors."""

    def join(session: Session) -> tuple[list[Person], list[Device], str]:
        persons = [
            people.add_person(session, f"Supervisor {n + 1}", Role.SUPERVISOR, now=now, email=f"s{n}@council.example")
            for n in range(DECIDERS)
        ]
        devices = []
        for number in range(DEVICES):
            invited = people.invite(session, Role.OFFICER, f"Phone {number + 1}", minutes=60, now=now)
            session.flush()
            devices.append(people.enrol(session, invited.code, now=now).device)
        return persons, devices, events.ledger(session).epoch

    persons, devices, epoch = office.database.write(join)
    taken = [pictures.photo("brick_wall", number, "KRON") for number in range(PHOTOS)]
    incoming = [attachments.incoming_of(office.blobs, data) for data in taken]
    inspected = [photos.inspect(one.head, one.path, max_pixels=office.settings.max_pixels) for one in incoming]

    def hold(session: Session) -> None:
        for photo, seen in zip(incoming, inspected, strict=True):
            attachments.receive(session, photo, seen, devices[0], now=now)

    office.database.writer.take(hold, incoming).result()
    with office.database.reading() as session:
        held = list(session.exec(select(Blob)))
        listed = [{"sha256": one.sha256, "size": one.size, "mediaType": one.media_type} for one in held]
        chance = Random("variants")
        variants = {
            form_id: list(variants_of(session, office, form_id, devices[0], listed, now, chance)) for form_id in SHARES
        }
    return District(variants, places(office.forms), devices, persons, epoch)


def places(forms: Forms) -> list[Place]:
    """Streets, parks and school gates; problems gather, so the first are named far more often than the last."""
    rows = [row for name in ("parks", "school_places", "streets") for row in forms.lists.get(name, ())]
    found = [Place(row["label"], float(row["latitude"]), float(row["longitude"])) for row in rows if row["latitude"]]
    Random("places").shuffle(found)
    return found


def variants_of(
    session: Session, office: Office, form_id: str, device: Device, held: list[dict[str, Any]], now: datetime,
    chance: Random,
) -> Iterator[Variant]:  # fmt: skip
    form = office.forms.newest(form_id)
    assert form is not None, form_id
    usual = filled(form, office.forms, now)
    for number in range(VARIANTS):
        given = varied(form, office.forms, usual, now, chance)
        image = next((one for one in form.fields if one.type == "image" and given.get(one.name)), None)
        photo = {"field": image.name, **held[number % len(held)]} if image else None
        if image and photo:
            given[image.name] = [photo["sha256"]]
        if number % 30 == 0:  # an answer that had to be given is missing
            required = [one.name for one in form.fields if one.required is True and one.type == "select_one"]
            given.pop(chance.choice(required), None) if required else None
        envelope_ = {
            "instanceId": "00000000-0000-7000-8000-000000000000",
            "formId": form_id,
            "formVersion": form.version,
            "capturedAt": "Qcapturedq",
            "counter": "Qcounterq",
            "replaces": "Qreplacesq",
            "patrolId": None,
            "location": "Qlocationq",
            "answers": given,
            "attachments": [photo] if photo else [],
            "app": "0.1.0",
        }
        payload = json.dumps(envelope_, ensure_ascii=False, separators=(",", ":"))
        yield variant_of(session, office, form, payload, device, photo, now)


def varied(form: Form, forms: Forms, usual: dict[str, Any], now: datetime, chance: Random) -> dict[str, Any]:
    """The usual answers with other choices, numbers and words, as far as nothing is wrong with them."""
    given = dict(usual)
    if "outcome" in usual:  # no notices, for each of those would have a number of its own
        given["outcome"] = "none" if form.form_id == "graffiti" else "advice"
    asked = [one for one in form.fields_flat() if not form.homes[one.name] and not one.unique]
    for one in chance.sample(asked, len(asked)):
        if one.type == "select_one" and one.choices and one.name in given and one.name != "outcome":
            other: object = chance.choice(one.choices).name
        elif one.type in ("counter", "integer") and one.name in given:
            other = chance.randint(int(one.min or 0), int(one.min or 0) + 12)
        elif one.name == "place_text" or one.name in FREE:
            other = PLACE if one.name == "place_text" else WORDS
        else:
            continue
        attempt = given | {one.name: other}
        if not answers.problems(form, attempt, forms.context(now, attempt, ())):
            given = attempt
    return dict(answers.cleaned(form, given, forms.context(now, given, ())))


FREE = ("notes", "note", "what", "litter_detail", "text_seen", "driver_said")


def variant_of(
    session: Session, office: Office, form: Form, payload: str, device: Device, photo: dict[str, Any] | None,
    now: datetime,
) -> Variant:  # fmt: skip
    """As the server reads it; nothing is stored."""
    frozen = payload.replace('"Qcapturedq"', json.dumps(now.isoformat(timespec="seconds"))).replace('"Qcounterq"', "1")
    frozen = frozen.replace('"Qreplacesq"', "null").replace('"Qlocationq"', "null")
    read = envelope.read(frozen.encode())
    reading: Reading = submissions.reading_of(
        session, read, frozen.encode(), "", device, now=now, forms=office.forms, settings=office.settings
    )
    assert not reading.is_notice and not reading.numbers, f"{form.form_id}: {read.answers}"
    return Variant(
        form=form,
        row=reading.submission.model_dump(),
        payload=payload,
        said=listings.said(form, read.answers, office.forms),
        flags=sorted(listings.flags_of(reading.submission)),
        raised=flagging.rows_of(reading.submission),
        photo=photo,
        personal=answers.is_personal(form, read.answers),
    )


# Each of them -----------------------------------------------------------------------------------------------------


class Due(NamedTuple):
    """A decision that is still to be written down."""

    instance_id: str
    state: ReviewState
    person: Person


class Row(NamedTuple):
    """What a record needs of chance."""

    variant: Variant
    place: Place
    device: Device
    state: ReviewState


@dataclass
class Writing:
    """All records, in the order in which they came."""

    database: Path
    district: District
    count: int
    begins: datetime
    now: datetime
    chance: Random = field(default_factory=lambda: Random("million"))
    rows: dict[type[SQLModel], list[tuple[Any, ...]]] = field(default_factory=dict)
    words: list[tuple[Any, ...]] = field(default_factory=list)
    tallies: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    decisions: deque[Due | None] = field(default_factory=deque)
    mends: dict[int, str] = field(default_factory=dict)  # which record a later one replaces, by the later's number
    counters: Counter[str] = field(default_factory=Counter)
    checked: set[int] = field(default_factory=set)

    def all(self, tell: Any) -> None:
        connection = sqlite3.connect(self.database, isolation_level=None)
        try:
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("PRAGMA cache_size = -400000")
            self.seq, self.chain = connection.execute("SELECT seq, chain FROM ledger").fetchone()
            sentences, choices = self.sentences(), self.choices()
            for start in range(0, self.count, TOGETHER):
                for number in range(start, min(start + TOGETHER, self.count)):
                    self.one(number, next(choices), next(sentences))
                self.write(connection)
                tell(min(start + TOGETHER, self.count))
            connection.execute("BEGIN")
            into(connection, "tally", columns_of(Tally), [(*key, number) for key, number in self.tallies.items()])
            connection.execute("COMMIT")
        finally:
            connection.close()

    def choices(self) -> Iterator[Row]:
        chance, district = self.chance, self.district
        forms = list(itertools.accumulate(SHARES.values()))
        states = list(itertools.accumulate(STATES.values()))
        popular = list(itertools.accumulate(1 / (rank + 4) for rank in range(len(district.places))))
        busy = list(itertools.accumulate(1 / (rank + 6) for rank in range(DEVICES)))
        while True:
            (form_id,) = chance.choices(list(SHARES), cum_weights=forms)
            yield Row(
                variant=chance.choice(district.variants[form_id]),
                place=chance.choices(district.places, cum_weights=popular)[0],
                device=chance.choices(district.devices, cum_weights=busy)[0],
                state=chance.choices(list(STATES), cum_weights=states)[0],
            )

    def sentences(self) -> Iterator[str]:
        """What people write: a few words all the time, many hardly ever."""
        letters, chance = Random("words"), self.chance
        vocabulary = [*COMMON, *(made_up(letters) for _ in range(VOCABULARY))]
        often = list(itertools.accumulate(1 / (rank + 3) for rank in range(len(vocabulary))))
        while True:
            yield " ".join(chance.choices(vocabulary, cum_weights=often, k=chance.randint(3, 12)))

    def one(self, number: int, chosen: Row, sentence: str) -> None:
        chance, variant, device = self.chance, chosen.variant, chosen.device
        received = self.begins + (self.now - self.begins) * ((number + 1) / self.count)
        captured = (received - late(chance)).replace(microsecond=0)
        instance_id, replaces = number_of(captured, chance), self.mends.pop(number, None)
        self.counters[device.id] += 1
        position = self.position(chosen.place)
        location = {
            "latitude": position[0],
            "longitude": position[1],
            "accuracy": position[2],
            "source": "gps",
            "fixedAt": captured.isoformat(),
        }
        has_place = chance.random() < 0.93
        payload = variant.payload.replace("00000000-0000-7000-8000-000000000000", instance_id)
        payload = payload.replace('"Qcapturedq"', f'"{captured.isoformat()}"')
        payload = payload.replace('"Qcounterq"', str(self.counters[device.id]))
        payload = payload.replace('"Qreplacesq"', f'"{replaces}"' if replaces else "null")
        payload = payload.replace('"Qlocationq"', json.dumps(location, separators=(",", ":")) if has_place else "null")
        payload = payload.replace(PLACE, chosen.place.name).replace(WORDS, sentence)
        is_missing, photo = variant.photo is not None and chance.randrange(1000) < MISSING, variant.photo
        if is_missing and photo:
            absent = hashlib.sha256(instance_id.encode()).hexdigest()
            payload, photo = payload.replace(photo["sha256"], absent), {**photo, "sha256": absent}
        frozen = payload.encode()
        row = variant.row | {
            "instance_id": instance_id,
            "epoch": self.district.epoch,
            "digest": hashlib.sha256(frozen).hexdigest(),
            "payload": frozen,
            "device_id": device.id,
            "received_at": received,
            "captured_at": captured,
            "counter": self.counters[device.id],
            "replaces": replaces,
            "title": own(variant.row["title"], chosen.place.name, sentence)[: envelope.MAX_TEXT],
            "place": own(variant.row["place"], chosen.place.name, sentence) if variant.row["place"] else None,
            "latitude": position[0] if has_place else None,
            "longitude": position[1] if has_place else None,
            "accuracy": position[2] if has_place else None,
            "complete": not is_missing,
        }
        self.check(variant, row)
        data = {"digest": row["digest"], "form": variant.form.form_id, "row": events.digest_of(sealed(row))}
        row["seq"] = self.event(received, "submission.received", instance_id, f"device:{device.id}", data)
        row["chain"] = self.chain
        if not is_missing:
            self.event(received, "submission.completed", instance_id, "server", {})
        if photo:
            listed = (photo["field"], photo["sha256"], photo["size"], photo["mediaType"])
            self.add(Attachment, (instance_id, 0, *listed))
        if replaces:
            self.event(received, "submission.edited", replaces, "server", {})
        state, person = self.decided(number, chosen.state, instance_id)
        self.add(Submission, stored({**row, "review_state": state}, Submission))
        for one in variant.raised:
            self.add(RaisedFlag, stored(one.model_dump() | {"instance_id": instance_id, "seq": row["seq"]}, RaisedFlag))
        self.decide(received)
        self.list(row, state, person, variant, own(variant.said, chosen.place.name, sentence))

    def position(self, place: Place) -> tuple[float, float, float]:
        chance = self.chance
        return (
            round(place.latitude + chance.gauss(0, 0.0006), 6),
            round(place.longitude + chance.gauss(0, 0.0009), 6),
            round(chance.uniform(3.5, 24), 1),
        )

    def decided(self, number: int, state: ReviewState, instance_id: str) -> tuple[ReviewState, Person | None]:
        """What becomes of a record; the decision itself comes later."""
        person = self.chance.choice(self.district.deciders)
        newer = number + 50 + self.chance.randrange(LAG)
        if number >= self.count - max(1, min(WAITING, self.count // 20)) or state is ReviewState.RECEIVED:
            self.decisions.append(None)
            return ReviewState.RECEIVED, None
        if state is ReviewState.EDITED:
            self.decisions.append(None)
            if newer >= self.count or newer in self.mends:
                return ReviewState.RECEIVED, None
            self.mends[newer] = instance_id
            return state, None
        self.decisions.append(Due(instance_id, state, person))
        return state, person

    def decide(self, now: datetime) -> None:
        """The decision about a record that came a while ago; at the end about all of those that are left."""
        is_last = now >= self.now
        while self.decisions and (is_last or len(self.decisions) > min(LAG, self.count // 20)):
            due = self.decisions.popleft()
            if due is None:
                continue
            reason = None if due.state is ReviewState.APPROVED else "missing"
            made = SimpleNamespace(seq=0, instance_id=due.instance_id, state=due.state, reason=reason, note=None)
            made.person_id, made.at = due.person.id, now
            seal = {name: events.sealable(value) for name, value in vars(made).items() if name != "seq"}
            data = {"state": due.state, "row": events.digest_of(seal)}
            actor = f"person:{due.person.id}"
            made.seq = self.event(now, "submission.reviewed", due.instance_id, actor, data)
            self.add(Review, stored(vars(made), Review))

    def list(self, row: dict[str, Any], state: ReviewState, person: Person | None, variant: Variant, said: str) -> None:
        """Its place in the desk's lists, as `listings.put` and `listings.changed` would have left it."""
        submission: Any = SimpleNamespace(**row)
        listing = SimpleNamespace(person_id=person.id if person else None)
        where = grid.quick_square(row["latitude"], row["longitude"])
        listing.seq, listing.instance_id, listing.form_id = row["seq"], row["instance_id"], row["form_id"]
        listing.state, listing.complete, listing.device_id = state, row["complete"], row["device_id"]
        listing.day = row["received_at"].astimezone(LONDON).date().isoformat()
        listing.captured = listings.rank(row["captured_at"], row["seq"])
        listing.area = grid.number_of(grid.around(where, grid.AREA)) if where else None
        listing.cell = grid.number_of(where) if where else None
        listing.personal = variant.personal
        if id(variant) not in self.checked:
            self.checked.add(id(variant))
            whole = listings.row_of(submission, state=state, complete=row["complete"], zone=LONDON)
            assert whole.model_dump() | {name: vars(listing)[name] for name in ("person_id", "personal")} == vars(
                listing
            )
        self.add(Listing, stored(vars(listing), Listing))
        rest: Any = listing
        words = listings.words_of(submission, said)
        self.words.append((rest.captured, rest.seq, words.title, words.place, words.rest, terms(rest, variant.flags)))
        for flag in variant.flags:
            self.add(ListingFlag, (flag, row["seq"]))
        for tally in listings.tallies_of(listing.day, listing.cell, variant.flags):
            self.tallies[*tally.values(), row["form_id"], state.value, int(row["complete"])] += 1

    def event(self, at: datetime, kind: str, subject: str, actor: str, data: dict[str, Any]) -> int:
        self.seq += 1
        one: Any = SimpleNamespace(seq=self.seq, at=at, kind=kind, actor=actor, subject=subject)
        one.data = events.canonical(data)
        self.chain = one.chain = events.chain_of(self.chain, one)
        self.add(Event, (one.seq, moment(at), kind, actor, subject, one.data, one.chain))
        return self.seq

    def check(self, variant: Variant, row: dict[str, Any]) -> None:
        """Once for each variant: what is sealed here is what the server seals."""
        if id(variant) not in self.checked:
            assert sealed(row) == submissions.sealed(Submission(**row)), "the seal of a submission has changed"

    def add(self, table: type[SQLModel], row: tuple[Any, ...]) -> None:
        self.rows.setdefault(table, []).append(row)

    def write(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for table in (Event, Submission, Attachment, RaisedFlag, Review, Listing, ListingFlag):
            into(connection, str(table.__tablename__), columns_of(table), self.rows.pop(table, []))
        names = ("rowid", "title", "place", "rest", "terms")
        into(connection, listings.BY_RECEIPT, names, [(seq, *rest) for _, seq, *rest in self.words])
        into(connection, listings.BY_CAPTURE, names, sorted((captured, *rest) for captured, _, *rest in self.words))
        self.words.clear()
        connection.execute("UPDATE ledger SET seq = ?, chain = ?", (self.seq, self.chain))
        connection.execute("COMMIT")


COMMON = (
    "bin", "seen", "left", "near", "again", "road", "path", "cans", "bags", "wall", "late", "young", "shouting",
    "broken", "paint", "council", "asked", "cleaned", "resident", "bench", "gate", "parked", "engine", "rubbish",
)  # fmt: skip
SYLLABLES = ("ba", "ker", "lo", "min", "ra", "tel", "vor", "shi", "pen", "dow", "gra", "hul", "cy", "fen", "mar", "tos")


def vocabulary() -> list[str]:
    """The commonest first."""
    chance = Random("words")
    return [*COMMON, *(made_up(chance) for _ in range(VOCABULARY))]


def made_up(chance: Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.randint(2, 4)))


def late(chance: Random) -> timedelta:
    """Between capture and receipt: mostly a minute, sometimes a day without signal."""
    kind = chance.random()
    if kind < 0.85:
        return timedelta(seconds=chance.randint(4, 80))
    return timedelta(minutes=chance.randint(8, 90)) if kind < 0.97 else timedelta(minutes=chance.randint(90, 4000))


def own(text: str, place: str, sentence: str) -> str:
    return text.replace(PLACE, place).replace(WORDS, sentence)


TERMS: dict[tuple[Any, ...], str] = {}


def terms(row: Any, flags: Sequence[str]) -> str:
    """`listings.terms_of`, remembered: there are few devices, places and states."""
    key = (row.form_id, row.state, row.device_id, row.person_id, row.cell, *flags)
    if key not in TERMS:
        TERMS[key] = listings.terms_of(row, flags)
    return TERMS[key]


APART = {"seq", "chain", "payload", "complete", "review_state"}


def sealed(row: dict[str, Any]) -> dict[str, Any]:
    apart = APART if row["flags"] else APART | {"flags"}
    return {name: events.sealable(value) for name, value in row.items() if name not in apart}


# As SQLite keeps them ---------------------------------------------------------------------------------------------


def stored(row: dict[str, Any], table: type[SQLModel]) -> tuple[Any, ...]:
    return tuple(plain(row[name]) for name in columns_of(table))


COLUMNS: dict[type[SQLModel], list[str]] = {}


def columns_of(table: type[SQLModel]) -> list[str]:
    if table not in COLUMNS:
        COLUMNS[table] = [column.name for column in SQLModel.metadata.tables[str(table.__tablename__)].columns]
    return COLUMNS[table]


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, list):
        return json.dumps(value)
    return value.value if isinstance(value, ReviewState) else value


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def into(connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    marks = ", ".join("?" for _ in columns)
    connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)


if __name__ == "__main__":
    main()
