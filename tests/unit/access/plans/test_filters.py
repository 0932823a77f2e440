"""Row filters: which are allowed, and which rows they keep."""

from datetime import date, datetime
from typing import Any

import pyarrow as pa
import pytest

from access.plans import filters
from access.plans.terms import FieldSpec, GrantTerms, Operator, RowFilter
from access.plans.treatments import treatment_for
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds

O = Operator  # noqa: E741
COUNT = FieldSpec("effectif", PlainType.INTEGER, SemanticType.HEAD_COUNT, Level.AGGREGATED)
MOMENT = FieldSpec("quand", PlainType.DATETIME, SemanticType.DATETIME, Level.OPEN)
TRUTH = FieldSpec("rep", PlainType.BOOLEAN, SemanticType.CATEGORY, Level.OPEN)
FIELDS = (*worlds.FIELDS, COUNT, MOMENT, TRUTH)


def codes(row_filter: RowFilter, *, justified: bool = True) -> set[str]:
    wishes = worlds.wishes(FIELDS if justified else FIELDS[:1])
    terms = GrantTerms("g", wishes)
    found = filters.refusals(
        [row_filter],
        {each.name: each for each in FIELDS},
        {each.name: treatment_for(each, terms) for each in FIELDS},
    )
    return {each.code for each in found}


@pytest.mark.parametrize(
    ("field", "operator", "values"),
    [
        ("session", O.IN, ("2025", "2026")),
        ("session", O.STARTS, ("20",)),
        ("session", O.EMPTY, ()),
        ("effectif", O.FROM, ("-3",)),
        ("note", O.UNTIL, ("12.5",)),
        ("rep", O.IN, ("true",)),
        ("date_naissance", O.FROM, ("2011-03-17",)),
        ("quand", O.UNTIL, ("2025-01-01T12:00",)),
    ],
)
def test_values_of_the_type_of_the_field_are_accepted(
    field: str, operator: Operator, values: tuple[str, ...]
) -> None:
    assert codes(RowFilter(field, operator, values)) == set()


@pytest.mark.parametrize(
    ("field", "operator", "values"),
    [
        ("effectif", O.FROM, ("3,5",)),
        ("effectif", O.IN, ()),
        ("effectif", O.FROM, ("1", "2")),
        ("effectif", O.FILLED, ("1",)),
        ("effectif", O.STARTS, ("1",)),
        ("note", O.IN, ("douze",)),
        ("rep", O.IN, ("oui",)),
        ("date_naissance", O.FROM, ("17/03/2011",)),
        ("quand", O.FROM, ("hier",)),
    ],
)
def test_values_of_another_type_are_refused(
    field: str, operator: Operator, values: tuple[str, ...]
) -> None:
    assert codes(RowFilter(field, operator, values)) == {"filter_values"}


def test_rows_are_not_chosen_by_what_names_or_betrays_a_person() -> None:
    assert codes(RowFilter("ine", O.FILLED)) == {"filter_identifier"}
    assert codes(RowFilter("nom", O.IN, ("X",))) == {"filter_identifier"}
    assert codes(RowFilter("note", O.FROM, ("1",)), justified=False) == {"filter_tells"}
    assert codes(RowFilter("sexe", O.IN, ("F",)), justified=False) == set()
    assert codes(RowFilter("zodiaque", O.FILLED)) == {"filter_unknown"}


@pytest.mark.parametrize(
    ("kind", "operator", "values", "column", "kept"),
    [
        (PlainType.TEXT, O.IN, ("a", "b"), pa.array(["a", "c", None]), [True, False, False]),
        (PlainType.TEXT, O.NOT_IN, ("a",), pa.array(["a", "c", None]), [False, True, True]),
        (PlainType.TEXT, O.STARTS, ("a",), pa.array(["ab", "ba", None]), [True, False, False]),
        (PlainType.TEXT, O.EMPTY, (), pa.array(["a", None]), [False, True]),
        (PlainType.TEXT, O.FILLED, (), pa.array(["a", None]), [True, False]),
        (PlainType.INTEGER, O.FROM, ("2",), pa.array([1, 2, None]), [False, True, False]),
        (PlainType.INTEGER, O.IN, ("2",), pa.array([1, 2], pa.int16()), [False, True]),
        (PlainType.NUMBER, O.UNTIL, ("1.5",), pa.array([1.5, 1.6, None]), [True, False, False]),
        (PlainType.BOOLEAN, O.IN, ("TRUE",), pa.array([True, False, None]), [True, False, False]),
        (
            PlainType.DATE,
            O.FROM,
            ("2011-01-01",),
            pa.array([date(2010, 12, 31), date(2011, 1, 1)]),
            [False, True],
        ),
        (
            PlainType.DATETIME,
            O.UNTIL,
            ("2011-01-01T10:00",),
            pa.array([datetime(2011, 1, 1, 10), datetime(2011, 1, 1, 11)]),  # noqa: DTZ001
            [True, False],
        ),
    ],
)
def test_a_filter_keeps_the_rows_that_compare(
    kind: PlainType, operator: Operator, values: tuple[str, ...], column: Any, kept: list[bool]
) -> None:
    row_filter = RowFilter("x", operator, values)
    assert filters.keeps(row_filter, kind, column).to_pylist() == kept
    assert filters.keeps(row_filter, kind, column.dictionary_encode()).to_pylist() == kept
