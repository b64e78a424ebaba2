"""What a class sends from its tablet: ticket pictures and walking tallies."""

from typing import Any

from actors import Record, a_record

A_DRAWING = {
    "background": "street",
    "parts": [{"sticker": "lollipop", "x": 400, "y": 300, "size": 4, "turn": 0}],
}


def design(school: str = "northbrook", year: str = "year4", **more: Any) -> Record:
    """`more` are answers, or members of the envelope."""
    around = {name: more.pop(name) for name in ("capturedAt", "formVersion", "patrolId") if name in more}
    answers = {"school": school, "made_by": f"{school}_{year}", "drawing": A_DRAWING, "votes": 9, **more}
    return a_record(form="ticket_design", location=None, answers=answers, **around)


def pictures(fetched: dict[str, Any]) -> list[dict[str, Any]]:
    return [row for one in fetched["lists"] if one["name"] == "designs" for row in one["rows"] if "drawing" in row]


def a_tally(
    school: str = "northbrook", year: str = "year3", at: str = "2026-11-18T09:05:00+00:00", **more: Any
) -> Record:
    answers = {
        "school_id": school,
        "class_id": f"{school}_{year}",
        "day": "2026-11-18",
        "roll": 27,
        "present": 25,
        "n_walk": 14,
        "n_wheel": 0,
        "n_cycle": 2,
        "n_scoot": 3,
        "n_stride": 3,
        "unable": 0,
        "entry": "teacher_count",
        **more,
    }
    return a_record(
        form="wow_tally", location=None, capturedAt=at, answers={k: v for k, v in answers.items() if v is not None}
    )
