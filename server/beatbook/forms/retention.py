"""Retention: how long each class of record is kept, and from when; forms name their class.

The defaults are what comparable councils publish. A council's own schedule overrides them with dated settings such as
`retention.graffiti.years` or `retention.works.photo_days`; each has a maximum, and nothing is kept for ever (DP12).
"""

from dataclasses import dataclass
from enum import StrEnum

MOST_YEARS = 10  # the longest that a comparable council publishes for enforcement


class From(StrEnum):
    CLOSED = "closed"  # the day the record was closed
    CAPTURED = "captured"  # the day it happened
    SCHOOL_YEAR = "school_year"  # the end of the school year in which it happened: see dated.py
    PAID = "paid"
    DRAWN = "drawn"  # the day of the prize draw


@dataclass(frozen=True)
class Retention:
    label: str
    years: int = 0
    days: int = 0
    counted_from: From = From.CLOSED
    photo_days: int | None = None  # None: as long as the record
    photos_counted_from: From = From.CLOSED

    def most(self, unit: str) -> int | None:
        """The longest that a council may set; None where this class is not counted in that unit."""
        if unit == "years":
            return min(2 * self.years, MOST_YEARS) or None
        if unit == "days":
            return 2 * self.days or None
        return 2 * self.photo_days if unit == "photo_days" and self.photo_days else None


RETENTION: dict[str, Retention] = {
    "enforcement": Retention("Penalty, warning or advice", years=6, photo_days=60, photos_counted_from=From.PAID),
    "prosecution": Retention("Prosecuted", years=6),
    "cancelled": Retention("Cancelled, or a young person referred", years=1),
    "asb_case": Retention("Anti-social behaviour case", years=6),
    "asb_report": Retention("One-off report", years=1),
    "graffiti": Retention("Graffiti, nobody suspected", years=2, photo_days=365),
    "works": Retention("Works and bin requests", years=2, photo_days=365),
    "mock_ticket": Retention(
        "Mock ticket", counted_from=From.SCHOOL_YEAR, photo_days=30, photos_counted_from=From.CAPTURED
    ),
    "gate_visit": Retention("School gate visit", years=3, counted_from=From.CAPTURED),
    "driver_contact": Retention("Words with a driver", days=180, counted_from=From.CAPTURED),
    "tasking": Retention("Tasking group", years=6),
    "event": Retention("Event", years=3, counted_from=From.CAPTURED),
    "draw_contact": Retention("Prize draw contact", days=30, counted_from=From.DRAWN),
    "hut_check": Retention("Beach hut check", years=3, counted_from=From.CAPTURED),
    "hut_damage": Retention("Beach hut damage", years=6),
    "walking": Retention("Walking counts", years=6, counted_from=From.CAPTURED),
    "card_stamps": Retention("Walking cards", counted_from=From.SCHOOL_YEAR),
    "task": Retention("Task given out", years=1),
    "aside": Retention("Kept aside, and looked at", years=1),
    "saved_filter": Retention("Saved filter", years=2, counted_from=From.CAPTURED),
    "removed_filter": Retention("Saved filter that was removed", days=30),
    "unlisted_photo": Retention("Photos that no record lists", days=30, counted_from=From.CAPTURED),
    "list_history": Retention("What stood in a list before", years=2, counted_from=From.CAPTURED),
    "audit": Retention("Event log", years=7, counted_from=From.CAPTURED),
    "notebook": Retention("Notebook", years=6),
}
