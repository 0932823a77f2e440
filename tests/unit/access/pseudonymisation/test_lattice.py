"""The least coarse levels: what ARX proposes, and what brute force finds."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import product

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.classes import persons_of
from access.pseudonymisation.hierarchies import Ladder, LadderSpec, ladder
from access.pseudonymisation.lattice import (
    WITHHELD,
    Lattice,
    Loss,
    NotNested,
    Rungs,
    TooManyNodes,
    lattice_of,
    preview,
    rungs,
    search,
)
from tests.unit.access.pseudonymisation import published

CODE = st.none() | st.integers(0, 7)
ROWS = st.lists(st.tuples(CODE, CODE, st.none() | st.integers(0, 9)), max_size=40)


def arx_ladder(rows: list[list[str]]) -> Ladder:
    """Make a ladder of ARX's, whose last level is what we call withheld."""
    return ladder(LadderSpec("custom", table=tuple(tuple(row[:-1]) for row in rows)))


def test_the_small_example_of_arx_comes_out() -> None:
    example = published.arx()
    expected = example["expected"]
    table = published.rows(example["columns"], example["rows"])
    ladders = [(name, arx_ladder(example["hierarchies"][name])) for name in example["columns"]]
    found = search(lattice_of(table, ladders, k=expected["k"]), cap=expected["max_suppression"])
    assert found.proposal is not None
    assert dict(zip(example["columns"], found.proposal.node, strict=True)) == expected["levels"]
    assert found.proposal.levels == ("level_1", WITHHELD, "level_2")
    assert found.proposal.suppressed == 0
    assert found.proposal.classes == len(expected["cells"])
    assert found.tested < found.nodes == 3 * 2 * 6
    assert (
        search(lattice_of(table, ladders, k=2, loss=Loss.DISCERNIBILITY), cap=0.0).proposal.node  # type: ignore[union-attr]
        == found.proposal.node
    )


def climbing(rows: list[int | None]) -> Rungs:
    """Climb by halves: exact, by two, by four, withheld."""
    codes = np.array([0 if value is None else value + 1 for value in rows], np.int64)
    finest = np.arange(9)
    levels = tuple(np.where(finest == 0, 0, (finest - 1) // width + 1) for width in (1, 2, 4))
    return Rungs("n", ("exact", "two", "four", WITHHELD), codes, (*levels, np.zeros(9, np.int64)))


@given(ROWS, st.integers(1, 4), st.sampled_from([0.0, 0.1, 0.4]), st.sampled_from(Loss))
def test_minimal_nodes_are_those_of_brute_force(
    rows: list[tuple[int | None, int | None, int | None]], k: int, cap: float, loss: Loss
) -> None:
    person = np.array([-1 if who is None else who for _, _, who in rows], np.int64)
    ladders = [climbing([row[0] for row in rows]), climbing([row[1] for row in rows])]
    lattice = Lattice(ladders, person, k=k, loss=loss)
    shares = {}
    for node in product(range(4), repeat=2):
        people = defaultdict(set)
        held: dict[tuple[int | None, int | None], int] = defaultdict(int)
        for first, second, who in rows:
            cell = (_coarse(first, node[0]), _coarse(second, node[1]))
            people[cell].update(set() if who is None else {who})
            held[cell] += 1
        small = sum(held[cell] for cell in held if len(people[cell]) < k)
        shares[node] = small / len(rows) if rows else 0.0
        assert lattice.outcome(node).share == pytest.approx(shares[node])
        assert lattice.outcome(node).classes == sum(len(found) >= k for found in people.values())
    enough = {node for node, share in shares.items() if share <= cap}
    minimal = {
        node
        for node in enough
        if not any(
            other != node and all(a <= b for a, b in zip(other, node, strict=True))
            for other in enough
        )
    }
    found = search(Lattice(ladders, person, k=k, loss=loss), cap=cap)
    assert {outcome.node for outcome in found.minimal} == minimal
    assert found.proposal == (found.minimal[0] if minimal else None)
    assert [each.loss for each in found.minimal] == sorted(each.loss for each in found.minimal)
    assert found == search(Lattice(ladders, person, k=k, loss=loss), cap=cap)


def _coarse(value: int | None, level: int) -> int | None:
    if level == 3:
        return -1
    return None if value is None else value // (1, 2, 4)[level]


def test_a_preview_tells_what_each_other_level_would_suppress() -> None:
    # Four are born each month of two years; one alone on a day of a third.
    days = [date(2010, 1, 1) + timedelta(days=30 * step) for step in range(24) for _ in range(4)]
    table = pa.table({"born": [*days, date(2014, 5, 5)], "sex": [*["F", "M"] * 48, "F"]})
    lattice = lattice_of(
        table,
        [("born", ladder(LadderSpec("date"))), ("sex", ladder(LadderSpec("category")))],
        k=5,
        idle=False,
    )
    born = lattice.ladders[0].levels
    assert born == ("exact", "month", "quarter", "year", "five_years", WITHHELD)
    here, others = preview(lattice, (3, 0))
    assert here.levels == ("year", "exact")
    assert here.share == pytest.approx(1 / 97)
    assert [each.levels for each in others] == [
        *[(level, "exact") for level in born if level != "year"],
        ("year", WITHHELD),
    ]
    shares = {each.levels: each.share for each in others}
    assert shares["exact", "exact"] == 1
    assert shares[WITHHELD, "exact"] == 0
    found = search(lattice, cap=0.02)
    assert found.proposal is not None
    assert found.proposal.levels == ("year", "exact")
    # The quarter without the sex is as low, but leaves out one of two fields.
    assert [each.levels for each in found.minimal] == [
        ("year", "exact"),
        ("quarter", WITHHELD),
    ]
    assert found.proposal.loss == found.minimal[1].loss == 3


def test_steps_that_separate_what_was_merged_are_left_out() -> None:
    spec = LadderSpec("number", widths=(2, 5, 10))
    column = pa.chunked_array([pa.array(list(range(30)))])
    climbed = rungs("mark", column, ladder(spec))
    assert climbed.levels == ("exact", "by_2", "by_10", WITHHELD)
    assert rungs("mark", column.slice(0, 1), ladder(spec)).levels == (
        *("exact", "by_2", "by_5", "by_10"),
        WITHHELD,
    )
    plain = rungs("mark", pa.array(["b", "a", None]).dictionary_encode(), Ladder("none", ()))
    assert plain.levels == ("exact", WITHHELD)
    assert plain.rows.tolist() == [0, 1, 2]


def test_levels_that_are_not_nested_are_refused() -> None:
    rows = np.arange(4)
    with pytest.raises(NotNested, match="n"):
        Rungs("n", ("a", "b"), rows, (np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1])))


def test_too_many_nodes_are_refused() -> None:
    with pytest.raises(TooManyNodes):
        Lattice([climbing([1])] * 3, np.zeros(1, np.int64), k=2, most=63)


def test_nothing_is_proposed_when_even_withholding_everything_suppresses_too_much() -> None:
    table = pa.table({"a": [1, 2, 3]})
    found = search(lattice_of(table, [("a", Ladder("none", ()))], k=5), cap=0.5)
    assert found.proposal is None
    assert found.minimal == ()
    assert persons_of(table, None).tolist() == [0, 1, 2]
