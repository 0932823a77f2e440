"""Who may be found again: what ARX finds, and what brute force finds."""

from collections import defaultdict
from dataclasses import astuple

import pyarrow as pa
import pytest
from hypothesis import given, strategies as st

from access.pseudonymisation.risks import Risks, identifying, risks
from tests.unit.access.pseudonymisation import published

CELL = st.none() | st.sampled_from(["a", "b", "c"])
ROWS = st.lists(st.tuples(CELL, CELL, st.none() | st.integers(0, 8)), max_size=30)


def test_the_risks_of_the_small_example_of_arx_come_out_before_and_after() -> None:
    example = published.arx()
    table = published.rows(example["columns"], example["rows"])
    expected = example["expected"]
    before = risks(table, example["columns"])
    assert before.highest == expected["highest_risk_before"]
    assert before.average == expected["average_risk_before"]
    assert before.uniques == 1
    levels = expected["levels"]
    coarse = {
        name: dict(
            zip([row[0] for row in ladder], [row[levels[name]] for row in ladder], strict=True)
        )
        for name, ladder in example["hierarchies"].items()
    }
    after = pa.table(
        {name: [coarse[name][v] for v in table[name].to_pylist()] for name in example["columns"]}
    )
    found = risks(after, example["columns"], threshold=0.4)
    assert found.highest == expected["highest_risk_after"]
    assert found.average == found.marketer == expected["average_class_risk_after"]
    assert found.uniques == 0
    assert found.at_risk == 4 / 7
    assert found.expected == pytest.approx(3)


def test_distinction_and_separation_are_those_that_arx_computes_by_hand() -> None:
    example = published.arx()["quasi_identifier_test"]
    table = published.rows(example["columns"], example["rows"])
    for names, (distinction, separation) in example["distinction_separation"].items():
        found = identifying(table, names.split(","))
        assert found.attributes == tuple(names.split(","))
        assert found.distinction == pytest.approx(distinction)
        assert found.separation == pytest.approx(separation)


@given(ROWS, ROWS, st.booleans())
def test_risks_are_those_of_brute_force(
    rows: list[tuple[str | None, str | None, int | None]],
    others: list[tuple[str | None, str | None, int | None]],
    named: bool,
) -> None:
    subject = "who" if named else None
    everybody = [*others, *rows]
    sample, whole = _sizes(rows, named), _sizes(everybody, named)
    held = {cell: size for cell, size in sample.items() if size}
    population = pa.table(_columns(everybody)) if rows or others else None
    found = risks(
        pa.table(_columns(rows)), ["a", "b"], subject, population=population, threshold=0.3
    )
    total = sum(held.values())
    if not total:
        assert found == Risks(0, 0, 0, 0, 0, 0, 0, 0, 0)
        return
    expected = sum(size / whole[cell] for cell, size in held.items())
    assert astuple(found) == pytest.approx(
        (
            total,
            len(held),
            1 / min(held.values()),
            len(held) / total,
            sum(size for size in held.values() if 1 / size > 0.3) / total,
            sum(size == 1 for size in held.values()) / total,
            1 / min(whole[cell] for cell in held),
            expected / total,
            expected,
        )
    )


def _columns(rows: list[tuple[str | None, str | None, int | None]]) -> dict[str, pa.Array]:
    kinds = {"a": pa.string(), "b": pa.string(), "who": pa.int32()}
    return {
        name: pa.array([row[place] for row in rows], kind)
        for place, (name, kind) in enumerate(kinds.items())
    }


def _sizes(
    rows: list[tuple[str | None, str | None, int | None]], named: bool
) -> dict[tuple[str | None, str | None], int]:
    people = defaultdict(set)
    for number, (first, second, who) in enumerate(rows):
        person = who if named else number
        people[first, second].update(set() if person is None else {person})
    return {cell: len(found) for cell, found in people.items()}


def test_an_extract_that_is_not_of_its_population_is_refused() -> None:
    with pytest.raises(ValueError, match="does not hold"):
        risks(pa.table({"a": ["x", "x"]}), ["a"], population=pa.table({"a": ["x", "y"]}))


def test_one_row_separates_nothing_and_no_row_distinguishes_nothing() -> None:
    assert identifying(pa.table({"a": ["x"]}), ["a"]).separation == 0
    assert identifying(pa.table({"a": pa.array([], pa.string())}), ["a"]).distinction == 0
