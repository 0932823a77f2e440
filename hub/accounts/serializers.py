"""People and tokens, as the API speaks of them."""

from rest_framework import serializers

from hub.people.models import ApiToken, Membership, Organisation
from hub.people.permissions import Scope


class OrganisationSerializer(serializers.ModelSerializer[Organisation]):
    """An organisation, as anyone may know it."""

    class Meta:
        model = Organisation
        fields = ["id", "slug", "name", "kind", "siren", "uai", "territory", "website"]
        read_only_fields = fields


class MembershipSerializer(serializers.ModelSerializer[Membership]):
    """One of the caller's memberships."""

    organisation = OrganisationSerializer(read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "organisation", "profile", "roles", "starts_at", "ends_at"]
        read_only_fields = fields


class MeSerializer(serializers.Serializer[object]):
    """Who the caller is, and as whom they act now."""

    id = serializers.UUIDField()
    acting_as = serializers.UUIDField(allow_null=True)
    memberships = MembershipSerializer(many=True)


class TokenSerializer(serializers.ModelSerializer[ApiToken]):
    """A personal token, without its text."""

    class Meta:
        model = ApiToken
        fields = ["id", "label", "scopes", "created", "expiry", "membership"]
        read_only_fields = fields


class NewTokenSerializer(serializers.ModelSerializer[ApiToken]):
    """What is asked for a new token."""

    scopes = serializers.ListField(child=serializers.ChoiceField(choices=[s.value for s in Scope]))
    days = serializers.IntegerField(default=90)

    class Meta:
        model = ApiToken
        fields = ["label", "scopes", "days"]


class TokenOnceSerializer(TokenSerializer):
    """A new token with its text, shown once."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = [*TokenSerializer.Meta.fields, "token"]
        read_only_fields = fields
