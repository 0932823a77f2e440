"""Read demands to name persons, and gather what the rules look at."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from access.grants import queries as grants, sides
from access.grants.queries import Granted, Held
from access.plans.plan import Plan
from access.pseudonymisation.queries import SecretGone, open_secret
from access.reidentification import rules, workflow
from access.reidentification.matching import Column, columns_of
from access.reidentification.models import Reidentification
from access.reidentification.rules import Case
from access.reidentification.states import MOST_TRIES, OPEN, Office, Part, State, Step
from access.requests import queries as requests
from access.requests.facts import Team, on_the_side_of
from catalog.datasets.at_node import staying
from catalog.datasets.queries import fields_of
from hub.kernel.periods import day_of
from hub.kernel.refusals import Refusal, Unknown
from hub.people.permissions import Actor, Permission, Role
from hub.people.queries import active_memberships, people_by_id

DECIDE_NOTHING = frozenset({Role.HUB_ADMIN, Role.AUDITOR})


@dataclass(frozen=True, slots=True)
class Eyes:
    """One person now; what decides of their part is looked up once, for all that they are shown."""

    actor: Actor
    at: datetime
    _offices: dict[UUID, frozenset[Office]] = field(default_factory=dict, init=False)
    _own_sides: dict[UUID, bool] = field(default_factory=dict, init=False)

    def offices(self, row: Granted) -> frozenset[Office]:
        """Return as what they may file on a dataset, or answer."""
        if row.dataset_id not in self._offices:
            self._offices[row.dataset_id] = offices(self.actor, row)
        return self._offices[row.dataset_id]

    def own_side(self, grant: Held) -> bool:
        """Tell whether they stand on the holder's side."""
        if grant.pk not in self._own_sides:
            self._own_sides[grant.pk] = is_own_side(grant, self.actor, self.at)
        return self._own_sides[grant.pk]

    @property
    def audits(self) -> bool:
        """Tell whether they read everything."""
        return Role.AUDITOR in self.actor.roles


@dataclass(frozen=True, slots=True)
class Seen:
    """A demand in the eyes of one person now."""

    demand: Reidentification
    state: State
    """Where it stands, whether or not a job said so."""
    parts: frozenset[Part]

    @property
    def steps(self) -> list[Step]:
        """Return the steps that are open to the person."""
        return workflow.steps_open_to(self.state, self.parts)

    @property
    def waits(self) -> bool:
        """Tell whether it waits for a decision of the person."""
        return Step.APPROVE in self.steps

    @property
    def tries_left(self) -> int:
        """Return how many wrong keys it still bears."""
        return MOST_TRIES - self.demand.tries


@dataclass(frozen=True, slots=True)
class Desk:
    """One dataset of a grant, and why no demand on it may be filed by the person now."""

    granted: Granted
    refusals: list[Refusal]


@dataclass(frozen=True, slots=True)
class OfGrant:
    """What an officer sees of the demands on a grant."""

    grant: Held
    desks: list[Desk]
    seen: list[Seen]


def demands() -> QuerySet[Reidentification]:
    """Return all demands with what is shown of them, newest first."""
    return Reidentification.objects.select_related(
        "granted__grant", "granted__dataset__producer", "granted__release", "filed_by", "second"
    ).order_by("-id")


def overdue(at: datetime) -> QuerySet[Reidentification]:
    """Return the open demands whose time is over."""
    return Reidentification.objects.filter(state__in=sorted(OPEN), until__lte=at)


def overdue_ids(at: datetime, granted_id: UUID | None = None) -> list[UUID]:
    """Return the identifiers of the overdue demands, of all or of one granted dataset."""
    found = overdue(at).filter(**({"granted_id": granted_id} if granted_id else {}))
    return list(found.values_list("pk", flat=True))


# -- who may know, and who plays which part -------------------------------------------------------


def one_for(*, actor: Actor, demand_id: UUID, at: datetime) -> Seen:
    """
    Return a demand that an actor may know.

    :raises Unknown: to whoever is no officer of its dataset, or stands on the holder's side
    """
    demand, eyes = demands().filter(pk=demand_id).first(), Eyes(actor, at)
    if demand is None or not knows(demand, eyes):
        raise Unknown
    return see(demand, eyes)


def mine(*, actor: Actor, at: datetime) -> list[Seen]:
    """Return the demands that an actor may know: those that wait for them first, then newest."""
    eyes = Eyes(actor, at)
    found = [see(one, eyes) for one in demands() if knows(one, eyes)]
    return sorted(found, key=lambda one: not one.waits)


def ids_known(eyes: Eyes) -> list[UUID]:
    """Return the identifiers of the demands that somebody may know."""
    return [one.pk for one in demands() if knows(one, eyes)]


def of_grant(*, actor: Actor, grant_id: UUID, at: datetime) -> OfGrant:
    """
    Return the demands on a grant, and where one may be filed.

    :raises Unknown: to whoever is no officer for one of its datasets
    """
    grant = grants.grants().filter(pk=grant_id).first()
    if grant is None:
        raise Unknown
    eyes = Eyes(actor, at)
    rows = [row for row in grant.datasets.all() if _officer(eyes, row)]
    if not rows:
        raise Unknown
    found = demands().filter(granted__in=[row.pk for row in rows])
    return OfGrant(
        grant=grant,
        desks=[Desk(row, rules.refusals_to_file(case_of(row, actor, at))) for row in rows],
        seen=[see(one, eyes) for one in found if knows(one, eyes)],
    )


def see(demand: Reidentification, eyes: Eyes) -> Seen:
    """Return a demand in the eyes of one person."""
    state = workflow.state_at(State(demand.state), demand.until, eyes.at)
    return Seen(demand, state, parts_of(demand, eyes))


def knows(demand: Reidentification, eyes: Eyes) -> bool:
    """Tell whether somebody may know a demand."""
    if not _officer(eyes, demand.granted):
        return False
    return eyes.audits or not eyes.own_side(demand.granted.grant)


def _officer(eyes: Eyes, row: Granted) -> bool:
    return eyes.audits or bool(eyes.offices(row))


def offices(actor: Actor, row: Granted) -> frozenset[Office]:
    """Return as what an actor may file on a dataset, or answer."""
    if actor.roles & DECIDE_NOTHING:
        return frozenset()
    held = {
        Office.SIGNATORY: bool(sides.signs(actor, [row.dataset])),
        Office.DPO: sides.advises_as_dpo(actor, [row.dataset]),
    }
    return frozenset(office for office, holds in held.items() if holds)


def parts_of(demand: Reidentification, eyes: Eyes) -> frozenset[Part]:
    """Return the parts that somebody plays in a demand now."""
    held, person = eyes.offices(demand.granted), eyes.actor.user_id
    if not held or eyes.own_side(demand.granted.grant):
        return frozenset()
    filed_as = Office(demand.filed_as)
    if person == demand.filed_by_id:
        return frozenset({Part.FILER}) if filed_as in held else frozenset()
    is_second = demand.second_id in {None, person} and filed_as.other in held
    return frozenset({Part.SECOND}) if is_second else frozenset()


def is_own_side(grant: Held, actor: Actor, at: datetime) -> bool:
    """Tell whether somebody stands on the holder's side, by any organisation of theirs."""
    if actor.user_id is None:
        return False
    team, user = team_of(grant), people_by_id({actor.user_id}).get(actor.user_id)
    memberships = active_memberships(user_id=actor.user_id, at=at)
    theirs = {actor.organisation_id, *(one.organisation_id for one in memberships)}
    email = user.email if user else ""
    return any(on_the_side_of(team, replace(actor, organisation_id=one), email) for one in theirs)


def team_of(grant: Held) -> Team:
    """Return who stands on the holder's side: the team of the grant, and those it invited."""
    asked = requests.requests().filter(pk=grant.pk).first()
    return Team(
        applicant_id=grant.holder_id,
        organisation_id=grant.organisation_id,
        member_ids=frozenset(member.user_id for member in grant.members.all()),
        emails=requests.team_of(asked).emails if asked else frozenset(),
    )


def people_of(office: Office, row: Granted, at: datetime) -> set[UUID]:
    """Return the people who hold an office for a dataset."""
    if office is Office.SIGNATORY:
        return sides.people_with(Permission.SIGN_DATASET, [row.dataset], at)
    return sides.dpos_of([row.dataset], at) or sides.dpos_of_the_hub(at)


# -- what the rules look at -----------------------------------------------------------------------


def case_of(row: Granted, actor: Actor, at: datetime) -> Case:
    """Gather what decides whether an actor may file a demand on a granted dataset."""
    on_dataset = Reidentification.objects.filter(granted__dataset_id=row.dataset_id)
    open_now = on_dataset.filter(granted=row, state__in=sorted(OPEN), until__gt=at)
    return Case(
        offices=offices(actor, row),
        own_side=is_own_side(row.grant, actor, at),
        at_node=staying(row.release_id) is not None,
        has_pseudonym=bool(columns_for(row)),
        has_key=_has_key(row.grant_id),
        is_open=open_now.exists(),
        filed_on=[day_of(moment) for moment in on_dataset.values_list("filed_at", flat=True)],
        today=day_of(at),
        most=settings.HUB_REIDENTIFICATION_DEMANDS,
    )


def columns_for(row: Granted) -> list[Column]:
    """Return the kinds of pseudonyms that the plan of a granted dataset delivers."""
    identifiers = {field.name: field.attribute for field in fields_of(row.release)}
    return columns_of(plan_for(row), identifiers)


def plan_for(row: Granted) -> Plan:
    """Return the plan that was approved for a granted dataset."""
    return Plan.from_json(row.plan)


def _has_key(grant_id: UUID) -> bool:
    try:
        open_secret(grant_id)
    except SecretGone:
        return False
    return True
