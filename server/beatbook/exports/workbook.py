"""Workbook: a table as XLSX. What a spreadsheet would run is text there, and stays text when edited."""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from .. import cells
from ..blobs import CHUNK
from .marking import About

MOST_ROWS = 1_048_576  # of one sheet; what is more goes on in the next
MOMENT = "yyyy-mm-dd hh:mm"
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML cannot hold
WIDE, NARROW = 28, 14  # characters


def chunks(header: Sequence[str], rows: Iterable[Sequence[object]], about: About, zone: ZoneInfo) -> Iterator[bytes]:
    """The file in pieces. It is made in a temporary file that has no name and goes with this iterator."""
    book = Workbook(write_only=True)
    sheet, number = new_sheet(book, header, about), 1
    for row in rows:
        if number == MOST_ROWS:
            sheet, number = new_sheet(book, header, about), 1
        sheet.append([cell(sheet, value, zone) for value in row])
        number += 1
    told = book.create_sheet("About")
    told.column_dimensions["A"].width, told.column_dimensions["B"].width = NARROW, 3 * WIDE
    for line in about.lines():
        told.append([cell(told, value, zone) for value in line])
    with tempfile.TemporaryFile() as file:
        book.save(file)
        file.seek(0)
        yield from iter(lambda: file.read(CHUNK), b"")


def new_sheet(book: Workbook, header: Sequence[str], about: About) -> WriteOnlyWorksheet:
    number = len(book.sheetnames) + 1
    sheet = book.create_sheet("Records" if number == 1 else f"Records {number}")
    sheet.freeze_panes = "A2"
    sheet.HeaderFooter.oddHeader.center.text = about.marking
    sheet.HeaderFooter.oddFooter.center.text = f"{about.marking}, page &P of &N"
    for place, label in enumerate(header, 1):
        sheet.column_dimensions[get_column_letter(place)].width = WIDE if len(label) > NARROW else NARROW
    titles = [WriteOnlyCell(sheet, label) for label in header]
    for title in titles:
        title.font = Font(bold=True)
        title.data_type = "s"
    sheet.append(titles)
    return sheet


def cell(sheet: WriteOnlyWorksheet, value: object, zone: ZoneInfo) -> object:
    """Moments in the town's time, numbers as numbers, everything else as text."""
    if isinstance(value, datetime):
        made = WriteOnlyCell(sheet, value.astimezone(zone).replace(tzinfo=None))
        made.number_format = MOMENT
        return made
    if value is None or isinstance(value, int | float):
        return value
    text = UNWRITABLE.sub("\ufffd", str(value))
    if not text.startswith(cells.RUNS):
        return text
    made = WriteOnlyCell(sheet, text)
    made.data_type = "s"
    made.quotePrefix = True  # what Excel itself sets for a quote typed before a text
    return made
