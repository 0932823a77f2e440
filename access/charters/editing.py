"""The editor of charters, in the administration: configuration of the hub, not a decision."""

from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from access.charters import actions, queries
from access.charters.actions import NewText
from access.charters.differences import Line, differences
from access.charters.forms import VersionForm, readable_terms
from access.charters.models import CharterVersion
from access.charters.rules import parse_terms, write_terms
from hub.kernel.refusals import Refused
from hub.people.acting import actor_in
from hub.people.gates import holders
from hub.people.permissions import Profile, Role
from hub.web.wording import say_all


@holders(Role.HUB_ADMIN, Role.AUDITOR)
def charters(request: HttpRequest) -> HttpResponse:
    """List the charters: one per profile."""
    now = timezone.now()
    rows = [(profile, queries.current_version(profile, now)) for profile in Profile]
    context = {**admin.site.each_context(request), "title": _("Charters"), "rows": rows}
    return render(request, "charters/editor_list.html", context)


@holders(Role.HUB_ADMIN)
def edit(request: HttpRequest, profile: str) -> HttpResponse:
    """Write a new version of a charter: see what changes, then publish it."""
    if profile not in set(Profile):
        raise Http404
    asked, now = Profile(profile), timezone.now()
    version = queries.current_version(asked, now)
    form = VersionForm(request.POST) if request.POST else VersionForm.starting_from(version)
    refusals, compared = [], []
    if request.method == "POST" and form.is_valid():
        text = form.new_text()
        compared = _compared(version, text)
        if "publish" in request.POST:
            try:
                actions.publish(profile=asked, text=text, by=actor_in(request), at=now)
            except Refused as refused:
                refusals = say_all(refused.refusals)
            else:
                messages.success(request, _("The new version is published."))
                return redirect("edit_charters")
    context = {
        **admin.site.each_context(request),
        "title": "",
        "profile": asked,
        "version": version,
        "versions": queries.versions_of(asked),
        "form": form,
        "compared": compared,
        "refusals": refusals,
    }
    return render(request, "charters/editor.html", context)


def _compared(version: CharterVersion | None, text: NewText) -> list[tuple[str, list[Line]]]:
    terms = readable_terms(write_terms(parse_terms(text.terms)[0]))
    before = readable_terms(version.terms) if version else ""
    pairs = [
        (_("Text in French"), version.text_fr if version else "", text.text_fr),
        (_("Text in English"), version.text_en if version else "", text.text_en),
        (_("Terms"), before, terms),
    ]
    return [(name, differences(old, new)) for name, old, new in pairs]
