"""The catalogue, for readers."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.datasets.wording import KINDS, TIERS
from catalog.search import queries
from catalog.search.queries import Search
from hub.people.gates import public
from hub.people.permissions import Kind
from hub.people.queries import organisations

PAGE = 20


def shown(request: HttpRequest, search: Search) -> dict[str, Any]:
    """Return one page of what is found, and what the list needs around it."""
    page = Paginator(queries.found(search), PAGE).get_page(request.GET.get("page"))
    parameters = request.GET.copy()
    parameters.pop("page", None)
    return {
        "page": page,
        "cards": [(one, TIERS.get(one.current_tier, "")) for one in page],
        "parameters": parameters.urlencode(),
    }


@public
def catalogue(request: HttpRequest) -> HttpResponse:
    """Look for datasets."""
    search = Search.asked(request.GET.dict())
    context = {
        "search": search,
        "facets": queries.facets(search),
        **shown(request, search),
    }
    return render(request, "search/catalogue.html", context)


@public
def producers(request: HttpRequest) -> HttpResponse:
    """List the producers."""
    return render(request, "search/producers.html", {"producers": queries.producers()})


@public
def producer(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a producer and what it publishes."""
    organisation = organisations().filter(slug=slug).first()
    if organisation is None:
        raise Http404
    context = {
        "organisation": organisation,
        "kind": KINDS[Kind(organisation.kind)],
        **shown(request, Search(producer=slug)),
    }
    return render(request, "search/producer.html", context)
