"""Side effects that are owed."""

from django.db import models

from hub.kernel.identifiers import new_id


class Message(models.Model):
    """Something that must follow from a committed act: done once, retried until it is done."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    event = models.CharField(max_length=100)
    payload = models.JSONField()
    key = models.CharField(max_length=200, unique=True)
    owed_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_try_at"],
                condition=models.Q(done_at=None),
                name="hub_message_waiting",
            )
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"
