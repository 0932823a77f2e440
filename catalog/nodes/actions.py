"""Open nodes, renew their secrets, close them, and note that they are there."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from catalog.nodes.models import Node, NodeSource
from catalog.nodes.queries import hashed
from catalog.nodes.rules import NodeState, refusals_to_open
from hub.audit.actions import record
from hub.kernel.refusals import Forbidden, Invalid, Refusal, Refused, Unknown
from hub.people.models import Organisation
from hub.people.permissions import HUB, Actor, Permission
from hub.people.queries import producers_of

SEEN_AGAIN = timedelta(seconds=10)
NOT_A_SIGNATORY = Refusal(
    "not-a-signatory",
    "You do not sign for an organisation that produces data.",
    "Act as a member with the role of signatory of the producer.",
)
CLOSED = Refusal(
    "node-closed", "This node is closed.", "Open another one: a closed node never comes back."
)
CLOSE_WHY = Refusal(
    "reason-missing", "Say why.", "A reason is written in the trail.", about="reason"
)


@transaction.atomic
def open_node(*, name: str, recipient: str, by: Actor, at: datetime) -> tuple[Node, str]:
    """
    Open a node for the producer for which the actor signs.

    :returns: the node, and its secret: it is not kept, only its hash is
    :raises Forbidden: to whoever does not sign for a producer
    :raises Invalid: when the name or the public key is not right
    """
    organisation = _signed_for(by)
    refusals = refusals_to_open(name=name, recipient=recipient)
    if refusals:
        raise Invalid(refusals)
    secret = _new_secret()
    node = Node(
        organisation=organisation,
        name=name.strip(),
        recipient=recipient.strip(),
        secret_hash=hashed(secret),
        opened_at=at,
        renewed_at=at,
    )
    base = slugify(name)[:90] or "node"
    node.slug = f"{base}-{str(node.pk)[-8:]}" if Node.objects.filter(slug=base).exists() else base
    node.save(force_insert=True)
    tell(node, "node.opened", {"organisation": organisation.pk}, by=by, at=at)
    return node, secret


@transaction.atomic
def renew_secret(*, node_id: UUID, by: Actor, at: datetime) -> tuple[Node, str]:
    """
    Give a node another secret; the former opens nothing any more.

    :raises Unknown: when it is not a node of the actor's producer
    :raises Refused: when it is closed
    """
    node = _locked(node_id, by)
    secret = _new_secret()
    node.secret_hash, node.renewed_at = hashed(secret), at
    node.save(update_fields=["secret_hash", "renewed_at"])
    tell(node, "node.renewed", {}, by=by, at=at)
    return node, secret


@transaction.atomic
def close(*, node_id: UUID, reason: str, by: Actor, at: datetime) -> Node:
    """
    Close a node for ever: its secret opens nothing from now on.

    :raises Unknown: when it is not a node of the actor's producer
    :raises Refused: when it is closed already
    :raises Invalid: without a reason
    """
    node = _locked(node_id, by)
    if not reason.strip():
        raise Invalid([CLOSE_WHY])
    node.state, node.closed_at = NodeState.CLOSED, at
    node.save(update_fields=["state", "closed_at"])
    tell(node, "node.closed", {}, by=by, at=at, reason=reason.strip())
    return node


def seen(node: Node, *, at: datetime) -> None:
    """Note that a node called; written at most every few seconds."""
    if node.seen_at is None or node.seen_at + SEEN_AGAIN <= at:
        node.seen_at = at
        node.save(update_fields=["seen_at"])


@transaction.atomic
def offer(*, node_id: UUID, sources: Sequence[Mapping[str, object]], at: datetime) -> None:
    """
    Note what a node offers, in place of what it offered before.

    :param sources: ``name``, ``rows`` and ``columns`` of each: counts, checked by the caller
    """
    node = Node.objects.select_for_update(of=("self",)).get(pk=node_id)
    kept = {str(one["name"]) for one in sources}
    node.sources.exclude(name__in=kept).delete()
    changed = False
    for one in sources:
        said = {"columns": one["columns"], "rows": one["rows"]}
        former = node.sources.filter(name=one["name"]).first()
        changed |= former is None or former.columns != said["columns"]
        NodeSource.objects.update_or_create(
            node=node, name=one["name"], defaults={**said, "announced_at": at}
        )
    if changed:
        tell(node, "node.announced", {"sources": len(sources)}, by=HUB, at=at)


def tell(
    node: Node,
    kind: str,
    details: Mapping[str, object],
    *,
    by: Actor,
    at: datetime,
    reason: str = "",
) -> None:
    """Write an event of a node in the trail."""
    record(kind=kind, by=by, subject=f"node:{node.pk}", at=at, reason=reason, details=details)


def _signed_for(by: Actor) -> Organisation:
    found = producers_of(by, Permission.SIGN_DATASET).first()
    if found is None:
        raise Forbidden([NOT_A_SIGNATORY])
    return found


def _locked(node_id: UUID, by: Actor) -> Node:
    mine = producers_of(by, Permission.SIGN_DATASET)
    node = (
        Node.objects.select_for_update(of=("self",))
        .filter(pk=node_id, organisation__in=mine)
        .first()
    )
    if node is None:
        raise Unknown
    if node.state == NodeState.CLOSED:
        raise Refused([CLOSED])
    return node


def _new_secret() -> str:
    return secrets.token_urlsafe(32)
