"""Read grants, and gather what the rules look at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeAlias
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from access.charters import queries as charters
from access.grants import rules, sides
from access.grants.models import Grant, GrantDataset, GrantMember
from access.grants.rules import Bound, DatasetFacts, GrantFacts, MemberFacts
from access.grants.workflow import Ending, Part, State
from access.plans.plan import Plan
from access.plans.tables import TableSpec
from catalog.datasets.queries import held_by, served_tier
from catalog.vocabularies.levels import Tier
from hub.kernel.periods import PARIS, add_months, day_of, end_of_day
from hub.kernel.refusals import Refusal, Unknown
from hub.people.models import Membership
from hub.people.permissions import Actor, Permission, Profile, Role

Held: TypeAlias = Grant
"""A grant, as the slices above name it."""
Granted: TypeAlias = GrantDataset
"""One dataset of a grant, as the slices above name it."""
_DATASETS = Prefetch(
    "datasets",
    GrantDataset.objects.select_related("dataset__producer", "release").order_by("id"),
)
_MEMBERS = Prefetch("members", GrantMember.objects.select_related("user").order_by("id"))


class Released(Protocol):
    """A release, as far as the end of its use matters."""

    @property
    def published_at(self) -> datetime | None: ...

    @property
    def state(self) -> str: ...


@dataclass(frozen=True, slots=True)
class GrantedPlan:
    """What an extract of one dataset of a grant may be made of."""

    grant_dataset_id: UUID
    grant_id: UUID
    dataset_id: UUID
    release_id: UUID
    plan: str
    """Canonical JSON, as it was approved."""
    digest: str
    ends_at: datetime
    crossing: bool


@dataclass(frozen=True, slots=True)
class Opening:
    """One dataset of a grant in the eyes of one person now."""

    granted: GrantDataset
    refusals: list[Refusal]
    end: Bound


@dataclass(frozen=True, slots=True)
class Seen:
    """A grant in the eyes of one person now: what it opens to them, and the parts they play."""

    grant: Grant
    openings: list[Opening]
    parts: frozenset[Part]

    @property
    def opens(self) -> bool:
        """Tell whether it opens at least one dataset."""
        return any(not opening.refusals for opening in self.openings)

    @property
    def end(self) -> Bound:
        """Return what ends first."""
        return min((opening.end for opening in self.openings), key=lambda end: end.at)


def grants() -> QuerySet[Grant]:
    """Return all grants with what the rules and the pages need of them, newest first."""
    return (
        Grant.objects.select_related("organisation", "holder")
        .prefetch_related(_DATASETS, _MEMBERS)
        .order_by("-id")
    )


def facts(grant_id: UUID) -> GrantFacts:
    """
    Gather what decides about one grant.

    :raises Unknown: when there is none
    """
    found = list(grants().filter(pk=grant_id))
    if not found:
        raise Unknown
    return facts_of(found)[grant_id]


def facts_of(found: Sequence[Grant]) -> dict[UUID, GrantFacts]:
    """Gather what decides about several grants, in as many queries as for one."""
    members = [member for grant in found for member in grant.members.all()]
    memberships = {
        membership.pk: membership
        for membership in Membership.objects.filter(
            pk__in={member.membership_id for member in members}
        )
    }
    pairs = {
        (member.user_id, Profile(memberships[member.membership_id].profile))
        for member in members
        if member.membership_id in memberships
    }
    standings = charters.standings(pairs)

    def about(member: GrantMember) -> MemberFacts:
        membership = memberships.get(member.membership_id)
        if membership is None:
            return MemberFacts(from_at=member.from_at, until_at=member.from_at)
        return MemberFacts(
            from_at=member.from_at,
            until_at=member.until_at,
            standing=standings[member.user_id, Profile(membership.profile)],
            vouched_until=membership.ends_at,
            account_closed=not member.user.is_active,
        )

    return {
        grant.pk: GrantFacts(
            starts_at=grant.starts_at,
            ends_at=grant.ends_at,
            suspended_at=grant.suspended_at,
            ended_at=grant.ended_at,
            ending=Ending(grant.ending).label if grant.ending else "",
            reason=grant.reason,
            members={member.user_id: about(member) for member in grant.members.all()},
            datasets={row.dataset_id: _dataset_facts(row, grant) for row in grant.datasets.all()},
            crossing=grant.crossing,
        )
        for grant in found
    }


def _dataset_facts(
    row: GrantDataset, grant: Grant, release: Released | None = None
) -> DatasetFacts:
    release = release or row.release
    withdrawn = row.dataset.withdrawn_at if row.dataset.state == "withdrawn" else None
    if release.state == "withdrawn":
        withdrawn = withdrawn or grant.starts_at
    return DatasetFacts(
        withdrawn_at=withdrawn,
        kept_until=kept_until(release.published_at, row.dataset.retention_months),
        rows_kept_in=served_tier(row.dataset, row.release) is Tier.RESULTS
        and not tables_of(row.plan),
    )


def ends_of_release(granted: GrantDataset, grant: Grant, release: Released) -> list[Bound]:
    """Return what ends the use of a release that a grant held before it moved to a newer one."""
    return list(rules.ends_of_the_data([_dataset_facts(granted, grant, release)]))


def tables_of(plan: str) -> tuple[TableSpec, ...]:
    """Return the tables of an approved plan; of one of rows, or that nobody can read, none."""
    try:
        return Plan.from_json(plan).tables
    except ValueError:
        return ()


def kept_until(published_at: datetime | None, months: int | None) -> datetime | None:
    """Return the first moment at which a producer's retention of a release is over."""
    if published_at is None or not months:
        return None
    return end_of_day(add_months(day_of(published_at), months))


def refusals_now(*, user_id: UUID | None, grant_dataset_id: UUID, at: datetime) -> list[Refusal]:
    """
    List why a person may not have one granted dataset at a moment.

    Every path to bytes asks this. Without a person, what the grant itself refuses to everyone.

    :raises Unknown: when there is no such granted dataset
    """
    row = granted(grant_dataset_id)
    known = facts(row.grant_id)
    if user_id is None:
        return rules.of_the_grant(known, row.dataset_id, at)
    return rules.effective(known, user_id, row.dataset_id, at)


def granted(grant_dataset_id: UUID) -> GrantDataset:
    """
    Return one granted dataset, whoever asks.

    :raises Unknown: when there is none
    """
    found = (
        GrantDataset.objects.select_related("grant", "dataset__producer", "release")
        .filter(pk=grant_dataset_id)
        .first()
    )
    if found is None:
        raise Unknown
    return found


def plans_of(grant_dataset_id: UUID) -> list[GrantedPlan]:
    """
    Return the plans that are executed together with that of a granted dataset: its own alone, or
    those of a whole crossing, in the order of their datasets' identifiers.

    :raises Unknown: when there is no such granted dataset
    """
    row = granted(grant_dataset_id)
    if not row.grant.crossing:
        return [_granted_plan(row)]
    rows = row.grant.datasets.select_related("grant")
    return [_granted_plan(one) for one in sorted(rows, key=lambda one: str(one.dataset_id))]


def plan_of(grant_dataset_id: UUID) -> GrantedPlan:
    """
    Return the plan that was approved for one granted dataset.

    :raises Unknown: when there is none
    """
    return _granted_plan(granted(grant_dataset_id))


def _granted_plan(row: GrantDataset) -> GrantedPlan:
    return GrantedPlan(
        grant_dataset_id=row.pk,
        grant_id=row.grant_id,
        dataset_id=row.dataset_id,
        release_id=row.release_id,
        plan=row.plan,
        digest=row.plan_digest,
        ends_at=row.grant.ends_at,
        crossing=row.grant.crossing,
    )


def ended(at: datetime) -> QuerySet[Grant]:
    """Return the grants that are over at a moment, whether or not a job said so."""
    return Grant.objects.filter(Q(state=State.ENDED) | Q(ends_on__lt=at.astimezone(PARIS).date()))


def due(at: datetime) -> QuerySet[Grant]:
    """Return the grants whose state time must change."""
    return Grant.objects.filter(
        Q(state=State.PENDING, starts_at__lte=at)
        | ~Q(state=State.ENDED) & Q(ends_on__lt=at.astimezone(PARIS).date())
    )


def ids_of_mine(actor: Actor) -> QuerySet[Grant, UUID]:
    """Return the identifiers of the grants in whose team a person is."""
    theirs = Q(members__user_id=actor.user_id) | Q(holder_id=actor.user_id)
    return Grant.objects.filter(theirs).values_list("pk", flat=True)


def ids_on_my_data(actor: Actor) -> QuerySet[Grant, UUID]:
    """Return the identifiers of the grants on datasets that an actor signs for or stewards."""
    held = held_by(actor, Permission.SIGN_DATASET, Permission.STEWARD_DATASET)
    datasets = held.order_by().values("pk")
    return Grant.objects.filter(datasets__dataset__in=datasets).values_list("pk", flat=True)


def mine(*, actor: Actor, at: datetime) -> list[Seen]:
    """Return the grants in whose team a person is, with what each opens to them now."""
    return see(list(grants().filter(pk__in=ids_of_mine(actor))), actor=actor, at=at)


def on_my_data(*, actor: Actor, at: datetime) -> list[Seen]:
    """Return the grants on the data for which an actor answers."""
    return see(list(grants().filter(pk__in=ids_on_my_data(actor))), actor=actor, at=at)


def one_for(*, actor: Actor, grant_id: UUID, at: datetime) -> Seen:
    """
    Return a grant that an actor may know.

    :raises Unknown: to whoever is neither of its team nor an officer for its datasets
    """
    found = grants().filter(pk=grant_id).first()
    if found is None:
        raise Unknown
    theirs = found.holder_id == actor.user_id or any(
        member.user_id == actor.user_id for member in found.members.all()
    )
    if not theirs and not _is_officer_for(found, actor):
        raise Unknown
    [seen] = see([found], actor=actor, at=at)
    return seen


def _is_officer_for(grant: Grant, actor: Actor) -> bool:
    datasets = [row.dataset for row in grant.datasets.all()]
    return bool(
        Role.AUDITOR in actor.roles
        or sides.signs(actor, datasets)
        or sides.stewards(actor, datasets)
        or sides.advises_as_dpo(actor, datasets)
    )


def may_ask_who(grant: Grant, actor: Actor) -> bool:
    """Tell whether an actor holds an office by which a demand to name persons may be filed."""
    datasets = [row.dataset for row in grant.datasets.all()]
    if actor.roles & {Role.AUDITOR, Role.HUB_ADMIN}:
        return Role.AUDITOR in actor.roles
    return bool(sides.signs(actor, datasets)) or sides.advises_as_dpo(actor, datasets)


def see(found: Sequence[Grant], *, actor: Actor, at: datetime) -> list[Seen]:
    """Return grants in the eyes of one person now: the list and the detail ask the same rule."""
    known = facts_of(found)
    return [
        Seen(
            grant=grant,
            openings=[
                Opening(
                    granted=row,
                    refusals=_refusals(known[grant.pk], actor, row.dataset_id, at),
                    end=_end(known[grant.pk], actor, row.dataset_id, at),
                )
                for row in grant.datasets.all()
            ],
            parts=parts_of(grant, actor),
        )
        for grant in found
    ]


def _refusals(known: GrantFacts, actor: Actor, dataset: UUID, at: datetime) -> list[Refusal]:
    if actor.user_id is None:
        return [rules.NOT_A_MEMBER]
    return rules.effective(known, actor.user_id, dataset, at)


def _end(known: GrantFacts, actor: Actor, dataset: UUID, at: datetime) -> Bound:
    return rules.effective_end(known, actor.user_id or UUID(int=0), dataset, at)


def parts_of(grant: Grant, actor: Actor) -> frozenset[Part]:
    """Return the parts that an actor plays in a grant."""
    parts = {Part.HOLDER} if actor.user_id == grant.holder_id else set()
    if sides.signs(actor, [row.dataset for row in grant.datasets.all()]):
        parts.add(Part.SIGNATORY)
    return frozenset(parts)


def register(at: datetime) -> QuerySet[Grant]:
    """Return the grants that run at a moment, for the public register: no person's name."""
    return (
        Grant.objects.filter(
            state__in=[State.PENDING, State.ACTIVE, State.SUSPENDED],
            ends_on__gte=at.astimezone(PARIS).date(),
        )
        .select_related("organisation")
        .prefetch_related(_DATASETS)
        .order_by("-id")
    )


def of_request(request_ids: Iterable[UUID]) -> dict[UUID, Grant]:
    """Return the grants that requests led to; a grant carries the identifier of its request."""
    return {grant.pk: grant for grant in Grant.objects.filter(pk__in=request_ids)}
