"""Read the registry of nodes: whose they are, whether they are heard, who calls."""

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from catalog.nodes.models import Node, NodeSource
from catalog.nodes.rules import NodeState, is_silent
from hub.kernel.refusals import Unknown
from hub.people.permissions import Actor, Permission
from hub.people.queries import producers_of

KEEPERS = (Permission.SIGN_DATASET, Permission.EDIT_DATASET)


@dataclass(frozen=True, slots=True)
class NodeSnapshot:
    """A node as other slices know it."""

    id: UUID
    name: str
    recipient: str
    state: NodeState
    seen_at: datetime | None
    silent: bool


@dataclass(frozen=True, slots=True)
class Offered:
    """A source that a node offers: counts about its columns, in order."""

    node_id: UUID
    node: str
    name: str
    columns: Sequence[dict[str, object]]
    rows: int | None
    announced_at: datetime


def of_mine(actor: Actor) -> QuerySet[Node]:
    """Return the nodes of the organisation for which an actor signs or edits."""
    wanted = Node.objects.none()
    for permission in KEEPERS:
        wanted |= Node.objects.filter(organisation__in=producers_of(actor, permission))
    return wanted.select_related("organisation").prefetch_related("sources").order_by("-id")


def offered_to(actor: Actor) -> list[Offered]:
    """Return what the active nodes of an editor's organisation offer."""
    found = NodeSource.objects.filter(
        node__organisation__in=producers_of(actor, Permission.EDIT_DATASET),
        node__state=NodeState.ACTIVE,
    )
    return [_offered(one) for one in found.select_related("node").order_by("node__name", "name")]


def offered(*, node_id: UUID, name: str, organisation_id: UUID) -> Offered:
    """
    Return a source that an active node of an organisation offers.

    :raises Unknown: when there is none
    """
    found = (
        NodeSource.objects.filter(
            node_id=node_id,
            name=name,
            node__organisation_id=organisation_id,
            node__state=NodeState.ACTIVE,
        )
        .select_related("node")
        .first()
    )
    if found is None:
        raise Unknown
    return _offered(found)


def _offered(one: NodeSource) -> Offered:
    return Offered(one.node_id, one.node.name, one.name, one.columns, one.rows, one.announced_at)


def snapshot(node_id: UUID, at: datetime) -> NodeSnapshot:
    """Return a node, and whether it is silent at a moment."""
    node = Node.objects.get(pk=node_id)
    state = NodeState(node.state)
    silent = is_silent(state=state, seen_at=node.seen_at, at=at)
    return NodeSnapshot(node.pk, node.name, node.recipient, state, node.seen_at, silent)


def who(client_id: str, secret: str) -> Node | None:
    """Return the active node whose credentials these are, None when they are nobody's."""
    try:
        identifier = UUID(client_id)
    except ValueError:
        return None
    node = Node.objects.filter(pk=identifier, state=NodeState.ACTIVE).first()
    kept = node.secret_hash if node is not None else "0" * 64
    right = hmac.compare_digest(hashed(secret), kept)
    return node if right else None


def hashed(secret: str) -> str:
    """Return what is kept of a node's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
