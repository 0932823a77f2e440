"""Tables of results in a plan: which are asked for rightly, and what the plan says of them."""

import json
from dataclasses import replace
from typing import Any

import pytest

from access.plans import tables_told
from access.plans.crossing import cross, refusals as crossing_refusals
from access.plans.plan import Plan, compile_plan
from access.plans.tables import MOST_TABLES, TableSpec
from access.plans.tables_told import explain_tables
from access.plans.telling import explain
from access.plans.terms import (
    BasisRule,
    Disclosure,
    Dominance,
    FieldGrant,
    FieldSpec,
    GrantTerms,
    Operator,
    RowFilter,
    SourceSpec,
    TableWish,
)
from access.plans.treatments import Action
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.kernel.refusals import Refused
from tests.unit.access.extracts import worlds

BY_SEX = TableWish(("sexe",))
RANK = FieldSpec("rang", PlainType.INTEGER, SemanticType.NUMBER, Level.AGGREGATED)
FIELDS = (*worlds.FIELDS, RANK)


def compiled(
    *tables: TableWish,
    fields: tuple[FieldSpec, ...] = FIELDS,
    asked: tuple[FieldGrant, ...] | None = None,
    unit: Unit = Unit.PUPIL,
    **more: Any,
) -> Plan:
    wishes = worlds.wishes(fields) if asked is None else asked
    return compile_plan(
        terms=GrantTerms("g", wishes, end=worlds.END, tables=tables, **more),
        source=SourceSpec("d", "r", unit, tuple(each.name for each in fields)),
        fields=fields,
        basis=BasisRule.OPT_OUT if unit.is_person else BasisRule.NONE,
        disclosure=Disclosure(11, 0.1),
        tier=Tier.RESULTS,
        dominance=Dominance(2, 75.0),
    )


def codes(*tables: TableWish, **more: Any) -> set[str]:
    with pytest.raises(Refused) as refused:
        compiled(*tables, **more)
    return {each.code for each in refused.value.refusals}


def test_a_plan_of_tables_delivers_what_they_are_made_of_and_no_pseudonym() -> None:
    plan = compiled(TableWish(("uai", "sexe")), TableWish(("session",), sum_of="note"))

    assert [each.output for each in plan.delivered] == ["sexe", "uai", "note", "session"]
    actions = {each.field: (each.action, each.reason) for each in plan.treatments}
    assert actions["ine"] == (Action.WITHHOLD, "tables_name_nobody")
    assert actions["date_naissance"] == (Action.WITHHOLD, "not_in_a_table")
    assert actions["uai"][0] is Action.GENERALISE
    assert {name for name, _kind in plan.types} == {"ine", "sexe", "uai", "note", "session"}
    assert [each.attribute for each in plan.domains] == ["pupil"]
    assert plan.tables == (
        TableSpec("table_1", ("sexe", "uai"), "", 11, 0, 0.0),
        TableSpec("table_2", ("session",), "note", 11, 2, 75.0),
    )


def test_a_plan_of_tables_reads_back_and_one_of_rows_does_not_speak_of_them() -> None:
    plan = compiled(TableWish(("uai", "sexe")), TableWish(("session",), sum_of="note"))

    assert Plan.from_json(plan.to_json()) == plan
    assert "tables" in json.loads(plan.to_json())
    rows = replace(plan, tables=())
    assert "tables" not in json.loads(rows.to_json())
    assert Plan.from_json(rows.to_json()) == rows


def test_the_digest_of_a_plan_of_rows_is_the_one_it_had_before_there_were_tables() -> None:
    found = worlds.plan_for(rows=10)
    assert found.digest == "82e42e3e11c3c74fb8f1a117d6c82f6e4ccec220e31d6f8dbf5c50c9f8e2cd61"


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ([], "rows_never_leave"),
        ([TableWish(())], "table_dimensions"),
        ([TableWish(("sexe", "sexe"))], "table_dimensions"),
        ([TableWish(("sexe", "uai", "session"))], "table_dimensions"),
        ([TableWish(("nowhere",))], "table_field"),
        ([TableWish(("ine",))], "table_field"),
        ([TableWish(("nom",))], "table_field"),
        ([TableWish(("sexe",), "nowhere")], "table_sum"),
        ([TableWish(("sexe",), "session")], "table_sum"),
        ([TableWish(("rang",), "rang")], "table_sum_by_itself"),
        ([TableWish(("sexe", "uai")), TableWish(("session", "sexe"))], "tables_linked"),
        ([TableWish(("sexe",), "rang"), TableWish(("sexe",), "rang")], "tables_linked"),
        ([TableWish(("sexe",))] * (MOST_TABLES + 1), "tables_too_many"),
    ],
)
def test_tables_that_cannot_be_made_are_refused(tables: list[TableWish], code: str) -> None:
    assert code in codes(*tables)


def test_a_coarser_number_is_not_added_up_and_a_field_not_asked_for_is_in_no_table() -> None:
    coarser = worlds.wishes(FIELDS, rang="by_5")
    assert codes(TableWish(("sexe",), "rang"), asked=coarser) == {"table_sum"}
    without = tuple(each for each in coarser if each.name != "sexe")
    assert "table_field" in codes(BY_SEX, asked=without)


def test_the_same_fields_may_be_counted_and_added_up() -> None:
    plan = compiled(BY_SEX, TableWish(("sexe",), "note"), TableWish(("sexe",), "rang"))
    assert len(plan.tables) == 3


def test_crossed_datasets_make_no_table() -> None:
    assert "tables_crossed" in codes(BY_SEX, crossing=True)
    plan = compiled(BY_SEX)
    other = replace(plan, source=replace(plan.source, dataset="other"))
    assert "tables_crossed" in {each.code for each in crossing_refusals([plan, other])}
    rows = [worlds.plan_for(dataset=name, crossing=True) for name in "ab"]
    assert cross(rows).tables == ()


def test_rows_cannot_be_chosen_by_a_sensitive_field_that_no_table_is_made_of() -> None:
    chosen = (RowFilter("note", Operator.FROM, ("10",)),)
    assert codes(BY_SEX, filters=chosen) == {"filter_tells"}


def test_persons_that_nothing_tells_apart_are_not_counted() -> None:
    assert "no_subject" in codes(TableWish(("session",)), fields=(worlds.SESSION, RANK))
    schools = compiled(TableWish(("session",)), fields=(worlds.SESSION,), unit=Unit.SCHOOL)
    assert not schools.subject


def test_the_columns_of_a_table_are_never_called_alike() -> None:
    table = TableSpec("table_1", ("suppressed", "value"), "", 5, 0, 0.0)
    assert table.columns == ("suppressed", "value", "value_", "suppressed_")


def test_tables_are_told_with_what_is_hidden_in_them() -> None:
    plan = compiled(TableWish(("uai", "sexe")), TableWish(("session",), sum_of="note"))
    assert [each.say(str) for each in explain_tables(plan)] == [
        "Table 1: number of persons by sexe × uai.",
        "Table 2: sum of note by session.",
        tables_told.FEW_PERSONS % {"least": 11},
        "A sum of which the largest contributors (2) make more than 75 % is hidden too.",
    ]
    told = {each.field: each.say(str) for each in explain(plan)}
    assert told["sexe"].startswith("The tables are made of the exact value of sexe:")
    assert told["ine"] == "You will receive nothing of ine: tables of results name nobody."
    schools = compiled(TableWish(("session",)), fields=(worlds.SESSION,), unit=Unit.SCHOOL)
    assert [each.say(str)[:30] for each in explain_tables(schools)] == [
        "Table 1: number of rows by ses",
        "A cell of fewer than 11 rows i",
    ]
    assert explain_tables(worlds.plan_for()) == ()
