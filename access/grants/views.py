"""My grants, and the grants on my data."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from access.grants import actions, queries
from access.grants.forms import StepForm
from access.grants.wording import filters_in_words, tables_in_words
from access.grants.workflow import EVENTS, MOVES, Part, State, Step
from hub.audit.queries import events
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import holders, members
from hub.people.permissions import Role
from hub.web.wording import say_all


@members
def my_grants(request: HttpRequest) -> HttpResponse:
    """List my grants, with what each opens now and what ends first."""
    seen = queries.mine(actor=actor_in(request), at=timezone.now())
    return render(request, "grants/mine.html", {"seen": seen})


@holders(Role.SIGNATORY, Role.STEWARD)
def grants_on_my_data(request: HttpRequest) -> HttpResponse:
    """List the grants on the data for which I answer."""
    seen = queries.on_my_data(actor=actor_in(request), at=timezone.now())
    return render(request, "grants/on_my_data.html", {"seen": seen})


@members
def grant(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """Show one grant: what it opens to me now, until when, and what happened to it."""
    return _show(request, grant_id, StepForm())


@members
@require_POST
def grant_step(request: HttpRequest, grant_id: UUID, step: str) -> HttpResponse:
    """Take a step, or say why not."""
    form = StepForm(request.POST)
    if step not in set(Step) or not form.is_valid():
        raise Http404
    try:
        actions.take(
            grant_id=grant_id,
            step=Step(step),
            by=actor_in(request),
            at=timezone.now(),
            reason=form.cleaned_data["reason"],
        )
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return _show(request, grant_id, form, refused)
    messages.success(request, _("Done."))
    return redirect("grant", grant_id)


def _show(
    request: HttpRequest, grant_id: UUID, form: StepForm, refused: Refused | None = None
) -> HttpResponse:
    try:
        seen = queries.one_for(actor=actor_in(request), grant_id=grant_id, at=timezone.now())
    except Unknown:
        raise Http404 from None
    context = {
        "seen": seen,
        "grant": seen.grant,
        "openings": [
            (
                opening,
                filters_in_words(opening.granted.row_filters),
                tables_in_words(opening.granted.plan),
            )
            for opening in seen.openings
        ],
        "steps": _steps(seen),
        "may_ask_who": queries.may_ask_who(seen.grant, actor_in(request)),
        "form": form,
        "refusals": say_all(refused.refusals) if refused else [],
        "history": [
            (EVENTS.get(event.kind, event.kind), event)
            for event in events(subject=f"grant:{grant_id}")
        ],
    }
    return render(request, "grants/grant.html", context, status=409 if refused else 200)


def _steps(seen: queries.Seen) -> list[Step]:
    """Return the steps that the reader's parts open, time's excepted."""
    parts = seen.parts - {Part.TIME}
    state = State(seen.grant.state)
    return [step for (of, step), move in MOVES.items() if of == state and move.by in parts]
