"""The pages of extracts: start, watch, read what was done, fetch."""

from datetime import date, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext as _
from django.views.decorators.http import require_POST, require_safe

from access.extracts import actions, queries, recalls
from access.extracts.bundle import SIGNATURE
from access.extracts.downloads import serve, serve_recall
from access.extracts.forms import AttestationForm, StartForm
from access.extracts.queries import Shown
from access.extracts.serializers import failures, files_of, told
from access.extracts.snippets import of_csv, snippet
from access.grants.queries import Opening
from hub.kernel.periods import day_of
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import members
from hub.web.wording import Said, say_all


@members
def grant_extracts(request: HttpRequest, grant_id: UUID) -> HttpResponse:
    """List the extracts of a grant, and start one."""
    actor, at = actor_in(request), timezone.now()
    refusals: list[Said] = []
    form = StartForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            dataset = form.cleaned_data["dataset"]
            asked = actions.ask(grant_id=grant_id, dataset_id=dataset, by=actor, at=at)
        except Unknown:
            raise Http404 from None
        except Refused as refused:
            refusals = say_all(refused.refusals)
        else:
            return redirect("extract", asked.pk)
    try:
        seen, shown = queries.of_grant(actor=actor, grant_id=grant_id, at=at)
    except Unknown:
        raise Http404 from None
    # A crossing opens all its datasets at once, or none.
    startable = seen.openings[:1] if seen.grant.crossing else seen.openings
    context = {
        "grant": seen.grant,
        "openings": [(one, say_all(one.refusals), _last_day(one)) for one in startable],
        "extracts": shown,
        "refusals": refusals,
    }
    return render(request, "extracts/list.html", context, status=409 if refusals else 200)


@members
def extract(request: HttpRequest, extract_id: UUID) -> HttpResponse:
    """Show one extract: how far it is, what was done, its files."""
    return _page(request, _shown(request, extract_id))


@members
@require_safe
def extract_progress(request: HttpRequest, extract_id: UUID) -> HttpResponse:
    """Show how far an extract is; the page asks again by itself, and is read anew at the end."""
    shown = _shown(request, extract_id)
    answer = render(request, "extracts/progress.html", {"shown": shown, "alone": True})
    if not shown.unfinished:
        answer.headers["HX-Refresh"] = "true"
    return answer


@members
@require_POST
def extract_cancel(request: HttpRequest, extract_id: UUID) -> HttpResponse:
    """Stop an extract that is not ready."""
    try:
        actions.cancel(extract_id=extract_id, by=actor_in(request), at=timezone.now())
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return _page(request, _shown(request, extract_id), refused)
    messages.success(request, _("The extract is cancelled."))
    return redirect("extract", extract_id)


@members
@require_safe
def extract_file(request: HttpRequest, extract_id: UUID, name: str) -> HttpResponseBase:
    """Send a file, or say why not."""
    try:
        return serve(request, actor=actor_in(request), extract_id=extract_id, name=name)
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return _page(request, _shown(request, extract_id), refused)


@members
@require_safe
def extract_recall(request: HttpRequest, extract_id: UUID, upto: int) -> HttpResponseBase:
    """Send the list of a recall, or say why not."""
    actor, at = actor_in(request), timezone.now()
    try:
        recall, shown = recalls.one_for(actor=actor, extract_id=extract_id, upto=upto, at=at)
    except Unknown:
        raise Http404 from None
    try:
        return serve_recall(recall)
    except Refused as refused:
        return _page(request, shown, refused)


@members
@require_POST
def extract_attest(request: HttpRequest, extract_id: UUID, upto: int) -> HttpResponse:
    """Attest that the rows of a recall are erased."""
    form = AttestationForm(request.POST)
    form.is_valid()
    statement = form.cleaned_data.get("statement", "")
    actor, at = actor_in(request), timezone.now()
    try:
        recalls.attest(extract_id=extract_id, upto=upto, statement=statement, by=actor, at=at)
    except Unknown:
        raise Http404 from None
    except Refused as refused:
        return _page(request, _shown(request, extract_id), refused)
    messages.success(request, _("The erasure is attested."))
    return redirect("extract", extract_id)


def _last_day(opening: Opening) -> date:
    """Return the day at whose end, or during which, a grant opens a dataset no more."""
    return day_of(opening.end.at - timedelta(microseconds=1))


def _shown(request: HttpRequest, extract_id: UUID) -> Shown:
    try:
        return queries.one_for(actor=actor_in(request), extract_id=extract_id, at=timezone.now())
    except Unknown:
        raise Http404 from None


def _page(request: HttpRequest, shown: Shown, refused: Refused | None = None) -> HttpResponse:
    counts = queries.downloads_of(shown.extract)
    files = files_of(shown, "extract_file")
    names = [row.name for row in shown.extract.files.all()]
    refusals = say_all(refused.refusals) if refused else []
    context = {
        "shown": shown,
        "extract": shown.extract,
        "grant": shown.seen.grant,
        "files": [(file, counts.get(str(file["name"]), 0)) for file in files],
        "signed": any(file["name"] == SIGNATURE for file in files),
        "numbers": told(shown),
        "snippet": snippet(names),
        "csv": of_csv(names),
        "tabled": "table_1.csv" in names or "table_1.parquet" in names,
        "account": _account(shown),
        "failures": failures(shown.extract),
        "refusals": refusals,
        "closed": [] if refused else say_all(shown.refusals),
        "may_cancel": shown.unfinished and _is_of_the_team(request, shown),
        "recalls": shown.extract.recalls.all() if _is_of_the_team(request, shown) else (),
    }
    return render(request, "extracts/extract.html", context, status=409 if refused else 200)


def _account(shown: Shown) -> str:
    """Return the account without its title and its last part, which the page says its own way."""
    text = queries.text_of(shown, f"account.{get_language()}.md")
    done, *by_field = text.partition("\n")[2].split("\n## ")
    return "\n### ".join([done, *by_field[:1]])


def _is_of_the_team(request: HttpRequest, shown: Shown) -> bool:
    user_id = actor_in(request).user_id
    return any(member.user_id == user_id for member in shown.seen.grant.members.all())
