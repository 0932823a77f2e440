"""What a plan would leave out, counted on real rows."""

from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from access.estimates import counting
from access.estimates.counting import CannotCount, columns_for, count, kept
from access.plans.terms import BasisRule, FieldSpec, Operator, RowFilter, TableWish
from access.pseudonymisation.lattice import TooManyNodes
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds

TOWN = FieldSpec("ville", PlainType.TEXT, SemanticType.CATEGORY, Level.QUASI_IDENTIFIER)
FIELDS = (worlds.INE, worlds.BIRTH, worlds.SEX)


def rows(births: list[date | None], sexes: list[str], names: list[str | None]) -> pa.RecordBatch:
    columns: dict[str, list[Any]] = {"ine": names, "date_naissance": births, "sexe": sexes}
    return worlds.table_of(FIELDS, columns).to_batches()[0]


def four() -> pa.RecordBatch:
    """Return two pupils of one month, two of other years; one has a row too many."""
    births = [date(2010, 3, 1), date(2010, 3, 9), date(2011, 5, 1), date(2012, 5, 1)]
    return rows([*births, births[0]], ["F"] * 5, ["A", "B", "C", "D", "A"])


def test_the_share_is_of_rows_and_groups_are_of_persons() -> None:
    asked = worlds.wishes(FIELDS, date_naissance="month")
    plan = worlds.plan_for(FIELDS, k=2, cap=0.5, asked=asked)
    counted = count(plan, FIELDS, kept(plan, four()))

    assert counted.rows == 5
    assert counted.share == 2 / 5
    assert counted.classes == 1


def test_a_plan_of_tables_leaves_no_row_out() -> None:
    with pytest.raises(CannotCount, match="tables"):
        columns_for(worlds.plan_for(FIELDS, tables=(TableWish(("sexe",)),)))


def test_each_other_level_of_one_field_is_told_with_what_it_would_leave_out() -> None:
    plan = worlds.plan_for(FIELDS, k=2, asked=worlds.wishes(FIELDS, date_naissance="exact"))
    counted = count(plan, FIELDS, kept(plan, four()))

    shares = {(one.level.field, one.level.step): one.share for one in counted.moved}
    assert counted.share == 1
    assert shares["date_naissance", "month"] == 2 / 5
    assert shares["date_naissance", "withheld"] == 0
    assert ("sexe", "withheld") in shares
    labels = {one.level.step: one.level.label for one in counted.moved}
    assert labels["month"] == "the month"
    assert labels["withheld"] == "nothing of this field"


def test_the_least_coarse_choice_that_holds_is_proposed() -> None:
    plan = worlds.plan_for(
        FIELDS, k=2, cap=0.5, asked=worlds.wishes(FIELDS, date_naissance="exact")
    )
    counted = count(plan, FIELDS, kept(plan, four()))

    proposed = {one.field: (one.step, one.label) for one in counted.proposal}
    assert proposed["sexe"] == ("exact", "the exact value")
    assert proposed["date_naissance"] == ("month", "the month")
    assert counted.proposed_share == 2 / 5


def test_a_field_without_a_ladder_is_kept_or_left_out() -> None:
    fields = (worlds.INE, TOWN)
    plan = worlds.plan_for(fields, k=2, cap=0.0)
    table = worlds.table_of(fields, {"ine": ["A", "B", "C"], "ville": ["x", "x", "y"]})
    counted = count(plan, fields, kept(plan, table.to_batches()[0]))

    assert counted.share == 1 / 3
    assert [(one.field, one.step) for one in counted.proposal] == [("ville", "withheld")]


def test_the_filters_of_the_plan_are_counted_and_rows_of_nobody_are_not() -> None:
    chosen = RowFilter("sexe", Operator.IN, ("F",))
    plan = worlds.plan_for(FIELDS, k=1, filters=(chosen,))
    table = kept(plan, rows([None, None, None], ["F", "M", "F"], ["A", "B", None]))

    assert count(plan, FIELDS, table).rows == 1
    assert columns_for(plan) == ["date_naissance", "ine", "sexe"]


def too_many(*_: object, **__: object) -> None:
    raise TooManyNodes


def test_what_cannot_be_counted_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = worlds.plan_for(FIELDS)
    schools = worlds.plan_for((worlds.SESSION,), unit=Unit.SCHOOL, basis=BasisRule.NONE)
    clear = pa.record_batch({"ine": ["A"], "sexe": ["F"], "date_naissance": [date(2010, 1, 1)]})

    with pytest.raises(CannotCount, match="nothing"):
        columns_for(schools)
    with pytest.raises(CannotCount, match="not-keyed"):
        kept(plan, clear)
    monkeypatch.setattr(counting, "lattice_of", too_many)
    with pytest.raises(CannotCount, match="too-fine"):
        count(plan, FIELDS, kept(plan, four()))
    with pytest.raises(CannotCount, match="no-rows"):
        count(plan, FIELDS, kept(plan, four()).slice(0, 0))
