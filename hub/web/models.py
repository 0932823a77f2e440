"""What was answered to calls that create, so that a repeated call creates nothing more."""

from django.db import models


class Answer(models.Model):
    """The answer given to one ``Idempotency-Key`` of one caller, kept for a day."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    caller = models.UUIDField()
    key = models.CharField(max_length=100)
    fingerprint = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    asked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["caller", "key"], name="hub_answer_once"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"
