"""Grants over the API."""

from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.grants import actions, queries
from access.grants.models import Grant
from access.grants.serializers import (
    GrantSerializer,
    GrantStepSerializer,
    RegisterEntrySerializer,
    grant_body,
    register_entry,
)
from access.grants.workflow import Step
from hub.kernel.refusals import Unknown
from hub.people.acting import actor_in
from hub.people.gates import Open, scoped
from hub.people.permissions import Scope

STEPS_OF_PEOPLE = [Step.SUSPEND, Step.RESUME, Step.REVOKE, Step.CLOSE]
STEP = OpenApiParameter(
    "step", str, OpenApiParameter.PATH, enum=[step.value for step in STEPS_OF_PEOPLE]
)


class Grants(GenericAPIView[Grant]):
    """My grants, and those on my data."""

    permission_classes = [scoped(Scope.REQUESTS)]
    serializer_class = GrantSerializer
    queryset = Grant.objects.none()

    @extend_schema(
        operation_id="grants_list",
        parameters=[OpenApiParameter("side", str, enum=["team", "producer"])],
        responses=GrantSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """List them, newest first: those of my teams, or with ``side=producer`` on my data."""
        actor, at = actor_in(request), timezone.now()
        candidates = (
            queries.ids_on_my_data(actor)
            if request.query_params.get("side") == "producer"
            else queries.ids_of_mine(actor)
        )
        page = self.paginate_queryset(queries.grants().filter(pk__in=candidates))
        seen = queries.see(list(page or []), actor=actor, at=at)
        return self.get_paginated_response([_body(one) for one in seen])


class OneGrant(APIView):
    """One grant."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="grants_read", responses=GrantSerializer)
    def get(self, request: Request, grant_id: UUID) -> Response:
        """Return what it opens to me now, and until when."""
        seen = queries.one_for(actor=actor_in(request), grant_id=grant_id, at=timezone.now())
        return Response(_body(seen))


class GrantStep(APIView):
    """A step in the life of a grant."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="grants_step",
        parameters=[STEP],
        request=GrantStepSerializer,
        responses=GrantSerializer,
    )
    def post(self, request: Request, grant_id: UUID, step: str) -> Response:
        """Suspend, resume, revoke (signatory of the producer) or close (holder)."""
        if step not in STEPS_OF_PEOPLE:
            raise Unknown
        form = GrantStepSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor, at = actor_in(request), timezone.now()
        actions.take(
            grant_id=grant_id,
            step=Step(step),
            by=actor,
            at=at,
            reason=form.validated_data["reason"],
        )
        return Response(_body(queries.one_for(actor=actor, grant_id=grant_id, at=at)))


class Register(GenericAPIView[Grant]):
    """The public register of the grants that run."""

    permission_classes = [Open]
    serializer_class = RegisterEntrySerializer
    queryset = Grant.objects.none()

    @extend_schema(operation_id="transparency_list", responses=RegisterEntrySerializer(many=True))
    def get(self, _request: Request) -> Response:
        """List who uses which data, for what, until when: no person's name."""
        page = self.paginate_queryset(queries.register(timezone.now()))
        entries = [register_entry(grant) for grant in page or []]
        return self.get_paginated_response(self.get_serializer(entries, many=True).data)


def _body(seen: queries.Seen) -> object:
    return GrantSerializer(grant_body(seen)).data
