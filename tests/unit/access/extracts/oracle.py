"""An independent computation of an extract: SQL in DuckDB, and one CMAC at a time."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC

from access.extracts.ports import keys_of
from access.plans.crossing import Recipe
from access.plans.plan import Plan
from access.plans.terms import BasisRule, Operator, RowFilter
from access.plans.treatments import Action
from tests.unit.access.extracts import worlds

IN_SQL = {
    ("date_naissance", "year"): "year(date_naissance)::INT",
    ("date_naissance", "month"): "strftime(date_naissance, '%Y-%m')",
    ("date_naissance", "quarter"): "year(date_naissance) || '-Q' || quarter(date_naissance)",
    ("date_naissance", "ten_years"): "(year(date_naissance) // 10 * 10) || '-'"
    " || (year(date_naissance) // 10 * 10 + 9)",
    ("uai", "departement"): "CASE left(uai, 3) WHEN '053' THEN '53' WHEN '072' THEN '72'"
    " WHEN '620' THEN '2A' END",
    ("uai", "academie"): "CASE left(uai, 3) WHEN '053' THEN '17' WHEN '072' THEN '17'"
    " WHEN '620' THEN '27' END",
    ("rang", "by_5"): "(rang // 5 * 5) || '-' || (rang // 5 * 5 + 4)",
    ("rang", "by_10"): "(rang // 10 * 10) || '-' || (rang // 10 * 10 + 9)",
    ("note", "0.5"): "round_even(note * 2, 0) / 2",
}
"""Field and step of a treatment → SQL; any other treatment delivers the value as it is."""


def reference(key: bytes, message: bytes | None) -> bytes | None:
    """Return the CMAC of one message by another implementation than the engine's."""
    if message is None:
        return None
    mac = CMAC(algorithms.AES(key))
    mac.update(message)
    return mac.finalize()


def expected(
    plan: Recipe, tables: Sequence[pa.Table], listed: Sequence[Sequence[bytes]]
) -> Counter[tuple[Any, ...]]:
    """
    Compute the rows of an extract.

    :param tables: of the sources, in the order of the plan's parts
    :param listed: the subject keys of the persons who opposed or consented, for each source
    """
    with duckdb.connect() as db:
        kept = []
        for number, (part, table, keys) in enumerate(zip(plan.parts, tables, listed, strict=True)):
            db.register(f"rows{number}", _with_pseudonyms(plan, part, table))
            db.register(f"persons{number}", pa.table({"p0": pa.array(keys, pa.binary())}))
            kept.append(_kept(part, number))
        joined = kept[0]
        if len(kept) > 1:
            joined = f"({kept[0]}) AS a JOIN ({kept[1]}) AS b ON a.who_0 = b.who_1"
            joined = f"SELECT *, a.who_0 AS who FROM {joined}"
        else:
            joined = f"SELECT *, who_0 AS who FROM ({joined})"
        names = ", ".join(f'joined."{each.output}"' for each in plan.delivered)
        quasi = [f'"{each.output}"' for each in plan.delivered if each.quasi]
        if not quasi or not plan.subject:
            return Counter(db.execute(f"SELECT {names} FROM ({joined}) AS joined").fetchall())
        same = " AND ".join(f"joined.{one} IS NOT DISTINCT FROM cells.{one}" for one in quasi)
        query = f"""
            WITH joined AS ({joined}),
            cells AS (SELECT {", ".join(quasi)}, count(DISTINCT who) AS n FROM joined GROUP BY ALL)
            SELECT {names} FROM joined JOIN cells ON {same} WHERE n >= {plan.disclosure.k}
        """
        return Counter(db.execute(query).fetchall())


def _with_pseudonyms(plan: Recipe, part: Plan, table: pa.Table) -> pa.Table:
    """Add, for each column of identifiers, that of its pseudonyms, and p0 of the persons."""
    keys = keys_of(plan, worlds.GRANT).pseudonyms
    columns = {name: table.column(name) for name in table.schema.names}
    for each in part.treatments:
        if each.action is Action.PSEUDONYM:
            secret = keys[each.attribute].reveal()
            values = [reference(secret, value) for value in table.column(each.field).to_pylist()]
            columns[f"{each.field} pid"] = pa.array(values, pa.binary())
    columns["p0"] = table.column(part.subject).cast(pa.binary())
    return pa.table(columns)


def _kept(part: Plan, number: int) -> str:
    """Select the rows of a source that stay, with what is delivered of them."""
    conditions: Mapping[BasisRule, str] = {
        BasisRule.NONE: "true",
        BasisRule.OPT_IN: f"p0 IN (SELECT p0 FROM persons{number})",
        BasisRule.OPT_OUT: f"p0 IS NOT NULL AND p0 NOT IN (SELECT p0 FROM persons{number})",
    }
    where = [conditions[part.basis], *(_condition(each) for each in part.filters)]
    outputs = {
        each.output: f'"{each.field} pid"'
        if each.action is Action.PSEUDONYM
        else IN_SQL.get((each.field, each.step), f'"{each.field}"')
        for each in part.delivered
    }
    selected = ", ".join(f'{sql} AS "{name}"' for name, sql in outputs.items())
    selected += (", " if selected else "") + f"p0 AS who_{number}"
    return f"SELECT {selected} FROM rows{number} WHERE {' AND '.join(where)}"


def _condition(row_filter: RowFilter) -> str:
    value = f"'{row_filter.values[0]}'" if row_filter.values else ""
    name = row_filter.field
    return {
        Operator.IN: f"{name} IN ({value})",
        Operator.NOT_IN: f"{name} NOT IN ({value})",
        Operator.FROM: f"{name} >= DATE {value}",
        Operator.FILLED: f"{name} IS NOT NULL",
    }[row_filter.operator]
