"""My charters: read, sign, look back."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from access.charters import actions, queries
from access.charters.forms import SignForm
from access.charters.models import CharterVersion
from access.charters.rules import DUTIES, in_words
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import members
from hub.people.permissions import Profile
from hub.web.wording import say_all


@members
def my_charters(request: HttpRequest) -> HttpResponse:
    """List my charters: the one of my capacity now, and those that I signed."""
    mine = queries.mine(actor=actor_in(request), at=timezone.now())
    return render(request, "charters/mine.html", {"mine": mine})


@members
def charter(request: HttpRequest, profile: str) -> HttpResponse:
    """Show the charter of a profile in force, and sign it."""
    actor, now = actor_in(request), timezone.now()
    asked = _profile(profile)
    version = queries.current_version(asked, now)
    if version is None:
        raise Http404
    refusals = []
    form = SignForm(request.POST or None, initial={"number": version.number})
    if request.method == "POST" and form.is_valid():
        try:
            actions.sign(
                profile=asked,
                number=form.cleaned_data["number"],
                agreed=form.cleaned_data["agreed"],
                by=actor,
                at=now,
            )
        except Refused as refused:
            refusals = say_all(refused.refusals)
        else:
            messages.success(request, _("You signed the charter."))
            return redirect("my_charters")
    mine = {one.profile: one for one in queries.mine(actor=actor, at=now)}
    context = {
        "version": version,
        "versions": queries.versions_of(asked),
        "mine": mine.get(asked),
        "is_mine": asked == actor.profile,
        **_terms(version),
        "form": form,
        "refusals": refusals,
    }
    return render(request, "charters/charter.html", context, status=409 if refusals else 200)


@members
def charter_version(request: HttpRequest, profile: str, number: int) -> HttpResponse:
    """Show a version, of now or of once: what was signed stays readable."""
    try:
        version = queries.one_version(_profile(profile), number)
    except Unknown:
        raise Http404 from None
    context = {"version": version, **_terms(version), "is_old": True}
    return render(request, "charters/charter.html", context)


def _terms(version: CharterVersion) -> dict[str, object]:
    terms = version.parsed
    return {
        "terms": in_words(terms),
        "purposes": sorted(purpose.label for purpose in terms.purposes),
        "duties": [DUTIES[duty] for duty in terms.duties],
    }


def _profile(text: str) -> Profile:
    try:
        return Profile(text)
    except ValueError:
        raise Http404 from None
