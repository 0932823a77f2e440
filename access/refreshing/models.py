"""A grant that moves to a newer release: asked by its holder, decided by the producer."""

from django.db import models

from access.refreshing.rules import State
from hub.kernel.identifiers import new_id


class ReleaseChange(models.Model):
    """One newer release that was asked for, and what became of it."""

    class PersonalData:
        fields = frozenset({"asked_by", "decided_by"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    granted = models.ForeignKey(
        "access.GrantDataset", on_delete=models.CASCADE, related_name="release_changes"
    )
    release = models.ForeignKey("catalog.Release", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices(), default=State.ASKED)
    plan_digest = models.CharField(max_length=64)
    """Of the plan that was asked for: it is the one that is decided, or none."""
    asked_by = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        "hub.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="access_release_change_state_known"
            ),
            models.UniqueConstraint(
                fields=["granted"],
                condition=models.Q(state=State.ASKED),
                name="access_release_change_one_waits",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.ASKED, decided_by=None, decided_at=None, reason="")
                | ~models.Q(state=State.ASKED)
                & models.Q(decided_by__isnull=False, decided_at__isnull=False)
                & ~models.Q(reason=""),
                name="access_release_change_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"release change {str(self.pk)[-6:]}"
