"""Row filters: which are allowed, and which rows they keep. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from access.plans.terms import FieldSpec, Operator, RowFilter
from access.plans.treatments import Action, Treatment
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from hub.kernel.refusals import Refusal

Value = str | int | float | bool | date | datetime
_WITHOUT_VALUES = frozenset({Operator.FILLED, Operator.EMPTY})
_ORDERED = frozenset({Operator.FROM, Operator.UNTIL})


def _whole(text: str) -> int:
    return int(text)


def _number(text: str) -> float:
    return float(Decimal(text))


def _truth(text: str) -> bool:
    return {"true": True, "false": False}[text.lower()]


_READERS: Mapping[PlainType, Callable[[str], Value]] = MappingProxyType(
    {
        PlainType.TEXT: str,
        PlainType.INTEGER: _whole,
        PlainType.NUMBER: _number,
        PlainType.BOOLEAN: _truth,
        PlainType.DATE: date.fromisoformat,
        PlainType.DATETIME: datetime.fromisoformat,
    }
)


def refusals(
    row_filters: Sequence[RowFilter], fields: Mapping[str, FieldSpec], by: Mapping[str, Treatment]
) -> Iterator[Refusal]:
    """
    List what is wrong with row filters, given the treatments of the fields.

    A filter on a sensitive field tells its value as surely as the column would: it needs the field
    to be delivered. A filter on an identifier names persons and is always refused.
    """
    for row_filter in row_filters:
        field = fields.get(row_filter.field)
        if field is None:
            yield Refusal(
                "filter_unknown",
                "The row filter names %(field)s, which this release does not have.",
                "Choose one of the declared fields.",
                {"field": row_filter.field},
                about=row_filter.field,
            )
            continue
        yield from _closed(field, by[field.name])
        yield from _unreadable(row_filter, field)


def is_finer(row_filter: RowFilter, treatment: Treatment) -> bool:
    """Tell whether a filter may cut inside what is delivered as one coarser value."""
    silent = row_filter.operator in _WITHOUT_VALUES
    return not silent and treatment.action in {Action.GENERALISE, Action.WITHHOLD, Action.ROUND}


def keeps(row_filter: RowFilter, kind: PlainType, column: pa.Array) -> pa.Array:
    """
    Return the rows that a filter keeps, as booleans without null.

    A missing value is kept by ``empty`` and ``not_in`` only.

    :raises pyarrow.ArrowInvalid: when the column cannot be compared with values of that type
    """
    if row_filter.operator is Operator.EMPTY:
        return column.is_null()
    if row_filter.operator is Operator.FILLED:
        return column.is_valid()
    if isinstance(column, pa.DictionaryArray):
        column = column.dictionary_decode()
    values = [_READERS[kind](text) for text in row_filter.values]
    return _COMPARISONS[row_filter.operator](column, pa.array(values).cast(column.type))


_COMPARISONS: Mapping[Operator, Callable[[pa.Array, pa.Array], pa.Array]] = MappingProxyType(
    {
        Operator.IN: lambda column, values: pc.is_in(column, value_set=values),
        Operator.NOT_IN: lambda column, values: pc.invert(pc.is_in(column, value_set=values)),
        Operator.FROM: lambda column, values: _sure(pc.greater_equal(column, values[0])),
        Operator.UNTIL: lambda column, values: _sure(pc.less_equal(column, values[0])),
        Operator.STARTS: lambda column, values: _sure(
            pc.starts_with(column, pattern=values[0].as_py())
        ),
    }
)


def _sure(compared: pa.Array) -> pa.Array:
    return pc.fill_null(compared, fill_value=False)


def _closed(field: FieldSpec, treatment: Treatment) -> Iterator[Refusal]:
    level = field.confidentiality
    if level is Level.IDENTIFIER:
        yield Refusal(
            "filter_identifier",
            "Rows cannot be chosen by %(field)s: it names persons.",
            "Choose by what the persons have in common.",
            {"field": field.name},
            about=field.name,
        )
    elif (level is None or level >= Level.SENSITIVE) and not treatment.action.delivers:
        yield Refusal(
            "filter_tells",
            "Rows cannot be chosen by %(field)s, a sensitive field that is not delivered.",
            "Ask for the field with a justification, or remove the filter.",
            {"field": field.name},
            about=field.name,
        )


def _unreadable(row_filter: RowFilter, field: FieldSpec) -> Iterator[Refusal]:
    count, operator = len(row_filter.values), row_filter.operator
    expected = 0 if operator in _WITHOUT_VALUES else None
    single = operator in _ORDERED or operator is Operator.STARTS
    wrong_count = (
        count != expected if expected is not None else not count or (single and count > 1)
    )
    misplaced = operator is Operator.STARTS and field.type is not PlainType.TEXT
    if wrong_count or misplaced or not _readable(row_filter.values, field.type):
        yield Refusal(
            "filter_values",
            "The values of the filter on %(field)s do not fit its type or its comparison.",
            "Dates are written year-month-day, numbers with a point.",
            {"field": field.name},
            about=field.name,
        )


def _readable(values: Sequence[str], kind: PlainType) -> bool:
    try:
        for text in values:
            _READERS[kind](text)
    except (ValueError, KeyError, InvalidOperation):
        return False
    return True
