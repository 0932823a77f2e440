"""Charters, as the API speaks of them."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from access.charters.models import CharterVersion, Signature
from access.charters.queries import MyCharter
from access.charters.rules import write_terms
from hub.web.wording import say_all


class TermsSerializer(serializers.Serializer[Any]):
    """What a charter allows, for programs."""

    max_tier = serializers.CharField()
    purposes = serializers.ListField(child=serializers.CharField())
    highest_level = serializers.IntegerField()
    longest_days = serializers.IntegerField()
    duties = serializers.ListField(child=serializers.CharField())


class CharterSerializer(serializers.ModelSerializer[CharterVersion]):
    """The version of a charter in force."""

    profile = serializers.CharField(source="charter.profile", read_only=True)
    title = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True)
    terms = serializers.SerializerMethodField()

    class Meta:
        model = CharterVersion
        fields: ClassVar = [
            "profile",
            "number",
            "title",
            "text",
            "terms",
            "material",
            "grace_days",
            "published_at",
            "digest",
        ]
        read_only_fields = fields

    @extend_schema_field(TermsSerializer)
    def get_terms(self, version: CharterVersion) -> dict[str, Any]:
        """Return the machine-readable terms."""
        return write_terms(version.parsed)


class SignatureSerializer(serializers.ModelSerializer[Signature]):
    """One of the caller's signatures."""

    profile = serializers.CharField(source="version.charter.profile", read_only=True)
    number = serializers.IntegerField(source="version.number", read_only=True)

    class Meta:
        model = Signature
        fields: ClassVar = ["id", "profile", "number", "digest", "signed_at"]
        read_only_fields = fields


class StandingSerializer(serializers.Serializer[Any]):
    """Whether the caller is bound by a charter now, and what they signed."""

    profile = serializers.CharField()
    bound = serializers.BooleanField()
    refusals = serializers.ListField(child=serializers.DictField())
    rests_at = serializers.DateTimeField(allow_null=True)
    signatures = SignatureSerializer(many=True)


class SignSerializer(serializers.Serializer[Any]):
    """The commitment: which version was read, and the explicit yes."""

    number = serializers.IntegerField()
    agreed = serializers.BooleanField()


def standing(mine: MyCharter) -> dict[str, Any]:
    """Return a person's standing as the API shows it."""
    return {
        "profile": mine.profile.value,
        "bound": not mine.refusals,
        "refusals": [dict(said) for said in say_all(mine.refusals)],
        "rests_at": mine.rests_at,
        "signatures": SignatureSerializer(mine.signatures, many=True).data,
    }
