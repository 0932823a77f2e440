"""Moments and periods as French administrations count them."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given, strategies as st

from hub.kernel.periods import add_months, day_of, end_of_day


def test_a_day_ends_at_midnight_in_paris() -> None:
    assert end_of_day(date(2026, 7, 1)) == datetime(2026, 7, 1, 22, 0, tzinfo=UTC)
    assert end_of_day(date(2026, 1, 1)) == datetime(2026, 1, 1, 23, 0, tzinfo=UTC)


def test_day_of_is_the_day_in_paris() -> None:
    assert day_of(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == date(2026, 7, 2)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 15), 12, date(2027, 12, 15)),
    ],
)
def test_add_months_stays_in_the_month(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 240))
def test_add_months_moves_by_that_many_months(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
