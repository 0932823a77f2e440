"""Jobs and publications, as the API speaks of them."""

from typing import Any

from rest_framework import serializers

from catalog.vault.models import Ingestion
from hub.kernel.refusals import Refusal
from hub.web.wording import Said, say_all


class SaidSerializer(serializers.Serializer[object]):
    """A refusal in the caller's language."""

    code = serializers.CharField()
    explanation = serializers.CharField()
    remedy = serializers.CharField()
    about = serializers.CharField()


class IngestionSerializer(serializers.ModelSerializer[Ingestion]):
    """The job that takes a release in, and how far it is."""

    refusals = serializers.SerializerMethodField()

    class Meta:
        model = Ingestion
        fields = [
            "id", "release", "state", "rows_done", "rows_total", "attempt", "refusals",
            "queued_at", "started_at", "finished_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_refusals(self, job: Ingestion) -> list[Said]:
        """Return why it failed."""
        return said_refusals(job)


def said_refusals(job: Ingestion) -> list[Said]:
    """Return why a job failed, in the reader's language."""
    kept: list[dict[str, Any]] = job.refusals
    return say_all(Refusal(**one) for one in kept)


class PublicationSerializer(serializers.Serializer[object]):
    """What is missing before the prepared release may be published."""

    tier = serializers.CharField()
    may_publish = serializers.BooleanField()
    refusals = SaidSerializer(many=True)


class PublishedSerializer(serializers.Serializer[object]):
    """A published release."""

    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]
    state = serializers.CharField()
    row_count = serializers.IntegerField()
    tier = serializers.CharField()
    published_at = serializers.DateTimeField()
