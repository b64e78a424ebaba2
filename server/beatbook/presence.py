"""Presence: who looks at which record just now, so that two supervisors do not decide about the same one.

It is a hint and no lock: the first decision counts whatever stands here. Only in memory, for it is worth nothing after
a restart; who opened what is in the log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

STAYS_FOR = timedelta(seconds=45)  # three times as long as the pages take to say it again


@dataclass(frozen=True)
class Looking:
    name: str
    instance_id: str
    at: datetime


class Presence:
    def __init__(self) -> None:
        self.people: dict[str, Looking] = {}

    def look(self, person_id: str, name: str, instance_id: str, *, now: datetime) -> None:
        """A person looks at this record, and so no longer at another."""
        self.people[person_id] = Looking(name, instance_id, now)

    def others(self, person_id: str, instance_id: str, *, now: datetime) -> list[str]:
        """The names of the others who look at it."""
        return sorted(
            one.name
            for who, one in list(self.people.items())
            if who != person_id and one.instance_id == instance_id and now - one.at <= STAYS_FOR
        )
