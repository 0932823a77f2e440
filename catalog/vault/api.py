"""Take in, publish and download over the API."""

from dataclasses import asdict
from typing import Any

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.datasets import actions as datasets, queries as dataset_queries
from catalog.datasets.api import EDITS
from catalog.vault import actions, queries
from catalog.vault.downloads import serve
from catalog.vault.serializers import (
    IngestionSerializer,
    PublicationSerializer,
    PublishedSerializer,
)
from hub.kernel.refusals import Unknown
from hub.people.acting import acting, actor_in
from hub.people.gates import Open
from hub.web.preconditions import expected_version
from hub.web.wording import say_all


class IngestionView(APIView):
    """The job that takes in the release being prepared."""

    permission_classes = [EDITS]

    @extend_schema(responses=IngestionSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Return the last job and its progress."""
        dataset = dataset_queries.find_own(actor_in(request), reference)
        release = dataset_queries.worked_release(dataset)
        job = queries.ingestion_of(release.pk) if release else None
        if job is None:
            raise Unknown
        return Response(IngestionSerializer(job).data)

    @extend_schema(request=None, responses={202: IngestionSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Ask a worker to take the rows in."""
        by = actor_in(request)
        dataset = dataset_queries.find_own(by, reference)
        job = actions.start_ingestion(dataset_id=dataset.pk, by=by, at=timezone.now())
        return Response(IngestionSerializer(job).data, status=202)


class PublicationView(APIView):
    """The publication of the release being prepared."""

    permission_classes = [EDITS]

    @extend_schema(responses=PublicationSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Return everything that is missing, and the tier that the release would have."""
        dataset = dataset_queries.find_own(actor_in(request), reference)
        refusals = datasets.publication_refusals(dataset)
        release = dataset_queries.worked_release(dataset)
        body = {
            "tier": dataset_queries.computed_tier(dataset, dataset_queries.fields_of(release)),
            "may_publish": not refusals,
            "refusals": say_all(refusals),
        }
        return Response(PublicationSerializer(body).data)

    @extend_schema(request=None, responses=PublishedSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Publish; ``If-Match`` makes sure that what is published is what was read."""
        by = actor_in(request)
        dataset = dataset_queries.find_own(by, reference)
        release = actions.publish(
            dataset_id=dataset.pk,
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        return Response(PublishedSerializer(asdict(release)).data)


class Download(APIView):
    """The rows of an open release, for anyone."""

    permission_classes = [Open]

    def perform_content_negotiation(self, request: Any, force: bool = False) -> Any:
        """Serve the file whatever the caller says that it accepts."""
        return JSONRenderer(), "application/json"

    @extend_schema(
        parameters=[
            OpenApiParameter(
                "release", str, description="Label of a release; by default the newest."
            ),
            OpenApiParameter("Range", str, OpenApiParameter.HEADER),
        ],
        responses={
            (200, "text/csv"): OpenApiTypes.BINARY,
            (206, "text/csv"): OpenApiTypes.BINARY,
            (200, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
            (206, "application/vnd.apache.parquet"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, reference: str, file_format: str) -> HttpResponseBase:
        """Return the file; ``Range`` and ``If-None-Match`` are honoured."""
        return serve(
            request._request,  # noqa: SLF001 - the file is streamed by Django itself
            actor=acting(request),
            reference=reference,
            file_format=file_format,
            label=request.query_params.get("release", ""),
        )
