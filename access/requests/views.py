"""My requests: the list, the guided path, the page of a request."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.requests import actions, drafting, pages, queries
from access.requests.forms import (
    ConditionsForm,
    CrossingForm,
    MemberForm,
    Part,
    ProjectForm,
    read_filters,
    read_tables,
    read_wishes,
)
from access.requests.models import AccessRequest
from access.requests.states import Step
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import members
from hub.web.wording import say_all


@members
def my_requests(request: HttpRequest) -> HttpResponse:
    """List my requests, and those to whose team I am invited."""
    return render(request, "requests/mine.html", {"requests": queries.mine(actor_in(request))})


@members
def new_request(request: HttpRequest) -> HttpResponse:
    """Start a request, with a dataset when the page of one led here."""
    dataset = request.POST.get("dataset") or request.GET.get("dataset") or None
    if request.method != "POST":
        return render(request, "requests/new.html", pages.new(dataset))
    try:
        begun = drafting.start(
            by=actor_in(request),
            at=timezone.now(),
            title=request.POST.get("title", ""),
            dataset=dataset,
        )
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        context = {**pages.new(dataset), "refusals": say_all(refused.refusals)}
        return render(request, "requests/new.html", context, status=409)
    return redirect("request_project", begun.pk)


@members
def one_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a request: where it stands, what it waits for, what happened."""
    found = _mine(request, request_id)
    return render(request, "requests/request.html", pages.overview(found, actor_in(request)))


@members
def project(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say what the project is."""
    return _part(request, request_id, ProjectForm, "project", "request_data")


@members
def conditions(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Say on which conditions the data would be used."""
    return _part(request, request_id, ConditionsForm, "conditions", "request_team")


def _part(
    request: HttpRequest, request_id: UUID, kind: type[Part], name: str, following: str
) -> HttpResponse:
    found = _draft(request, request_id)
    form = kind(request.POST) if request.method == "POST" else kind.of(found)
    refusals = []
    if request.method == "POST" and form.is_valid():
        refusals = _refusals(lambda: _save(request, request_id, form))
        if not refusals:
            messages.success(request, _("Saved."))
            return redirect(name_of_next(request, following), request_id)
    context = {**pages.path(found, name), "form": form, "refusals": refusals}
    return render(request, "requests/part.html", context, status=409 if refusals else 200)


def _save(request: HttpRequest, request_id: UUID, form: Part) -> None:
    drafting.save(
        request_id=request_id,
        changes=form.changes(),
        by=actor_in(request),
        at=timezone.now(),
        version=form.cleaned_data["version"],
    )


def name_of_next(request: HttpRequest, following: str) -> str:
    """Return where a save leads: on, or back to the page of the request."""
    return "request" if "later" in request.POST else following


@members
def data(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Choose the datasets, and say whether they are crossed."""
    found = _draft(request, request_id)
    if request.method != "POST":
        return render(request, "requests/data.html", pages.data(found))
    if "cross" in request.POST:
        return _cross(request, found)
    dataset = request.POST.get("dataset", "")

    def write() -> None:
        if "drop" in request.POST:
            drafting.drop_dataset(
                request_id=request_id,
                dataset_id=_uuid(request.POST["drop"]),
                by=actor_in(request),
                at=timezone.now(),
            )
        else:
            drafting.add_dataset(
                request_id=request_id, dataset=dataset, by=actor_in(request), at=timezone.now()
            )

    refusals = _refusals(write)
    if refusals:
        context = {**pages.data(found), "refusals": refusals}
        return render(request, "requests/data.html", context, status=409)
    return redirect("request_data", request_id)


def _cross(request: HttpRequest, found: AccessRequest) -> HttpResponse:
    form = CrossingForm(request.POST)
    refusals = []
    if form.is_valid():
        refusals = _refusals(lambda: _save(request, found.pk, form))
        if not refusals:
            messages.success(request, _("Saved."))
            return redirect("request_data", found.pk)
    context = {**pages.data(found, form), "refusals": refusals}
    return render(request, "requests/data.html", context, status=409 if refusals else 200)


@members
def fields(request: HttpRequest, request_id: UUID, dataset_id: UUID) -> HttpResponse:
    """Choose the fields of one dataset, justify them, see what would be received."""
    found = _draft(request, request_id)
    asked = pages.asked(found, dataset_id)
    if asked is None or asked.snapshot is None:
        raise Http404
    snapshot, wishes, filters, tables = asked.snapshot, None, None, None
    refusals = []
    if request.method == "POST":
        wishes, filters = read_wishes(request.POST, snapshot), read_filters(request.POST)
        tables = read_tables(request.POST)

        def write() -> None:
            drafting.choose(
                request_id=request_id,
                dataset_id=dataset_id,
                fields=wishes or [],
                filters=filters or [],
                tables=tables or [],
                by=actor_in(request),
                at=timezone.now(),
                version=_number(request.POST.get("version")),
            )

        refusals = _refusals(write)
        if not refusals:
            messages.success(request, _("Saved. Below is what you would receive."))
            if "on" in request.POST:
                return redirect("request_data", request_id)
            return redirect("request_fields", request_id, dataset_id)
    context = {**pages.fields(found, asked, wishes, filters, tables), "refusals": refusals}
    return render(request, "requests/fields.html", context, status=409 if refusals else 200)


@members
def team(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Invite people, or take them out."""
    found = _draft(request, request_id)
    adds = request.method == "POST" and "remove" not in request.POST
    form = MemberForm(request.POST if adds else None, initial={"version": found.version})
    refusals = []
    if request.method == "POST" and (not adds or form.is_valid()):

        def write() -> None:
            if adds:
                drafting.invite(
                    request_id=request_id,
                    email=form.cleaned_data["email"],
                    affiliation=form.cleaned_data["affiliation"],
                    by=actor_in(request),
                    at=timezone.now(),
                    version=form.cleaned_data["version"],
                )
            else:
                drafting.uninvite(
                    request_id=request_id,
                    member_id=_uuid(request.POST["remove"]),
                    by=actor_in(request),
                    at=timezone.now(),
                )

        refusals = _refusals(write)
        if not refusals:
            return redirect("request_team", request_id)
    context = {**pages.path(found, "team"), "form": form, "refusals": refusals}
    return render(request, "requests/team.html", context, status=409 if refusals else 200)


@members
def review(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Read it all again, see what is missing, submit."""
    found = _draft(request, request_id)
    return render(request, "requests/review.html", pages.review(found, actor_in(request)))


@members
@require_POST
def request_step(request: HttpRequest, request_id: UUID, step: str) -> HttpResponse:
    """Submit or withdraw."""
    if step not in {Step.SUBMIT, Step.WITHDRAW}:
        raise Http404
    found = _mine(request, request_id)
    try:
        actions.take(
            request_id=request_id,
            step=Step(step),
            by=actor_in(request),
            at=timezone.now(),
            version=_number(request.POST.get("version")),
        )
    except Refused as refused:
        template, context = pages.after_refusal(found, actor_in(request), Step(step))
        context["refusals"] = say_all(refused.refusals)
        return render(request, template, context, status=409)
    if step == Step.SUBMIT:
        messages.success(request, _("The request is submitted. The producers are told."))
    else:
        messages.success(request, _("The request is withdrawn."))
    return redirect("request", request_id)


def _mine(request: HttpRequest, request_id: UUID) -> AccessRequest:
    try:
        return queries.one_for(actor=actor_in(request), request_id=request_id)
    except Unknown:
        raise Http404 from None


def _draft(request: HttpRequest, request_id: UUID) -> AccessRequest:
    """Return a request that the reader wrote; the guided path is nobody else's."""
    found = _mine(request, request_id)
    if found.applicant_id != actor_in(request).user_id:
        raise Http404
    return found


def _refusals(write: Callable[[], Any]) -> list[Any]:
    try:
        write()
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return say_all(refused.refusals)
    return []


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None
