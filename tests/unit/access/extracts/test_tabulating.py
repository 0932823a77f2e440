"""Tables of results against brute force: cell for cell, and what hides cannot be worked out."""

import csv
import io
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from access.extracts import tabulating
from access.extracts.ports import EngineError, Limits
from access.plans.plan import Plan
from access.plans.tables import TOTAL, TableSpec
from access.plans.terms import BasisRule, FieldSpec, TableWish
from access.pseudonymisation.suppression import bounds
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds

COUNT = FieldSpec("heures", PlainType.INTEGER, SemanticType.NUMBER, Level.AGGREGATED)
KIND = FieldSpec("filiere", PlainType.TEXT, SemanticType.CATEGORY, Level.OPEN)
FIELDS = (worlds.INE, worlds.SEX, worlds.SESSION, KIND, COUNT)
WHO = st.sampled_from([None, *(f"P{number}" for number in range(30))])
ROW = st.tuples(
    WHO,
    st.sampled_from(["F", "M", None]),
    st.sampled_from(["2023", "2024", "2025"]),
    st.sampled_from([TOTAL, "__T", "a", "=b"]),
    st.none() | st.integers(0, 40),
)
WISHES = st.sampled_from(
    [
        (TableWish(("sexe",)),),
        (TableWish(("sexe", "filiere")), TableWish(("session",))),
        (TableWish(("session", "sexe"), "heures"), TableWish(("sexe", "session"))),
        (TableWish(("filiere",), "heures"), TableWish(("session", "sexe"), "heures")),
    ]
)
Row = tuple[str | None, str | None, str, str, int | None]
Cells = dict[tuple[Any, ...], Any]


def plan_of(
    wishes: Sequence[TableWish], fields: Sequence[FieldSpec] = FIELDS, **more: Any
) -> Plan:
    return worlds.plan_for(fields, tables=tuple(wishes), **more)


def release(rows: Sequence[Row], fields: Sequence[FieldSpec] = FIELDS) -> pa.Table:
    columns = zip(*rows, strict=True) if rows else [[] for _ in fields]
    return worlds.table_of(fields, dict(zip((each.name for each in fields), columns, strict=True)))


def people(each: int, *cells: tuple[str | None, str, str, int | None]) -> list[Row]:
    """Return so many persons in each cell."""
    rows: list[Row] = []
    number = 0
    for cell in cells:
        for _ in range(each):
            rows.append((f"P{number}", *cell))
            number += 1
    return rows


def made(plan: Plan, table: pa.Table, **options: Any) -> worlds.Made:
    with tempfile.TemporaryDirectory() as folder:
        return worlds.make(plan, table, Path(folder), **options)


def refusal(plan: Plan, table: pa.Table, **options: Any) -> EngineError:
    with pytest.raises(EngineError) as error:
        made(plan, table, **options)
    return error.value


def read(found: worlds.Made, name: str) -> pa.Table:
    return pq.read_table(io.BytesIO(found.shelf.files[f"{name}.parquet"]))


def expected(spec: TableSpec, rows: Sequence[Row]) -> Cells:
    """Count one table the slow way; by labels, 0 for a total: value and persons."""
    place = {field.name: number for number, field in enumerate(FIELDS)}
    persons: dict[tuple[Any, ...], set[Any]] = defaultdict(set)
    value: dict[tuple[Any, ...], float] = defaultdict(float)
    seen = set()
    for row in rows:
        inner = tuple(row[place[name]] for name in spec.dimensions)
        again = (row[0], inner) in seen
        seen.add((row[0], inner))
        margins: list[tuple[Any, ...]] = [()]
        for label in inner:
            margins = [(*before, one) for before in margins for one in (label, 0)]
        for cell in margins:
            persons[cell].add(row[0])
            value[cell] += (row[4] or 0) if spec.sum_of else 0 if again else 1
    return {cell: (value[cell], len(persons[cell])) for cell in persons}


def labelled(cell: Sequence[Any]) -> tuple[Any, ...]:
    return tuple(
        TOTAL if one == 0 else f"_{one}" if one and set(one[:-1]) == {"_"} else one for one in cell
    )


def published(table: pa.Table) -> Cells:
    *_, value, hidden = table.schema.names
    return {
        tuple(row[name] for name in table.schema.names[:-2]): (row[value], row[hidden])
        for row in table.to_pylist()
    }


@settings(max_examples=200)
@given(
    rows=st.lists(ROW, min_size=1, max_size=120),
    wishes=WISHES,
    basis=st.sampled_from(list(BasisRule)),
    k=st.integers(1, 4),
    listed=st.sets(st.sampled_from([f"P{number}" for number in range(30)]), max_size=15),
    limits=st.builds(Limits, batch_rows=st.integers(1, 20), threads=st.integers(1, 3)),
)
def test_tables_are_cell_for_cell_those_of_brute_force_and_hide_what_they_must(
    rows: list[Row],
    wishes: tuple[TableWish, ...],
    basis: BasisRule,
    k: int,
    listed: set[str],
    limits: Limits,
) -> None:
    plan = plan_of(wishes, basis=basis, k=k)
    consent = None if basis is BasisRule.NONE else worlds.persons(*sorted(listed))
    out: set[str | None] = set()
    if basis is BasisRule.OPT_IN:
        out = {row[0] for row in rows} - listed
    elif basis is BasisRule.OPT_OUT:
        out = {*listed}
    kept = [row for row in rows if row[0] is not None and row[0] not in out]
    found, refused = None, ""
    try:
        found = made(plan, release(rows), consent=consent, limits=limits)
    except EngineError as error:
        refused = error.code
    if found is None:
        assert refused == ("table_unprotected" if kept else "no_rows")
        return
    outcome = found.outcome
    assert outcome.rows_read - outcome.rows_opposed - outcome.rows_unidentified == len(kept)
    assert set(found.shelf.files) == set(outcome.files)
    for spec, told in zip(plan.tables, outcome.tables, strict=True):
        table = read(found, spec.name)
        right = {labelled(cell): each for cell, each in expected(spec, kept).items()}
        shown = published(table)
        assert set(right) <= set(shown)
        assert (told.lines, told.hidden) == (len(shown), sum(one[1] for one in shown.values()))
        for cell, (value, hidden) in shown.items():
            wanted, persons = right.get(cell, (0, 0))
            assert (value is None) == hidden
            assert hidden or value == wanted
            assert hidden or not 0 < persons < k
        check_protection(spec, shown, right, k)
        check_the_same_in_csv(found, spec, table)


def check_protection(spec: TableSpec, shown: Cells, right: Cells, k: int) -> None:
    """Bound every hidden cell as somebody would who has the table."""
    labels = [
        list(dict.fromkeys(cell[axis] for cell in shown)) for axis in range(len(next(iter(shown))))
    ]
    shape = tuple(map(len, labels))
    cells = list(shown)
    values = np.array([right.get(cell, (0.0, 0))[0] for cell in cells], float).reshape(shape)
    persons = np.array([right.get(cell, (0, 0))[1] for cell in cells]).reshape(shape)
    hidden = np.array([shown[cell][1] for cell in cells]).reshape(shape)
    known = bounds(values, hidden, floor=0.0 if spec.sum_of else 1.0)
    small = hidden & (persons > 0) & (persons < k)
    need = 1e-7 if spec.sum_of else np.maximum(k - values, 1)
    assert (known.upper - values >= need)[small].all()
    assert not hidden.flat[-1]


def check_the_same_in_csv(found: worlds.Made, spec: TableSpec, table: pa.Table) -> None:
    text = found.shelf.files[f"{spec.name}.csv"].decode()
    lines = list(csv.reader(io.StringIO(text)))
    assert tuple(lines[0]) == spec.columns == tuple(table.schema.names)
    assert len(lines) - 1 == table.num_rows


@pytest.mark.parametrize("nothing", [None, 0])
def test_a_sum_of_which_one_could_tell_the_other_s_part_is_hidden(nothing: int | None) -> None:
    plan = plan_of((TableWish(("sexe",), "heures"),), k=5, basis=BasisRule.NONE)
    idle: list[Row] = [(f"I{number}", "F", "2025", "a", nothing) for number in range(9)]
    both: list[Row] = [("A", "F", "2025", "a", 30), ("B", "F", "2025", "a", 20)]
    rest = people(9, ("M", "2025", "a", 10), (None, "2025", "a", 10))

    shown = published(read(made(plan, release([*idle, *both, *rest])), "table_1"))
    assert shown["F",][1]
    more: list[Row] = [(f"E{number}", "F", "2025", "a", 10) for number in range(5)]
    shown = published(read(made(plan, release([*idle, *both, *rest, *more])), "table_1"))
    assert shown == {
        ("F",): (100, False),
        ("M",): (90, False),
        (None,): (90, False),
        (TOTAL,): (280, False),
    }


def test_a_cell_hidden_once_stays_hidden() -> None:
    plan = plan_of((TableWish(("sexe", "session")),), k=5, basis=BasisRule.NONE)
    cells = [("F", "2023"), ("M", "2023"), ("F", "2024"), ("M", "2024")]
    few = people(3, (*cells[0], "a", 1))
    rest = people(20, *((*cell, "a", 1) for cell in cells[1:]))
    rest = [(f"R{number}", *row[1:]) for number, row in enumerate(rest)]
    first = made(plan, release([*few, *rest]))
    more = [(f"M{number}", *row[1:]) for number, row in enumerate(people(9, (*cells[0], "a", 1)))]

    again = made(plan, release([*few, *more, *rest]))
    frozen = frozenset(first.outcome.suppressed_cells)
    kept = made(plan, release([*few, *more, *rest]), frozen=frozen)

    def hidden(one: worlds.Made) -> set[Any]:
        return {
            cell
            for cell, (_value, is_hidden) in published(read(one, "table_1")).items()
            if is_hidden
        }

    assert ("F", "2023") in hidden(first)
    assert not hidden(again)
    assert hidden(kept) == hidden(first)
    assert set(kept.outcome.suppressed_cells) == frozen


def test_cells_that_differ_by_too_few_persons_stay_hidden() -> None:
    """Who compares two tables would else read what one person who objected brought."""
    rows = people(20, *[(sex, when, "a", 2) for sex in "FM" for when in ("2023", "2024")])
    plan = plan_of((TableWish(("sexe", "session"), "heures"),), k=5)
    gone = ["P0", *(f"P{number}" for number in range(60, 66))]
    changed = worlds.persons(*gone)

    alone = made(plan, release(rows), consent=changed)
    beside = made(plan, release(rows), consent=changed, changed=changed)

    assert not any(one[1] for one in published(read(alone, "table_1")).values())
    shown = published(read(beside, "table_1"))
    assert shown["F", "2023"] == (None, True)
    assert shown[TOTAL, TOTAL] == (146.0, False)
    few = worlds.persons("P0")
    error = refusal(plan, release(rows), consent=few, changed=few)
    assert error.code == "table_few_changed"
    nobody = made(plan, release(rows), consent=few, changed=worlds.persons())
    assert not any(one[1] for one in published(read(nobody, "table_1")).values())


def test_a_value_that_only_those_who_left_had_is_in_no_table() -> None:
    rows = people(20, ("F", "2023", "a", 2), ("M", "2023", "a", 2))
    rows += [(f"Q{number}", None, "2023", "a", 1) for number in range(6)]
    gone = worlds.persons(*(f"Q{number}" for number in range(6)))
    plan = plan_of((TableWish(("sexe",)),), k=5)
    found = made(plan, release(rows), consent=gone, changed=gone)
    assert published(read(found, "table_1"))[TOTAL,] == (40, False)


def test_a_sum_that_one_person_dominates_is_hidden() -> None:
    rows = people(10, ("F", "2023", "a", 1), ("M", "2023", "a", 10), ("M", "2024", "a", 10))
    rows[0] = ("P0", "F", "2023", "a", 400)
    plan = plan_of((TableWish(("sexe",), "heures"),), k=5, basis=BasisRule.NONE)
    shown = published(read(made(plan, release(rows)), "table_1"))
    assert shown["F",] == (None, True)
    assert shown["M",] == (None, True)
    assert shown[TOTAL,] == (609.0, False)


def test_a_count_hides_what_the_sum_by_the_same_fields_hides() -> None:
    rows = people(10, ("F", "2023", "a", 1), ("M", "2023", "a", 10), ("M", "2024", "a", 10))
    rows[0] = ("P0", "F", "2023", "a", 400)
    wishes = (TableWish(("sexe",)), TableWish(("sexe",), "heures"))
    found = made(plan_of(wishes, k=5, basis=BasisRule.NONE), release(rows))
    assert {cell for cell, one in published(read(found, "table_1")).items() if one[1]} == {
        ("F",), ("M",),
    }  # fmt: skip


def test_ten_rows_of_one_person_are_one_and_a_person_in_two_cells_is_in_both() -> None:
    rows = people(6, ("F", "2023", "a", 1))
    rows += [("P0", "F", "2023", "a", 1)] * 9 + [("P1", "F", "2024", "a", 2)]
    plan = plan_of((TableWish(("session",)),), k=1, basis=BasisRule.NONE)
    shown = published(read(made(plan, release(rows)), "table_1"))
    assert shown == {("2023",): (6, False), ("2024",): (1, False), (TOTAL,): (7, False)}


def test_rows_about_nobody_count_each_for_itself() -> None:
    fields = (worlds.SESSION, COUNT)
    plan = plan_of((TableWish(("session",)),), fields, unit=Unit.SCHOOL, basis=BasisRule.NONE, k=3)
    table = worlds.table_of(fields, {"session": ["a"] * 5 + ["b"] * 4, "heures": [1] * 9})
    shown = published(read(made(plan, table), "table_1"))
    assert shown == {("a",): (5, False), ("b",): (4, False), (TOTAL,): (9, False)}


def test_a_table_that_cannot_be_protected_is_not_made() -> None:
    plan = plan_of((TableWish(("sexe",)),), k=5, basis=BasisRule.NONE)
    alone = people(3, ("F", "2023", "a", 1))
    error = refusal(plan, release(alone))
    assert (error.code, error.values) == ("table_unprotected", {"fields": "sexe", "k": 5})
    nobody = [(None, "F", "2023", "a", 1)]
    assert refusal(plan, release(nobody)).code == "no_rows"
    none = plan_of((TableWish(("sexe",)),), basis=BasisRule.OPT_IN)
    assert refusal(none, release(alone)).code == "no_rows"


def test_a_table_too_large_and_an_amount_below_nought_say_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plan = plan_of((TableWish(("sexe",), "heures"),), basis=BasisRule.NONE)
    below = refusal(plan, release(people(9, ("F", "2023", "a", -1))))
    assert (below.code, below.values) == ("table_below_nought", {"field": "heures"})
    monkeypatch.setattr(tabulating, "MOST_CELLS", 2)
    wide = refusal(plan, release(people(9, ("F", "2023", "a", 1), ("M", "2023", "a", 1))))
    assert (wide.code, wide.values["fields"]) == ("table_wide", "sexe")


def test_a_plan_of_tables_hands_over_no_pseudonym_and_no_row() -> None:
    plan = plan_of((TableWish(("sexe",)),), basis=BasisRule.NONE)
    found = made(plan, release(people(9, ("F", "2023", "a", 1), ("M", "2023", "a", 1))))
    assert set(found.shelf.files) == {"table_1.parquet", "table_1.csv"}
    assert (found.outcome.rows_delivered, found.outcome.persons) == (0, None)
    assert found.outcome.columns == ()
    one = replace(plan, formats=plan.formats[:1])
    assert len(made(one, release(people(9, ("F", "2023", "a", 1)))).shelf.files) == 1
