"""The registry of nodes over the API, for the signatories of producers."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.nodes import actions, queries
from catalog.nodes.models import Node
from catalog.nodes.rules import NodeState, is_silent
from catalog.nodes.serializers import (
    ClosureSerializer,
    NewNodeSerializer,
    NodeOnceSerializer,
    NodeSerializer,
)
from hub.people.acting import actor_in
from hub.people.gates import scoped
from hub.people.permissions import Role, Scope

SIGNS = scoped(Scope.CATALOGUE, Role.SIGNATORY)


class Nodes(APIView):
    """The nodes of the caller's organisation."""

    permission_classes = [SIGNS]

    @extend_schema(operation_id="nodes_list", responses=NodeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List them, newest first, with what they offer and when they were last heard."""
        found = [shown(node) for node in queries.of_mine(actor_in(request))]
        return Response(NodeSerializer(found, many=True).data)

    @extend_schema(
        operation_id="nodes_open", request=NewNodeSerializer, responses={201: NodeOnceSerializer}
    )
    def post(self, request: Request) -> Response:
        """Open a node; its secret is in this answer and nowhere else."""
        form = NewNodeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        node, secret = actions.open_node(
            by=actor_in(request), at=timezone.now(), **form.validated_data
        )
        return _once(node, secret, 201)


class NodeSecret(APIView):
    """The secret of a node."""

    permission_classes = [SIGNS]

    @extend_schema(operation_id="nodes_renew_secret", request=None, responses=NodeOnceSerializer)
    def post(self, request: Request, node_id: UUID) -> Response:
        """Give the node another secret; the former opens nothing from now on."""
        node, secret = actions.renew_secret(
            node_id=node_id, by=actor_in(request), at=timezone.now()
        )
        return _once(node, secret, 200)


class NodeClosure(APIView):
    """The end of a node."""

    permission_classes = [SIGNS]

    @extend_schema(operation_id="nodes_close", request=ClosureSerializer, responses=NodeSerializer)
    def post(self, request: Request, node_id: UUID) -> Response:
        """Close the node for ever, with the reason."""
        form = ClosureSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        node = actions.close(
            node_id=node_id,
            reason=form.validated_data["reason"],
            by=actor_in(request),
            at=timezone.now(),
        )
        return Response(NodeSerializer(shown(node)).data)


def shown(node: Node) -> dict[str, Any]:
    """Return a node with whether it is silent now."""
    silent = is_silent(state=NodeState(node.state), seen_at=node.seen_at, at=timezone.now())
    return {"node": node, "silent": silent}


def _once(node: Node, secret: str, status: int) -> Response:
    body = NodeOnceSerializer({**shown(node), "secret": secret}).data
    response = Response(body, status=status)
    response["Cache-Control"] = "no-store"
    return response
