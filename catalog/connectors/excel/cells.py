"""One cell of a sheet, as it is seen; what a spreadsheet loses is told, not guessed."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl.cell.cell import ERROR_CODES
from openpyxl.styles.numbers import is_datetime

from catalog.connectors.cells import Cell, Row, text_cell
from catalog.connectors.errors import ConnectorError
from catalog.vocabularies.plain_types import PlainType

ABSENT = "#N/A"
_EXACT = 10**15
_ZEROS = re.compile("0{2,}")
_LEADING_ZERO = re.compile("0[0-9]+")


def read_cell(cell: Any, *, field: str, row: int) -> Cell | None:
    """
    Return what a cell shows; a formula is its last computed value, or nothing without one.

    :raises ConnectorError: an error of the spreadsheet, a number that lost its last digits
    """
    value = cell.value
    if value is None or value in {"", ABSENT}:
        return None
    if isinstance(value, bool):
        return Cell("true" if value else "false", PlainType.BOOLEAN)
    if isinstance(value, int | float):
        return _number(value, cell, field=field, row=row)
    if isinstance(value, datetime | date):
        return _moment(value, cell.number_format)
    if isinstance(value, time | timedelta):
        return Cell(str(value), PlainType.TEXT)
    if value in ERROR_CODES:
        raise ConnectorError(
            "formula_error",
            "Row %(row)s of the column “%(field)s” holds an error of the spreadsheet.",
            values={"row": row, "field": field},
            remedy="Correct the formula, or write #N/A or nothing where there is no value.",
        )
    return text_cell(str(value), PlainType.TEXT, field=field, row=row)


def _number(value: float, cell: Any, *, field: str, row: int) -> Cell:
    if not float(value).is_integer():
        return Cell(repr(value), PlainType.NUMBER)
    if abs(value) >= _EXACT:
        raise ConnectorError(
            "rounded_number",
            "Row %(row)s of the column “%(field)s” is a number of more than 15 digits: the"
            " spreadsheet has lost the last ones.",
            values={"row": row, "field": field},
            remedy="Make the column text and import the codes again.",
        )
    whole = str(int(value))
    if _ZEROS.fullmatch(cell.number_format):
        return Cell(whole.zfill(len(cell.number_format)), PlainType.TEXT)
    return Cell(whole, PlainType.INTEGER)


def _moment(value: date, number_format: str) -> Cell:
    """Tell days from moments by how the cell shows them, not by the hour that it hides."""
    if isinstance(value, datetime):
        if is_datetime(number_format) != "date":
            return Cell(value.isoformat(timespec="seconds"), PlainType.DATETIME)
        value = value.date()
    return Cell(value.isoformat(), PlainType.DATE)


def without_lost_zeros(names: Sequence[str], rows: Iterator[tuple[int, Row]]) -> Iterator[Row]:
    """
    Pass rows on as long as no column mixes codes that begin with zero and numbers.

    :raises ConnectorError: at the first such row
    """
    codes: set[str] = set()
    numbers: dict[str, int] = {}
    for at, row in rows:
        for name, cell in zip(names, row, strict=True):
            if cell is None:
                continue
            if cell.plain is PlainType.INTEGER:
                numbers.setdefault(name, at)
            elif cell.plain is PlainType.TEXT and _LEADING_ZERO.fullmatch(cell.text):
                codes.add(name)
            if name in codes and name in numbers:
                raise _lost_zero(name, numbers[name])
        yield row


def _lost_zero(name: str, row: int) -> ConnectorError:
    return ConnectorError(
        "numbers_among_codes",
        "The column “%(field)s” holds codes that begin with zero, but row %(row)s is a number: a"
        " zero may be lost.",
        values={"field": name, "row": row},
        remedy="Make the whole column text, and give the codes their zeros back.",
    )
