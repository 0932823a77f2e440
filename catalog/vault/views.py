"""The last steps of the guided registration: confirm the fields, take the rows in, publish."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.datasets import actions as datasets, dictionary, queries as dataset_queries
from catalog.datasets.at_node import staying
from catalog.datasets.field_table import changes_in, choices, rows_of
from catalog.datasets.forms import WithdrawalForm
from catalog.datasets.states import IngestionState, ReleaseState
from catalog.datasets.steps import steps_of
from catalog.datasets.views import version_shown
from catalog.datasets.wording import (
    INGESTION_STATES,
    RELEASE_STATES,
    TIERS,
    TIERS_AT_LENGTH,
)
from catalog.nodes import queries as nodes
from catalog.nodes.queries import NodeSnapshot
from catalog.vault import actions, queries
from catalog.vault.downloads import serve
from catalog.vault.models import Ingestion
from catalog.vault.serializers import said_refusals
from hub.kernel.refusals import Refused
from hub.people.acting import acting, actor_in
from hub.people.gates import holders, public
from hub.people.permissions import Role
from hub.web.wording import Said, say_all


@holders(Role.EDITOR)
def fields(request: HttpRequest, slug: str) -> HttpResponse:
    """Confirm what the hub proposes for each field, all in one table."""
    actor = actor_in(request)
    dataset = dataset_queries.find_own(actor, slug)
    release = dataset_queries.worked_release(dataset)
    known = dataset_queries.fields_of(release)
    if release is None or not known:
        messages.info(request, _("Give a file or a table first: the fields are read from it."))
        return redirect("dataset_data", slug=slug)
    published = release.state == ReleaseState.PUBLISHED
    said: list[Said] = []
    if request.method == "POST":
        posted = request.POST.dict()
        try:
            dictionary.change_fields(
                dataset_id=dataset.pk,
                changes=changes_in(posted, known, texts_only=published),
                expected=version_shown(request),
                by=actor,
                at=timezone.now(),
            )
            return _after_fields(request, slug, take_in="take_in" in posted)
        except Refused as refused:
            said = say_all(refused.refusals)
    rows = rows_of(known, request.POST.dict() if said else None, said)
    context = {
        "step": steps_of("fields", dataset),
        "dataset": dataset,
        "version": request.POST.get("version") or dataset.version,
        "release": release,
        "rows": rows,
        "waiting": sum(not one.confirmed for one in known),
        "published": published,
        "refusals": said,
        **choices(),
    }
    return render(request, "datasets/fields.html", context, status=422 if said else 200)


def _after_fields(request: HttpRequest, slug: str, *, take_in: bool) -> HttpResponse:
    """Go on where the table asked: to the next step with the rows on their way, or stay."""
    actor = actor_in(request)
    dataset = dataset_queries.find_own(actor, slug)
    messages.success(request, _("Saved."))
    if not take_in:
        return redirect("dataset_fields", slug=slug)
    actions.start_ingestion(dataset_id=dataset.pk, by=actor, at=timezone.now())
    return redirect("dataset_publish", slug=slug)


@holders(Role.EDITOR)
@require_POST
def ingest(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for the rows to be taken in."""
    actor = actor_in(request)
    dataset = dataset_queries.find_own(actor, slug)
    try:
        actions.start_ingestion(dataset_id=dataset.pk, by=actor, at=timezone.now())
    except Refused as refused:
        return _publish_page(request, slug, refused=refused)
    return redirect("dataset_publish", slug=slug)


@holders(Role.EDITOR)
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """Show how far the rows are: a part of the page, asked for again while it moves."""
    dataset = dataset_queries.find_own(actor_in(request), slug)
    return render(request, "datasets/progress.html", _job_context(dataset))


def _job_context(dataset: Any) -> dict[str, Any]:
    release = dataset_queries.worked_release(dataset)
    job = queries.ingestion_of(release.pk) if release else None
    return {
        "dataset": dataset,
        "release": release,
        "release_state": RELEASE_STATES[ReleaseState(release.state)] if release else "",
        "job": job,
        "job_state": INGESTION_STATES[IngestionState(job.state)] if job else "",
        "job_refusals": said_refusals(job) if job else [],
        "unfinished": queries.is_unfinished(job),
        "percent": _percent(job),
        "node": _node(release),
        "may_ingest": release is not None
        and release.state in {ReleaseState.DRAFT, ReleaseState.FAILED},
    }


def _node(release: Any) -> NodeSnapshot | None:
    place = staying(release.pk) if release else None
    return nodes.snapshot(place.node_id, timezone.now()) if place else None


def _percent(job: Ingestion | None) -> int | None:
    """Return how far a job is; None when nobody knows how many rows there are."""
    if job is None or not job.rows_total:
        return None
    return min(100, round(100 * job.rows_done / job.rows_total))


@holders(Role.EDITOR)
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """List everything that is missing, and publish when nothing is."""
    if request.method != "POST":
        return _publish_page(request, slug)
    actor = actor_in(request)
    dataset = dataset_queries.find_own(actor, slug)
    try:
        actions.publish(
            dataset_id=dataset.pk,
            expected=version_shown(request),
            by=actor,
            at=timezone.now(),
        )
    except Refused as refused:
        return _publish_page(request, slug, refused=refused)
    messages.success(request, _("Published: the dataset is in the catalogue."))
    return redirect("dataset", slug=slug)


def _publish_page(
    request: HttpRequest, slug: str, *, refused: Refused | None = None
) -> HttpResponse:
    dataset = dataset_queries.find_own(actor_in(request), slug)
    prepared = dataset_queries.prepared_release(dataset)
    missing = datasets.publication_refusals(dataset) if prepared else []
    worked = prepared or dataset_queries.worked_release(dataset)
    tier = dataset_queries.served_tier(dataset, worked) if worked else None
    context = {
        "step": steps_of("publish", dataset),
        "prepared": prepared,
        "missing": _gathered(say_all(missing)),
        "missing_count": len(missing),
        "tier": TIERS[tier] if tier else "",
        "tier_at_length": TIERS_AT_LENGTH[tier] if tier else "",
        "withdrawal": WithdrawalForm(),
        "refusals": say_all(refused.refusals) if refused else [],
        **_job_context(dataset),
    }
    return render(request, "datasets/publish.html", context, status=409 if refused else 200)


PLACES = {
    "title": "dataset_describe",
    "summary": "dataset_describe",
    "description": "dataset_describe",
    "contact": "dataset_describe",
    "unit": "dataset_describe",
    "licence": "dataset_describe",
    "legal_basis": "dataset_conditions",
    "retention_months": "dataset_conditions",
    "tier": "dataset_conditions",
    "source": "dataset_data",
    "fields": "dataset_data",
}
"""Step where a missing thing is given; the name of a field leads to the fields."""


def _gathered(missing: list[Said]) -> list[dict[str, Any]]:
    """Say once what is missing of many fields, with the names of all of them."""
    gathered: dict[str, dict[str, Any]] = {}
    for one in missing:
        if one["code"] in gathered:
            gathered[one["code"]]["others"].append(one["about"])
        else:
            place = PLACES.get(one["about"], "dataset_fields")
            gathered[one["code"]] = {**one, "url_name": place, "others": []}
    return list(gathered.values())


@holders(Role.EDITOR)
@require_POST
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw a dataset."""
    actor = actor_in(request)
    dataset = dataset_queries.find_own(actor, slug)
    try:
        datasets.withdraw(
            dataset_id=dataset.pk,
            reason=request.POST.get("reason", ""),
            by=actor,
            at=timezone.now(),
        )
    except Refused as refused:
        return _publish_page(request, slug, refused=refused)
    messages.success(request, _("The dataset is withdrawn from the catalogue."))
    return redirect("my_datasets")


@public
def download(request: HttpRequest, slug: str, file_format: str) -> HttpResponseBase:
    """Serve the rows of an open release to anyone."""
    return serve(
        request,
        actor=acting(request),
        reference=slug,
        file_format=file_format,
        label=request.GET.get("release", ""),
    )
