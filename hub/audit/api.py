"""The trail over the API, for auditors and data protection officers."""

from dataclasses import asdict

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework.generics import ListAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hub.audit import queries
from hub.audit.models import AuditEvent
from hub.audit.serializers import EventSerializer, VerificationSerializer
from hub.people.acting import actor_in
from hub.people.gates import scoped
from hub.people.permissions import Role, Scope
from hub.web.pagination import NewestFirst


class BySequence(NewestFirst):
    """Newest event first."""

    ordering = "-seq"


@extend_schema_view(
    get=extend_schema(parameters=[OpenApiParameter("subject", str), OpenApiParameter("kind", str)])
)
class Trail(ListAPIView[AuditEvent]):
    """What happened, newest first."""

    permission_classes = [scoped(Scope.READ, Role.AUDITOR, Role.DPO)]
    serializer_class = EventSerializer
    pagination_class = BySequence
    queryset = AuditEvent.objects.none()

    def get_queryset(self) -> QuerySet[AuditEvent]:
        """Return the events of one subject or kind, or all, that the reader may read."""
        asked, actor = self.request.query_params, actor_in(self.request)
        return queries.events_for(
            actor, subject=asked.get("subject", ""), kind=asked.get("kind", "")
        )


class TrailVerification(APIView):
    """Whether the trail is whole."""

    permission_classes = [scoped(Scope.READ, Role.AUDITOR, Role.DPO)]

    @extend_schema(responses=VerificationSerializer)
    def get(self, _request: Request) -> Response:
        """Recompute the chain."""
        return Response(asdict(queries.verify()))
