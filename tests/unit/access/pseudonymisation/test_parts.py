"""What is measured part by part is what is measured on the whole table."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.closeness import closeness
from access.pseudonymisation.diversity import diversity
from access.pseudonymisation.knowledge import Knowledge
from access.pseudonymisation.spreads import Spreads, TooManyValues, Values
from access.pseudonymisation.uniqueness import uniqueness

rows = st.lists(
    st.tuples(
        st.integers(0, 12),
        st.integers(0, 2),
        st.sampled_from(["a", "b", None, "c"]),
        st.sampled_from([1.0, 2.5, None, 9.0, float("nan")]),
    ),
    min_size=1,
    max_size=60,
)
PARTS = 3
Row = tuple[int, int, str | None, float | None]


def table_of(found: list[Row]) -> pa.Table:
    person, place, word, mark = zip(*found, strict=True)
    marks = [None if one is None or one != one else one for one in mark]  # noqa: PLR0124
    return pa.table(
        {"person": person, "place": place, "word": pa.array(word, pa.string()), "mark": marks}
    )


def parts_of(found: list[Row]) -> Iterator[list[Row]]:
    """Share the rows out by person."""
    for part in range(PARTS):
        mine = [row for row in found if row[0] % PARTS == part]
        if mine:
            yield mine


def spreads_of(found: list[Row]) -> Spreads:
    spreads = Spreads(["word", "mark"])
    for part in parts_of(found):
        person, place, word, mark = zip(*part, strict=True)
        cells, persons = np.array(place, np.int32), np.array(person)
        spreads.add("word", pa.array(word, pa.string()).dictionary_encode(), cells, persons)
        spreads.add("mark", pa.array(mark, pa.float64()), cells, persons)
    return spreads


@given(rows)
def test_values_and_distances_are_those_of_the_whole_table(found: list[Row]) -> None:
    table, spreads = table_of(found), spreads_of(found)
    nothing = np.zeros(3, bool)

    distinct = min(
        diversity(table, ["place"], name, "person").distinct for name in ("word", "mark")
    )
    furthest = max(closeness(table, ["place"], name, "person").t for name in ("word", "mark"))
    assert spreads.least_values(nothing) == distinct
    assert spreads.largest_distance(nothing) == pytest.approx(furthest)


@given(rows, st.integers(1, 4), st.floats(0, 1))
def test_what_stays_meets_what_is_demanded(found: list[Row], least: int, most: float) -> None:
    spreads = spreads_of(found)
    left_out = spreads.telling(np.zeros(3, bool), l=least, t=most)

    staying = [row for row in found if not left_out[row[1]]]
    if staying:
        table = table_of(staying)
        for name in ("word", "mark"):
            assert diversity(table, ["place"], name, "person").distinct >= least
            assert closeness(table, ["place"], name, "person").t <= most + 1e-9
    again = spreads.telling(left_out, l=least, t=most)
    assert (again == left_out).all()


def test_one_may_stop_between_two_rounds() -> None:
    rounds = []

    def look() -> None:
        rounds.append(1)
        if len(rounds) == 2:
            raise KeyboardInterrupt

    spreads = Spreads(["word"])
    spreads.add("word", pa.array(["a", "a", "b"]), np.array([0, 1, 1], np.int32), np.arange(3))
    with pytest.raises(KeyboardInterrupt):
        spreads.telling(np.zeros(2, bool), l=2, t=None, look=look)


@given(rows)
def test_what_is_demanded_already_leaves_nothing_more_out(found: list[Row]) -> None:
    left_out = np.array([True, False, False])
    assert (spreads_of(found).telling(left_out, l=None, t=None) == left_out).all()
    assert (spreads_of(found).telling(left_out, l=1, t=1.0) == left_out).all()


def test_rows_that_are_about_nobody_count_for_nobody() -> None:
    spreads = Spreads(["word"])
    words = pa.array(["a", "b"])
    spreads.add("word", words, np.zeros(2, np.int32), np.array([0, -1]))

    assert spreads.least_values(np.zeros(1, bool)) == 1
    assert Spreads([]).least_values(np.zeros(1, bool)) == 0
    assert Spreads([]).largest_distance(np.zeros(1, bool)) == 0


def test_there_is_an_end_to_what_is_remembered() -> None:
    with pytest.raises(TooManyValues) as caught:
        Values("mark", most=2).of(pa.array([1, 2, 3]))
    assert caught.value.name == "mark"
    spreads = Spreads(["word", "mark"], most=3)
    cells, persons = np.array([0, 1], np.int32), np.array([0, 1])
    spreads.add("word", pa.array(["a", "b"]), cells, persons)
    spreads.add("mark", pa.array([1]), cells[:1], persons[:1])
    with pytest.raises(TooManyValues) as full:
        spreads.add("mark", pa.array([2]), cells[1:], persons[1:])
    assert full.value.name == "word"


@given(rows, st.integers(1, 3))
def test_few_facts_single_out_as_many_as_in_the_whole_table(found: list[Row], known: int) -> None:
    # One row a person, so that which row is known is not left to chance.
    once = list({row[0]: row for row in found}.values())
    table = table_of(once)
    names = ["place", "word", "mark"]
    whole = uniqueness(table, names, "person", known=known, seed=1)
    knowledge = Knowledge(
        {name: table[name].combine_chunks() for name in names}, known=known, seed=1
    )
    for part in parts_of(once):
        mine = table_of(part)
        columns = {name: mine[name].combine_chunks() for name in names}
        knowledge.add(columns, mine["person"].to_numpy())

    assert whole.exhaustive
    assert knowledge.share == pytest.approx(whole.share)


def test_somebody_with_several_rows_fits_once_and_nobody_never_does() -> None:
    sample = {"word": pa.array(["a"])}
    knowledge = Knowledge(sample, known=3, seed=1)
    knowledge.add({"word": pa.array(["a", "a", "a", "b"])}, np.array([5, 5, -1, 6]))

    assert (knowledge.known, knowledge.share) == (1, 1.0)
    knowledge.add({"word": pa.array(["a"]).dictionary_encode()}, np.array([0]))
    assert knowledge.share == 0.0


def test_of_nobody_nothing_is_known() -> None:
    empty = Knowledge({"word": pa.array([], pa.string())}, known=1, seed=1)
    empty.add({"word": pa.array(["a"])}, np.array([0]))
    assert empty.share == 0.0
    assert Knowledge({}, known=2, seed=1).share == 0.0
