"""What was counted of a plan on the real rows of its release."""

from django.db import models

from hub.kernel.identifiers import new_id


class State(models.TextChoices):
    """How far a count is."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Estimate(models.Model):
    """The count of one plan: the same plan, digest for digest, is counted once."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan_digest = models.CharField(max_length=64, unique=True)
    plan = models.TextField()
    release = models.ForeignKey("catalog.Release", on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    result = models.JSONField(default=dict)
    """Shares and numbers of rows, by field and step; never a value of the data."""
    reason = models.CharField(max_length=40, blank=True)
    """Why nothing could be counted: a key of ``queries.REASONS``."""
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=State.values), name="access_estimate_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.FAILED) & ~models.Q(reason="")
                | ~models.Q(state=State.FAILED) & models.Q(reason=""),
                name="access_estimate_failure_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"estimate {self.plan_digest[:8]}"
