"""Which cells of a table tell too much."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.tables import (
    Tabulated,
    dominance_rule,
    p_percent_rule,
    tabulate,
    threshold_rule,
)

ROWS = st.lists(
    st.tuples(
        st.none() | st.sampled_from("ab"),
        st.sampled_from("xyz"),
        st.none() | st.integers(0, 5),
        st.none() | st.integers(0, 9),
    ),
    max_size=25,
)


def amounts(*contributions: float) -> Tabulated:
    """Tabulate one school's amounts, beside another that is not sensitive."""
    safe = [10.0] * 20
    return tabulate(
        pa.table(
            {
                "school": ["a"] * len(contributions) + ["b"] * len(safe),
                "amount": [*contributions, *safe],
            }
        ),
        "school",
        value="amount",
        subject=None,
    )


@pytest.mark.parametrize(
    ("contributions", "p", "protection"),
    [
        # x1 = 80, x2 = 15, the rest 5: 5 < 10 % of 80, by 3.
        ((80.0, 15.0, 3.0, 2.0), 10, 3.0),
        # The rest is 10 % of x1 exactly: the second knows the first to within 10 %, not closer.
        ((50.0, 45.0, 5.0), 10, 0.0),
        ((7.0,), 10, 0.7),
        ((20.0, 20.0), 15, 3.0),
    ],
)
def test_the_p_percent_rule_asks_what_the_second_contributor_knows(
    contributions: tuple[float, ...], p: float, protection: float
) -> None:
    found = p_percent_rule(amounts(*contributions), p)
    assert found.cells.tolist() == [protection > 0, False, False]
    assert found.protection[0] == pytest.approx(protection)


@pytest.mark.parametrize(
    ("contributions", "n", "k", "protection"),
    [
        ((80.0, 15.0, 3.0, 2.0), 1, 75, 80 / 0.75 - 100),
        ((80.0, 15.0, 3.0, 2.0), 2, 95, 0.0),
        ((80.0, 15.0, 3.0, 2.0), 2, 90, 95 / 0.9 - 100),
        ((1.0, 1.0, 1.0, 1.0), 1, 30, 0.0),
    ],
)
def test_the_dominance_rule_asks_what_share_the_largest_make(
    contributions: tuple[float, ...], n: int, k: float, protection: float
) -> None:
    found = dominance_rule(amounts(*contributions), n, k)
    assert found.cells.tolist() == [protection > 0, False, False]
    assert found.protection[0] == pytest.approx(protection)


def test_small_cells_are_protected_up_to_the_threshold_and_empty_ones_on_demand() -> None:
    table = pa.table({"a": ["x", "x", "y", "y", "y", None], "b": ["u", "v", "v", "v", "v", "v"]})
    counted = tabulate(table, "a", "b", value=None, subject=None)
    assert counted.labels == (("x", "y", None), ("u", "v"))
    assert counted.values.tolist() == [[1, 1, 2], [0, 3, 3], [0, 1, 1], [1, 5, 6]]
    found = threshold_rule(counted, 3)
    assert found.cells.tolist() == [
        [True, True, True],
        [False, False, False],
        [False, True, True],
        [True, False, False],
    ]
    assert found.protection[0].tolist() == [2, 2, 1]
    assert threshold_rule(counted, 3, zeros=True).cells[1, 0]
    both = found | p_percent_rule(counted, 300)
    assert both.cells.sum() >= found.cells.sum()
    assert (both.protection >= found.protection).all()


def test_a_small_cell_of_amounts_must_only_not_be_exact() -> None:
    found = threshold_rule(amounts(1.5, 2.25), 3)
    assert found.cells.tolist() == [True, False, False]
    assert 0 < found.protection[0] < 0.01


def test_an_amount_below_nought_is_refused() -> None:
    with pytest.raises(ValueError, match="below 0"):
        amounts(-1.0)


@given(ROWS, st.booleans(), st.booleans())
def test_cells_and_margins_are_those_of_brute_force(
    rows: list[tuple[str | None, str, int | None, int | None]], named: bool, counted: bool
) -> None:
    names = {"a": pa.string(), "b": pa.string(), "who": pa.int32(), "amount": pa.float64()}
    table = pa.table(
        {
            name: pa.array([row[place] for row in rows], kind)
            for place, (name, kind) in enumerate(names.items())
        }
    )
    found = tabulate(
        table, "a", "b", value=None if counted else "amount", subject="who" if named else None
    )
    kept = [(a, b, w if named else n, v) for n, (a, b, w, v) in enumerate(rows)]
    kept = [row for row in kept if row[2] is not None]
    assert set(found.labels[0]) == {row[0] for row in kept}
    for i, first in enumerate([*found.labels[0], "all"]):
        for j, second in enumerate([*found.labels[1], "all"]):
            mine = [
                row
                for row in kept
                if (first == "all" or row[0] == first) and (second == "all" or row[1] == second)
            ]
            inner = {row[:3] for row in mine}
            people: dict[int | None, float] = {}
            for row in mine if not counted else inner:
                people[row[2]] = people.get(row[2], 0) + (1 if counted else row[3] or 0)  # type: ignore[misc]
            assert found.persons[i, j] == len(people)
            assert found.values[i, j] == sum(people.values())
            top = sorted(people.values(), reverse=True)
            assert found.largest(2)[i, j] == sum(top[:2])
    one = tabulate(table, "a", value="amount", subject="who" if named else None)
    assert np.isclose(one.values[:-1].sum(), one.values[-1])
