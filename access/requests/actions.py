"""Take a step in the life of a request: lock, ask the rules, write, record, owe."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from access.estimates import actions as estimates
from access.grants.actions import NewDataset, NewGrant, admit, issue
from access.grants.sides import person
from access.requests import queries, team, workflow
from access.requests.facts import IDLE, WARNED_BEFORE, Taking
from access.requests.models import AccessRequest, Decision, Opinion, Revision
from access.requests.queries import Case
from access.requests.states import EDITABLE, Adviser, Part, State, Step, Verdict
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Stale, Unknown, require
from hub.outbox.actions import owe
from hub.people.permissions import HUB, Actor
from hub.people.queries import people_by_id
from hub.web.preconditions import require_version


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says when they take a step."""

    reason: str = ""
    dataset_id: UUID | None = None
    adviser: Adviser | None = None
    favourable: bool | None = None
    conditions: str = ""
    override: str = ""
    plan_digest: str = ""
    """Of the plan that a signatory saw; empty does not ask."""


NOTHING = Said()
PLAN_CHANGED = Refusal(
    "plan-changed",
    "The data changed in the catalogue: the plan is not the one that you saw any more.",
    "Look at what would be received again, then decide.",
)


@transaction.atomic
def take(
    *,
    request_id: UUID,
    step: Step,
    by: Actor,
    at: datetime,
    said: Said = NOTHING,
    version: int | None = None,
) -> AccessRequest:
    """
    Take one step for one person, in their present capacity.

    :param version: of the request that they saw; None does not ask
    :raises Unknown: when the actor plays no part in the request
    :raises Refused: when the rules refuse the step, with every reason
    :raises Stale: when the request changed meanwhile
    """
    if step == Step.SAVE:
        raise Invalid([Refusal("not-a-step", "A request is saved by changing its parts.")])
    if by.user_id is not None:
        queries.one_for(actor=by, request_id=request_id)
    # Locked first, read next: two decisions at once see one another.
    if not AccessRequest.objects.select_for_update(of=("self",)).filter(pk=request_id).exists():
        raise Unknown
    if step == Step.SUBMIT:
        team.resolve(AccessRequest.objects.get(pk=request_id), at)
    request = queries.requests().get(pk=request_id)
    case = queries.case_of(request, at)
    taking = _taking(request, step, by, said)
    require(workflow.refusals(case.facts, taking))
    require_version(expected=version, actual=request.version)
    if said.plan_digest and said.plan_digest != case.digest_of(said.dataset_id):
        raise Stale([PLAN_CHANGED])
    before = request.state
    request.state = workflow.leads_to(case.facts, taking)
    request.version += 1
    request.changed_at = at
    _WRITES.get(step, _nothing)(case, taking, said, at)
    request.save(
        update_fields=["state", "version", "changed_at", "revision", "submitted_at", "warned_at"]
    )
    _say(request, before, taking, at)
    return request


def _taking(request: AccessRequest, step: Step, by: Actor, said: Said) -> Taking:
    user = people_by_id({by.user_id}).get(by.user_id) if by.user_id else None
    return Taking(
        step=step,
        actor=by,
        parts=queries.parts_of(request, by),
        email=user.email if user else "",
        signs=queries.signs(request, by) if step == Step.APPROVE else frozenset(),
        dataset_id=said.dataset_id,
        adviser=said.adviser,
        favourable=said.favourable,
        reason=said.reason,
        override=said.override,
    )


def _say(request: AccessRequest, before: str, taking: Taking, at: datetime) -> None:
    """Leave one event in the trail, and owe what follows."""
    details: dict[str, object] = {
        "from": before,
        "to": request.state,
        "revision": request.revision,
    }
    if taking.dataset_id:
        details["dataset"] = str(taking.dataset_id)
    if taking.step == Step.GIVE_OPINION:
        details |= {"role": taking.adviser, "favourable": taking.favourable}
    record(
        kind=f"request.{taking.step}",
        by=taking.actor,
        subject=f"request:{request.pk}",
        at=at,
        reason=taking.reason,
        details=details,
    )
    name = taking.step.value
    if taking.step == Step.APPROVE and request.state == State.APPROVED:
        name = "approved"
    owe(
        event=f"request.{name}",
        payload={"request_id": str(request.pk), "by": str(taking.actor.user_id or "")},
        at=at,
        key=f"request.{name}:{request.pk}:{request.version}",
    )


@transaction.atomic
def count_rows(
    *, request_id: UUID, dataset_id: UUID | None = None, by: Actor, at: datetime
) -> None:
    """
    Ask what the plans of a request would leave out of the real rows, of one dataset or of all.

    :raises Unknown: to whoever does not examine it, to an auditor, who reads everything and asks
        for nothing, and when the dataset named has no plan
    """
    found = queries.one_to_examine(actor=by, request_id=request_id)
    plans = {
        one.row: one.planned.plan
        for one in queries.case_of(found, at).asked
        if one.planned.plan is not None and dataset_id in {None, one.row.dataset_id}
    }
    if queries.officer_parts(found, by) == {Part.AUDITOR} or (dataset_id and not plans):
        raise Unknown
    for row, plan in plans.items():
        estimates.ask(plan=plan, release_id=row.release_id, by=by, at=at)


# -- what each step writes -----------------------------------------------------------------------

Write = Callable[[Case, Taking, Said, datetime], None]


def _nothing(_case: Case, _taking: Taking, _said: Said, _at: datetime) -> None:
    """Write nothing but the state."""


def _submit(case: Case, _taking: Taking, _said: Said, at: datetime) -> None:
    request = case.request
    request.revision += 1
    request.submitted_at = at
    Revision.objects.create(
        request=request,
        number=request.revision,
        content=queries.content_of(request),
        submitted_at=at,
    )


def _opinion(case: Case, taking: Taking, said: Said, at: datetime) -> None:
    assert taking.adviser is not None  # noqa: S101 - refused by the guards
    Opinion.objects.create(
        request=case.request,
        revision=case.request.revision,
        role=taking.adviser,
        favourable=bool(taking.favourable),
        text=said.reason.strip(),
        by_id=person(taking.actor),
        membership_id=taking.actor.membership_id,
        given_at=at,
    )


def _decide(case: Case, taking: Taking, said: Said, at: datetime, *, verdict: Verdict) -> Decision:
    return Decision.objects.create(
        request=case.request,
        dataset_id=taking.dataset_id if verdict == Verdict.APPROVED else None,
        revision=case.request.revision,
        plan_digest=case.digest_of(taking.dataset_id) if verdict == Verdict.APPROVED else "",
        verdict=verdict,
        reason=said.reason.strip(),
        conditions=said.conditions.strip(),
        override=said.override.strip(),
        by_id=person(taking.actor),
        membership_id=taking.actor.membership_id,
        decided_at=at,
    )


def _reject(case: Case, taking: Taking, said: Said, at: datetime) -> None:
    _decide(case, taking, said, at, verdict=Verdict.REJECTED)


def _approve(case: Case, taking: Taking, said: Said, at: datetime) -> None:
    decision = _decide(case, taking, said, at, verdict=Verdict.APPROVED)
    if case.request.state == State.APPROVED:
        issue(new=_grant(case, decision, at), by=taking.actor, at=at)


def _grant(case: Case, last: Decision, at: datetime) -> NewGrant:
    request = case.request
    assert request.ends_on is not None  # noqa: S101 - refused above
    decisions = [
        decision
        for decision in request.decisions.all()
        if decision.revision == request.revision and decision.pk != last.pk
    ]
    decisions.append(last)
    return NewGrant(
        grant_id=request.pk,
        project=request.title,
        organisation_id=request.organisation_id,
        holder_id=request.applicant_id,
        profile=request.profile,
        purpose=request.purpose,
        legal_basis=request.legal_basis,
        crossing=request.crossing,
        ends_on=request.ends_on,
        members=team.grantees(request, at),
        datasets=[_granted(asked) for asked in case.asked],
        conditions="\n\n".join(d.conditions for d in decisions if d.conditions),
        override="\n\n".join(d.override for d in decisions if d.override),
    )


def _granted(asked: queries.Asked) -> NewDataset:
    plan = asked.planned.plan
    assert plan is not None  # noqa: S101 - refused above
    return NewDataset(
        dataset_id=asked.row.dataset_id,
        release_id=asked.row.release_id,
        fields=[{"name": wish.name, "detail": wish.detail} for wish in asked.row.fields.all()],
        row_filters=asked.row.row_filters,
        plan=plan.to_json(),
        plan_digest=plan.digest,
    )


_WRITES: Mapping[Step, Write] = {
    Step.SUBMIT: _submit,
    Step.GIVE_OPINION: _opinion,
    Step.APPROVE: _approve,
    Step.REJECT: _reject,
}


# -- time ----------------------------------------------------------------------------------------


def lapse(*, at: datetime) -> int:
    """Let idle drafts lapse, and warn of those that will; return how many lapsed."""
    for request in queries.idle_since(at - IDLE + WARNED_BEFORE).filter(warned_at=None):
        _warn(request.pk, at)
    lapsed = 0
    for request in queries.idle_since(at - IDLE):
        take(request_id=request.pk, step=Step.LAPSE, by=HUB, at=at)
        lapsed += 1
    return lapsed


@transaction.atomic
def _warn(request_id: UUID, at: datetime) -> None:
    request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    if request.warned_at is not None or request.state not in EDITABLE:
        return
    request.warned_at = at
    request.save(update_fields=["warned_at"])
    owe(event="request.lapses_soon", payload={"request_id": str(request_id), "by": ""}, at=at)


def answer_invitations(*, at: datetime) -> int:
    """Let people whom an organisation vouches for since then into the teams that invited them."""
    admitted = 0
    waiting = queries.unanswered_invitations([*EDITABLE, State.APPROVED])
    for member in waiting:
        membership = team.answer(member, at)
        if membership is not None and member.request.state == State.APPROVED:
            admitted += admit(
                grant_id=member.request_id,
                user_id=membership.user_id,
                membership_id=membership.pk,
                at=at,
            )
    return admitted
