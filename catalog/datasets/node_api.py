"""The source of a release that stays at a producer's node, over the API."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.datasets import at_node, queries
from catalog.datasets.api import EDITS
from catalog.datasets.serializers import OwnFieldSerializer
from catalog.nodes.queries import offered_to
from hub.people.acting import actor_in
from hub.web.preconditions import expected_version, tagged


class OfferSerializer(serializers.Serializer[Any]):
    """A source that a node of the producer offers."""

    node = serializers.UUIDField(source="node_id")
    node_name = serializers.CharField(source="node")
    name = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    announced_at = serializers.DateTimeField()


class ChoiceSerializer(serializers.Serializer[Any]):
    """Which source of which node."""

    node = serializers.UUIDField()
    name = serializers.CharField(max_length=100)


class NodeSource(APIView):
    """Where the rows of the worked release stay."""

    permission_classes = [EDITS]

    @extend_schema(operation_id="node_offers", responses=OfferSerializer(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """List what the nodes of the producer offer."""
        actor = actor_in(request)
        queries.find_own(actor, reference)
        return Response(OfferSerializer(offered_to(actor), many=True).data)

    @extend_schema(
        operation_id="node_source_choose",
        request=ChoiceSerializer,
        responses=OwnFieldSerializer(many=True),
    )
    def put(self, request: Request, reference: str) -> Response:
        """Let the rows stay at the node; the fields that its counts propose come back."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        form = ChoiceSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        at_node.leave(
            dataset_id=dataset.pk,
            node_id=form.validated_data["node"],
            name=form.validated_data["name"],
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        dataset.refresh_from_db()
        fields = queries.fields_of(queries.prepared_release(dataset))
        return tagged(Response(OwnFieldSerializer(fields, many=True).data), dataset.version)
