"""Extracts over the API: start, follow, cancel, fetch."""

from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.extracts import actions, queries, recalls
from access.extracts.downloads import serve, serve_recall
from access.extracts.serializers import (
    AttestationSerializer,
    ExtractSerializer,
    NewExtractSerializer,
    SigningKeySerializer,
)
from catalog.datasets.house_keys import signer
from hub.people.acting import actor_in
from hub.people.gates import Open, scoped
from hub.people.permissions import Scope
from hub.web.idempotency import CreatesOnce


class SigningKey(APIView):
    """The key with which the hub signs."""

    permission_classes = [Open]

    @extend_schema(operation_id="signing_key", responses=SigningKeySerializer)
    def get(self, _request: Request) -> Response:
        """Return the public key that verifies checksums of extracts, and orders to nodes."""
        return Response(SigningKeySerializer(signer()).data)


class GrantExtracts(CreatesOnce):
    """The extracts of one grant."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="extracts_list", responses=ExtractSerializer(many=True))
    def get(self, request: Request, grant_id: UUID) -> Response:
        """List them, newest first."""
        actor = actor_in(request)
        _seen, shown = queries.of_grant(actor=actor, grant_id=grant_id, at=timezone.now())
        return Response(ExtractSerializer(shown, many=True).data)

    @extend_schema(
        operation_id="extracts_start",
        request=NewExtractSerializer,
        responses={202: ExtractSerializer},
    )
    def post(self, request: Request, grant_id: UUID) -> Response:
        """Start an extract; what is already there, or on its way, is the answer."""
        form = NewExtractSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        actor, at = actor_in(request), timezone.now()
        dataset = form.validated_data.get("dataset")
        extract = actions.ask(grant_id=grant_id, dataset_id=dataset, by=actor, at=at)
        return _answer(request, extract.pk, 202)


class OneExtract(APIView):
    """One extract: how far it is, and its files."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="extracts_read", responses=ExtractSerializer)
    def get(self, request: Request, extract_id: UUID) -> Response:
        """Say how far it is."""
        return _answer(request, extract_id, 200)


class ExtractCancellation(APIView):
    """The end of an extract that is not ready."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(operation_id="extracts_cancel", request=None, responses=ExtractSerializer)
    def post(self, request: Request, extract_id: UUID) -> Response:
        """Stop it; nothing of it stays."""
        actions.cancel(extract_id=extract_id, by=actor_in(request), at=timezone.now())
        return _answer(request, extract_id, 200)


class RecallList(APIView):
    """Whose rows of an extract are to be erased."""

    permission_classes = [scoped(Scope.DOWNLOADS)]

    @extend_schema(operation_id="extracts_recall", responses={(200, "text/csv"): OpenApiTypes.STR})
    def get(self, request: Request, extract_id: UUID, upto: int) -> HttpResponseBase:
        """Fetch the pseudonyms, one a line."""
        actor, at = actor_in(request), timezone.now()
        recall, _shown = recalls.one_for(actor=actor, extract_id=extract_id, upto=upto, at=at)
        return serve_recall(recall)


class RecallAttestation(APIView):
    """The word of a person of the team that the rows of a recall are erased."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(
        operation_id="extracts_attest",
        request=AttestationSerializer,
        responses=ExtractSerializer,
    )
    def post(self, request: Request, extract_id: UUID, upto: int) -> Response:
        """Attest it, once."""
        form = AttestationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        recalls.attest(
            extract_id=extract_id,
            upto=upto,
            statement=form.validated_data["statement"],
            by=actor_in(request),
            at=timezone.now(),
        )
        return _answer(request, extract_id, 200)


class ExtractFileContent(APIView):
    """One file of an extract."""

    permission_classes = [scoped(Scope.DOWNLOADS)]

    @extend_schema(
        operation_id="extracts_file",
        parameters=[OpenApiParameter("Range", str, OpenApiParameter.HEADER)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, extract_id: UUID, name: str) -> HttpResponseBase:
        """Fetch a file, whole or from where a download stopped (``Range``, ``If-Range``)."""
        plain = request._request  # noqa: SLF001 - streaming is Django's
        return serve(plain, actor=actor_in(request), extract_id=extract_id, name=name)


def _answer(request: Request, extract_id: UUID, status: int) -> Response:
    shown = queries.one_for(actor=actor_in(request), extract_id=extract_id, at=timezone.now())
    return Response(ExtractSerializer(shown).data, status=status)
