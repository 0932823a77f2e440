"""How many persons few known attributes single out."""

from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.uniqueness import Uniqueness, uniqueness

CODE = st.none() | st.integers(0, 2)
ROWS = st.lists(st.tuples(CODE, CODE, CODE), max_size=20)


@given(ROWS, st.integers(1, 3), st.integers(0, 9))
def test_when_all_is_tried_the_share_is_that_of_brute_force(
    rows: list[tuple[int | None, ...]], known: int, seed: int
) -> None:
    names = ["a", "b", "c"]
    table = pa.table(
        {name: pa.array([row[n] for row in rows], pa.int32()) for n, name in enumerate(names)}
    )
    found = uniqueness(table, names, known=known, seed=seed)
    assert found.exhaustive
    assert found.persons == len(rows)
    if not rows:
        assert found == Uniqueness(known, 0, 0, (), 0, 0, exhaustive=True)
        return
    shares = {}
    for chosen in combinations(range(3), known):
        keys = [tuple(row[place] for place in chosen) for row in rows]
        shares[tuple(names[n] for n in chosen)] = sum(keys.count(k) == 1 for k in keys) / len(rows)
    assert found.share == pytest.approx(sum(shares.values()) / len(shares))
    assert found.worst == pytest.approx(max(shares.values()))
    assert found.worst_set == next(s for s in shares if shares[s] == max(shares.values()))
    assert found.sets == len(shares)


def test_a_person_with_several_rows_alike_is_still_unique() -> None:
    table = pa.table({"a": [1, 1, 2, 3, 4], "who": pa.array([7, 7, 8, 9, None], pa.int32())})
    assert uniqueness(table, ["a"], "who", known=1, seed=1).share == 1
    shared = pa.table({"a": [1, 1, 2], "who": [7, 8, 9]})
    assert uniqueness(shared, ["a"], "who", known=1, seed=1).share == pytest.approx(1 / 3)


def test_sets_and_persons_are_sampled_the_same_way_for_the_same_seed() -> None:
    table = pa.table({f"c{n}": [(row * (n + 3)) % 11 for row in range(60)] for n in range(8)})
    first, again, other = (
        uniqueness(table, table.column_names, known=3, seed=seed, sets=10, persons=20)
        for seed in (1, 1, 2)
    )
    assert first == again
    assert first.worst_set != other.worst_set or first.share != other.share
    assert (first.sets, first.persons, first.exhaustive) == (10, 20, False)


@pytest.mark.parametrize("known", [0, 2])
def test_more_known_attributes_than_there_are_is_refused(known: int) -> None:
    with pytest.raises(ValueError, match="known"):
        uniqueness(pa.table({"a": [1]}), ["a"], known=known, seed=0)
