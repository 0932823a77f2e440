"""What may not change when a grant moves to a newer release."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from access.plans.plan import Plan
from access.plans.terms import BasisRule, Disclosure, Operator, RowFilter
from access.refreshing.rules import Move, refusals, still
from catalog.vocabularies.levels import Level, Tier
from catalog.vocabularies.plain_types import PlainType
from hub.kernel.refusals import Refusal
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import FIELDS

BEFORE = replace(worlds.plan_for(FIELDS), disclosure=Disclosure(5, 0.1))
AFTER = replace(BEFORE, source=replace(BEFORE.source, release="next", rows=7))


def codes(after: Plan | None = AFTER, **changed: Any) -> list[str]:
    move = Move(BEFORE, after, [Level.SENSITIVE], Tier.EXTRACT, crossing=False)
    return [one.code for one in refusals(replace(move, **changed))]


def treated(number: int, **changed: Any) -> Plan:
    treatments = list(AFTER.treatments)
    treatments[number] = replace(treatments[number], **changed)
    return replace(AFTER, treatments=tuple(treatments))


def test_the_same_plan_on_another_release_is_followed() -> None:
    assert codes() == []


def test_ages_are_counted_on_the_day_of_each_release() -> None:
    number = next(i for i, one in enumerate(AFTER.treatments) if one.ladder)
    spec = AFTER.treatments[number].ladder
    assert spec is not None
    assert codes(treated(number, ladder=replace(spec, as_of=date(2027, 9, 1)))) == []


def test_a_field_that_nobody_was_given_may_come_or_go() -> None:
    dropped = [one for one in AFTER.treatments if not one.output]
    kept = tuple(one for one in AFTER.treatments if one.output)
    used = {name for name, _ in AFTER.types}
    gone = tuple(one for one in dropped if one.field in used)
    assert codes(replace(AFTER, treatments=kept + gone)) == []


@pytest.mark.parametrize(
    "after",
    [
        treated(0, step="something else"),
        replace(AFTER, treatments=AFTER.treatments[1:]),
        replace(AFTER, types=tuple((name, PlainType.BOOLEAN) for name, _ in AFTER.types)),
    ],
)
def test_a_field_that_is_delivered_stays_what_it_was(after: Plan) -> None:
    assert "field-changed" in codes(after)


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (replace(AFTER, basis=BasisRule.NONE), "basis-changed"),
        (replace(AFTER, disclosure=Disclosure(BEFORE.disclosure.k - 1, 0)), "plan-differs"),
        (replace(AFTER, disclosure=Disclosure(9, 1)), "plan-differs"),
        (replace(AFTER, attribute="teacher"), "plan-differs"),
        (replace(AFTER, filters=(RowFilter("session", Operator.IN, ("2023",)),)), "plan-differs"),
    ],
)
def test_nothing_else_changes_or_weakens(after: Plan, code: str) -> None:
    assert code in codes(after)


def test_a_stricter_check_is_followed() -> None:
    assert codes(replace(AFTER, disclosure=Disclosure(BEFORE.disclosure.k + 5, 0))) == []


def test_more_than_was_given_is_not() -> None:
    fresh = replace(AFTER.delivered[0], field="other", output="other")
    assert codes(replace(AFTER, treatments=(*AFTER.treatments, fresh))) == ["plan-differs"]


@pytest.mark.parametrize(
    "changed",
    [{"crossing": True}, {"tier": Tier.RESULTS}, {"levels": [Level.VERY_SENSITIVE]}],
)
def test_what_asked_for_an_opinion_asks_again(changed: dict[str, Any]) -> None:
    assert codes(**changed) == ["opinion-again"]


def test_rows_that_moved_to_a_node_or_from_it_are_asked_for_again() -> None:
    assert codes(elsewhere=True) == ["kept-elsewhere"]


def test_what_a_grant_refuses_because_of_its_release_is_no_obstacle_to_a_newer_one() -> None:
    closed = [Refusal(code, "No.") for code in ("retention-over", "grant-suspended")]
    assert [one.code for one in still(closed)] == ["grant-suspended"]


def test_what_cannot_be_planned_says_why() -> None:
    assert codes(None, planned=(Refusal("unplannable", "No."),)) == ["unplannable"]
