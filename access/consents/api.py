"""Words about the use of data, over the API: a CSV as the body, or one word as JSON."""

from typing import IO, cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from access.consents import actions, queries
from access.consents.models import ConsentBatch
from access.consents.reading import Defaults
from access.consents.serializers import (
    BatchSerializer,
    DefaultsSerializer,
    WordSerializer,
    defaults_from,
)
from hub.people.acting import actor_in
from hub.people.gates import scoped
from hub.people.permissions import Role, Scope


class Consents(GenericAPIView[ConsentBatch]):
    """Loads of consents and objections about one dataset: counts, never a list of persons."""

    permission_classes = [scoped(Scope.CONSENTS, Role.EDITOR, Role.STEWARD, Role.DPO)]
    serializer_class = BatchSerializer
    queryset = ConsentBatch.objects.none()

    @extend_schema(operation_id="consents_list", responses=BatchSerializer(many=True))
    def get(self, request: Request, dataset_id: UUID) -> Response:
        """List the loads, newest first."""
        dataset = queries.loadable(actor_in(request), dataset_id)
        page = self.paginate_queryset(queries.batches(dataset.id))
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        operation_id="consents_load",
        parameters=[DefaultsSerializer],
        request={"text/csv": OpenApiTypes.BINARY, "application/json": WordSerializer},
        responses={201: BatchSerializer},
    )
    def post(self, request: Request, dataset_id: UUID) -> Response:
        """Load a CSV, read as it comes and never kept, or record one word."""
        actor, at = actor_in(request), timezone.now()
        dataset = queries.loadable(actor, dataset_id)
        if (request.content_type or "").startswith("text/csv"):
            defaults, keep_good = defaults_from(request.query_params, at)
            stream = cast("IO[bytes]", request._request)  # noqa: SLF001 - the body as it comes
            batch = actions.load_file(
                dataset=dataset,
                stream=stream,
                defaults=defaults,
                keep_good=keep_good,
                by=actor,
                at=at,
            )
        else:
            form = WordSerializer(data=request.data)
            form.is_valid(raise_exception=True)
            batch = actions.record_one(
                dataset=dataset,
                word={name: str(value) for name, value in form.validated_data.items()},
                defaults=Defaults(decided_at=at),
                by=actor,
                at=at,
            )
        return Response(BatchSerializer(batch).data, status=201)
