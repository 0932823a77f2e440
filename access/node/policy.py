"""What a producer's node agrees to, whatever was granted: its own file says it. Pure."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from access.errands.orders import OrderRefused
from access.plans.plan import Plan

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Hours:
    """
    When a node works.

    :param days: of the week, 0 for Monday
    """

    opens: time
    closes: time
    days: frozenset[int]
    zone: ZoneInfo

    def hold(self, at: datetime) -> bool:
        """Tell whether a moment is within the hours; those that end before they begin pass midnight."""
        there = at.astimezone(self.zone)
        if there.weekday() not in self.days:
            return False
        now = there.time().replace(tzinfo=None)
        if self.opens < self.closes:
            return self.opens <= now < self.closes
        return now >= self.opens or now < self.closes

    def __str__(self) -> str:
        days = ", ".join(DAYS[day] for day in sorted(self.days))
        return f"{self.opens:%H:%M}–{self.closes:%H:%M} ({days}, {self.zone.key})"


@dataclass(frozen=True, slots=True)
class Policy:
    """
    The rules of a node.

    :param never: fields that it never gives, whatever their treatment
    :param smallest_k: persons that a group must have at least
    :param hours: None: always
    """

    never: frozenset[str] = frozenset()
    smallest_k: int = 0
    hours: Hours | None = None


def require_open(policy: Policy, at: datetime) -> None:
    """
    Go on only within the hours of the node.

    :raises OrderRefused: outside
    """
    if policy.hours is not None and not policy.hours.hold(at):
        raise OrderRefused("closed-hours", hours=str(policy.hours))


def require_allowed(policy: Policy, plan: Plan) -> None:
    """
    Go on only with a plan that the node agrees to.

    :raises OrderRefused: when it gives a field that is never given, or chooses rows by one; or
        shows groups that are too small
    """
    read = {each.field for each in plan.delivered} | {each.field for each in plan.filters}
    withheld = sorted(read & policy.never)
    if withheld:
        raise OrderRefused("field-withheld", fields=", ".join(withheld))
    if (plan.subject or plan.tables) and plan.disclosure.k < policy.smallest_k:
        raise OrderRefused("k-too-small", k=plan.disclosure.k, smallest=policy.smallest_k)
