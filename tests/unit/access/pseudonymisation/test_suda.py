"""Special uniques: what sdcMicro and the guide of the World Bank publish, and brute force."""

from itertools import combinations
from math import factorial

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.suda import special_uniques

CODE = st.none() | st.integers(0, 2)
ROWS = st.lists(
    st.tuples(CODE, CODE, CODE, CODE, st.none() | st.integers(0, 9)), min_size=1, max_size=14
)


def test_the_scores_of_the_guide_to_disclosure_control_come_out() -> None:
    table = pa.table(
        {
            "residence": [*["Urban"] * 4, "Rural", *["Urban"] * 5],
            "gender": ["F", "F", "F", "M", "F", "M", "F", "M", "F", "F"],
            "education": [
                *["secondary incomplete", "secondary incomplete", "primary incomplete"],
                *["secondary complete", "secondary complete", "secondary complete"],
                *["primary complete", "post-secondary"],
                *["secondary incomplete", "secondary incomplete"],
            ],
            "labor": [
                *["employed", "employed", "non-LF", "employed", "unemployed"],
                *["employed", "non-LF", "unemployed", "non-LF", "non-LF"],
            ],
        }
    )
    found = special_uniques(table, table.column_names)
    assert found.score.tolist() == [0, 0, 6, 0, 12, 0, 6, 10, 0, 0]
    assert found.minimal[4].tolist() == [1, 3, 0, 0]


def test_the_scores_of_the_example_of_the_book_come_out() -> None:
    # Templ 2017, as sdcMicro's own tests have it.
    table = pa.table(
        {
            "age": [*["20s"] * 7, "60s"],
            "gender": [*["male"] * 4, *["female"] * 3, "male"],
            "income": ["50k+", "50k+", *["50k-"] * 6],
            "education": [*["high"] * 4, "university", "high", "middle", "university"],
        }
    )
    assert special_uniques(table, table.column_names).score[4:].tolist() == [4, 2, 6, 8]


def test_the_contributions_of_attributes_are_those_of_sdcmicro() -> None:
    table = pa.table({"a": [2, 1, 1], "b": [0, 3, 0], "c": [0, 6, 0]})
    assert special_uniques(table, ["c", "a", "b"]).contribution.tolist() == [0.375, 0.5, 0.375]


def test_dis_scores_are_between_nought_and_one_and_grow_with_scores() -> None:
    table = pa.table({"a": [1, 1, 2, 3, 3], "b": [1, 1, 1, 2, 1], "c": [5, 5, 5, 5, 5]})
    found = special_uniques(table, ["a", "b", "c"], sampling_fraction=0.1)
    assert found.score.tolist() == [0, 0, 2, 2, 1]
    # U = 3 alone, P = 2 in a pair: DIS = 0.3 / (0.3 + 2 × 0.9); then sdcMicro's scaling.
    dis, power = 0.3 / 2.1, 1.25
    adjusted = 2 * 2**-power + 1
    expected = [1 / (1 + (3 / dis - 3) / (score**power * adjusted)) for score in (2, 2, 1)]
    assert found.dis_score.tolist() == pytest.approx([0, 0, *expected])
    assert special_uniques(table, ["a"], sampling_fraction=1).dis_score.tolist()[2] == 1


@given(ROWS, st.booleans(), st.booleans(), st.sampled_from([None, 2]))
def test_minimal_sample_uniques_are_those_of_brute_force(
    rows: list[tuple[int | None, ...]], named: bool, ignore: bool, largest: int | None
) -> None:
    names = ["a", "b", "c", "d"]
    table = pa.table(
        {
            name: pa.array([row[place] for row in rows], pa.int32())
            for place, name in enumerate([*names, "who"])
        }
    )
    found = special_uniques(
        table, names, "who" if named else None, largest=largest, ignore_missing=ignore
    )
    for number, row in enumerate(rows):
        person = row[4] if named else number
        minimal: list[tuple[int, ...]] = []
        for size in range(1, (largest or 4) + 1):
            for chosen in combinations(range(4), size):
                people = {
                    other[4] if named else place
                    for place, other in enumerate(rows)
                    if all(other[each] == row[each] for each in chosen)
                } - {None}
                if people == {person} and not any(set(each) < set(chosen) for each in minimal):
                    minimal.append(chosen)
        if ignore:
            minimal = [each for each in minimal if all(row[place] is not None for place in each)]
        minimal = [] if person is None else minimal
        assert found.score[number] == sum(factorial(4 - len(each)) for each in minimal)
        assert found.minimal[number].sum() == len(minimal)
    assert (found.dis_score > 0).tolist() == (found.score > 0).tolist()
