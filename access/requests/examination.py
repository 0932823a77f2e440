"""Examining and deciding, in the administration: a page made for it, never a status to edit."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.estimates.queries import Told, of as counts_of
from access.requests import actions, pages, queries, workflow
from access.requests.actions import Said
from access.requests.facts import Taking
from access.requests.forms import ApproveForm, OpinionForm, ReasonForm
from access.requests.guards import ADVISERS
from access.requests.models import AccessRequest
from access.requests.revisions import Difference, differences
from access.requests.states import Adviser, State, Step
from access.tiers.rules import LEVELS
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import holders
from hub.people.permissions import OFFICERS, Actor, Role
from hub.people.queries import people_by_id
from hub.web.wording import say_all

EXAMINERS = (Role.STEWARD, Role.SIGNATORY, Role.DPO, Role.COMMITTEE, Role.AUDITOR)
FORMS: dict[Step, type[forms.Form]] = {
    Step.REQUEST_CHANGES: ReasonForm,
    Step.GIVE_OPINION: OpinionForm,
    Step.APPROVE: ApproveForm,
    Step.REJECT: ReasonForm,
}


@holders(*OFFICERS)
def home(request: HttpRequest) -> HttpResponse:
    """Open the administration on what waits for the reader, then what they may configure."""
    actor = actor_in(request)
    context = {
        "waiting": queries.to_examine(actor),
        "examines": bool(actor.roles & set(EXAMINERS)),
        "answers_for_data": bool(actor.roles & {Role.SIGNATORY, Role.STEWARD}),
        "edits_charters": bool(actor.roles & {Role.HUB_ADMIN, Role.AUDITOR}),
        "asks_who": bool(actor.roles & {Role.SIGNATORY, Role.DPO, Role.AUDITOR}),
        "reads_trail": bool(actor.roles & {Role.AUDITOR, Role.DPO}),
    }
    return admin.site.index(request, context)


@holders(*EXAMINERS)
def queue(request: HttpRequest) -> HttpResponse:
    """List the requests that wait for me, oldest first."""
    context = {
        **admin.site.each_context(request),
        "title": _("What waits for you"),
        "waiting": queries.to_examine(actor_in(request)),
    }
    return render(request, "admin/requests/queue.html", context)


@holders(*EXAMINERS)
def examine(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a request as a whole, to those who examine it."""
    found = _to_examine(request, request_id)
    context = {**admin.site.each_context(request), **_whole(found, actor_in(request))}
    return render(request, "admin/requests/examination.html", context)


@holders(*EXAMINERS)
@require_POST
def examine_step(request: HttpRequest, request_id: UUID, step: str) -> HttpResponse:
    """Take a step of the examination, or say why not, with the input kept."""
    found = _to_examine(request, request_id)
    if step not in {Step.START_REVIEW, *FORMS}:
        raise Http404
    form = FORMS[Step(step)](request.POST) if Step(step) in FORMS else None
    refusals: list[Any] = []
    if form is None or form.is_valid():
        said = form.cleaned_data if form else {}
        try:
            actions.take(
                request_id=request_id,
                step=Step(step),
                by=actor_in(request),
                at=timezone.now(),
                said=_said(said),
                version=said.get("version"),
            )
        except Refused as refused:
            refusals = say_all(refused.refusals)
        else:
            messages.success(request, _("Done. It is in the trail, and the applicant is told."))
            return redirect("examine_request", request_id)
    context = {
        **admin.site.each_context(request),
        **_whole(found, actor_in(request), Step(step), form),
        "refusals": refusals,
    }
    return render(request, "admin/requests/examination.html", context, status=409)


@holders(*EXAMINERS)
@require_POST
def estimate(request: HttpRequest, request_id: UUID, dataset_id: UUID) -> HttpResponse:
    """Ask what the plan of a requested dataset would suppress of the real rows."""
    by, at = actor_in(request), timezone.now()
    try:
        actions.count_rows(request_id=request_id, dataset_id=dataset_id, by=by, at=at)
    except Unknown:
        raise Http404 from None
    return redirect(f"{reverse('examine_request', args=[request_id])}#risks")


def _said(cleaned: dict[str, Any]) -> Said:
    adviser = cleaned.get("adviser")
    return Said(
        reason=cleaned.get("reason", ""),
        dataset_id=cleaned.get("dataset_id"),
        adviser=Adviser(adviser) if adviser else None,
        favourable=cleaned.get("favourable"),
        conditions=cleaned.get("conditions", ""),
        override=cleaned.get("override", ""),
        plan_digest=cleaned.get("plan_digest", ""),
    )


def _to_examine(request: HttpRequest, request_id: UUID) -> AccessRequest:
    try:
        return queries.one_to_examine(actor=actor_in(request), request_id=request_id)
    except Unknown:
        raise Http404 from None


def _whole(
    found: AccessRequest, actor: Actor, refused: Step | None = None, kept: Any = None
) -> dict[str, Any]:
    case = queries.case_of(found, timezone.now())
    return {
        "title": "",
        "request_": found,
        **pages.summary(case),
        "risks": risks(case),
        "differences": _differences(found, case),
        "history": pages.history(found),
        "waits_for": say_all(pages.waits_for(case.facts)),
        "opinions": found.opinions.all(),
        "decisions": found.decisions.all(),
        "names": _names(found),
        "steps": _forms(found, case, actor, refused, kept),
    }


def _forms(
    found: AccessRequest, case: queries.Case, actor: Actor, refused: Step | None, kept: Any
) -> list[dict[str, Any]]:
    """Return the steps that the reader's parts open, each with its form and what stands against."""
    parts = queries.parts_of(found, actor)
    opened = workflow.steps_open_to(case.facts, Taking(Step.SAVE, actor, parts))
    offered = [step for step in opened if step in {Step.START_REVIEW, *FORMS}]
    signed = _signed_for(found, actor)
    return [
        {
            "step": step,
            "row": row,
            "form": _form(step, row, case, parts, kept if step == refused else None),
            "against": _against(case, actor, parts, step, row),
        }
        for step in offered
        for row in (signed if step == Step.APPROVE else [None])
    ]


def _signed_for(found: AccessRequest, actor: Actor) -> list[Any]:
    signed = queries.signs(found, actor)
    return [row for row in found.datasets.all() if row.dataset_id in signed]


def _form(step: Step, row: Any, case: queries.Case, parts: Any, kept: Any) -> Any:
    if step not in FORMS:
        return None
    if kept is not None and (row is None or kept.data.get("dataset_id") == str(row.dataset_id)):
        return kept
    initial: dict[str, Any] = {"version": case.request.version}
    if row is not None:
        initial["dataset_id"] = row.dataset_id
        initial["plan_digest"] = case.digest_of(row.dataset_id)
    form = FORMS[step](initial=initial, prefix=None, auto_id=_ids(step, row))
    if isinstance(form, OpinionForm):
        held = [ADVISERS[part] for part in ADVISERS if part in parts]
        adviser = form.fields["adviser"]
        adviser.choices = [(one.value, _(one.label)) for one in held]  # type: ignore[attr-defined]
    return form


def _ids(step: Step, row: Any) -> str:
    return f"{step}-{row.pk if row else 'all'}-%s"


def _against(case: queries.Case, actor: Actor, parts: Any, step: Step, row: Any) -> list[Any]:
    """Say beforehand what the rules would refuse, whatever is written in the form."""
    user = people_by_id({actor.user_id} if actor.user_id else set()).get(actor.user_id)  # type: ignore[arg-type]
    taking = Taking(
        step=step,
        actor=actor,
        parts=parts,
        email=user.email if user else "",
        signs=frozenset({row.dataset_id}) if row else frozenset(),
        dataset_id=row.dataset_id if row else None,
        adviser=next((ADVISERS[part] for part in ADVISERS if part in parts), None),
        favourable=True,
        reason="-",
        override="",
    )
    return say_all(
        refusal
        for refusal in workflow.refusals(case.facts, taking)
        if refusal.code != "opinion-unfavourable"
    )


def risks(case: queries.Case) -> list[dict[str, Any]]:
    """Sum up, for each dataset, what a reader of the extract could learn about somebody."""
    summed = []
    counted = counts_of(one.digest for one in case.asked)
    for one in case.asked:
        levels = {f.name: f.confidentiality for f in one.snapshot.fields} if one.snapshot else {}
        asked = [wish.name for wish in one.row.fields.all()]
        plan = one.planned.plan
        summed.append(
            {
                "title": one.row.dataset.title,
                "dataset_id": one.row.dataset_id,
                "counted": counted.get(one.digest),
                "may_count": plan is not None
                and not plan.tables
                and not _is_done(counted.get(one.digest)),
                "levels": [
                    (int(level), LEVELS[level].name, [n for n in asked if levels.get(n) == level])
                    for level in sorted(set(levels.values()) & {levels.get(n) for n in asked})
                ],
                "quasi": plan.quasi_identifiers if plan else (),
                "k": plan.disclosure.k if plan else None,
                "cap": plan.disclosure.cap if plan and not plan.tables else None,
                "demands": plan.disclosure if plan and not plan.tables else None,
                "rows": one.snapshot.release.row_count if one.snapshot else None,
                "filters": one.row.row_filters,
                "needs_dpo": any(
                    a.needs_dpo for a in case.facts.datasets if a.dataset_id == one.row.dataset_id
                ),
            }
        )
    return summed


def _is_done(counted: Told | None) -> bool:
    """Tell whether a count has its answer; one that waits may be asked for again."""
    return counted is not None and counted.state != "waiting"


def _differences(found: AccessRequest, case: queries.Case) -> list[Difference]:
    if found.revision < 2 or found.state == State.CHANGES_REQUESTED:
        return []
    revisions = {one.number: one.content for one in found.revisions.all()}
    titles = {str(one.row.dataset_id): one.row.dataset.title for one in case.asked}
    compared = differences(revisions[found.revision - 1], revisions[found.revision])
    return [
        Difference(
            " › ".join(titles.get(part, part) for part in one.what.split("/")),
            one.before,
            one.after,
        )
        for one in compared
    ]


def _names(found: AccessRequest) -> dict[UUID, str]:
    ids = {found.applicant_id}
    ids |= {opinion.by_id for opinion in found.opinions.all()}
    ids |= {decision.by_id for decision in found.decisions.all()}
    return {pk: str(user) for pk, user in people_by_id(ids).items()}
