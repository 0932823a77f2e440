"""The public register: who uses which data, for what, until when. No person's name."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from access.grants.queries import register
from hub.people.gates import public


@public
def transparency(request: HttpRequest) -> HttpResponse:
    """Show the grants that run."""
    page = Paginator(register(timezone.now()), 50).get_page(request.GET.get("page"))
    return render(request, "pages/transparency.html", {"page": page})
