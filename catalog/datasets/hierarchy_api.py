"""The producer's own hierarchy of a field, over the API: lines of CSV, in and out."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.datasets import coarsening, hierarchies, queries
from catalog.datasets.api import ReadOrEdit
from catalog.datasets.models import Dataset, Field
from catalog.datasets.receiving import pieces
from catalog.datasets.serializers import OwnFieldSerializer
from hub.kernel.refusals import Invalid
from hub.people.acting import acting, actor_in
from hub.web.preconditions import expected_version, tagged


class HierarchyView(ReadOrEdit):
    """How the values of a field are made coarser, when its producer says."""

    @extend_schema(operation_id="hierarchy_read", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, reference: str, name: str) -> HttpResponse:
        """Return the lines: a value, then its coarser forms, separated by semicolons."""
        actor = acting(request)
        dataset = queries.find(actor, reference)
        own = queries.hierarchy_of(_fields_seen(actor, dataset), name)
        text = hierarchies.written(own, name)
        return HttpResponse(text, content_type="text/csv; charset=utf-8")

    @extend_schema(
        operation_id="hierarchy_give",
        request={"text/csv": OpenApiTypes.BINARY},
        responses=OwnFieldSerializer,
    )
    def put(self, request: Request, reference: str, name: str) -> Response:
        """Give the lines as the body of the call, in UTF-8, before the rows are taken in."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        one = coarsening.give_hierarchy(
            dataset_id=dataset.pk,
            name=name,
            content=_body(request),
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        return _answer(dataset, one)

    @extend_schema(
        operation_id="hierarchy_remove", request=None, responses={200: OwnFieldSerializer}
    )
    def delete(self, request: Request, reference: str, name: str) -> Response:
        """Let the hub make the field coarser by itself again."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        one = coarsening.take_hierarchy_away(
            dataset_id=dataset.pk,
            name=name,
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        return _answer(dataset, one)


def _fields_seen(actor: Any, dataset: Dataset) -> Sequence[Field]:
    if queries.may_edit(actor, dataset):
        return queries.fields_of(queries.worked_release(dataset))
    # Whoever may know of a draft sees its dictionary on its page.
    release = queries.current_release(dataset) or queries.prepared_release(dataset)
    return queries.fields_of(release)


def _body(request: Request) -> bytes:
    """
    Return the body of a call, read no further than a hierarchy may go.

    :raises Invalid: above
    """
    content = bytearray()
    for piece in pieces(request._request):  # noqa: SLF001 - the bytes, not parsed
        content += piece
        if len(content) > hierarchies.MOST_BYTES:
            raise Invalid([hierarchies.too_large()])
    return bytes(content)


def _answer(dataset: Dataset, one: Field) -> Response:
    dataset.refresh_from_db()
    return tagged(Response(OwnFieldSerializer(one).data), dataset.version)
