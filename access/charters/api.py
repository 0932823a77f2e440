"""Charters over the API: read those in force, sign the one of the capacity in which one acts."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from access.charters import actions, queries
from access.charters.serializers import (
    CharterSerializer,
    SignatureSerializer,
    SignSerializer,
    StandingSerializer,
    standing,
)
from hub.kernel.refusals import Unknown
from hub.people.acting import actor_in
from hub.people.gates import Open, scoped
from hub.people.permissions import Profile, Scope

PROFILE = OpenApiParameter(
    "profile", str, OpenApiParameter.PATH, enum=[profile.value for profile in Profile]
)


class Charters(APIView):
    """The charters of the hub."""

    permission_classes = [Open]

    @extend_schema(operation_id="charters_list", responses=CharterSerializer(many=True))
    def get(self, _request: Request) -> Response:
        """List the charters in force, one per profile."""
        now = timezone.now()
        versions = [queries.current_version(profile, now) for profile in Profile]
        return Response(CharterSerializer([v for v in versions if v], many=True).data)


class OneCharter(APIView):
    """The charter of one profile."""

    permission_classes = [Open]

    @extend_schema(operation_id="charters_read", parameters=[PROFILE], responses=CharterSerializer)
    def get(self, _request: Request, profile: str) -> Response:
        """Return the text in force."""
        version = queries.current_version(_profile(profile), timezone.now())
        if version is None:
            raise Unknown
        return Response(CharterSerializer(version).data)


class MySignature(APIView):
    """My signature of the charter of a profile."""

    permission_classes = [scoped(Scope.REQUESTS)]

    @extend_schema(parameters=[PROFILE], responses=StandingSerializer)
    def get(self, request: Request, profile: str) -> Response:
        """Return whether I am bound now, and what I signed."""
        asked = _profile(profile)
        mine = queries.mine(actor=actor_in(request), at=timezone.now())
        found = next((one for one in mine if one.profile == asked), None)
        if found is None:
            raise Unknown
        return Response(standing(found))

    @extend_schema(
        operation_id="charters_sign",
        parameters=[PROFILE],
        request=SignSerializer,
        responses={201: SignatureSerializer},
    )
    def post(self, request: Request, profile: str) -> Response:
        """Sign the version that I read."""
        form = SignSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        signature = actions.sign(
            profile=_profile(profile),
            number=form.validated_data["number"],
            agreed=form.validated_data["agreed"],
            by=actor_in(request),
            at=timezone.now(),
        )
        return Response(SignatureSerializer(signature).data, status=201)


def _profile(text: str) -> Profile:
    try:
        return Profile(text)
    except ValueError:
        raise Unknown from None
