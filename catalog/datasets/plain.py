"""How the values of a column read: whole numbers, numbers, dates of one format, or just text."""

from dataclasses import dataclass

from catalog.datasets import naming
from catalog.datasets.meanings import Reason
from catalog.datasets.naming import words_of
from catalog.datasets.profiles import ColumnProfile
from catalog.datasets.shapes import Shape
from catalog.vocabularies.plain_types import DateFormat, PlainType


@dataclass(frozen=True, slots=True)
class PlainReading:
    """The plain type that fits every value, and what a person should know about it."""

    plain: PlainType
    date_format: DateFormat | None = None
    unit_symbol: str = ""
    notes: tuple[Reason, ...] = ()


_DATES = (Shape.ISO_DATE, Shape.FRENCH_DATE, Shape.OTHER_DATE)
_NUMBERS = (Shape.INTEGER, Shape.DECIMAL, Shape.PERCENT)


def plain_reading(column: ColumnProfile, *, text: bool) -> PlainReading:
    """
    Choose the plain type of a column. ``text`` says that its meaning is a code or words: it then
    stays text, even made of digits only.
    """
    notes = _warnings(column)
    if column.native not in {None, PlainType.TEXT} and not text:
        return PlainReading(column.native or PlainType.TEXT, notes=notes)
    if column.present == 0 or _is_dated(column):
        return _dated(column, notes)
    if text:
        return PlainReading(PlainType.TEXT, notes=notes)
    if column.share(Shape.DATETIME) == 1:
        return PlainReading(PlainType.DATETIME, notes=notes)
    if column.share(Shape.BOOLEAN) == 1:
        return PlainReading(PlainType.BOOLEAN, notes=notes)
    return _numeric(column, notes)


def _is_dated(column: ColumnProfile) -> bool:
    return column.share(*_DATES, Shape.IMPOSSIBLE_DATE) >= 0.6


def _dated(column: ColumnProfile, notes: tuple[Reason, ...]) -> PlainReading:
    """One format, and nothing else but impossible dates, makes a date; otherwise it stays text."""
    impossible = column.count(Shape.IMPOSSIBLE_DATE)
    for shape, date_format in (
        (Shape.ISO_DATE, DateFormat.ISO),
        (Shape.FRENCH_DATE, DateFormat.FRENCH),
    ):
        count = column.count(shape)
        if count and count + impossible == column.present:
            return PlainReading(PlainType.DATE, date_format, notes=notes)
    if column.present == 0:
        return PlainReading(PlainType.TEXT, notes=notes)
    found = [shape for shape in _DATES if column.count(shape)]
    note = Reason(
        "The dates are written in %(formats)s formats; the column stays text until the source"
        " uses one.",
        {"formats": max(2, len(found))},
    )
    if len(found) == 1:
        note = Reason(
            "Some dates are not written as 2025-09-01 or 01/09/2025; the column stays text."
        )
    return PlainReading(PlainType.TEXT, notes=(*notes, note))


def _numeric(column: ColumnProfile, notes: tuple[Reason, ...]) -> PlainReading:
    symbol = "%" if column.count(Shape.PERCENT) else ""
    if column.share(Shape.INTEGER, Shape.INTEGER_AS_FLOAT) == 1:
        return PlainReading(PlainType.INTEGER, notes=notes)
    numbers = column.count(*_NUMBERS)
    if numbers == column.present:
        return PlainReading(PlainType.NUMBER, unit_symbol=symbol, notes=notes)
    if numbers >= column.present / 2:
        note = Reason(
            "%(count)s values are not numbers; the column stays text.",
            {"count": column.present - numbers},
        )
        return PlainReading(PlainType.TEXT, unit_symbol=symbol, notes=(*notes, note))
    return PlainReading(PlainType.TEXT, notes=notes)


_WARNINGS = (
    (
        Shape.IMPOSSIBLE_DATE,
        (
            "%(count)s dates cannot be right (a year such as 20024, a thirteenth month): they will"
            " be refused until they are corrected."
        ),
    ),
    (
        Shape.FORMULA,
        (
            "%(count)s values begin like a spreadsheet formula; they are kept as text and never"
            " computed."
        ),
    ),
    (Shape.UAI_WRONG_KEY, "%(count)s values look like a UAI code with a wrong key letter."),
)


def _warnings(column: ColumnProfile) -> tuple[Reason, ...]:
    told = tuple(
        Reason(message, {"count": column.count(shape)})
        for shape, message in _WARNINGS
        if column.count(shape)
    )
    return (*told, ZEROS_LOST) if _may_have_lost_zeros(column) else told


ZEROS_LOST = Reason(
    "The source holds these codes as numbers: a zero at the beginning is lost. Make the column"
    " text in the source if some codes begin with zero."
)


def _may_have_lost_zeros(column: ColumnProfile) -> bool:
    """Recognise codes that a spreadsheet or a table made numbers."""
    words = words_of(column.name)
    is_code = bool(words & (naming.CODES | naming.POSTCODES)) and not words & naming.COUNTS
    return is_code and column.native in {PlainType.INTEGER, PlainType.NUMBER}
