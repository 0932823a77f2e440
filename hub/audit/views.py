"""The trail in the administration."""

from django.contrib import admin
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from hub.audit import queries
from hub.people.acting import actor_in
from hub.people.gates import holders
from hub.people.permissions import Role


@holders(Role.AUDITOR, Role.DPO)
def trail(request: HttpRequest) -> HttpResponse:
    """Show the trail, newest first, and verify it when asked."""
    subject, kind = request.GET.get("subject", ""), request.GET.get("kind", "")
    found = queries.events_for(actor_in(request), subject=subject, kind=kind)
    page = Paginator(found, 50).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": "",
        "page": page,
        "subject": subject,
        "kind": kind,
        "verification": queries.verify() if "verify" in request.GET else None,
    }
    return render(request, "audit/trail.html", context)
