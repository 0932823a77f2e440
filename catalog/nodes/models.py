"""Nodes: servers of producers that work for the hub where the data are."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.nodes.rules import NodeState
from hub.kernel.identifiers import new_id


class Node(models.Model):
    """
    One node of one producer: what it is called, whom its letters are sealed to, how it signs in.

    Its identifier is its client id; of its secret the hub keeps a hash.
    """

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organisation = models.ForeignKey(
        "hub.Organisation", on_delete=models.PROTECT, related_name="nodes"
    )
    slug = models.SlugField(max_length=110, unique=True)
    name = models.CharField(_("name"), max_length=100)
    recipient = models.CharField(_("public key"), max_length=200)
    secret_hash = models.CharField(max_length=64)
    """SHA-256 of 256 random bits: nothing that can be guessed."""
    state = models.CharField(max_length=10, default=NodeState.ACTIVE)
    opened_at = models.DateTimeField()
    renewed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(NodeState)), name="catalog_node_state"
            ),
            models.CheckConstraint(
                condition=models.Q(state=NodeState.CLOSED, closed_at__isnull=False)
                | models.Q(state=NodeState.ACTIVE, closed_at=None),
                name="catalog_node_closed_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class NodeSource(models.Model):
    """A table or file that a node offers: counts about its columns, never a cell."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    node = models.ForeignKey(Node, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=100)
    columns = models.JSONField()
    """The profile of each column, in order."""
    rows = models.PositiveBigIntegerField(null=True)
    announced_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["node", "name"], name="catalog_node_source_once")
        ]

    def __str__(self) -> str:
        return self.name
