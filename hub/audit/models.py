"""The trail: what happened, who did it, as whom, when and why. No foreign keys: it blocks nothing."""

from django.db import models


class AuditEvent(models.Model):
    """
    One line of the trail.

    The table is made by hand in a migration (unmanaged): only the function ``audit_append`` can
    write to it, and triggers refuse UPDATE, DELETE and TRUNCATE to everyone.
    """

    class PersonalData:
        fields = frozenset({"actor"})

    seq = models.BigIntegerField(primary_key=True)
    happened_at = models.DateTimeField()
    kind = models.CharField(max_length=100)
    actor = models.CharField(max_length=60)
    acting_as = models.CharField(max_length=60)
    subject = models.CharField(max_length=200)
    reason = models.TextField()
    details = models.JSONField()
    previous = models.BinaryField()
    digest = models.BinaryField()

    class Meta:
        managed = False
        db_table = "hub_auditevent"

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.subject}"
