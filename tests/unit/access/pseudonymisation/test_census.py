"""How few persons stand behind a row."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
from hypothesis import given, strategies as st

from access.pseudonymisation.census import Census, Saturation, Tallies, numbered
from access.pseudonymisation.disclosure import Verdict

ROWS = st.lists(st.tuples(st.integers(0, 6), st.none() | st.integers(0, 9)), max_size=80)


def subjects(numbers: list[int | None]) -> pa.Array:
    # Half of them differ in their last bytes only.
    named = [None if n is None else bytes([n % 2]) * 8 + bytes([n]) * 8 for n in numbers]
    return pa.array(named, pa.binary(16))


def truth(rows: list[tuple[int, int | None]], k: int) -> dict[int, bool]:
    """Tell which cells are small, from sets of persons."""
    persons: dict[int, set[int]] = defaultdict(set)
    for cell, who in rows:
        persons[cell] |= set() if who is None else {who}
    return {cell: len(found) < k for cell, found in persons.items()}


def check(counted: Tallies, rows: list[tuple[int, int | None]]) -> None:
    small, right = counted.small(), truth(rows, counted.k)
    assert {cell: bool(small[cell]) for cell in right} == right
    assert small.sum() == sum(right.values())
    verdict = counted.verdict(small)
    assert (verdict.rows, verdict.cells) == (len(rows), len(right))
    assert verdict.small_cells == sum(right.values())
    assert verdict.suppressed == sum(right[cell] for cell, _who in rows)
    assert verdict.share == (verdict.suppressed / len(rows) if rows else 0)


@given(ROWS, st.integers(1, 4), st.integers(1, 7))
def test_a_cell_is_small_when_too_few_persons_were_seen_in_it_in_whatever_order(
    rows: list[tuple[int, int | None]], k: int, batch: int
) -> None:
    counted = Saturation(k)
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        cells = np.array([cell for cell, _who in part], np.int32)
        counted.add(cells, subjects([who for _cell, who in part]))

    check(counted, rows)
    assert not counted.given_up


@given(ROWS, st.integers(1, 4), st.integers(1, 4))
def test_parts_that_share_nobody_add_up(
    rows: list[tuple[int, int | None]], k: int, parts: int
) -> None:
    counted = Census(k)
    for part in range(parts):
        mine = [row for row in rows if (row[1] or 0) % parts == part]
        cells = np.array([cell for cell, _who in mine], np.int32)
        counted.add(cells, numbered(subjects([who for _cell, who in mine])))

    check(counted, rows)


@given(st.lists(st.none() | st.tuples(st.integers(0, 2), st.integers(0, 2)), max_size=30))
def test_subjects_have_one_number_when_and_only_when_all_their_bytes_are_equal(
    drawn: list[tuple[int, int] | None],
) -> None:
    values = [
        None if each is None else b"".join(bytes([half]) * 8 for half in each) for each in drawn
    ]
    numbers = numbered(pa.array(values, pa.binary(16))).tolist()

    assert [number == -1 for number in numbers] == [value is None for value in values]
    pairs = {(value, number) for value, number in zip(values, numbers, strict=True)}
    assert len(pairs) == len({value for value, _number in pairs}) == len({n for _v, n in pairs})


def test_too_many_open_cells_are_given_up_and_said_so() -> None:
    counted = Saturation(2, most=3)
    cells = np.arange(4, dtype=np.int32)
    counted.add(cells, subjects([0, 1, 2, 3]))
    counted.add(cells, subjects([4, 5, 6, 7]))

    assert counted.given_up
    assert counted.rows.tolist() == [2, 2, 2, 2]


def test_a_cell_of_enough_persons_is_watched_no_more() -> None:
    counted = Saturation(2, most=2)
    cell = np.zeros(1, np.int32)
    for who in range(9):
        counted.add(cell, subjects([who]))

    assert not counted.given_up
    assert not counted.small().any()


def test_the_verdict_on_no_row_and_on_chosen_cells() -> None:
    counted = Census(5)
    assert counted.verdict(counted.small()) == Verdict(5, 0, 0, 0, 0)
    counted.add(np.array([0, 1, 1], np.int32), np.array([0, 1, 2]))
    assert counted.verdict(np.array([False, True])).suppressed == 2
