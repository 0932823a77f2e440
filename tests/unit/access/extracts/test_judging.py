"""What a dataset demands of values, held on what leaves; measured again here on the whole file."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, assume, given, settings, strategies as st

from access.extracts.ports import DisclosureExceeded, EngineError, TellsTooMuch
from access.plans.crossing import Crossed, cross
from access.plans.plan import Plan
from access.plans.terms import Disclosure, FieldSpec
from access.pseudonymisation import spreads
from access.pseudonymisation.closeness import closeness
from access.pseudonymisation.diversity import diversity
from access.pseudonymisation.hierarchies import EXACT
from access.pseudonymisation.uniqueness import uniqueness
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds

INE = FieldSpec("ine", PlainType.TEXT, SemanticType.INE, Level.IDENTIFIER)
SEX = FieldSpec("sexe", PlainType.TEXT, SemanticType.SEX, Level.QUASI_IDENTIFIER)
PLACE = FieldSpec("lieu", PlainType.TEXT, SemanticType.CATEGORY, Level.QUASI_IDENTIFIER)
DIET = FieldSpec("regime", PlainType.TEXT, SemanticType.CATEGORY, Level.SENSITIVE)
MARK = FieldSpec("note", PlainType.NUMBER, SemanticType.MARK, Level.SENSITIVE)
FIELDS = (INE, SEX, PLACE, DIET, MARK)


def plan_of(cap: float = 1.0, **demands: Any) -> Plan:
    asked = worlds.wishes(FIELDS, note=EXACT)
    return worlds.plan_for(FIELDS, cap=cap, demands=demands, asked=asked)


def columns(rows: list[tuple[int, str, str, str, float]]) -> dict[str, list[Any]]:
    named = [(f"INE{ine:08}", *rest) for ine, *rest in rows]
    return dict(
        zip((one.name for one in FIELDS), map(list, zip(*named, strict=True)), strict=True)
    )


def made(plan: Plan, rows: list[tuple[int, str, str, str, float]], folder: Path) -> Any:
    return worlds.make(plan, worlds.table_of(FIELDS, columns(rows)), folder)


def rows_of(done: worlds.Made) -> pa.Table:
    return done.shelf.table()


people = st.lists(
    st.tuples(
        st.integers(0, 40),
        st.sampled_from("FM"),
        st.sampled_from(["A", "B"]),
        st.sampled_from(["x", "y", "z"]),
        st.sampled_from([2.0, 10.0, 18.5]),
    ),
    min_size=1,
    max_size=80,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=people, least=st.integers(1, 3), furthest=st.sampled_from([None, 0.2, 0.6]))
def test_what_leaves_meets_what_is_demanded(
    rows: list[Any], least: int, furthest: float | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    try:
        done = made(plan_of(l=least, t=furthest), rows, folder)
    except EngineError as error:
        assume(error.code not in {"alike", "no_rows"})
        raise
    table, measured = rows_of(done), done.outcome.measured
    for name in ("regime", "note"):
        assert diversity(table, ["sexe", "lieu"], name, "pid").distinct >= least
        if furthest is not None:
            assert closeness(table, ["sexe", "lieu"], name, "pid").t <= furthest + 1e-9
    found = min(
        diversity(table, ["sexe", "lieu"], name, "pid").distinct for name in ("regime", "note")
    )
    assert measured.l == found
    assert (measured.t is None) == (furthest is None)
    assert done.outcome.verdict.suppressed == done.outcome.rows_suppressed


def test_a_measure_that_nobody_demands_is_not_taken(tmp_path: Path) -> None:
    rows = [(n, "F", "A", "x", 10.0) for n in range(20)]
    done = made(plan_of(), rows, tmp_path)

    assert done.outcome.measured is None
    assert rows_of(done).num_rows == 20
    assert '"sensitive"' not in plan_of().to_json()
    assert '"known"' not in plan_of().to_json()
    demanding = plan_of(l=2, unique=0.5)
    assert Plan.from_json(demanding.to_json()) == demanding
    assert demanding.digest != plan_of().digest


def test_a_group_of_one_value_is_left_out_and_too_many_of_them_stop_the_run(
    tmp_path: Path,
) -> None:
    alike = [(n, "F", "A", "x", 10.0) for n in range(5)]
    mixed = [(50 + n, "M", "B", "xyz"[n % 3], float(n % 7)) for n in range(40)]

    done = made(plan_of(l=2, cap=0.5), alike + mixed, tmp_path)
    assert set(rows_of(done).column("sexe").to_pylist()) == {"M"}
    assert done.outcome.measured.groups == 1
    assert done.outcome.rows_suppressed == 5
    with pytest.raises(DisclosureExceeded) as caught:
        made(plan_of(l=2, cap=0.05), alike + mixed, tmp_path)
    assert caught.value.code == "alike"
    assert {one.field for one in caught.value.suggestions} == {"sexe", "lieu"}


def test_few_facts_that_single_out_too_many_stop_the_run(tmp_path: Path) -> None:
    rows = [(n, "FM"[n % 2], "AB"[n % 2], "x", float(n)) for n in range(20)]

    with pytest.raises(TellsTooMuch) as caught:
        made(plan_of(unique=0.1, known=2), rows, tmp_path)
    assert caught.value.code == "unique"
    assert caught.value.values["known"] == 2
    done = made(plan_of(unique=1.0, known=2), rows, tmp_path)
    attributes = ["sexe", "lieu", "regime", "note"]
    whole = uniqueness(rows_of(done), attributes, "pid", known=2, seed=0)
    assert done.outcome.measured.unique == pytest.approx(whole.share)


def test_what_few_facts_single_out_is_measured_where_nothing_makes_groups(tmp_path: Path) -> None:
    fields = (INE, DIET)
    plan = worlds.plan_for(fields, demands={"unique": 1.0})
    table = worlds.table_of(
        fields, {"ine": [f"INE{n:08}" for n in range(4)], "regime": ["x", "x", "x", "y"]}
    )

    done = worlds.make(plan, table, tmp_path)

    assert done.outcome.verdict is None
    assert done.outcome.measured is not None
    assert done.outcome.measured.unique == pytest.approx(0.25)


def test_a_field_with_too_many_values_is_not_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreads, "MOST_VALUES", 2)
    monkeypatch.setattr(spreads.Values.__init__, "__defaults__", (2,))
    rows = [(n, "F", "A", "x", float(n)) for n in range(10)]

    with pytest.raises(EngineError) as caught:
        made(plan_of(l=2), rows, tmp_path)
    assert (caught.value.code, caught.value.values) == ("many_values", {"field": "note"})


def test_a_crossing_holds_the_strictest_demands() -> None:
    plans = [
        replace(plan, crossing=True, source=replace(plan.source, dataset=name))
        for name, plan in (("a", plan_of(l=2, unique=0.5)), ("b", plan_of(l=3, t=0.4, known=5)))
    ]
    crossed = cross(plans)

    assert isinstance(crossed, Crossed)
    assert crossed.disclosure == Disclosure(2, 1.0, l=3, t=0.4, unique=0.5, known=5)


def test_a_crossing_holds_the_demands_on_the_values_of_every_source(tmp_path: Path) -> None:
    groups = worlds.plan_for(FIELDS[:3], dataset="a", crossing=True, demands={"l": 2})
    marks = worlds.plan_for((INE, DIET), dataset="b", crossing=True)
    rows = [(n, "F", "A", "x", 0.0) for n in range(5)]
    rows += [(50 + n, "M", "B", "xyz"[n % 3], 0.0) for n in range(40)]
    found = columns(rows)
    tables = [
        worlds.table_of(FIELDS[:3], found),
        worlds.table_of((INE, DIET), found),
    ]

    done = worlds.make_of(cross([groups, marks]), tables, tmp_path, consent=[worlds.persons()] * 2)

    assert set(rows_of(done).column("sexe").to_pylist()) == {"M"}
    assert done.outcome.measured is not None
    assert done.outcome.measured.groups == 1


def test_a_crossing_of_which_nothing_is_left_says_so(tmp_path: Path) -> None:
    fields = (INE, DIET)
    plans = [
        worlds.plan_for(fields, dataset=name, crossing=True, demands={"unique": 0.5})
        for name in ("a", "b")
    ]
    tables = [
        worlds.table_of(fields, {"ine": [f"INE{number:08}"], "regime": ["x"]})
        for number in range(2)
    ]

    with pytest.raises(EngineError) as caught:
        worlds.make_of(cross(plans), tables, tmp_path, consent=[worlds.persons()] * 2)
    assert caught.value.code == "no_rows"


def test_rows_about_nobody_are_not_measured(tmp_path: Path) -> None:
    rows = [(n, "F", "A", "x", 10.0) for n in range(4)]
    table = worlds.table_of(FIELDS, columns(rows))
    keyless = table.set_column(0, "ine", pa.nulls(4, table.column("ine").type))
    with pytest.raises(EngineError) as caught:
        worlds.make(plan_of(l=2, unique=0.1), keyless, tmp_path)
    assert caught.value.code == "no_rows"
