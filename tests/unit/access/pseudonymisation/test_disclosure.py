"""How few persons stand behind a row."""

from collections import defaultdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.disclosure import Cells, Census, TooManyCells, Verdict
from hub.crypto.keys import Secret, new_secret
from hub.crypto.prf import prf

KEY = Secret(b"c" * 32)
VALUE = st.none() | st.sampled_from(["a", "b", "ab", ""])
ROWS = st.lists(st.tuples(VALUE, VALUE, st.none() | st.integers(0, 9)), min_size=1, max_size=60)


def subject(number: int | None) -> bytes | None:
    return None if number is None else bytes([number]) * 16


def subjects(numbers: list[int | None]) -> pa.Array:
    return pa.array([subject(number) for number in numbers], pa.binary(16))


@given(ROWS, st.integers(1, 4), st.integers(1, 4))
def test_small_cells_are_those_with_too_few_persons_whatever_the_parts(
    rows: list[tuple[str | None, str | None, int | None]], k: int, parts: int
) -> None:
    cells, census = Cells(prf(KEY)), Census()
    number_of = {}
    for part in range(parts):
        # Parts never share a person, as buckets by pseudonym do not.
        mine = [row for row in rows if (row[2] or 0) % parts == part]
        if not mine:
            census.add(np.zeros(0, np.int32), subjects([]))
            continue
        first, second, who = zip(*mine, strict=True)
        ids = cells.number([pa.array(first, pa.string()), pa.array(second, pa.string())])
        number_of.update(dict(zip(zip(first, second, strict=True), ids.tolist(), strict=True)))
        census.add(ids, subjects(list(who)))
    persons = defaultdict(set)
    for first_value, second_value, who_ in rows:
        persons[first_value, second_value].update([] if who_ is None else [who_])
    small = census.small(k)
    assert {cell: len(found) < k for cell, found in persons.items()} == {
        cell: bool(small[number_of[cell]]) for cell in persons
    }
    assert len(cells) == len(persons)
    assert census.persons == len({row[2] for row in rows} - {None})
    verdict = census.verdict(k)
    assert verdict.rows == len(rows)
    assert verdict.cells == len(persons)
    assert verdict.small_cells == sum(len(found) < k for found in persons.values())
    assert verdict.share == verdict.suppressed / len(rows)


def test_a_cell_has_the_same_name_in_another_run_under_the_same_key_only() -> None:
    columns = [pa.array(["F", None]), pa.array([2011, 2011], pa.int32())]
    names = []
    for key in (KEY, KEY, new_secret()):
        cells = Cells(prf(key))
        assert cells.number(columns).tolist() == [0, 1]
        names.append(cells.names().tobytes())
    assert names[0] == names[1] != names[2]


def test_a_dictionary_with_repeated_and_missing_values_is_read_as_its_values() -> None:
    odd = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), pa.array(["a", "a", None]))
    assert Cells(prf(KEY)).number([odd]).tolist() == [0, 0, 1, 1]


def test_products_of_categories_beyond_sixty_two_bits_are_still_exact() -> None:
    rows = 300
    columns = [pa.array([(row * 7 + place) % rows for row in range(rows)]) for place in range(12)]
    doubled = [pa.concat_arrays([column, column]) for column in columns]
    ids = Cells(prf(KEY)).number(doubled)
    assert ids[:rows].tolist() == ids[rows:].tolist()
    assert len(set(ids.tolist())) == rows


def test_more_cells_than_may_be_watched_are_refused() -> None:
    with pytest.raises(TooManyCells):
        Cells(prf(KEY), most=2).number([pa.array(["a", "b", "c"])])


def test_a_verdict_may_be_asked_for_chosen_cells_and_for_no_row() -> None:
    census = Census()
    assert census.verdict(5) == Verdict(5, 0, 0, 0, 0)
    assert census.verdict(5).share == 0
    census.add(np.array([0, 1, 1], np.int32), subjects([1, 2, 3]))
    assert census.verdict(2, np.array([False, True])).suppressed == 2
