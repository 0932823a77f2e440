"""How the API knows nodes: their client id and secret (HTTP Basic), and nothing else of theirs."""

import base64
import binascii
from typing import Any, ClassVar, cast

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from catalog.nodes import actions, queries
from catalog.nodes.models import Node

SCHEME = "basic"


class NodeAuthentication(BaseAuthentication):
    """``Authorization: Basic``: the client id of a node and its secret, as OAuth 2.0 sends them."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Node] | None:
        """Return the node that calls; None without credentials of this kind."""
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME:
            return None
        node = queries.who(*_read(sent))
        if node is None:
            raise AuthenticationFailed
        actions.seen(node, at=timezone.now())
        return AnonymousUser(), node

    def authenticate_header(self, _request: Request) -> str:
        """Return what a call without credentials is answered."""
        return 'Basic realm="nodes"'


def _read(sent: str) -> tuple[str, str]:
    try:
        client_id, _, secret = base64.b64decode(sent, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return client_id, secret


class ForNodes(BasePermission):
    """The gate of an API view for nodes that are signed in; for people it is closed."""

    gate: ClassVar[str] = "nodes"

    def has_permission(self, request: Request, _view: Any) -> bool:
        """Let in a node, whoever else is signed in."""
        return isinstance(request.auth, Node)


def node_in(request: Request) -> Node:
    """Return the node that calls, behind the gate for nodes."""
    return cast("Node", request.auth)


class DescribedNode(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The credentials of a node in the description of the API."""

    target_class = NodeAuthentication
    name = "node"

    def get_security_definition(self, _auto_schema: Any) -> dict[str, str]:
        """Say how a node signs in."""
        text = "The client id and the secret of a producer's node, opened in « My nodes »."
        return {"type": "http", "scheme": SCHEME, "description": text}
