"""The page of a grant's newer releases."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.grants import sides
from access.grants.workflow import Part
from access.refreshing import actions, queries
from access.refreshing.forms import DecisionForm
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import members
from hub.web.wording import say_all


@members
def grant_releases(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Show what is newer of each dataset, and ask for it."""
    if request.method != "POST":
        return _page(request, grant_id)
    try:
        dataset_id = UUID(request.POST.get("dataset", ""))
    except ValueError:
        raise Http404 from None
    try:
        actions.ask(
            grant_id=grant_id, dataset_id=dataset_id, by=actor_in(request), at=timezone.now()
        )
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return _page(request, grant_id, refused)
    messages.success(request, _("The producer is asked."))
    return redirect("grant_releases", grant_id)


@members
@require_POST
def release_decision(request: HttpRequest, grant_id: UUID, dataset_id: UUID) -> HttpResponse:
    """Let the grant follow a newer release, or decline, as a signatory of the producer."""
    form = DecisionForm(request.POST)
    form.is_valid()
    try:
        actions.decide(
            grant_id=grant_id,
            dataset_id=dataset_id,
            follow="follow" in request.POST,
            reason=form.cleaned_data.get("reason", ""),
            by=actor_in(request),
            at=timezone.now(),
        )
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return _page(request, grant_id, refused, form)
    messages.success(request, _("Done. It is in the trail, and the team is told."))
    return redirect("grant_releases", grant_id)


def _page(
    request: HttpRequest,
    grant_id: UUID,
    refused: Refused | None = None,
    form: DecisionForm | None = None,
) -> HttpResponse:
    actor = actor_in(request)
    try:
        seen, offers = queries.offers(actor=actor, grant_id=grant_id, at=timezone.now())
    except Unknown:
        raise Http404 from None
    signed = sides.signs(actor, [one.opening.granted.dataset for one in offers])
    context = {
        "grant": seen.grant,
        "offers": [
            (one, say_all(one.refusals), one.opening.granted.dataset_id in signed)
            for one in offers
        ],
        "holds": Part.HOLDER in seen.parts,
        "form": form or DecisionForm(),
        "refusals": say_all(refused.refusals) if refused else [],
    }
    return render(request, "grants/releases.html", context, status=409 if refused else 200)
