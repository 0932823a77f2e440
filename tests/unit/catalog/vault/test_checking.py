"""A source is compared with what was described, whatever reads it."""

import pyarrow as pa
import pytest

from catalog.connectors.port import Column, Inspection
from catalog.vault.checking import Declared, count_differences, schema_differences
from catalog.vocabularies.plain_types import PlainType

DESCRIBED = Declared({"uai": None, "n": PlainType.INTEGER}, rows=10)


def seen(rows: int | None = None, **columns: PlainType | None) -> Inspection:
    return Inspection(
        tuple(Column(name, n, kind) for n, (name, kind) in enumerate(columns.items(), start=1)),
        pa.table({}),
        rows,
    )


def test_the_same_columns_in_another_order_are_the_same() -> None:
    assert schema_differences(DESCRIBED, seen(n=PlainType.INTEGER, uai=None)) == []


def test_every_difference_of_columns_is_named() -> None:
    found = schema_differences(DESCRIBED, seen(n=PlainType.DATE, ville=None))
    assert [(one.code, dict(one.values)) for one in found] == [
        ("columns_gone", {"fields": "uai"}),
        ("columns_new", {"fields": "ville"}),
        ("column_retyped", {"field": "n", "former": "Whole number", "now": "Date"}),
    ]
    assert all(one.remedy for one in found)


def test_a_column_that_becomes_text_is_named_with_its_types() -> None:
    [one] = schema_differences(DESCRIBED, seen(uai=None, n=None))
    assert one.values["now"] == "Text"


def test_many_columns_are_named_in_part_and_data_never() -> None:
    many = {f"c{n}": None for n in range(12)} | {"123456789AA": None}
    [gone] = schema_differences(Declared(many, None), seen(uai=None))[:1]
    assert str(gone.values["fields"]).endswith("c9, …")
    [new] = schema_differences(Declared({}, None), seen(**{"123456789AA": None}))
    assert new.values["fields"] == "…"


@pytest.mark.parametrize(
    ("declared", "announced", "read", "codes"),
    [
        (10, 10, 10, []),
        (10, None, 10, []),
        (None, 10, 10, []),
        (None, None, 7, []),
        (10, 10, 9, ["rows_missing"]),
        (None, 10, 9, ["rows_missing"]),
        (10, 12, 12, ["rows_changed"]),
        (10, None, 12, ["rows_changed"]),
    ],
)
def test_rows_are_counted_against_what_was_said(
    declared: int | None, announced: int | None, read: int, codes: list[str]
) -> None:
    found = count_differences(Declared({}, declared), seen(announced), read)
    assert [one.code for one in found] == codes
