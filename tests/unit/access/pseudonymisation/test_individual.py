"""The risk of each row: what sdcMicro publishes, and what brute force finds."""

from math import comb

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, strategies as st

from access.pseudonymisation.individual import (
    Frequencies,
    Missing,
    frequencies,
    global_risk,
    individual_risk,
)
from tests.unit.access.pseudonymisation.published import FRANCDAT, HOLED, KEYS

CODE = st.none() | st.integers(0, 2)
ROWS = st.lists(
    st.tuples(CODE, CODE, CODE, st.none() | st.integers(0, 5), st.integers(1, 9)),
    min_size=1,
    max_size=16,
)


def test_the_frequencies_of_francdat_are_those_that_sdcmicro_publishes() -> None:
    found = frequencies(FRANCDAT, KEYS, weights="w")
    assert found.sample.tolist() == [2, 2, 2, 1, 1, 1, 1, 2]
    assert found.population.tolist() == [110.0, 84.5, 84.5, 17.0, 541.0, 8.0, 5.0, 110.0]
    assert found.violations(2) == 4
    assert found.violations(3) == 8


def test_the_individual_risks_of_francdat_are_those_that_sdcmicro_publishes() -> None:
    found = frequencies(FRANCDAT, KEYS, weights="w")
    assert individual_risk(found).tolist() == pytest.approx(
        [
            *[0.01714426, 0.02204233, 0.02204233, 0.17707583],
            *[0.01165448, 0.29706308, 0.40235948, 0.01714426],
        ],
        abs=1e-8,
    )
    summed = global_risk(found)
    assert summed.uniques == 4
    assert summed.expected == pytest.approx(individual_risk(found).sum())
    assert summed.share == pytest.approx(summed.expected / 8)
    assert summed.correct_matches == pytest.approx(
        0.17707583 + 0.01165448 + 0.29706308 + 0.40235948
    )
    assert summed.population_uniques == pytest.approx(1 / 17 + 1 / 541 + 1 / 8 + 1 / 5)


@pytest.mark.parametrize(
    ("contribution", "sample", "population"),
    [
        (
            1.0,
            [3, 2, 4, 3, 3, 2, 2, 3],
            [149.0, 84.5, 194.5, 563.0, 566.0, 549.0, 22.0, 149.0],
        ),
        (
            0.5,
            [2.5, 1.5, 4.0, 2.5, 2.0, 1.5, 1.5, 2.5],
            [129.5, 65.0, 194.5, 292.5, 553.5, 278.5, 13.5, 129.5],
        ),
        (
            0.1,
            [2.1, 1.1, 4.0, 2.1, 1.2, 1.1, 1.1, 2.1],
            [113.9, 49.4, 194.5, 76.1, 543.5, 62.1, 6.7, 113.9],
        ),
    ],
)
def test_holes_match_everything_as_sdcmicro_publishes(
    contribution: float, sample: list[float], population: list[float]
) -> None:
    found = frequencies(HOLED, KEYS, weights="w", missing=Missing.ANY, contribution=contribution)
    assert found.sample.tolist() == pytest.approx(sample)
    assert found.population.tolist() == pytest.approx(population)


def test_a_key_of_holes_only_matches_everybody_whole() -> None:
    table = pa.table({"a": [None, "x", "y", None]})
    found = frequencies(table, ["a"], missing=Missing.ANY, contribution=0.5)
    assert found.sample.tolist() == [4, 2, 2, 4]


@given(ROWS, st.booleans(), st.sampled_from(Missing), st.sampled_from([1.0, 0.25]))
def test_frequencies_are_those_of_brute_force(
    rows: list[tuple[int | None, ...]], named: bool, missing: Missing, contribution: float
) -> None:
    names = ["a", "b", "c", "who", "w"]
    table = pa.table(
        {name: pa.array([row[n] for row in rows], pa.int32()) for n, name in enumerate(names)}
    )
    found = frequencies(
        table,
        names[:3],
        "who" if named else None,
        weights="w",
        missing=missing,
        contribution=contribution,
    )
    for number, row in enumerate(rows):
        mine = row[:3]
        count: dict[int | None, tuple[float, int]] = {}
        for other, theirs in enumerate(rows):
            person = theirs[3] if named else other
            share = _share(mine, theirs[:3], missing, contribution)
            if person is not None and share > count.get(person, (0.0, 0))[0]:
                count[person] = (share, theirs[4] or 0)
        lacks = named and row[3] is None
        assert found.sample[number] == pytest.approx(
            0.0 if lacks else sum(share for share, _ in count.values())
        )
        if not named:
            assert found.population[number] == pytest.approx(
                sum(share * weight for share, weight in count.values())
            )
    assert len(found.persons) == len(
        {(row[:3], row[3] if named else n) for n, row in enumerate(rows)}
        - {(row[:3], None) for row in rows}
    )


def _share(
    mine: tuple[int | None, ...], theirs: tuple[int | None, ...], missing: Missing, lent: float
) -> float:
    if mine == theirs:
        return 1.0
    if missing is Missing.VALUE or any(
        a != b for a, b in zip(mine, theirs, strict=True) if a is not None and b is not None
    ):
        return 0.0
    return lent if None in theirs and set(mine) != {None} else 1.0


@given(st.integers(1, 12), st.floats(1.0, 30.0) | st.floats(0, 1e-3).map(lambda more: 1 + more))
@example(f=2, ratio=1.0000000000000002)
@example(f=2, ratio=1.0001)
def test_the_individual_risk_is_the_expected_inverse_of_the_population_frequency(
    f: int, ratio: float
) -> None:
    population = f * ratio
    p = f / population
    found = Frequencies(np.array([float(f)]), np.array([population]), np.array([0]))
    exact = sum(
        comb(f + more - 1, more) * p**f * (1 - p) ** more / (f + more) for more in range(3000)
    )
    # The approximation above two is from below or above by a few per cent at most.
    tolerance = 1e-6 if f <= 2 or p == 1 else 0.2
    assert individual_risk(found)[0] == pytest.approx(exact, rel=tolerance, abs=1e-4)


def test_a_weight_below_one_or_missing_is_refused() -> None:
    for weight in (0.5, None):
        table = pa.table({"a": ["x"], "w": pa.array([weight], pa.float64())})
        with pytest.raises(ValueError, match="weight"):
            frequencies(table, ["a"], weights="w")


def test_nobody_is_at_no_risk() -> None:
    table = pa.table({"a": ["x"], "who": pa.array([None], pa.int32())})
    found = frequencies(table, ["a"], "who")
    assert individual_risk(found).tolist() == [0]
    assert global_risk(found).share == 0
