"""
Give text columns their declared types, whole batches at a time; refuse rather than guess.

An error names the row and the column, never the value.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from catalog.connectors.errors import ConnectorError
from catalog.vocabularies.plain_types import DateFormat, PlainType

ARROW_TYPES: dict[PlainType, pa.DataType] = {
    PlainType.TEXT: pa.string(),
    PlainType.INTEGER: pa.int64(),
    PlainType.NUMBER: pa.float64(),
    PlainType.BOOLEAN: pa.bool_(),
    PlainType.DATE: pa.date32(),
    PlainType.DATETIME: pa.timestamp("us", "UTC"),
}
"""What a plain type is in the hub's files. A moment without offset is read as Paris time."""

NOT_OF_TYPE: dict[PlainType, str] = {
    PlainType.TEXT: "Row %(row)s of the column “%(field)s” is not a text.",
    PlainType.INTEGER: "Row %(row)s of the column “%(field)s” is not a whole number.",
    PlainType.NUMBER: "Row %(row)s of the column “%(field)s” is not a number.",
    PlainType.BOOLEAN: "Row %(row)s of the column “%(field)s” is neither yes nor no.",
    PlainType.DATE: "Row %(row)s of the column “%(field)s” is not a date of the declared format"
    " between 1900 and 2100.",
    PlainType.DATETIME: "Row %(row)s of the column “%(field)s” is not a date and time.",
}


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """The declared reading of one column."""

    name: str
    plain: PlainType
    missing_values: tuple[str, ...] = ()
    date_format: DateFormat = DateFormat.ISO


def typed(
    batch: pa.RecordBatch, columns: Sequence[TypedColumn], *, rows_before: int = 0
) -> pa.RecordBatch:
    """
    Return the batch with these columns, in this order, of the declared types.

    ``rows_before`` is the number of rows already read, for the row number of an error.

    :raises ConnectorError: a value that its declared type cannot hold
    """
    arrays = [_typed_column(batch.column(one.name), one, rows_before) for one in columns]
    return pa.RecordBatch.from_arrays(arrays, schema=schema_of(columns))


def schema_of(columns: Sequence[TypedColumn]) -> pa.Schema:
    """Return the Arrow schema that ``typed`` gives."""
    return pa.schema([(one.name, ARROW_TYPES[one.plain]) for one in columns])


def _typed_column(values: pa.Array, column: TypedColumn, rows_before: int) -> pa.Array:
    if not pa.types.is_string(values.type):
        return _cast_native(values, column, rows_before)
    words = pc.utf8_trim_whitespace(values)
    words = pc.if_else(_missing(words, column), pa.scalar(None, pa.string()), words)
    read = _READERS[column.plain](words, column)
    _refuse_unread(words, read, column, rows_before)
    return read


def _missing(words: pa.Array, column: TypedColumn) -> pa.Array:
    tokens = {"", *(token.strip().upper() for token in column.missing_values)}
    return pc.is_in(pc.utf8_upper(words), value_set=pa.array(sorted(tokens), pa.string()))


def _refuse_unread(words: pa.Array, read: pa.Array, column: TypedColumn, rows_before: int) -> None:
    bad = pc.and_(pc.is_valid(words), pc.is_null(read))
    index = pc.index(bad, value=True).as_py()
    if index >= 0:
        raise _refusal(column, rows_before + index + 1)


def _refusal(column: TypedColumn, row: int) -> ConnectorError:
    return ConnectorError(
        "value_not_of_type",
        NOT_OF_TYPE[column.plain],
        values={"row": row, "field": column.name},
        remedy="Correct the source, add the word to the missing values, or declare another type.",
    )


def _cast_native(values: pa.Array, column: TypedColumn, rows_before: int) -> pa.Array:
    """Cast what the source typed itself; find the row when a value does not fit."""
    target = ARROW_TYPES[column.plain]
    try:
        return _cast(values, target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        fits = (_fits(values.slice(index, 1), target) for index in range(len(values)))
        row = next((index for index, fit in enumerate(fits) if not fit), 0)
        raise _refusal(column, rows_before + row + 1) from None


def _fits(value: pa.Array, target: pa.DataType) -> bool:
    try:
        _cast(value, target)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return False
    return True


def _cast(values: pa.Array, target: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(values.type) and values.type.tz is None and values.type != target:
        values = _in_paris(values)
    return pc.cast(values, target)


def _in_paris(moments: pa.Array) -> pa.Array:
    return pc.assume_timezone(moments, "Europe/Paris", ambiguous="earliest", nonexistent="latest")


def _only(words: pa.Array, pattern: str) -> pa.Array:
    """Keep the words that match the whole pattern; the others become null."""
    matches = pc.match_substring_regex(words, rf"\A(?:{pattern})\z")
    return pc.if_else(pc.fill_null(matches, fill_value=False), words, pa.scalar(None, pa.string()))


def _text(words: pa.Array, column: TypedColumn) -> pa.Array:
    del column
    return words


_SPACES = r"[ \x{00A0}\x{202F}]"
_GROUPED = rf"(?:[0-9]+|[0-9]{{1,3}}(?:{_SPACES}[0-9]{{3}})+)"


def _integers(words: pa.Array, column: TypedColumn) -> pa.Array:
    """Read whole numbers, also grouped by spaces (1 234) or written as floats (11683.0)."""
    del column
    bare = pc.replace_substring_regex(_only(words, rf"[+-]?{_GROUPED}(?:[.,]0+)?"), _SPACES, "")
    bare = pc.replace_substring_regex(
        pc.replace_substring_regex(bare, r"[.,]0+\z", ""), r"\A\+", ""
    )
    return pc.cast(_only(bare, "-?0*[0-9]{1,18}"), pa.int64())


def _numbers(words: pa.Array, column: TypedColumn) -> pa.Array:
    """Read numbers with a point or a comma; a percentage is its number (81,7% is 81.7)."""
    del column
    pattern = (
        rf"[+-]?(?:{_GROUPED}(?:[.,][0-9]*)?|[.,][0-9]+)(?:[eE][+-]?[0-9]{{1,3}})?{_SPACES}?%?"
    )
    bare = pc.replace_substring_regex(_only(words, pattern), rf"{_SPACES}|%|\A\+", "")
    return pc.cast(pc.replace_substring(bare, ",", "."), pa.float64())


_YES = ("OUI", "VRAI", "TRUE", "YES", "1", "O")
_NO = ("NON", "FAUX", "FALSE", "NO", "0", "N")


def _booleans(words: pa.Array, column: TypedColumn) -> pa.Array:
    del column
    upper = pc.utf8_upper(words)
    yes = pc.is_in(upper, value_set=pa.array(_YES))
    no = pc.is_in(upper, value_set=pa.array(_NO))
    return pc.if_else(pc.or_(yes, no), yes, pa.scalar(None, pa.bool_()))


_DATE_PARTS = {
    DateFormat.ISO: r"\A(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})\z",
    DateFormat.FRENCH: r"\A(?P<day>[0-9]{1,2})/(?P<month>[0-9]{1,2})/(?P<year>[0-9]{4})\z",
}


def _dates(words: pa.Array, column: TypedColumn) -> pa.Array:
    """Read days of one format, from 1900 to 2100; the 31st of February is not one."""
    parts = pc.extract_regex(words, _DATE_PARTS[column.date_format])
    year, month, day = (
        np.asarray(
            pc.fill_null(pc.cast(pc.struct_field(parts, name), pa.int64()), 0), dtype=np.int64
        )
        for name in ("year", "month", "day")
    )
    plausible = (year >= 1900) & (year <= 2100) & (month >= 1) & (month <= 12) & (day >= 1)
    months = np.where(plausible, (year - 1970) * 12 + month - 1, 0).astype("datetime64[M]")
    days = months.astype("datetime64[D]") + (day - 1)
    real = plausible & (days.astype("datetime64[M]") == months)
    return pa.array(days.astype("int64").astype("int32"), mask=~real).cast(pa.date32())


_CLOCK = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?"
_MOMENT = rf"(?:19|20|21)[0-9]{{2}}-[0-9]{{2}}-[0-9]{{2}}[T ]{_CLOCK}"
_OFFSET = r"(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"


def _moments(words: pa.Array, column: TypedColumn) -> pa.Array:
    """Read ISO 8601 moments; without an offset they are of Paris."""
    del column
    placed = _each(_only(words, _MOMENT + _OFFSET), ARROW_TYPES[PlainType.DATETIME])
    local = _each(_only(words, _MOMENT), pa.timestamp("us"))
    return pc.coalesce(placed, pc.cast(_in_paris(local), ARROW_TYPES[PlainType.DATETIME]))


def _each(words: pa.Array, target: pa.DataType) -> pa.Array:
    """Cast all at once, or one by one when a day or an hour does not exist."""
    try:
        return pc.cast(words, target)
    except pa.ArrowInvalid:
        return pa.concat_arrays(
            [_one(words.slice(index, 1), target) for index in range(len(words))]
        )


def _one(word: pa.Array, target: pa.DataType) -> pa.Array:
    try:
        return pc.cast(word, target)
    except pa.ArrowInvalid:
        return pa.nulls(1, target)


_READERS: dict[PlainType, Callable[[pa.Array, TypedColumn], pa.Array]] = {
    PlainType.TEXT: _text,
    PlainType.INTEGER: _integers,
    PlainType.NUMBER: _numbers,
    PlainType.BOOLEAN: _booleans,
    PlainType.DATE: _dates,
    PlainType.DATETIME: _moments,
}
