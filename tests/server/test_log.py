"""The log of events only grows: the database itself refuses everything else, also to somebody with its password."""

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, func, select

from beatbook.models import Event

CHANGES = {
    "sqlite": (
        "UPDATE event SET actor = 'nobody'",
        "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
        "INSERT OR REPLACE INTO event SELECT seq, at, kind, 'nobody', subject, data, chain FROM event",
        "INSERT INTO event SELECT * FROM event WHERE true ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
    ),
    "postgresql": (
        "UPDATE event SET actor = 'nobody'",
        "DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
        "TRUNCATE event",
        "TRUNCATE event CASCADE",
        "INSERT INTO event SELECT * FROM event ON CONFLICT (seq) DO UPDATE SET actor = 'nobody'",
    ),
}


@pytest.mark.parametrize("database_url", ["sqlite", "postgres"], indirect=True)
def test_nothing_in_the_log_can_be_changed_or_taken_out(office, officer):
    engine = office.database.write_engine
    for change in CHANGES[engine.dialect.name]:
        with Session(engine) as session:
            before = session.exec(select(func.count(), func.max(Event.chain)).select_from(Event)).one()
            with pytest.raises(DBAPIError, match="append-only"):
                session.connection().exec_driver_sql(change)
            session.rollback()
            assert session.exec(select(func.count(), func.max(Event.chain)).select_from(Event)).one() == before, change
