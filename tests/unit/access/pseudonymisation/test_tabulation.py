"""A table summed up part by part is the one that all the parts together make."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.cells import TooManyCells
from access.pseudonymisation.classes import persons_of
from access.pseudonymisation.tables import tabulate
from access.pseudonymisation.tabulation import Tabulation

ROWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from("ab"),
        st.none() | st.sampled_from([date(2025, 1, 1), date(2024, 5, 9), date(2031, 2, 2)]),
        st.none() | st.integers(0, 5),
        st.none() | st.integers(0, 9),
    ),
    max_size=25,
)


def table_of(rows: list[tuple[str | None, date | None, int | None, int | None]]) -> pa.Table:
    kinds = {"a": pa.string(), "b": pa.date32(), "who": pa.int32(), "amount": pa.float64()}
    columns = zip(*rows, strict=True) if rows else [[]] * 4
    return pa.table(
        {
            name: pa.array(values, kind)
            for values, (name, kind) in zip(columns, kinds.items(), strict=True)
        }
    )


def added(tabulation: Tabulation, part: pa.Table, names: list[str], *, summed: bool) -> None:
    columns = [part[name].combine_chunks() for name in names]
    amounts = part["amount"].combine_chunks() if summed else None
    tabulation.add(columns, amounts, persons_of(part, "who"))


@given(ROWS, st.booleans(), st.booleans(), st.integers(1, 3))
def test_parts_make_the_table_of_the_whole(
    rows: list[tuple[str | None, date | None, int | None, int | None]],
    summed: bool,
    crossed: bool,
    largest: int,
) -> None:
    names = ["a", "b"] if crossed else ["a"]
    tabulation = Tabulation(len(names), summed=summed, largest=largest, most=1000)
    for remainder in range(3):
        mine = [row for row in rows if row[2] is None or row[2] % 3 == remainder]
        part = table_of([row for row in mine if row[2] is not None or remainder == 0])
        if remainder:
            part = part.set_column(0, "a", part["a"].combine_chunks().dictionary_encode())
        added(tabulation, part, names, summed=summed)
    found = tabulation.tabulated()

    value = "amount" if summed else None
    whole = tabulate(table_of(rows), *names, value=value, subject="who")
    assert found.labels == whole.labels
    assert found.values.tolist() == whole.values.tolist()
    assert found.persons.tolist() == whole.persons.tolist()
    for n in range(1, largest + 1):
        assert found.largest(n).tolist() == whole.largest(n).tolist()
    assert (np.bincount(found.cell, minlength=1) <= largest).all()


def test_numbers_stand_in_their_order_and_what_is_no_number_is_missing() -> None:
    tabulation = Tabulation(1, summed=False, largest=1, most=10)
    column = pa.array([10.0, float("nan"), 9.5, None, 10.0])
    tabulation.add([column], None, np.array([0, 1, 2, 3, -1]))
    found = tabulation.tabulated()
    assert found.labels == (("9.5", "10", None),)
    assert found.values.tolist() == [1, 1, 2, 4]


def test_a_table_that_grows_too_large_and_amounts_below_nought_are_refused() -> None:
    narrow = Tabulation(2, summed=False, largest=1, most=5)
    with pytest.raises(TooManyCells):
        narrow.add([pa.array(["a", "b"]), pa.array(["x", "x"])], None, np.array([0, 1]))
    for amount in (-1.0, float("inf")):
        summed = Tabulation(1, summed=True, largest=1, most=5)
        with pytest.raises(ValueError, match="below 0"):
            summed.add([pa.array(["a"])], pa.array([amount]), np.array([0]))
