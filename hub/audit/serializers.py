"""The trail, as the API speaks of it."""

from typing import ClassVar

from rest_framework import serializers

from hub.audit.models import AuditEvent


class EventSerializer(serializers.ModelSerializer[AuditEvent]):
    """One event."""

    digest = serializers.SerializerMethodField()

    class Meta:
        model = AuditEvent
        fields: ClassVar = [
            "seq",
            "happened_at",
            "kind",
            "actor",
            "acting_as",
            "subject",
            "reason",
            "details",
            "digest",
        ]

    def get_digest(self, event: AuditEvent) -> str:
        """Return the event's digest in hexadecimal."""
        return bytes(event.digest).hex()


class VerificationSerializer(serializers.Serializer[object]):
    """What the chain says."""

    events = serializers.IntegerField()
    broken_at = serializers.IntegerField(allow_null=True)
    head = serializers.CharField()
