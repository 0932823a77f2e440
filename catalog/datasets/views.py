"""The first steps of the guided registration: describe, give the rows, set conditions."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from catalog.datasets import actions, queries, sources
from catalog.datasets.description import CONDITIONS, DESCRIBED
from catalog.datasets.forms import (
    ConditionsForm,
    DescriptionForm,
    RegistrationForm,
    ReleaseForm,
    UploadForm,
)
from catalog.datasets.models import Dataset
from catalog.datasets.places import PLACES
from catalog.datasets.pointing import POINTERS, asked_kind, form_of
from catalog.datasets.receiving import SealingHandler, announced_length, refuse_too_large
from catalog.datasets.states import DatasetState, ReleaseState, SourceKind
from catalog.datasets.steps import steps_of
from catalog.datasets.wording import DATASET_STATES, RELEASE_STATES, TIERS
from hub.kernel.refusals import Refused
from hub.people.acting import actor_in
from hub.people.gates import holders, members
from hub.people.permissions import Actor, Permission, Role
from hub.people.queries import producers_of
from hub.web.wording import say_all


@members
def my_datasets(request: HttpRequest) -> HttpResponse:
    """List the datasets that the actor works on."""
    actor = actor_in(request)
    rows = [
        {
            "dataset": dataset,
            "state": DATASET_STATES[DatasetState(dataset.state)],
            "release": release,
            "release_state": RELEASE_STATES[ReleaseState(release.state)] if release else "",
            "tier": TIERS.get(queries.served_tier(dataset, release)) if release else "",
            "may_edit": queries.may_edit(actor, dataset),
        }
        for dataset in queries.held_by(actor)
        for release in [queries.worked_release(dataset)]
    ]
    context = {
        "rows": rows,
        "may_register": _producers(actor).exists(),
        "may_sign": Role.SIGNATORY in actor.roles,
    }
    return render(request, "datasets/mine.html", context)


def _producers(actor: Actor) -> Any:
    return producers_of(actor, Permission.EDIT_DATASET)


@holders(Role.EDITOR)
def register(request: HttpRequest) -> HttpResponse:
    """Begin: what the data are."""
    actor = actor_in(request)
    form = RegistrationForm(request.POST or None, producers=_producers(actor))
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        producer = values.pop("producer", None)
        try:
            dataset = actions.register(
                by=actor, at=timezone.now(), producer_id=producer or None, **values
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("The draft is registered. Only its editors see it."))
            return redirect("dataset_data", slug=dataset.slug)
    return _step(request, "describe", None, form, refused)


@holders(Role.EDITOR)
def describe(request: HttpRequest, slug: str) -> HttpResponse:
    """Change what the data are."""
    dataset = queries.find_own(actor_in(request), slug)
    form = DescriptionForm(request.POST or None, initial=_initial(dataset, DESCRIBED))
    return _described(request, dataset, form, "describe", "dataset_data")


@holders(Role.EDITOR)
def conditions(request: HttpRequest, slug: str) -> HttpResponse:
    """Say on which conditions the data may be had."""
    dataset = queries.find_own(actor_in(request), slug)
    form = ConditionsForm(
        request.POST or None,
        initial=_initial(dataset, CONDITIONS),
        others=queries.others_to_cross(dataset),
    )
    return _described(request, dataset, form, "conditions", "dataset_publish")


def _initial(dataset: Dataset, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(dataset, name) for name in names}


def _described(
    request: HttpRequest, dataset: Dataset, form: Form, step: str, following: str
) -> HttpResponse:
    """Save a step whose form says things of the dataset, and go to the next one."""
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.describe(
                dataset_id=dataset.pk,
                changes=form.cleaned_data,
                expected=version_shown(request),
                by=actor_in(request),
                at=timezone.now(),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("Saved."))
            return redirect(following, slug=dataset.slug)
    return _step(request, step, dataset, form, refused)


def version_shown(request: HttpRequest) -> int | None:
    """Return the version of the dataset on which a form was filled."""
    text = request.POST.get("version", "")
    return int(text) if text.isdigit() else None


def _step(
    request: HttpRequest,
    step: str,
    dataset: Dataset | None,
    form: Form,
    refused: Refused | None = None,
    **more: Any,
) -> HttpResponse:
    invalid = refused is not None or bool(form.is_bound and form.errors)
    context = {
        "step": steps_of(step, dataset),
        "dataset": dataset,
        "version": _version(request, dataset),
        "form": form,
        "refusals": say_all(refused.refusals) if refused else [],
        **more,
    }
    status = 422 if invalid else 200
    return render(request, f"datasets/{step}.html", context, status=status)


def _version(request: HttpRequest, dataset: Dataset | None) -> Any:
    """Keep the version of a refused form: what somebody else changed is not overwritten."""
    return request.POST.get("version") or (dataset.version if dataset else "")


@csrf_exempt
@holders(Role.EDITOR)
def data(request: HttpRequest, slug: str) -> HttpResponse:
    """
    Give the rows, as a file, or as a place where they are.

    The check against forged requests comes after the length was looked at and the sealing of the
    file prepared: it reads the form.
    """
    dataset = queries.find_own(actor_in(request), slug)
    request.upload_handlers = [SealingHandler(request)]
    try:
        refuse_too_large(announced_length(request))
        return _data(request, dataset)
    except Refused as error:
        return _data_page(request, dataset, refused=error)


@csrf_protect
def _data(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    if request.method != "POST":
        return _data_page(request, dataset)
    kind = asked_kind(request.POST)
    return _receive_place(request, dataset, kind) if kind else _receive_file(request, dataset)


def _receive_file(request: HttpRequest, dataset: Dataset) -> HttpResponse:
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _data_page(request, dataset, upload=form)
    file: Any = form.cleaned_data["file"]
    try:
        return _received(
            request,
            dataset,
            lambda: sources.attach_upload(
                dataset_id=dataset.pk,
                upload=file.upload,
                file_name=file.name,
                sheet=form.cleaned_data["sheet"],
                by=actor_in(request),
                at=timezone.now(),
            ),
        )
    except Refused as error:
        return _data_page(request, dataset, upload=form, refused=error)


def _receive_place(request: HttpRequest, dataset: Dataset, kind: SourceKind) -> HttpResponse:
    form = form_of(kind, request.POST)
    if form is None or not form.is_valid():
        return _data_page(request, dataset, pointed=(kind, form))
    try:
        return _received(
            request,
            dataset,
            lambda: sources.point_to(
                dataset_id=dataset.pk,
                kind=kind,
                place=PLACES[kind].settings(**form.cleaned_data),
                by=actor_in(request),
                at=timezone.now(),
            ),
        )
    except Refused as error:
        return _data_page(request, dataset, pointed=(kind, form), refused=error)


def _received(request: HttpRequest, dataset: Dataset, attach: Callable[[], Any]) -> HttpResponse:
    attach()
    dataset.refresh_from_db()
    count = len(queries.fields_of(queries.prepared_release(dataset)))
    messages.success(
        request, _("%(count)s fields were recognised: look at them now.") % {"count": count}
    )
    return redirect("dataset_fields", slug=dataset.slug)


def _data_page(
    request: HttpRequest,
    dataset: Dataset,
    *,
    upload: UploadForm | None = None,
    pointed: tuple[SourceKind, Form | None] | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    release = queries.prepared_release(dataset)
    invalid = refused or (upload and upload.errors) or pointed
    filled = dict([pointed]) if pointed else {}
    context = {
        "step": steps_of("data", dataset),
        "dataset": dataset,
        "release": release,
        "source": queries.source_of(release),
        "form": upload or UploadForm(),
        "pointers": [
            {"kind": kind, "words": words, "form": filled.get(kind) or form_of(kind)}
            for kind, words in POINTERS.items()
        ],
        "release_form": None if release else ReleaseForm(),
        "limit": settings.HUB_UPLOAD_LIMIT,
        "refusals": say_all(refused.refusals) if refused else [],
    }
    return render(request, "datasets/data.html", context, status=422 if invalid else 200)


@holders(Role.EDITOR)
def open_release(request: HttpRequest, slug: str) -> HttpResponse:
    """Open a new release."""
    dataset = queries.find_own(actor_in(request), slug)
    form = ReleaseForm(request.POST or None)
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        try:
            actions.open_release(
                dataset_id=dataset.pk,
                label=form.cleaned_data["label"],
                by=actor_in(request),
                at=timezone.now(),
            )
        except Refused as error:
            refused = error
        else:
            return redirect("dataset_data", slug=dataset.slug)
    return _step(request, "release", dataset, form, refused)
