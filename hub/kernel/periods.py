"""Moments and periods as French administrations count them: the end of a day, of a school year."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


def end_of_day(day: date) -> datetime:
    """Return the first moment after a day, in Paris: a right that ends that day ends then."""
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=PARIS)


def day_of(moment: datetime) -> date:
    """Return the day of a moment, as a clock in Paris shows it."""
    return moment.astimezone(PARIS).date()


def add_months(day: date, months: int) -> date:
    """Return the same day some months later, or the last day of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
