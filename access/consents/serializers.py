"""Loads of words, as the API speaks of them."""

from typing import Any

from rest_framework import serializers

from access.consents.models import ConsentBatch
from access.consents.reading import Defaults
from access.consents.rules import DecidedBy, Decision
from catalog.vocabularies.purposes import Purpose
from hub.kernel.refusals import Refusal
from hub.web.wording import Said, say


class SaidSerializer(serializers.Serializer[Any]):
    """One reason, in the caller's language."""

    code = serializers.CharField()
    explanation = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
    about = serializers.CharField(allow_blank=True)


class BatchSerializer(serializers.ModelSerializer[ConsentBatch]):
    """One load: how many lines of what, never about whom."""

    refusals = serializers.SerializerMethodField()

    class Meta:
        model = ConsentBatch
        fields = ("id", "state", "loaded_at", "lines", "loaded", "counts", "refusals", "watermark")

    def get_refusals(self, batch: ConsentBatch) -> list[Said]:
        """Say what was wrong, by numbers of lines."""
        return said(batch)


def said(batch: ConsentBatch) -> list[Said]:
    """Return the reasons kept with a load, in the reader's language."""
    return [say(Refusal(**one)) for one in batch.refusals]


class WordSerializer(serializers.Serializer[Any]):
    """One word about one person. The identifier becomes a key, and is not kept."""

    identifier = serializers.CharField(write_only=True, max_length=64, trim_whitespace=False)
    decision = serializers.ChoiceField(choices=Decision.choices())
    decided_at = serializers.CharField(required=False, max_length=40)
    until = serializers.DateField(required=False)
    by = serializers.ChoiceField(choices=DecidedBy.choices(), required=False)
    holder = serializers.CharField(required=False, write_only=True, max_length=64)
    project = serializers.UUIDField(required=False)
    purpose = serializers.ChoiceField(choices=Purpose.choices(), required=False)
    notice = serializers.CharField(required=False, max_length=100)
    evidence = serializers.CharField(required=False, max_length=100)


class DefaultsSerializer(serializers.Serializer[Any]):
    """What the lines of a file mean when they do not say: parameters of the address."""

    decision = serializers.ChoiceField(choices=Decision.choices(), required=False)
    by = serializers.ChoiceField(choices=DecidedBy.choices(), required=False)
    purpose = serializers.ChoiceField(choices=Purpose.choices(), required=False)
    project = serializers.UUIDField(required=False)
    notice = serializers.RegexField(r"[A-Za-z0-9][A-Za-z0-9 ._:/#-]{0,99}", required=False)
    keep_good = serializers.BooleanField(required=False, default=False)


def defaults_from(data: Any, at: Any) -> tuple[Defaults, bool]:
    """
    Return what lines mean when they do not say, and whether to load the good lines alone.

    :raises ValidationError: field by field
    """
    form = DefaultsSerializer(data=data)
    form.is_valid(raise_exception=True)
    chosen = form.validated_data
    decision = chosen.get("decision")
    return (
        Defaults(
            decided_at=at,
            decision=Decision(decision) if decision else None,
            by=DecidedBy(chosen.get("by", DecidedBy.SELF)),
            purpose=chosen.get("purpose", ""),
            project=chosen.get("project"),
            notice=chosen.get("notice", ""),
        ),
        chosen["keep_good"],
    )
