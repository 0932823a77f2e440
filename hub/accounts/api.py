"""People over the API: who I am, my tokens, the organisations."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.generics import ListAPIView, RetrieveAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hub.accounts import actions
from hub.accounts.serializers import (
    MeSerializer,
    NewTokenSerializer,
    OrganisationSerializer,
    TokenOnceSerializer,
    TokenSerializer,
)
from hub.kernel.refusals import Forbidden, Refusal, Unknown
from hub.people import queries
from hub.people.acting import actor_in
from hub.people.gates import Open, scoped
from hub.people.models import ApiToken, Organisation
from hub.people.permissions import Scope


class Me(APIView):
    """Who I am, and as whom I act."""

    permission_classes = [scoped(Scope.READ)]

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Return the caller, their memberships, and the one they act as."""
        actor = actor_in(request)
        assert actor.user_id is not None  # noqa: S101 - the gate let in somebody signed in
        memberships = queries.active_memberships(user_id=actor.user_id, at=timezone.now())
        body = {
            "id": actor.user_id,
            "acting_as": actor.membership_id,
            "memberships": memberships,
        }
        return Response(MeSerializer(body).data)


class Tokens(APIView):
    """My personal tokens. They are created in the pages, where a second factor protects them."""

    permission_classes = [scoped(Scope.READ)]

    @extend_schema(responses=TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List my tokens, without their texts."""
        tokens = queries.tokens_of(actor_in(request))
        return Response(TokenSerializer(tokens, many=True).data)

    @extend_schema(request=NewTokenSerializer, responses={201: TokenOnceSerializer})
    def post(self, request: Request) -> Response:
        """Create a token, from a session of the pages only: a token never makes another."""
        _require_session(request)
        form = NewTokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted: dict[str, Any] = form.validated_data
        token, text = actions.create_token(
            by=actor_in(request),
            label=wanted["label"],
            scopes=frozenset(Scope(s) for s in wanted["scopes"]),
            days=wanted["days"],
            at=timezone.now(),
        )
        return Response({**TokenSerializer(token).data, "token": text}, status=201)


class Token(APIView):
    """One of my tokens."""

    permission_classes = [scoped(Scope.READ)]

    @extend_schema(responses={204: None})
    def delete(self, request: Request, token_id: UUID) -> Response:
        """Revoke a token, at once, from a session of the pages only."""
        _require_session(request)
        if not actions.revoke_token(by=actor_in(request), token_id=token_id, at=timezone.now()):
            raise Unknown
        return Response(status=204)


def _require_session(request: Request) -> None:
    if isinstance(request.auth, ApiToken):
        raise Forbidden(
            [
                Refusal(
                    "tokens-by-session",
                    "A token neither makes nor revokes tokens.",
                    "Sign in to the pages, and do it in your account.",
                )
            ]
        )


class Organisations(ListAPIView[Organisation]):
    """The organisations of the hub."""

    permission_classes = [Open]
    serializer_class = OrganisationSerializer

    def get_queryset(self) -> QuerySet[Organisation]:
        """Return them all."""
        return queries.organisations()


class OneOrganisation(RetrieveAPIView[Organisation]):
    """One organisation, by its slug."""

    permission_classes = [Open]
    serializer_class = OrganisationSerializer
    lookup_field = "slug"

    def get_queryset(self) -> QuerySet[Organisation]:
        """Return them all."""
        return queries.organisations()
