"""Cells are numbered exactly, whatever the batches and the product of the categories."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation import cells as module
from access.pseudonymisation.cells import Cells, JoinedCells, Pairs, TooManyCells
from access.pseudonymisation.disclosure import combinations
from hub.crypto.keys import Secret, new_secret
from hub.crypto.prf import prf

KEY = Secret(b"c" * 32)
VALUE = st.none() | st.sampled_from(["a", "b", "ab", ""])


@given(st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=60), st.integers(1, 20))
def test_two_rows_have_one_number_when_and_only_when_all_their_values_are_equal(
    rows: list[tuple[str | None, ...]], batch: int
) -> None:
    cells = Cells(prf(KEY))
    number_of: dict[tuple[str | None, ...], int] = {}
    for start in range(0, len(rows), batch):
        part = rows[start : start + batch]
        columns = [pa.array(column, pa.string()) for column in zip(*part, strict=True)]
        for row, number in zip(part, cells.number(columns).tolist(), strict=True):
            assert number_of.setdefault(row, number) == number

    assert sorted(number_of.values()) == list(range(len(cells)))


def test_a_cell_has_the_same_name_in_another_run_under_the_same_key_only() -> None:
    columns = [pa.array(["F", None]), pa.array([2011, 2011], pa.int32())]
    names = []
    for key in (KEY, KEY, new_secret()):
        cells = Cells(prf(key))
        assert cells.number(columns).tolist() == [0, 1]
        names.append(cells.names(np.array([0, 1])).tobytes())
    assert names[0] == names[1] != names[2]


def test_a_cell_has_the_same_name_whatever_was_met_before_it() -> None:
    first, second = pa.array(["F", "M", "M"]), pa.array(["x", "y", "x"])
    one, other = Cells(prf(KEY)), Cells(prf(KEY))
    one.number([first, second])
    numbers = other.number([first[::-1], second[::-1]])[::-1].copy()

    assert one.names(np.arange(3)).tolist() == other.names(numbers).tolist()
    assert len({name.tobytes() for name in one.names(np.arange(3))}) == 3


def test_a_dictionary_with_repeated_and_missing_values_is_read_as_its_values() -> None:
    odd = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None]), pa.array(["a", "a", None]))
    found = Cells(prf(KEY)).number([odd]).tolist()
    assert found[0] == found[1] != found[2] == found[3]


def test_products_of_categories_of_any_size_are_still_exact() -> None:
    rows = 300
    columns = [pa.array([(row * 7 + place) % rows for row in range(rows)]) for place in range(12)]
    doubled = [pa.concat_arrays([column, column]) for column in columns]
    ids = Cells(prf(KEY)).number(doubled)
    assert ids[:rows].tolist() == ids[rows:].tolist()
    assert len(set(ids.tolist())) == rows


def test_pairs_keep_their_numbers_when_their_table_grows_too_large(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_LARGEST", 64)
    pairs = Pairs()
    drawn = np.random.default_rng(4).integers(0, 40, (2, 50, 20)).astype(np.int32)
    met: dict[tuple[int, int], int] = {}
    for bound, (first, second) in enumerate(zip(*drawn, strict=True), 1):
        first, second = first % bound, second % bound  # noqa: PLW2901  # small ones first
        for a, b, number in zip(first, second, pairs.number(first, second), strict=True):
            assert met.setdefault((int(a), int(b)), int(number)) == number

    assert sorted(met.values()) == list(range(len(pairs)))
    numbers = np.array(list(met.values()))
    assert list(zip(*(each.tolist() for each in pairs.parted(numbers)), strict=True)) == list(met)


def test_more_cells_than_may_be_watched_are_refused() -> None:
    columns = [pa.array(["a", "b", "c"]), pa.array(["x", "x", "x"])]
    with pytest.raises(TooManyCells):
        Cells(prf(KEY), most=2).number(columns)
    with pytest.raises(TooManyCells):
        Cells(prf(KEY), most=2).number(columns[:1])


def test_more_joined_cells_than_may_be_watched_are_refused() -> None:
    each = [Cells(prf(KEY)), Cells(prf(KEY))]
    numbers = [cells.number([pa.array(["a", "b", "c"])]) for cells in each]
    with pytest.raises(TooManyCells):
        JoinedCells(prf(KEY), each, most=2).number(numbers)


def test_pairs_that_were_all_met_are_only_searched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LARGEST", 1)
    pairs, numbers = Pairs(), np.arange(3, dtype=np.int32)

    assert pairs.number(numbers, numbers).tolist() == pairs.number(numbers, numbers).tolist()
    assert len(pairs) == 3


def test_codes_beyond_sixty_two_bits_are_combined_exactly() -> None:
    codes = [np.arange(4, dtype=np.int64) << np.int64(40) for _ in range(3)]
    first, inverse = combinations(codes)

    assert first.tolist() == inverse.tolist() == [0, 1, 2, 3]


def test_there_is_no_cell_before_the_first_row() -> None:
    assert len(Cells(prf(KEY))) == 0
