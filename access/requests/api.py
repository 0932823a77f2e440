"""Requests over the API: every step that a person can take in the pages exists here."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.estimates.queries import of as counts_of
from access.grants.queries import of_request
from access.requests import actions, drafting, queries
from access.requests.actions import Said
from access.requests.drafting import Changes, Wish
from access.requests.models import AccessRequest
from access.requests.serializers import (
    EstimateSerializer,
    InvitationSerializer,
    NewRequestSerializer,
    PlannedSerializer,
    RequestCardSerializer,
    RequestSerializer,
    StepSerializer,
    TextsSerializer,
    WishesSerializer,
    body,
    card,
    estimate_body,
    planned_body,
)
from access.requests.states import Adviser, Step
from hub.kernel.refusals import Unknown
from hub.people.acting import actor_in
from hub.people.gates import scoped
from hub.people.permissions import Actor, Role, Scope
from hub.web.idempotency import CreatesOnce
from hub.web.preconditions import expected_version, tagged

EXAMINERS = (Role.STEWARD, Role.SIGNATORY, Role.DPO, Role.COMMITTEE, Role.AUDITOR)
APPLICANTS_STEPS = frozenset({Step.SUBMIT, Step.WITHDRAW})
STEPS_OF_PEOPLE = [step for step in Step if step not in {Step.SAVE, Step.LAPSE}]
STEP = OpenApiParameter(
    "step", str, OpenApiParameter.PATH, enum=[step.value for step in STEPS_OF_PEOPLE]
)
IF_MATCH = OpenApiParameter("If-Match", str, OpenApiParameter.HEADER)


class Requests(CreatesOnce, GenericAPIView[AccessRequest]):
    """My requests."""

    permission_classes = [scoped(Scope.REQUESTS)]
    serializer_class = RequestCardSerializer
    queryset = AccessRequest.objects.none()

    @extend_schema(operation_id="requests_list", responses=RequestCardSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List mine, and those to whose team I am invited, newest first."""
        page = self.paginate_queryset(queries.mine(actor_in(request)))
        cards = [card(one) for one in page or []]
        return self.get_paginated_response(self.get_serializer(cards, many=True).data)

    @extend_schema(
        operation_id="requests_start",
        request=NewRequestSerializer,
        responses={201: RequestSerializer},
    )
    def post(self, request: Request) -> Response:
        """Start a request: a draft, that may be unfinished."""
        said = _valid(NewRequestSerializer(data=request.data))
        actor, at = actor_in(request), timezone.now()
        datasets = said.pop("datasets", [])
        with transaction.atomic():
            begun = drafting.start(by=actor, at=at)
            drafting.save(request_id=begun.pk, changes=_changes(said), by=actor, at=at)
            for dataset in datasets:
                drafting.add_dataset(request_id=begun.pk, dataset=dataset, by=actor, at=at)
        return _shown(begun.pk, actor, status=201)


class ToExamine(GenericAPIView[AccessRequest]):
    """The requests that wait for me."""

    permission_classes = [scoped(Scope.DECISIONS, *EXAMINERS)]
    serializer_class = RequestCardSerializer
    queryset = AccessRequest.objects.none()
    pagination_class = None

    @extend_schema(operation_id="requests_to_examine", responses=RequestCardSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List them, oldest first."""
        cards = [card(one) for one in queries.to_examine(actor_in(request))]
        return Response(self.get_serializer(cards, many=True).data)


class OneRequest(APIView):
    """One request."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="requests_read", responses=RequestSerializer)
    def get(self, request: Request, request_id: UUID) -> Response:
        """Return it as a whole, with its version as an ETag."""
        return _shown(request_id, actor_in(request))

    @extend_schema(
        operation_id="requests_save",
        parameters=[IF_MATCH],
        request=TextsSerializer,
        responses=RequestSerializer,
    )
    def patch(self, request: Request, request_id: UUID) -> Response:
        """Change its texts; what is absent stays."""
        said = _valid(TextsSerializer(data=request.data))
        drafting.save(
            request_id=request_id,
            changes=_changes(said),
            by=actor_in(request),
            at=timezone.now(),
            version=expected_version(request),
        )
        return _shown(request_id, actor_in(request))


class RequestedOne(APIView):
    """One dataset of a request."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(
        operation_id="requests_ask",
        parameters=[IF_MATCH],
        request=WishesSerializer,
        responses=RequestSerializer,
    )
    def put(self, request: Request, request_id: UUID, dataset: str) -> Response:
        """Ask for a dataset, its fields with their justifications, and its rows."""
        said = _valid(WishesSerializer(data=request.data))
        actor, at = actor_in(request), timezone.now()
        version = expected_version(request)
        with transaction.atomic():
            found = queries.one_for(actor=actor, request_id=request_id)
            row = queries.row_named(found, dataset)
            if row is None:
                saved = drafting.add_dataset(
                    request_id=request_id,
                    dataset=dataset,
                    release_id=said.get("release_id"),
                    by=actor,
                    at=at,
                    version=version,
                )
                version = None
                row = queries.row_named(saved, dataset)
            if row is None:
                raise Unknown
            drafting.choose(
                request_id=request_id,
                dataset_id=row.dataset_id,
                fields=[Wish(**wish) for wish in said.get("wishes", [])],
                filters=said.get("row_filters", []),
                tables=said.get("tables", []),
                by=actor,
                at=at,
                version=version,
            )
        return _shown(request_id, actor)

    @extend_schema(operation_id="requests_drop", responses=RequestSerializer)
    def delete(self, request: Request, request_id: UUID, dataset: str) -> Response:
        """Take a dataset out of the request."""
        actor = actor_in(request)
        row = queries.row_named(queries.one_for(actor=actor, request_id=request_id), dataset)
        if row is None:
            raise Unknown
        drafting.drop_dataset(
            request_id=request_id, dataset_id=row.dataset_id, by=actor, at=timezone.now()
        )
        return _shown(request_id, actor)


class Team(APIView):
    """The team of a request."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(
        operation_id="requests_invite",
        request=InvitationSerializer,
        responses={201: RequestSerializer},
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """Invite somebody, by address."""
        said = _valid(InvitationSerializer(data=request.data))
        drafting.invite(
            request_id=request_id,
            email=said["email"],
            affiliation=said.get("affiliation", ""),
            by=actor_in(request),
            at=timezone.now(),
        )
        return _shown(request_id, actor_in(request), status=201)


class TeamMember(APIView):
    """One invitation."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="requests_uninvite", responses=RequestSerializer)
    def delete(self, request: Request, request_id: UUID, member_id: UUID) -> Response:
        """Take somebody out of the team."""
        actor = actor_in(request)
        drafting.uninvite(request_id=request_id, member_id=member_id, by=actor, at=timezone.now())
        return _shown(request_id, actor)


class RequestStep(APIView):
    """A step in the life of a request."""

    permission_classes = [scoped(Scope.REQUESTS)]

    def get_permissions(self) -> list[BasePermission]:
        """Ask for the scope of decisions, for the steps that are not the applicant's."""
        if self.kwargs.get("step") in APPLICANTS_STEPS:
            return [scoped(Scope.REQUESTS)()]
        return [scoped(Scope.DECISIONS)()]

    @extend_schema(
        operation_id="requests_step",
        parameters=[STEP, IF_MATCH],
        request=StepSerializer,
        responses=RequestSerializer,
    )
    def post(self, request: Request, request_id: UUID, step: str) -> Response:
        """Take it, or receive every reason why not."""
        if step not in STEPS_OF_PEOPLE:
            raise Unknown
        said = _valid(StepSerializer(data=request.data))
        actor = actor_in(request)
        found = queries.one_for(actor=actor, request_id=request_id)
        row = queries.row_named(found, said["dataset"]) if said["dataset"] else None
        actions.take(
            request_id=request_id,
            step=Step(step),
            by=actor,
            at=timezone.now(),
            said=Said(
                reason=said["reason"],
                dataset_id=row.dataset_id if row else None,
                adviser=Adviser(said["role"]) if said.get("role") else None,
                favourable=said["favourable"],
                conditions=said["conditions"],
                override=said["override"],
                plan_digest=said["plan_digest"],
            ),
            version=expected_version(request),
        )
        return _shown(request_id, actor)


class RequestPlan(APIView):
    """What would be received."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="requests_plan", responses=PlannedSerializer(many=True))
    def get(self, request: Request, request_id: UUID) -> Response:
        """Return the plan of each dataset, field by field, or why there is none yet."""
        found = queries.one_for(actor=actor_in(request), request_id=request_id)
        case = queries.case_of(found, timezone.now())
        plans = [planned_body(one.row.dataset_id, one.planned) for one in case.asked]
        return Response(PlannedSerializer(plans, many=True).data)


class RequestEstimates(APIView):
    """What the plans of a request would leave out of the real rows, for those who examine it."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="requests_estimates", responses=EstimateSerializer(many=True))
    def get(self, request: Request, request_id: UUID) -> Response:
        """Return what was counted of each dataset."""
        return _estimates(request_id, actor_in(request))

    @extend_schema(
        operation_id="requests_estimate", request=None, responses=EstimateSerializer(many=True)
    )
    def post(self, request: Request, request_id: UUID) -> Response:
        """Ask for the count of every dataset; what is there already is the answer."""
        actor = actor_in(request)
        actions.count_rows(request_id=request_id, by=actor, at=timezone.now())
        return _estimates(request_id, actor, 202)


def _estimates(request_id: UUID, actor: Actor, status: int = 200) -> Response:
    found = queries.one_to_examine(actor=actor, request_id=request_id)
    asked = queries.case_of(found, timezone.now()).asked
    counted = counts_of(one.digest for one in asked)
    shown = [estimate_body(one.row.dataset_id, counted.get(one.digest)) for one in asked]
    return Response(EstimateSerializer(shown, many=True).data, status=status)


def _valid(form: Any) -> dict[str, Any]:
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _changes(said: dict[str, Any]) -> Changes:
    sets_end = "ends_on" in said
    ends_on = said.pop("ends_on", None)
    crossing = said.pop("crossing", None)
    formats = said.pop("formats", None)
    return Changes(said, ends_on, sets_end=sets_end, crossing=crossing, formats=formats)


def _shown(request_id: UUID, actor: Actor, status: int = 200) -> Response:
    found = queries.one_for(actor=actor, request_id=request_id)
    case = queries.case_of(found, timezone.now())
    grant = of_request([found.pk]).get(found.pk)
    shown = body(case, queries.parts_of(found, actor), grant.pk if grant else None)
    return tagged(Response(RequestSerializer(shown).data, status=status), found.version)
