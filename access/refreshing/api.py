"""Newer releases over the API."""

from datetime import datetime
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.refreshing import actions, queries
from access.refreshing.serializers import (
    AskReleaseSerializer,
    NewerReleaseSerializer,
    ReleaseDecisionSerializer,
    offer_body,
)
from hub.people.acting import actor_in
from hub.people.gates import scoped
from hub.people.permissions import Actor, Scope


class GrantReleases(APIView):
    """The newer releases of the datasets of a grant."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="releases_list", responses=NewerReleaseSerializer(many=True))
    def get(self, request: Request, grant_id: UUID) -> Response:
        """Return, for each dataset, what is newer and whether the grant may move to it."""
        return _shown(grant_id, actor_in(request), timezone.now())

    @extend_schema(
        operation_id="releases_ask",
        request=AskReleaseSerializer,
        responses={201: NewerReleaseSerializer(many=True)},
    )
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Ask that the grant move to the newest release of a dataset."""
        form = AskReleaseSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor, at = actor_in(request), timezone.now()
        dataset_id = form.validated_data["dataset"]
        actions.ask(grant_id=grant_id, dataset_id=dataset_id, by=actor, at=at)
        return _shown(grant_id, actor, at, 201)


class ReleaseDecision(APIView):
    """The decision of the producer on a newer release."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="releases_decide",
        request=ReleaseDecisionSerializer,
        responses=NewerReleaseSerializer(many=True),
    )
    def post(self, request: Request, grant_id: UUID, dataset_id: UUID) -> Response:
        """Let the grant follow, or decline, as a signatory of the producer."""
        form = ReleaseDecisionSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor, at = actor_in(request), timezone.now()
        actions.decide(
            grant_id=grant_id, dataset_id=dataset_id, by=actor, at=at, **form.validated_data
        )
        return _shown(grant_id, actor, at)


def _shown(grant_id: UUID, actor: Actor, at: datetime, status: int = 200) -> Response:
    _seen, found = queries.offers(actor=actor, grant_id=grant_id, at=at)
    bodies = [offer_body(one) for one in found]
    return Response(NewerReleaseSerializer(bodies, many=True).data, status=status)
