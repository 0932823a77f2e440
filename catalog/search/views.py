"""The catalogue, for readers."""

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


@public
def catalogue(request: HttpRequest) -> HttpResponse:
    """Look for datasets."""
    search = Search.asked(request.GET.dict())
    page = Paginator(queries.found(search), PAGE).get_page(request.GET.get("page"))
    parameters = request.GET.copy()
    parameters.pop("page", None)
    context = {
        "search": search,
        "page": page,
        "facets": queries.facets(search),
        "tiers": TIERS,
        "kinds": KINDS,
        "parameters": parameters.urlencode(),
        "whole": page.paginator.count if not search.is_narrowed else None,
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
    page = Paginator(queries.found(Search(producer=slug)), PAGE).get_page(request.GET.get("page"))
    context = {
        "organisation": organisation,
        "kind": KINDS[Kind(organisation.kind)],
        "page": page,
        "tiers": TIERS,
        "kinds": KINDS,
    }
    return render(request, "search/producer.html", context)
