"""Read requests, and gather what the rules look at."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet

from access.charters import queries as charters
from access.charters.rules import Terms
from access.grants import sides
from access.plans.terms import FieldGrant, default_formats, in_order
from access.requests.facts import (
    AskedDataset,
    AskedField,
    AskedFilter,
    Facts,
    GivenApproval,
    GivenOpinion,
    Team,
)
from access.requests.models import (
    AccessRequest,
    Decision,
    Opinion,
    RequestedDataset,
    RequestedField,
    TeamMember,
)
from access.requests.planning import Planned, Wishes, planned
from access.requests.states import EDITABLE, WAITING, Adviser, Part, State, Verdict
from catalog.datasets.at_node import staying
from catalog.datasets.queries import snapshot
from catalog.datasets.snapshots import DatasetSnapshot
from hub.kernel.periods import add_months, day_of
from hub.kernel.refusals import Unknown
from hub.people.permissions import Actor, Profile, Role

TEXTS = (
    "title",
    "context",
    "question",
    "outputs",
    "purpose",
    "legal_basis",
    "hosting",
    "security",
)
SAID_BY_GUARDS = frozenset(
    {"field_unknown", "no_end", "filter_unknown", "filter_identifier", "filter_tells"}
)
"""Refusals of a plan that the guards of the workflow say better."""
_DATASETS = Prefetch(
    "datasets",
    RequestedDataset.objects.select_related("dataset__producer", "release")
    .prefetch_related(Prefetch("fields", RequestedField.objects.order_by("id")))
    .order_by("id"),
)
_REST = (
    Prefetch("team", TeamMember.objects.order_by("id")),
    Prefetch("opinions", Opinion.objects.order_by("given_at")),
    Prefetch("decisions", Decision.objects.order_by("decided_at")),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """One requested dataset with what is published of it, and its plan."""

    row: RequestedDataset
    snapshot: DatasetSnapshot | None
    """None when it is not published any more."""
    planned: Planned

    @property
    def digest(self) -> str:
        """Return the digest of the plan as it is now, empty when there is none."""
        return self.planned.plan.digest if self.planned.plan else ""


@dataclass(frozen=True, slots=True)
class Case:
    """A request with all that is known of it now."""

    request: AccessRequest
    asked: list[Asked]
    facts: Facts

    def digest_of(self, dataset_id: UUID | None) -> str:
        """Return the digest of the plan of a requested dataset, empty when there is none."""
        return next((o.digest for o in self.asked if o.row.dataset_id == dataset_id), "")


def requests() -> QuerySet[AccessRequest]:
    """Return all requests with what belongs to them, newest first."""
    return (
        AccessRequest.objects.select_related("organisation", "applicant")
        .prefetch_related(_DATASETS, *_REST)
        .order_by("-id")
    )


# -- who may know what ---------------------------------------------------------------------------


def mine(actor: Actor) -> QuerySet[AccessRequest]:
    """Return the requests that a person made or is invited to, newest first."""
    own = AccessRequest.objects.filter(applicant_id=sides.person(actor))
    invited = AccessRequest.objects.filter(team__user_id=sides.person(actor)).exclude(
        state=State.DRAFT
    )
    ids = own.values("pk").union(invited.values("pk"))
    return requests().filter(pk__in=ids)


def to_examine(actor: Actor) -> list[AccessRequest]:
    """Return the requests that wait and on which an officer has a part, oldest first."""
    waiting = requests().filter(state__in=WAITING).order_by("submitted_at")
    return [request for request in waiting if officer_parts(request, actor)]


def parts_of(request: AccessRequest, actor: Actor) -> frozenset[Part]:
    """Return every part that an actor plays in a request."""
    parts = set()
    if actor.user_id is None:
        return frozenset({Part.TIME})
    if request.applicant_id == actor.user_id:
        parts.add(Part.APPLICANT)
    if any(member.user_id == actor.user_id for member in request.team.all()):
        parts.add(Part.TEAM)
    return frozenset(parts) | officer_parts(request, actor)


def officer_parts(request: AccessRequest, actor: Actor) -> frozenset[Part]:
    """Return the officer's parts that an actor plays in a request; a draft is nobody else's."""
    if request.state == State.DRAFT or not actor.roles:
        return frozenset()
    datasets = [row.dataset for row in request.datasets.all()]
    held = {
        Part.STEWARD: bool(sides.stewards(actor, datasets)),
        Part.SIGNATORY: bool(sides.signs(actor, datasets)),
        Part.DPO: sides.advises_as_dpo(actor, datasets),
        Part.COMMITTEE: Role.COMMITTEE in actor.roles,
        Part.AUDITOR: Role.AUDITOR in actor.roles,
    }
    return frozenset(part for part, holds in held.items() if holds)


def signs(request: AccessRequest, actor: Actor) -> frozenset[UUID]:
    """Return the requested datasets that an actor may approve."""
    return sides.signs(actor, [row.dataset for row in request.datasets.all()])


def one_for(*, actor: Actor, request_id: UUID) -> AccessRequest:
    """
    Return a request that an actor may know.

    :raises Unknown: to whoever plays no part in it
    """
    found = requests().filter(pk=request_id).first()
    if found is None or not parts_of(found, actor):
        raise Unknown
    if found.state == State.DRAFT and found.applicant_id != actor.user_id:
        raise Unknown
    return found


def one_to_examine(*, actor: Actor, request_id: UUID) -> AccessRequest:
    """
    Return a request on which an actor has an officer's part.

    :raises Unknown: otherwise
    """
    found = requests().filter(pk=request_id).first()
    if found is None or not officer_parts(found, actor):
        raise Unknown
    return found


# -- what the rules look at ----------------------------------------------------------------------


def case_of(request: AccessRequest, at: datetime) -> Case:
    """Gather all that is known of a request at a moment."""
    profile = Profile(request.profile)
    terms = charters.current_terms(profile, at)
    asked = [asked_of(row, request, terms) for row in request.datasets.all()]
    digests = {one.row.dataset_id: one.digest for one in asked}
    facts = Facts(
        state=State(request.state),
        revision=request.revision,
        today=day_of(at),
        profile=profile,
        team=team_of(request),
        texts={name: str(getattr(request, name)) for name in TEXTS},
        purpose=request.purpose,
        ends_on=request.ends_on,
        datasets=[_asked_dataset(one, crossed=request.crossing) for one in asked],
        crossing=request.crossing,
        crossing_reason=request.crossing_reason,
        charter=charters.refusals_now(user_id=request.applicant_id, profile=profile, at=at),
        terms=terms,
        has_twin=_has_twin(request),
        opinions=[
            GivenOpinion(Adviser(opinion.role), opinion.favourable)
            for opinion in request.opinions.all()
            if opinion.revision == request.revision
        ],
        approvals=[
            GivenApproval(decision.dataset_id, decision.by_id)
            for decision in request.decisions.all()
            if decision.revision == request.revision
            and decision.verdict == Verdict.APPROVED
            and decision.dataset_id is not None
            and decision.plan_digest == digests.get(decision.dataset_id)
        ],
        idle=at - request.changed_at,
    )
    return Case(request, asked, facts)


def bare_facts(request: AccessRequest, at: datetime) -> Facts:
    """Return what decides whether a request may be saved: its state, without the rest."""
    return Facts(
        state=State(request.state),
        revision=request.revision,
        today=day_of(at),
        profile=Profile(request.profile),
        team=team_of(request),
    )


def team_of(request: AccessRequest) -> Team:
    """Return who stands on the applicant's side."""
    members = list(request.team.all())
    return Team(
        applicant_id=request.applicant_id,
        organisation_id=request.organisation_id,
        member_ids=frozenset(member.user_id for member in members if member.user_id),
        emails=frozenset(member.email.lower() for member in members),
    )


def asked_of(row: RequestedDataset, request: AccessRequest, terms: Terms) -> Asked:
    """Return a requested dataset with what is published of it, and its plan."""
    found = published(row)
    if found is None:
        return Asked(row, None, Planned(None))
    return Asked(row, found, planned(found, wishes_of(row, request, terms)))


def wishes_of(row: RequestedDataset, request: AccessRequest, terms: Terms) -> Wishes:
    """Return what is asked of one dataset."""
    return Wishes(
        grant_id=request.pk,
        fields=[
            FieldGrant(wish.name, wish.detail, wish.justification) for wish in row.fields.all()
        ],
        filters=row.row_filters,
        tables=row.tables,
        ends_on=request.ends_on,
        terms=terms,
        crossing=request.crossing,
        formats=in_order(request.formats),
    )


def published(row: RequestedDataset) -> DatasetSnapshot | None:
    """Return what is published of a requested dataset, None when nothing is any more."""
    try:
        return snapshot(row.dataset_id, row.release_id)
    except Unknown:
        return None


def _asked_dataset(asked: Asked, *, crossed: bool) -> AskedDataset:
    row, found = asked.row, asked.snapshot
    if found is None:
        return AskedDataset(row.dataset_id, row.dataset.title, published=False)
    levels = {one.name: one.confidentiality for one in found.fields}
    released = found.release.published_at
    keeps = found.retention_months
    return AskedDataset(
        dataset_id=row.dataset_id,
        title=found.title,
        tier=found.tier,
        fields=[
            AskedField(wish.name, levels.get(wish.name), wish.justification)
            for wish in row.fields.all()
        ],
        filters=[
            AskedFilter(str(one["field"]), levels.get(str(one["field"])))
            for one in row.row_filters
        ],
        accepted_profiles=frozenset(found.accepted_profiles),
        accepted_purposes=frozenset(found.accepted_purposes),
        kept_until=add_months(day_of(released), keeps) if released and keeps else None,
        plan_refusals=[
            refusal for refusal in asked.planned.refusals if refusal.code not in SAID_BY_GUARDS
        ]
        if row.fields.all()
        else [],
        persons=found.subject.attribute if found.subject else "",
        at_node=crossed and staying(row.release_id) is not None,
        crossing_rule=found.crossing_rule,
        crossing_with=frozenset(found.crossing_with),
        crossed=crossed,
    )


def _has_twin(request: AccessRequest) -> bool:
    others = (
        requests()
        .filter(applicant_id=request.applicant_id, state__in=WAITING, purpose=request.purpose)
        .exclude(pk=request.pk)
    )
    same = fingerprint(request)
    return any(fingerprint(other) == same for other in others)


def fingerprint(request: AccessRequest) -> str:
    """Return what makes two requests the same: purpose, crossing, datasets, fields, filters."""
    datasets = sorted(_dataset_content(row) for row in request.datasets.all())
    return json.dumps([request.purpose, request.crossing, datasets])


def _dataset_content(row: RequestedDataset) -> list[Any]:
    fields = sorted([wish.name, wish.detail] for wish in row.fields.all())
    rest = [json.dumps(row.row_filters), json.dumps(row.tables)]
    return [str(row.dataset_id), str(row.release_id), fields, *rest]


def content_of(request: AccessRequest) -> dict[str, Any]:
    """Return what a request says, for its revision: no person in it but a count."""
    texts = {name: getattr(request, name) for name in (*TEXTS, "ethics", "dpia")}
    return {
        **texts,
        "ends_on": request.ends_on.isoformat() if request.ends_on else None,
        "crossing": request.crossing_reason if request.crossing else "",
        "formats": ", ".join(request.formats) if request.formats != default_formats() else "",
        "team": request.team.count(),
        "datasets": {
            str(row.dataset_id): {
                "release": str(row.release_id),
                "row_filters": row.row_filters,
                "tables": row.tables,
                "fields": {
                    wish.name: [wish.detail, wish.justification] for wish in row.fields.all()
                },
            }
            for row in request.datasets.all()
        },
    }


def row_named(request: AccessRequest, dataset: str) -> RequestedDataset | None:
    """Return a requested dataset by the slug or the identifier of the dataset."""
    return next(
        (
            row
            for row in request.datasets.select_related("dataset")
            if dataset in {row.dataset.slug, str(row.dataset_id)}
        ),
        None,
    )


def idle_since(moment: datetime) -> QuerySet[AccessRequest]:
    """Return the drafts that nobody touched since a moment."""
    return AccessRequest.objects.filter(state__in=EDITABLE, changed_at__lte=moment)


def unanswered_invitations(states: Iterable[State]) -> QuerySet[TeamMember]:
    """Return the invitations whose address was nobody's when it was last looked up."""
    return TeamMember.objects.filter(user=None, request__state__in=list(states)).select_related(
        "request"
    )
