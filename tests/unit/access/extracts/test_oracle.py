"""The engine against an independent oracle: DuckDB's count(DISTINCT), row for row."""

import tempfile
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC
from hypothesis import given, settings, strategies as st

from access.extracts.ports import EngineError, Limits, SubjectSet, keys_of
from access.plans.plan import Plan
from access.plans.terms import BasisRule, FieldSpec, Operator, RowFilter
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds

TEACHER = FieldSpec("numen", PlainType.TEXT, SemanticType.NUMEN, Level.IDENTIFIER)
AGE = FieldSpec("rang", PlainType.INTEGER, SemanticType.NUMBER, Level.QUASI_IDENTIFIER)
FIELDS = (
    worlds.INE, TEACHER, worlds.BIRTH, worlds.SEX, worlds.SCHOOL, AGE, worlds.MARK, worlds.SESSION
)  # fmt: skip
SCHOOLS = ["0530030V", "0530829N", "0720902P", "6200001E", "9999999Z", None]
IN_SQL = {
    ("date_naissance", "year"): "year(date_naissance)::INT",
    ("date_naissance", "month"): "strftime(date_naissance, '%Y-%m')",
    ("date_naissance", "quarter"): "year(date_naissance) || '-Q' || quarter(date_naissance)",
    ("date_naissance", "ten_years"): "(year(date_naissance) // 10 * 10) || '-'"
    " || (year(date_naissance) // 10 * 10 + 9)",
    ("date_naissance", "exact"): "date_naissance",
    ("uai", "departement"): "CASE left(uai, 3) WHEN '053' THEN '53' WHEN '072' THEN '72'"
    " WHEN '620' THEN '2A' END",
    ("uai", "academie"): "CASE left(uai, 3) WHEN '053' THEN '17' WHEN '072' THEN '17'"
    " WHEN '620' THEN '27' END",
    ("uai", "exact"): "uai",
    ("rang", "by_5"): "(rang // 5 * 5) || '-' || (rang // 5 * 5 + 4)",
    ("rang", "by_10"): "(rang // 10 * 10) || '-' || (rang // 10 * 10 + 9)",
    ("note", ""): "round_even(note * 2, 0) / 2",
    ("note", "exact"): "note",
}
BASES = st.sampled_from(list(BasisRule))
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
    st.sampled_from([None, *(f"P{number}" for number in range(12))]),
    st.sampled_from([None, "T1", "T2"]),
    st.none() | st.dates(date(2010, 1, 1), date(2012, 12, 31)),
    st.sampled_from(["F", "M", None]),
    st.sampled_from(SCHOOLS),
    st.none() | st.integers(0, 19),
    st.none() | st.integers(0, 80).map(lambda quarter: quarter / 4),
    st.sampled_from(["2023", "2024"]),
)


def reference(key: bytes, message: bytes | None) -> bytes | None:
    if message is None:
        return None
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def expected(
    plan: Plan, table: pa.Table, listed: list[bytes], wanted: dict[str, str]
) -> Counter[tuple[Any, ...]]:
    """Compute the extract with SQL and one CMAC at a time."""
    keys = keys_of(plan, worlds.GRANT).pseudonyms
    columns = {name: table.column(name) for name in table.schema.names}
    for name, attribute in (("ine", "pupil"), ("numen", "teacher")):
        secret = keys[attribute].reveal() if attribute in keys else b"0" * 32
        values = [reference(secret, value) for value in table.column(name).to_pylist()]
        columns[f"{name}_pid"] = pa.array(values, pa.binary())
    columns["p0"] = columns["ine"].cast(pa.binary())
    rows, persons = pa.table(columns), pa.table({"p0": pa.array(listed, pa.binary())})
    outputs = {
        each.field: IN_SQL.get((each.field, wanted.get(each.field, "")), each.field)
        for each in plan.delivered
    }
    outputs |= {name: f"{name}_pid" for name in ("ine", "numen") if name in outputs}
    conditions = {
        BasisRule.NONE: "true",
        BasisRule.OPT_IN: "p0 IN (SELECT p0 FROM persons)",
        BasisRule.OPT_OUT: "p0 IS NOT NULL AND p0 NOT IN (SELECT p0 FROM persons)",
    }
    where = [conditions[plan.basis], *(_condition(each) for each in plan.filters)]
    quasi = [f'"{name}"' for name in plan.quasi_identifiers]
    same = (f"kept.{name} IS NOT DISTINCT FROM cells.{name}" for name in quasi)
    selected = ", ".join(f'{sql} AS "{name}"' for name, sql in outputs.items())
    query = f"""
        WITH kept AS (SELECT {selected}, p0 AS who FROM rows WHERE {" AND ".join(where)}),
        cells AS (SELECT {", ".join(quasi)}, count(DISTINCT who) AS n FROM kept GROUP BY ALL)
        SELECT {", ".join(f'kept."{name}"' for name in outputs)} FROM kept JOIN cells
        ON {" AND ".join(same)}
        WHERE n >= {plan.disclosure.k}
    """
    with duckdb.connect() as db:
        db.register("rows", rows)
        db.register("persons", persons)
        found = db.execute(query).fetchall()
    return Counter(found)


def _condition(row_filter: RowFilter) -> str:
    value = f"'{row_filter.values[0]}'" if row_filter.values else ""
    name = row_filter.field
    return {
        Operator.IN: f"{name} IN ({value})",
        Operator.NOT_IN: f"{name} NOT IN ({value})",
        Operator.FROM: f"{name} >= DATE {value}",
        Operator.FILLED: f"{name} IS NOT NULL",
    }[row_filter.operator]


@settings(max_examples=150, deadline=None)
@given(
    rows=st.lists(ROW, min_size=5, max_size=120),
    wanted=FINENESS,
    basis=BASES,
    k=st.integers(1, 4),
    filters=FILTERS,
    listed=st.sets(st.sampled_from([f"P{number}" for number in range(12)]), max_size=8),
    without=st.sets(st.sampled_from(["ine", "date_naissance", "uai", "rang", "sexe"]), max_size=3),
    batch=st.integers(1, 20),
)
def test_the_extract_is_row_for_row_what_an_independent_computation_gives(
    rows: list[tuple[Any, ...]],
    wanted: dict[str, str],
    basis: BasisRule,
    k: int,
    filters: tuple[RowFilter, ...],
    listed: set[str],
    without: set[str],
    batch: int,
) -> None:
    columns = dict(zip((each.name for each in FIELDS), zip(*rows, strict=True), strict=True))
    table = worlds.table_of(FIELDS, columns)
    asked = worlds.wishes([each for each in FIELDS if each.name not in without], **wanted)
    plan = worlds.plan_for(FIELDS, basis=basis, k=k, filters=filters, asked=asked)
    keys = [key for key in worlds.keyed(sorted(listed)).to_pylist() if key]
    right = expected(plan, table, keys, wanted)
    refused, made = "", None
    with tempfile.TemporaryDirectory() as folder:
        try:
            made = worlds.make(
                plan,
                table,
                Path(folder),
                consent=None if basis is BasisRule.NONE else SubjectSet(keys),
                limits=Limits(batch_rows=batch),
                row_group=batch * 2,
            )
        except EngineError as error:
            refused = error.code
    if made is None:
        assert refused in {"no_rows", "disclosure"}
        assert not right
        return
    found = Counter(tuple(row.values()) for row in made.rows)
    names = [each.output for each in plan.delivered]
    assert list(made.rows[0]) == names
    assert found == right
    assert made.outcome.rows_delivered == right.total()
