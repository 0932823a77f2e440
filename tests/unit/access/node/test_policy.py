"""A node holds to its own rules, whatever was granted."""

from dataclasses import replace
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from access.errands.orders import OrderRefused
from access.node.policy import Hours, Policy, require_allowed, require_open
from access.plans.tables import TableSpec
from access.plans.terms import Disclosure, Operator, RowFilter
from tests.unit.access.node.plans import PLAN

PARIS = ZoneInfo("Europe/Paris")
OFFICE = Hours(time(8), time(18), frozenset(range(5)), PARIS)
NIGHT = Hours(time(22), time(6), frozenset(range(7)), PARIS)


@pytest.mark.parametrize(
    ("hours", "at", "open_"),
    [
        (OFFICE, datetime(2026, 3, 2, 7, 0, tzinfo=UTC), True),  # 8:00 in Paris, a Monday
        (OFFICE, datetime(2026, 3, 2, 6, 59, tzinfo=UTC), False),
        (OFFICE, datetime(2026, 3, 2, 17, 0, tzinfo=UTC), False),
        (OFFICE, datetime(2026, 3, 1, 10, 0, tzinfo=UTC), False),  # a Sunday
        (OFFICE, datetime(2026, 7, 6, 6, 0, tzinfo=UTC), True),  # summer time
        (NIGHT, datetime(2026, 3, 2, 22, 0, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 3, 2, 4, 59, tzinfo=UTC), True),
        (NIGHT, datetime(2026, 3, 2, 12, 0, tzinfo=UTC), False),
    ],
)
def test_hours_are_those_of_the_nodes_own_clock(hours: Hours, at: datetime, open_: bool) -> None:
    assert hours.hold(at) is open_


def test_outside_its_hours_a_node_refuses_and_says_them() -> None:
    sunday = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
    require_open(Policy(), sunday)
    require_open(Policy(hours=NIGHT), datetime(2026, 3, 1, 23, 0, tzinfo=UTC))
    with pytest.raises(OrderRefused) as caught:
        require_open(Policy(hours=OFFICE), sunday)
    assert caught.value.code == "closed-hours"
    assert caught.value.values == {"hours": "08:00–18:00 (mon, tue, wed, thu, fri, Europe/Paris)"}


def test_a_field_that_is_never_given_is_refused_whatever_its_treatment() -> None:
    require_allowed(Policy(never=frozenset({"not in the plan"})), PLAN)
    with pytest.raises(OrderRefused) as caught:
        require_allowed(Policy(never=frozenset({"ine", "note", "nom"})), PLAN)
    assert caught.value.code == "field-withheld"
    assert caught.value.values == {"fields": "ine, note"}


def test_rows_are_not_chosen_by_a_field_that_is_never_given() -> None:
    plan = replace(PLAN, filters=(RowFilter("nom", Operator.FILLED),))
    with pytest.raises(OrderRefused, match="field-withheld"):
        require_allowed(Policy(never=frozenset({"nom"})), plan)


def test_groups_smaller_than_the_node_shows_are_refused() -> None:
    plan = replace(PLAN, disclosure=Disclosure(k=5, cap=0.1))
    require_allowed(Policy(smallest_k=5), plan)
    require_allowed(Policy(smallest_k=6), replace(plan, subject=""))
    table = TableSpec("table_1", ("sexe",), "", 5, 0, 0.0)
    with pytest.raises(OrderRefused):
        require_allowed(Policy(smallest_k=6), replace(plan, subject="", tables=(table,)))
    with pytest.raises(OrderRefused) as caught:
        require_allowed(Policy(smallest_k=6), plan)
    assert (caught.value.code, caught.value.values) == ("k-too-small", {"k": 5, "smallest": 6})
