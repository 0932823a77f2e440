"""k, l, t, alpha, beta, delta: what pycanon finds, and what brute force finds."""

from collections import Counter, defaultdict
from math import floor, log

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.classes import classes_of, coded
from access.pseudonymisation.closeness import Closeness, Distance, closeness, natural_distance
from access.pseudonymisation.diversity import (
    AlphaK,
    Anonymity,
    Diversity,
    alpha_k,
    anonymity,
    diversity,
    with_others_known,
)
from tests.unit.access.pseudonymisation import published

VALUE = st.none() | st.sampled_from(["a", "b", "c"])
WHO = st.none() | st.integers(0, 6)
ROW = st.tuples(VALUE, VALUE, st.none() | st.integers(0, 4), WHO)
ROWS = st.lists(ROW, min_size=1, max_size=25)


def table_of(rows: list[tuple[str | None, str | None, int | None, int | None]]) -> pa.Table:
    first, second, mark, who = zip(*rows, strict=True)
    return pa.table(
        {
            "a": pa.array(first, pa.string()).dictionary_encode(),
            "b": pa.chunked_array([pa.array(second, pa.string())]),
            "mark": pa.array(mark, pa.int32()),
            "who": pa.array(who, pa.int32()),
        }
    )


@pytest.mark.parametrize("name", published.PYCANON)
def test_every_figure_of_pycanon_comes_out(name: str) -> None:
    table, quasi, expected = published.pycanon(name)
    found = diversity(table, quasi, "Score")
    alpha = alpha_k(table, quasi, "Score")
    close = closeness(table, quasi, "Score")
    assert table.num_rows == expected["rows"]
    assert anonymity(table, quasi).k == expected["k"] == alpha.k
    assert found.distinct == expected["l"]
    assert found.entropy_l == expected["entropy_l"]
    assert found.c_ascending == expected["c"]
    assert alpha.alpha == expected["alpha"]
    assert close.distance is Distance.ORDERED
    assert close.beta == pytest.approx(expected["basic_beta"], rel=1e-12)
    assert close.enhanced_beta == pytest.approx(expected["enhanced_beta"], rel=1e-12)
    assert close.delta == pytest.approx(expected["delta"], rel=1e-12)
    assert close.t == pytest.approx(expected["t"], rel=1e-12)


def test_the_example_of_t_closeness_comes_out() -> None:
    # Li et al. 2007: salaries of 3k to 11k. {3k, 4k, 5k} is at 0.375 of them all (section 5),
    # and their third table, of classes further apart, is 0.167-close.
    zips = [1, 1, 1, 2, 2, 2, 3, 3, 3]
    for salaries, expected in (
        ([3, 4, 5, 6, 8, 11, 7, 9, 10], 0.375),
        ([3, 5, 9, 6, 11, 8, 4, 7, 10], 1 / 6),
    ):
        table = pa.table({"zip": zips, "salary": salaries})
        assert closeness(table, ["zip"], "salary").t == pytest.approx(expected)


def test_the_example_of_l_diversity_comes_out() -> None:
    # Machanavajjhala et al. 2007, figure 2: 4-anonymous patients, of whom one class has one
    # illness only; and figure 3: a 3-diverse form of the same.
    four = [*["130** <30"] * 4, *["1485* ≥40"] * 4, *["130** 3*"] * 4]
    illness = ["heart", "heart", "virus", "virus", "cancer", "heart", "virus", "virus"]
    table = pa.table({"class": four, "illness": [*illness, *["cancer"] * 4]})
    assert anonymity(table, ["class"]).k == 4
    assert diversity(table, ["class"], "illness").distinct == 1
    three = pa.table(
        {
            "class": [*["1305* ≤40"] * 4, *["1485* >40"] * 4, *["1306* ≤40"] * 4],
            "illness": [
                *["heart", "virus", "cancer", "cancer"],
                *["cancer", "heart", "virus", "virus"],
                *["heart", "virus", "cancer", "cancer"],
            ],
        }
    )
    found = diversity(three, ["class"], "illness")
    assert found.distinct == 3
    assert found.entropy == pytest.approx(1.5 * log(2))
    assert found.entropy_l == 2
    assert found.c == 2
    assert alpha_k(three, ["class"], "illness") == AlphaK(0.5, 4)


@given(ROWS, st.booleans())
def test_measures_are_those_of_brute_force(
    rows: list[tuple[str | None, str | None, int | None, int | None]], named: bool
) -> None:
    table, subject = table_of(rows), "who" if named else None
    people = defaultdict(set)
    held = defaultdict(set)
    for number, (first, second, mark, who) in enumerate(rows):
        person = who if named else number
        cell = (first, second)
        people[cell].update(set() if person is None else {person})
        held[cell].update(set() if person is None else {(person, mark)})
    sizes = [len(found) for found in people.values()]
    assert anonymity(table, ["a", "b"], subject) == Anonymity(
        min(sizes), len(sizes), sum(size <= 1 for size in sizes)
    )
    counts = {cell: Counter(mark for _, mark in found) for cell, found in held.items()}
    expected = _diversity([sorted(count.values()) for count in counts.values()])
    found = diversity(table, ["a", "b"], "mark", subject)
    assert found.distinct == expected.distinct
    assert found.entropy == pytest.approx(expected.entropy)
    assert found.c == pytest.approx(expected.c)
    assert found.c_ascending == expected.c_ascending
    alpha = max(
        (n / len(people[cell]) for cell, count in counts.items() for n in count.values()),
        default=0.0,
    )
    assert alpha_k(table, ["a", "b"], "mark", subject) == AlphaK(alpha, min(sizes))
    for distance in Distance:
        close = closeness(table, ["a", "b"], "mark", subject, distance)
        assert tuple(getattr(close, each) for each in ("t", "beta", "enhanced_beta", "delta")) == (
            pytest.approx(_closeness([count for count in counts.values() if count], distance))
        )


def _diversity(classes: list[list[int]]) -> Diversity:
    if not all(classes):
        return Diversity(0, 0.0, 0.0, None)
    distinct = min(len(counts) for counts in classes)
    entropies = [-sum(n / sum(c) * log(n / sum(c)) for n in c) for c in classes]
    return Diversity(
        distinct,
        min(entropies),
        max(c[-1] / sum(c[::-1][distinct - 1 :]) for c in classes),
        max(floor(c[0] / sum(c[distinct - 1 :]) + 1) for c in classes) if distinct > 1 else None,
    )


def _closeness(
    classes: list[Counter[int | None]], distance: Distance
) -> tuple[float, float, float, float]:
    everybody: Counter[int | None] = sum(classes, Counter())
    total = everybody.total()
    if not total:
        return 0.0, 0.0, 0.0, 0.0
    values = sorted(everybody, key=lambda value: (value is not None, value))
    p = {value: everybody[value] / total for value in values}
    far, gains, logs = [], [], []
    for counts in classes:
        q = {value: counts[value] / counts.total() for value in values}
        gains += [(q[v] - p[v]) / p[v] for v in values]
        logs += [abs(log(q[v] / p[v])) for v in values if q[v]]
        moved, run = 0.0, 0.0
        for value in values:
            run += q[value] - p[value]
            moved += abs(run) if distance is Distance.ORDERED else abs(q[value] - p[value]) / 2
        ranks = max(len(values) - 1, 1) if distance is Distance.ORDERED else 1
        far.append(moved / ranks if len(values) > 1 else 0.0)
    beta = max(gains)
    return max(far), beta, max(min(beta, -log(p[v])) for v in values), max(logs)


def test_many_values_are_as_far_as_when_all_of_them_are_laid_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chance = np.random.default_rng(3)
    classes, marks = chance.integers(0, 40, 2_000), chance.integers(0, 500, 2_000)
    table = pa.table({"a": classes, "mark": marks})
    found = closeness(table, ["a"], "mark")
    monkeypatch.setattr("access.pseudonymisation.closeness._ENTRIES", 90)
    assert closeness(table, ["a"], "mark") == found

    counts = np.zeros((40, 500))
    np.add.at(counts, (classes, marks), 1)
    counts = counts[:, counts.any(axis=0)]
    p = counts.sum(axis=0) / counts.sum()
    q = counts / counts.sum(axis=1, keepdims=True)
    moved = np.abs(np.cumsum(q, axis=1) - np.cumsum(p)).sum(axis=1) / (len(p) - 1)
    assert found.t == pytest.approx(moved.max())


def test_a_table_without_a_row_has_nothing_to_measure() -> None:
    empty = pa.table({"a": pa.array([], pa.string()), "mark": pa.array([], pa.string())})
    assert anonymity(empty, ["a"]) == Anonymity(0, 0, 0)
    assert diversity(empty, ["a"], "mark").entropy_l == 0
    assert diversity(empty, ["a"], "mark") == Diversity(0, 0.0, 0.0, None)
    assert alpha_k(empty, ["a"], "mark") == AlphaK(0.0, 0)
    assert closeness(empty, ["a"], "mark") == Closeness(0.0, Distance.EQUAL, 0.0, 0.0, 0.0)


def test_without_a_quasi_identifier_everybody_is_in_one_class() -> None:
    table = pa.table({"mark": [1, 2, 2]})
    assert len(classes_of(table, [])) == 1
    assert classes_of(table, []).total == 3
    assert closeness(table, [], "mark").t == 0


def test_each_sensitive_attribute_may_be_measured_for_who_knows_the_others() -> None:
    assert with_others_known(["a"], ["mark", "b"]) == (("mark", ("a", "b")), ("b", ("a", "mark")))


def test_numbers_and_dates_are_ordered_and_texts_are_not() -> None:
    for kind in (pa.int8(), pa.float64(), pa.decimal128(5, 2), pa.date32(), pa.timestamp("us")):
        assert natural_distance(kind) is Distance.ORDERED
    assert natural_distance(pa.dictionary(pa.int8(), pa.int16())) is Distance.ORDERED
    for kind in (pa.string(), pa.bool_(), pa.dictionary(pa.int8(), pa.string())):
        assert natural_distance(kind) is Distance.EQUAL


def test_codes_follow_the_order_of_values_and_ignore_how_they_are_written_down() -> None:
    odd = pa.DictionaryArray.from_arrays(pa.array([0, 1, 2, None, 3]), pa.array([9, 7, None, 9]))
    assert coded(odd).tolist() == [2, 1, 0, 0, 2]
    assert coded(pa.chunked_array([["b"], ["a", None]])).tolist() == [2, 1, 0]
    assert coded(pa.array(["b", "a", None], pa.string_view())).tolist() == [2, 1, 0]
    assert coded(pa.nulls(2)).tolist() == [0, 0]


def test_pseudonyms_may_be_subjects_as_they_are_delivered() -> None:
    stored = pa.array([b"b" * 16, b"a" * 16, None, b"b" * 16], pa.binary(16))
    table = pa.table({"a": [1, 1, 1, 1], "pid": pa.ExtensionArray.from_storage(pa.uuid(), stored)})
    assert anonymity(table, ["a"], "pid").k == 2
