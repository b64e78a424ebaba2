"""Cells: tables as CSV that spreadsheets read as what they are, and never as formulas to run."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

BOM = "\ufeff"  # tells spreadsheets that the file is UTF-8
RUNS = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet would run


def lines(header: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """A CSV file line by line, so that a long one needs no more memory than a short one."""
    yield BOM + line(header)
    for row in rows:
        yield line(row)


def line(cells: Sequence[object]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([safe(cell) for cell in cells])
    return out.getvalue()


def safe(cell: object) -> str:
    """A quote before what would run; numbers, also negative ones, are what they are."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(RUNS) and not is_number(text) else text


def bare(cell: str) -> str:
    """A cell as it was before `safe`."""
    return cell[1:] if cell[:1] == "'" and cell[1:].startswith(RUNS) else cell


def is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return text.isascii() and not text.startswith("+")
