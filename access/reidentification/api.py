"""Demands to name persons, over the API: two people, two keys, one answer."""

from typing import cast
from uuid import UUID

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.reidentification import actions, answering, queries, reading
from access.reidentification.actions import Issued
from access.reidentification.models import Reidentification
from access.reidentification.queries import Eyes
from access.reidentification.sealing import Keys
from access.reidentification.serializers import (
    AnswerSerializer,
    CandidatesSerializer,
    DemandOnceSerializer,
    DemandReasonSerializer,
    DemandSerializer,
    FilingSerializer,
    demand_body,
    persons_body,
)
from hub.kernel.refusals import Invalid
from hub.people.acting import actor_in
from hub.people.gates import scoped
from hub.people.permissions import Scope


class Demands(GenericAPIView[Reidentification]):
    """The demands that I may know."""

    permission_classes = [scoped(Scope.DECISIONS)]
    serializer_class = DemandSerializer
    queryset = Reidentification.objects.none()

    @extend_schema(operation_id="reidentifications_list", responses=DemandSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List them, newest first: of the data for which I answer, or all for an auditor."""
        eyes = Eyes(actor_in(request), timezone.now())
        known = queries.ids_known(eyes)
        page = self.paginate_queryset(queries.demands().filter(pk__in=known)) or []
        bodies = [demand_body(queries.see(one, eyes)) for one in page]
        return self.get_paginated_response(DemandSerializer(bodies, many=True).data)


class GrantDemands(APIView):
    """The demands on one grant."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="reidentifications_of_grant", responses=DemandSerializer(many=True)
    )
    def get(self, request: Request, grant_id: UUID) -> Response:
        """List them, newest first."""
        found = queries.of_grant(actor=actor_in(request), grant_id=grant_id, at=timezone.now())
        bodies = [demand_body(one) for one in found.seen]
        return Response(DemandSerializer(bodies, many=True).data)

    @extend_schema(
        operation_id="reidentifications_file",
        request=FilingSerializer,
        responses={201: DemandOnceSerializer},
    )
    def post(self, request: Request, grant_id: UUID) -> Response:
        """File a demand; the caller's key is in this answer and nowhere else."""
        form = FilingSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        issued = actions.file(
            grant_id=grant_id,
            dataset_id=form.validated_data.get("dataset"),
            filing=form.filing(),
            by=actor_in(request),
            at=timezone.now(),
        )
        return _once(request, issued, 201)


class OneDemand(APIView):
    """One demand."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(operation_id="reidentifications_read", responses=DemandSerializer)
    def get(self, request: Request, demand_id: UUID) -> Response:
        """Say where it stands, and which steps are mine."""
        return Response(_body(request, demand_id))


class Approval(APIView):
    """The agreement of the second person."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="reidentifications_approve", request=None, responses=DemandOnceSerializer
    )
    def post(self, request: Request, demand_id: UUID) -> Response:
        """Approve a demand; the caller's key is in this answer and nowhere else."""
        issued = actions.approve(demand_id=demand_id, by=actor_in(request), at=timezone.now())
        return _once(request, issued, 200)


class DemandRefusal(APIView):
    """The refusal of the second person."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="reidentifications_refuse",
        request=DemandReasonSerializer,
        responses=DemandSerializer,
    )
    def post(self, request: Request, demand_id: UUID) -> Response:
        """Refuse a demand, with the reason."""
        reason = _reason(request)
        actions.refuse(demand_id=demand_id, reason=reason, by=actor_in(request), at=timezone.now())
        return Response(_body(request, demand_id))


class Closing(APIView):
    """The end of a demand without an answer."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="reidentifications_close",
        request=DemandReasonSerializer,
        responses=DemandSerializer,
    )
    def post(self, request: Request, demand_id: UUID) -> Response:
        """Close a demand, with the reason; either of the two people does."""
        reason = _reason(request)
        actions.close(demand_id=demand_id, reason=reason, by=actor_in(request), at=timezone.now())
        return Response(_body(request, demand_id))


class MatchOfDemand(APIView):
    """The answer to an approved demand."""

    permission_classes = [scoped(Scope.DECISIONS)]

    @extend_schema(
        operation_id="reidentifications_match",
        request={"application/json": CandidatesSerializer, "text/plain": OpenApiTypes.STR},
        responses=AnswerSerializer,
    )
    def post(self, request: Request, demand_id: UUID) -> Response:
        """
        Say which candidates are the persons designated, once.

        As text: the key of whoever filed, the key of the second person, then the identifiers, one
        a line. Candidates are read in memory and kept nowhere; so is the answer.
        """
        actor, at = actor_in(request), timezone.now()
        queries.one_for(actor=actor, demand_id=demand_id, at=at)
        keys, candidates = _given(request)
        answered = answering.answer(
            demand_id=demand_id, keys=keys, candidates=candidates, by=actor, at=at
        )
        body = {"demand": _body(request, demand_id), "persons": persons_body(answered)}
        return _unkept(Response(AnswerSerializer(body).data))


def _given(request: Request) -> tuple[Keys, list[str]]:
    """Read the two keys and the candidates of a body, none of which is longer than memory holds."""
    announced = request.META.get("CONTENT_LENGTH") or ""
    if announced.isdigit() and int(announced) > reading.MOST_BYTES:
        raise Invalid([reading.TOO_LARGE])
    if (request.content_type or "").startswith("text/plain"):
        plain = request._request  # noqa: SLF001 - the body as it comes
        first, second, content = reading.with_keys(plain.read(reading.MOST_BYTES + 1))
        return Keys(first, second), reading.read(content)
    form = CandidatesSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    said = form.validated_data
    keys = Keys(said["filing_key"], said["approval_key"])
    return keys, reading.checked(said["candidates"])


def _reason(request: Request) -> str:
    form = DemandReasonSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    return cast("str", form.validated_data["reason"])


def _body(request: Request, demand_id: UUID) -> dict[str, object]:
    seen = queries.one_for(actor=actor_in(request), demand_id=demand_id, at=timezone.now())
    return dict(DemandSerializer(demand_body(seen)).data)


def _once(request: Request, issued: Issued, status: int) -> Response:
    seen = queries.see(issued.demand, Eyes(actor_in(request), timezone.now()))
    body = DemandOnceSerializer({**demand_body(seen), "key": issued.key}).data
    return _unkept(Response(body, status=status))


def _unkept(response: Response) -> Response:
    response["Cache-Control"] = "no-store"
    return response
