"""Demands to name persons: those I may know, those of a grant, one and its steps."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from access.reidentification import actions, answering, queries, reading
from access.reidentification.answering import Answered
from access.reidentification.forms import AnswerForm, FileForm, ReasonForm
from access.reidentification.serializers import persons_body
from access.reidentification.states import Step
from access.reidentification.workflow import EVENTS
from hub.audit.queries import events
from hub.kernel.refusals import Invalid, Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import members
from hub.web.uploads import InMemoryUploadHandler
from hub.web.wording import Said, say_all


@members
def mine(request: HttpRequest) -> HttpResponse:
    """List the demands on the data for which I answer, those that wait for me first."""
    found = queries.mine(actor=actor_in(request), at=timezone.now())
    return _unkept(render(request, "reidentification/mine.html", {"seen": found}))


@members
def of_grant(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """List the demands on a grant, and file one: its key is shown on this page alone."""
    actor, at = actor_in(request), timezone.now()
    desks = queries.of_grant(actor=actor, grant_id=grant_id, at=at).desks
    choices = [(str(one.granted.dataset_id), one.granted.dataset.title) for one in desks]
    form = FileForm(request.POST or None, datasets=choices)
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            issued = actions.file(
                grant_id=grant_id,
                dataset_id=UUID(form.cleaned_data["dataset"]),
                filing=form.filing(),
                by=actor,
                at=at,
            )
        except Refused as error:
            refused = error
        else:
            return _demand(request, issued.demand.pk, {"key": issued.key, "filed": True})
    found = queries.of_grant(actor=actor, grant_id=grant_id, at=at)
    context = {
        "grant": found.grant,
        "seen": found.seen,
        "desks": [(one, say_all(one.refusals)) for one in found.desks],
        "may_file": any(not one.refusals for one in found.desks),
        "form": form,
        "refusals": say_all(refused.refusals) if refused else [],
    }
    wrong = request.method == "POST"
    status = _status(refused) if refused else 422 if wrong else 200
    return _unkept(render(request, "reidentification/grant.html", context, status=status))


@members
def demand(request: HttpRequest, demand_id: UUID) -> HttpResponse:
    """Show one demand: where it stands, and the steps that are mine."""
    return _demand(request, demand_id, {})


@members
@require_POST
def step(request: HttpRequest, demand_id: UUID, step: str) -> HttpResponse:
    """Approve, refuse or close a demand, or say why not."""
    if step not in {Step.APPROVE, Step.REFUSE, Step.CLOSE}:
        raise Http404
    actor, at = actor_in(request), timezone.now()
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        if step == Step.APPROVE:
            issued = actions.approve(demand_id=demand_id, by=actor, at=at)
            return _demand(request, demand_id, {"key": issued.key})
        act = actions.refuse if step == Step.REFUSE else actions.close
        act(demand_id=demand_id, reason=reason, by=actor, at=at)
    except Refused as refused:
        more = {"form": form, "refusals": say_all(refused.refusals)}
        return _demand(request, demand_id, more, _status(refused))
    messages.success(request, _("Done."))
    return redirect("reidentification", demand_id)


# The file of candidates is read once its handler is chosen: only then is the form's token looked for.
@members
@require_POST
@csrf_exempt
def match(request: HttpRequest, demand_id: UUID) -> HttpResponse:
    """Show who the persons are, once, in this answer alone."""
    request.upload_handlers = [InMemoryUploadHandler(request, refusal=reading.TOO_LARGE)]
    return _match(request, demand_id)


@csrf_protect
def _match(request: HttpRequest, demand_id: UUID) -> HttpResponse:
    actor, at = actor_in(request), timezone.now()
    queries.one_for(actor=actor, demand_id=demand_id, at=at)
    form = AnswerForm(request.POST, request.FILES)
    if not form.is_valid():
        return _demand(request, demand_id, {"refusals": _faults(form)}, 422)
    try:
        candidates = reading.read(form.content())
        answered = answering.answer(
            demand_id=demand_id, keys=form.keys(), candidates=candidates, by=actor, at=at
        )
    except Refused as refused:
        return _demand(
            request, demand_id, {"refusals": say_all(refused.refusals)}, _status(refused)
        )
    return _answer(request, answered)


def _answer(request: HttpRequest, answered: Answered) -> HttpResponse:
    context = {"demand": answered.demand, "persons": persons_body(answered)}
    return _unkept(render(request, "reidentification/answer.html", context))


def _demand(
    request: HttpRequest, demand_id: UUID, more: dict[str, Any], status: int = 200
) -> HttpResponse:
    try:
        seen = queries.one_for(actor=actor_in(request), demand_id=demand_id, at=timezone.now())
    except Unknown:
        raise Http404 from None
    context = {
        "seen": seen,
        "demand": seen.demand,
        "grant": seen.demand.granted.grant,
        "steps": {one.value for one in seen.steps},
        "form": ReasonForm(),
        # Keys and candidates are typed again: no page repeats them.
        "answer_form": AnswerForm(),
        "history": [
            (EVENTS.get(event.kind, event.kind), event)
            for event in events(subject=f"reidentification:{demand_id}")
        ],
        **more,
    }
    return _unkept(render(request, "reidentification/demand.html", context, status=status))


def _faults(form: forms.Form) -> list[Said]:
    """Say what the form itself refuses; never what was typed."""
    return [
        Said(code="invalid", explanation=f"{form[name].label}: {text}", remedy="", about=name)
        for name, texts in form.errors.items()
        for text in texts
    ]


def _status(refused: Refused) -> int:
    return 422 if isinstance(refused, Invalid) else 409


def _unkept(response: HttpResponse) -> HttpResponse:
    response.headers["Cache-Control"] = "no-store"
    return response
