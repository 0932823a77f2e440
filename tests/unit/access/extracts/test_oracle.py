"""The engine against an independent oracle: DuckDB's count(DISTINCT) and JOIN, row for row."""

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
from hypothesis import given, settings, strategies as st

from access.extracts.ports import EngineError, Limits, SubjectSet
from access.plans.crossing import Recipe, cross
from access.plans.terms import BasisRule, FieldSpec, Operator, RowFilter
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import oracle, worlds

TEACHER = FieldSpec("numen", PlainType.TEXT, SemanticType.NUMEN, Level.IDENTIFIER)
AGE = FieldSpec("rang", PlainType.INTEGER, SemanticType.NUMBER, Level.QUASI_IDENTIFIER)
FIELDS = (
    worlds.INE, TEACHER, worlds.BIRTH, worlds.SEX, worlds.SCHOOL, AGE, worlds.MARK, worlds.SESSION
)  # fmt: skip
OTHER = (worlds.INE, worlds.SCHOOL, AGE, worlds.MARK)
SCHOOLS = ["0530030V", "0530829N", "0720902P", "6200001E", "9999999Z", None]
WHO = st.sampled_from([None, *(f"P{number}" for number in range(12))])
SCHOOL, RANK = st.sampled_from(SCHOOLS), st.none() | st.integers(0, 19)
MARK = st.none() | st.integers(0, 80).map(lambda quarter: quarter / 4)
BASES = st.sampled_from(list(BasisRule))
LISTED = st.sets(st.sampled_from([f"P{number}" for number in range(12)]), max_size=8)
FILTERS = st.sampled_from(
    [
        (),
        (RowFilter("session", Operator.IN, ("2024",)),),
        (RowFilter("date_naissance", Operator.FROM, ("2011-01-01",)),),
        (RowFilter("sexe", Operator.FILLED), RowFilter("session", Operator.NOT_IN, ("2023",))),
    ]
)
FINENESS = st.fixed_dictionaries(
    {
        "date_naissance": st.sampled_from(["year", "ten_years", "month", "quarter", "exact"]),
        "uai": st.sampled_from(["academie", "departement", "exact"]),
        "rang": st.sampled_from(["by_5", "by_10"]),
        "note": st.sampled_from(["", "exact"]),
    }
)
ROW = st.tuples(
    WHO,
    st.sampled_from([None, "T1", "T2"]),
    st.none() | st.dates(date(2010, 1, 1), date(2012, 12, 31)),
    st.sampled_from(["F", "M", None]),
    SCHOOL,
    RANK,
    MARK,
    st.sampled_from(["2023", "2024"]),
)
OTHER_ROW = st.tuples(WHO, SCHOOL, RANK, MARK)
LIMITS = st.builds(
    Limits,
    batch_rows=st.integers(1, 20),
    threads=st.integers(1, 3),
    watched=st.sampled_from([0, 3, 1000]),
)


def keys(listed: set[str]) -> list[bytes]:
    return [key for key in worlds.keyed(sorted(listed)).to_pylist() if key]


def table(fields: tuple[FieldSpec, ...], rows: list[tuple[Any, ...]]) -> pa.Table:
    columns = dict(zip((each.name for each in fields), zip(*rows, strict=True), strict=True))
    return worlds.table_of(fields, columns)


def compare(
    plan: Recipe, tables: list[pa.Table], listed: list[list[bytes]], limits: Limits
) -> None:
    """Make the extract, compute it the other way, and compare."""
    right = oracle.expected(plan, tables, listed)
    consent = [
        None if part.basis is BasisRule.NONE else SubjectSet(mine)
        for part, mine in zip(plan.parts, listed, strict=True)
    ]
    refused, made = "", None
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = worlds.make_of(
                plan,
                tables,
                Path(folder),
                consent=consent,
                limits=limits,
                row_group=limits.batch_rows * 2,
            )
        except EngineError as error:
            refused = error.code
    if made is None:
        assert refused in {"no_rows", "disclosure"}
        assert not right
        return
    assert list(made.rows[0]) == [each.output for each in plan.delivered]
    found = Counter(tuple(row.values()) for row in made.rows)
    assert found == right
    assert made.outcome.rows_delivered == right.total()


@settings(max_examples=300)
@given(
    rows=st.lists(ROW, min_size=5, max_size=120),
    wanted=FINENESS,
    basis=BASES,
    k=st.integers(1, 4),
    filters=FILTERS,
    listed=LISTED,
    without=st.sets(st.sampled_from(["ine", "date_naissance", "uai", "rang", "sexe"]), max_size=3),
    limits=LIMITS,
)
def test_the_extract_is_row_for_row_what_an_independent_computation_gives(
    rows: list[tuple[Any, ...]],
    wanted: dict[str, str],
    basis: BasisRule,
    k: int,
    filters: tuple[RowFilter, ...],
    listed: set[str],
    without: set[str],
    limits: Limits,
) -> None:
    asked = worlds.wishes([each for each in FIELDS if each.name not in without], **wanted)
    plan = worlds.plan_for(FIELDS, basis=basis, k=k, filters=filters, asked=asked)

    compare(plan, [table(FIELDS, rows)], [keys(listed)], limits)


@settings(max_examples=150)
@given(
    rows=st.lists(ROW, min_size=5, max_size=60),
    others=st.lists(OTHER_ROW, min_size=5, max_size=60),
    wanted=FINENESS,
    bases=st.tuples(BASES, BASES),
    k=st.tuples(st.integers(1, 3), st.integers(1, 3)),
    listed=st.tuples(LISTED, LISTED),
    without=st.sets(st.sampled_from(["ine", "date_naissance", "uai", "rang", "sexe"])),
    limits=LIMITS,
)
def test_crossed_sources_are_row_for_row_what_an_independent_join_gives(
    rows: list[tuple[Any, ...]],
    others: list[tuple[Any, ...]],
    wanted: dict[str, str],
    bases: tuple[BasisRule, BasisRule],
    k: tuple[int, int],
    listed: tuple[set[str], set[str]],
    without: set[str],
    limits: Limits,
) -> None:
    first, second = (
        worlds.plan_for(
            fields,
            dataset=dataset,
            basis=basis,
            k=smallest,
            crossing=True,
            asked=worlds.wishes([each for each in fields if each.name not in without], **wanted),
        )
        for fields, dataset, basis, smallest in zip(
            (FIELDS, OTHER), ("a", "b"), bases, k, strict=True
        )
    )
    plan = cross([second, first])

    tables = [table(FIELDS, rows), table(OTHER, others)]
    compare(plan, tables, [keys(each) for each in listed], limits)
