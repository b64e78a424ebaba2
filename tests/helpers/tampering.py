"""Somebody with a shell, who changes the database behind our back."""

import re
import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager

from beatbook.office import Office


@contextmanager
def tampered(office: Office, change: str) -> Generator[None]:
    """One statement, as long as this lasts; then its table is again as it was."""
    found = re.search(r"(?:UPDATE|FROM) (\w+)", change)
    assert found, change
    table = found[1]
    with closing(sqlite3.connect(office.settings.data / "beatbook.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        connection.execute(f"CREATE TEMP TABLE before AS SELECT * FROM {table}")
        connection.execute(change)
        try:
            yield
        finally:
            connection.execute(f"DELETE FROM {table}")
            connection.execute(f"INSERT INTO {table} SELECT * FROM before")
