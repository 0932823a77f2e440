"""
Whether a grant opens a dataset to a person at a moment, and until when. Pure.

``effective`` is the one answer: pages, lists, the API, the workers and every download ask it. It
knows nothing of tables: ``queries.facts`` gathers what it looks at.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from access.charters import rules as charters
from access.charters.rules import Standing
from hub.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """One person of the team: their time in it, their charter, what vouches for them."""

    from_at: datetime
    until_at: datetime | None = None
    standing: Standing = field(default_factory=Standing)
    vouched_until: datetime | None = None
    """When the membership that brought them ended or will end."""
    account_closed: bool = False


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """One dataset of the grant."""

    withdrawn_at: datetime | None = None
    kept_until: datetime | None = None
    """The first moment at which the producer's retention is over."""
    rows_kept_in: bool = False
    """Whether rows were granted of which, by now, only results may leave."""


@dataclass(frozen=True, slots=True)
class GrantFacts:
    """All that decides about a grant."""

    starts_at: datetime
    ends_at: datetime
    suspended_at: datetime | None = None
    ended_at: datetime | None = None
    ending: str = ""
    """What the end is called."""
    reason: str = ""
    members: Mapping[UUID, MemberFacts] = field(default_factory=dict)
    datasets: Mapping[UUID, DatasetFacts] = field(default_factory=dict)
    crossing: bool = False
    """Whether its datasets come together or not at all: what ends one ends them all."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A moment, and the refusal that holds before it (a start) or from it on (an end)."""

    at: datetime
    refusal: Refusal


NOT_A_MEMBER = Refusal(
    "not-a-member",
    "You are not in the team of this grant.",
    "Ask its holder to make a request that names you.",
)
NOT_GRANTED = Refusal(
    "not-granted", "This grant does not hold this dataset.", "Make a request for it."
)
ACCOUNT_CLOSED = Refusal("account-closed", "This account is closed.")
_NOT_STARTED = Refusal(
    "not-started", "The grant has not started yet.", "Come back on its first day."
)
_NOT_YET_MEMBER = Refusal("not-yet-a-member", "You were not in the team of this grant yet.")
_EXPIRED = Refusal("expired", "The grant is over.", "A new request can ask for its renewal.")
_SUSPENDED = Refusal(
    "suspended",
    "The grant is suspended: %(reason)s",
    "Write to the producer's contact.",
)
_ENDED = Refusal("ended", "The grant has ended: %(ending)s. %(reason)s", "Make a new request.")
_LEFT = Refusal("left-the-team", "You are not in the team of this grant any more.")
_NOT_VOUCHED = Refusal(
    "membership-over",
    "You left the organisation as whose member you received this grant.",
    "Ask for the data as a member of your present organisation.",
)
_WITHDRAWN = Refusal(
    "dataset-withdrawn", "The producer withdrew the dataset.", "Write to the producer's contact."
)
_RETENTION = Refusal(
    "retention-over",
    "The time for which the producer may keep these data is over.",
    "Ask for a more recent release.",
)
_ROWS_KEPT_IN = Refusal(
    "rows-never-leave",
    "Of this dataset only results leave now, never rows.",
    "Make a new request, for tables of results.",
)


def effective(facts: GrantFacts, person: UUID, dataset: UUID, at: datetime) -> list[Refusal]:
    """
    List why a grant opens nothing of a dataset to a person at a moment; empty when it does.

    Ends are first moments after: at the end itself, the answer is no.
    """
    return [*of_the_grant(facts, dataset, at), *of_the_person(facts, person, at)]


def of_the_grant(facts: GrantFacts, dataset: UUID, at: datetime) -> list[Refusal]:
    """List what refuses a dataset of the grant to everyone at a moment."""
    if dataset not in facts.datasets:
        return [NOT_GRANTED]
    early = [_NOT_STARTED] if at < facts.starts_at else []
    early += [_ROWS_KEPT_IN] if any(one.rows_kept_in for one in _together(facts, dataset)) else []
    return early + [end.refusal for end in _ends_of_the_grant(facts, dataset) if end.at <= at]


def of_the_person(facts: GrantFacts, person: UUID, at: datetime) -> list[Refusal]:
    """List what refuses the grant to one person at a moment."""
    member = facts.members.get(person)
    if member is None:
        return [NOT_A_MEMBER]
    found = [ACCOUNT_CLOSED] if member.account_closed else []
    found += [_NOT_YET_MEMBER] if at < member.from_at else []
    found += [end.refusal for end in _ends_of_the_person(member) if end.at <= at]
    return found + charters.in_force(member.standing, at)


def effective_end(facts: GrantFacts, person: UUID, dataset: UUID, at: datetime) -> Bound:
    """
    Return which cap ends the grant first for a person and a dataset, as things are known.

    While ``effective`` is empty at ``at``, it stays so until that moment and not at it. The
    charter's cap counts the signatures given at ``at``: signing again moves it.
    """
    caps = list(_ends_of_the_grant(facts, dataset))
    member = facts.members.get(person)
    if member is not None:
        caps += _ends_of_the_person(member)
        rests = charters.rests_at(member.standing, at)
        caps += [Bound(rests, charters.RESTS)] if rests is not None else []
    return min(caps, key=lambda cap: cap.at)


def _ends_of_the_grant(facts: GrantFacts, dataset: UUID) -> Iterator[Bound]:
    yield Bound(facts.ends_at, _EXPIRED)
    if facts.suspended_at is not None:
        yield Bound(facts.suspended_at, _with(_SUSPENDED, reason=facts.reason))
    if facts.ended_at is not None:
        refusal = _with(_ENDED, ending=facts.ending, reason=facts.reason)
        yield Bound(facts.ended_at, refusal)
    yield from ends_of_the_data(_together(facts, dataset))


def _together(facts: GrantFacts, dataset: UUID) -> list[DatasetFacts]:
    """Return the datasets that open with one, itself included; none when it is not granted."""
    if dataset not in facts.datasets:
        return []
    return list(facts.datasets.values()) if facts.crossing else [facts.datasets[dataset]]


def ends_of_the_data(every: Collection[DatasetFacts]) -> Iterator[Bound]:
    """Yield what ends the use of some datasets together: the first to be withdrawn, or to go."""
    yield from (Bound(at, _WITHDRAWN) for at in _first(one.withdrawn_at for one in every))
    yield from (Bound(at, _RETENTION) for at in _first(one.kept_until for one in every))


def _first(moments: Iterable[datetime | None]) -> list[datetime]:
    """Return the first moment that there is, alone in a list."""
    return sorted(moment for moment in moments if moment is not None)[:1]


def _ends_of_the_person(member: MemberFacts) -> list[Bound]:
    ends = [(member.until_at, _LEFT), (member.vouched_until, _NOT_VOUCHED)]
    return [Bound(at, refusal) for at, refusal in ends if at is not None]


def _with(refusal: Refusal, **values: object) -> Refusal:
    return Refusal(refusal.code, refusal.explanation, refusal.remedy, values)
