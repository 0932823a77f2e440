"""The catalogue over the API: look for datasets, register one."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.datasets import actions, queries as datasets
from catalog.datasets.api import ReadOrEdit, shown
from catalog.datasets.serializers import (
    DatasetCardSerializer,
    DatasetSerializer,
    RegistrationSerializer,
)
from catalog.search import queries
from catalog.search.queries import Search
from hub.kernel.refusals import Invalid, Refusal
from hub.people.acting import acting, actor_in
from hub.people.queries import organisations
from hub.web.idempotency import CreatesOnce

FILTERS = [
    OpenApiParameter("q", str, description="French words; accents do not matter."),
    OpenApiParameter("kind", str, description="Kind of the producer."),
    OpenApiParameter("producer", str, description="Slug of the producer."),
    OpenApiParameter("tier", str, description="How the data are delivered."),
    OpenApiParameter("theme", str, description="Theme."),
    OpenApiParameter("mine", bool, description="Only the caller's own, drafts included."),
]


class Datasets(CreatesOnce, ReadOrEdit, ListAPIView[Any]):
    """The catalogue."""

    serializer_class = DatasetCardSerializer

    def get_queryset(self) -> "QuerySet[Any]":
        """Return what the parameters ask for."""
        asked = self.request.query_params
        if asked.get("mine") in {"1", "true"}:
            return datasets.held_by(acting(self.request))
        return queries.found(Search.asked(asked))

    @extend_schema(parameters=FILTERS)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """List published datasets, newest first, or the caller's own."""
        return super().get(request, *args, **kwargs)

    @extend_schema(request=RegistrationSerializer, responses={201: DatasetSerializer})
    def post(self, request: Request) -> Response:
        """Register a dataset, as a draft with one release to fill."""
        form = RegistrationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        values: dict[str, Any] = form.validated_data
        producer = values.pop("producer", "")
        dataset = actions.register(
            by=actor_in(request),
            at=timezone.now(),
            producer_id=_producer(producer) if producer else None,
            **values,
        )
        response = shown(dataset, status=201)
        response["Location"] = f"/api/v1/datasets/{dataset.slug}"
        return response


def _producer(slug: str) -> Any:
    found = organisations().filter(slug=slug).first()
    if found is None:
        raise Invalid(
            [Refusal("unknown-producer", "There is no such organisation.", about="producer")]
        )
    return found.pk
