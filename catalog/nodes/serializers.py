"""Nodes, as the API speaks of them to people."""

from typing import Any

from rest_framework import serializers

from catalog.nodes.rules import NodeState


class NewNodeSerializer(serializers.Serializer[Any]):
    """What is said of a new node."""

    name = serializers.CharField(max_length=100)
    recipient = serializers.CharField(max_length=200)


class ClosureSerializer(serializers.Serializer[Any]):
    """Why a node is closed."""

    reason = serializers.CharField(max_length=500)


class OfferedSourceSerializer(serializers.Serializer[Any]):
    """A source that a node offers."""

    name = serializers.CharField()
    rows = serializers.IntegerField(allow_null=True)
    columns = serializers.SerializerMethodField()
    announced_at = serializers.DateTimeField()

    def get_columns(self, source: Any) -> list[str]:
        """List the names of its columns."""
        return [str(one["name"]) for one in source.columns]


class NodeSerializer(serializers.Serializer[Any]):
    """A node; never its secret."""

    id = serializers.UUIDField(source="node.pk")
    slug = serializers.CharField(source="node.slug")
    name = serializers.CharField(source="node.name")
    recipient = serializers.CharField(source="node.recipient")
    state = serializers.ChoiceField(choices=[(s, s) for s in NodeState], source="node.state")
    silent = serializers.BooleanField()
    opened_at = serializers.DateTimeField(source="node.opened_at")
    renewed_at = serializers.DateTimeField(source="node.renewed_at")
    closed_at = serializers.DateTimeField(source="node.closed_at", allow_null=True)
    seen_at = serializers.DateTimeField(source="node.seen_at", allow_null=True)
    sources = OfferedSourceSerializer(source="node.sources", many=True)


class NodeOnceSerializer(NodeSerializer):
    """A node with its secret, which is not shown again."""

    client_id = serializers.UUIDField(source="node.pk")
    secret = serializers.CharField()
