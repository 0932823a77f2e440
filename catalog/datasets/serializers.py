"""Datasets, as the API speaks of them."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from rest_framework import serializers

from catalog.connectors.portal.settings import FORMATS
from catalog.datasets.description import MOST_DOMINANT, MOST_KNOWN
from catalog.datasets.models import Dataset, Field, Release
from catalog.datasets.states import POINTED, CrossingRule, SourceKind
from catalog.vocabularies.education_data import EducationData
from catalog.vocabularies.education_levels import EducationLevel
from catalog.vocabularies.frequencies import Frequency
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.licences import Licence
from catalog.vocabularies.plain_types import DateFormat, PlainType
from catalog.vocabularies.purposes import Purpose
from catalog.vocabularies.semantic_types import SemanticType
from catalog.vocabularies.themes import Theme
from hub.people.models import Organisation
from hub.people.permissions import Profile
from hub.web.wording import fill


class ProducerSerializer(serializers.ModelSerializer[Organisation]):
    """Who answers for a dataset."""

    class Meta:
        model = Organisation
        fields = ["id", "slug", "name", "kind"]
        read_only_fields = fields


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A vintage."""

    class Meta:
        model = Release
        fields = ["id", "label", "state", "row_count", "tier", "created_at", "published_at"]
        read_only_fields = fields


class DatasetCardSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset in a list."""

    producer = ProducerSerializer(read_only=True)
    tier = serializers.CharField(source="current_tier", allow_null=True, default=None)

    class Meta:
        model = Dataset
        fields = [
            "id", "slug", "title", "summary", "producer", "unit", "themes", "tier", "state",
            "published_at",
        ]  # fmt: skip
        read_only_fields = fields


class DatasetSerializer(serializers.ModelSerializer[Dataset]):
    """A dataset, whole."""

    producer = ProducerSerializer(read_only=True)

    class Meta:
        model = Dataset
        fields = [
            "id", "slug", "producer", "title", "summary", "description", "contact_email",
            "data_type", "themes", "education_levels", "population", "unit", "territory",
            "period_start", "period_end", "frequency", "language", "licence", "provenance",
            "collection_basis", "collection_purposes", "retention_months", "retention_basis",
            "crossing_rule", "crossing_with", "accepted_profiles", "accepted_purposes",
            "controller_contact", "declared_tier", "k", "suppression_cap", "l_diversity",
            "t_closeness", "uniqueness", "facts_known", "dominance_n", "dominance_k", "state", "version", "created_at", "changed_at", "published_at",
        ]  # fmt: skip
        read_only_fields = fields


Pairs = list[tuple[str, str]]


def _pairs(closed: type[StrEnum]) -> Pairs:
    return [(str(member), str(member)) for member in closed]


def _closed(choices: Pairs) -> Any:
    return serializers.ChoiceField(choices=choices, required=False, allow_blank=True)


def _list(choices: Pairs) -> Any:
    return serializers.ListField(
        child=serializers.ChoiceField(choices=choices), required=False, max_length=50
    )


class DescriptionSerializer(serializers.Serializer[object]):
    """What may be said of a dataset."""

    title = serializers.CharField(max_length=200, required=False)
    summary = serializers.CharField(max_length=500, required=False, allow_blank=True)
    description = serializers.CharField(max_length=100_000, required=False, allow_blank=True)
    contact_email = serializers.EmailField(required=False, allow_blank=True)
    data_type = _closed(EducationData.choices())
    themes = _list(Theme.choices())
    education_levels = _list(EducationLevel.choices())
    population = serializers.CharField(max_length=300, required=False, allow_blank=True)
    unit = _closed(_pairs(Unit))
    territory = serializers.CharField(max_length=200, required=False, allow_blank=True)
    period_start = serializers.DateField(required=False, allow_null=True)
    period_end = serializers.DateField(required=False, allow_null=True)
    frequency = _closed(Frequency.choices())
    language = serializers.RegexField("^[a-z]{2}$", required=False)
    licence = _closed(Licence.choices())
    provenance = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    collection_basis = _closed(LegalBasis.choices())
    collection_purposes = serializers.CharField(
        max_length=20_000, required=False, allow_blank=True
    )
    retention_months = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=1200
    )
    retention_basis = serializers.CharField(max_length=500, required=False, allow_blank=True)
    crossing_rule = serializers.ChoiceField(choices=CrossingRule.choices(), required=False)
    crossing_with = serializers.ListField(
        child=serializers.UUIDField(), required=False, max_length=100
    )
    accepted_profiles = _list(_pairs(Profile))
    accepted_purposes = _list(Purpose.choices())
    controller_contact = serializers.EmailField(required=False, allow_blank=True)
    declared_tier = _closed(_pairs(Tier))
    k = serializers.IntegerField(required=False, allow_null=True, min_value=2, max_value=1000)
    suppression_cap = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=1
    )
    l_diversity = serializers.IntegerField(
        required=False, allow_null=True, min_value=2, max_value=100
    )
    t_closeness = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    uniqueness = serializers.FloatField(required=False, allow_null=True, min_value=0, max_value=1)
    facts_known = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST_KNOWN
    )
    dominance_n = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=MOST_DOMINANT
    )
    dominance_k = serializers.FloatField(
        required=False, allow_null=True, min_value=0, max_value=100
    )


class RegistrationSerializer(DescriptionSerializer):
    """A new dataset."""

    title = serializers.CharField(max_length=200)
    producer = serializers.SlugField(required=False)
    """Slug of the producer; by default, the organisation as whose member the caller acts."""
    release_label = serializers.CharField(max_length=100, required=False, allow_blank=True)


class ProposalSerializer(serializers.Serializer[object]):
    """What the hub proposed for a field, and why."""

    type = serializers.CharField()
    semantic_type = serializers.CharField()
    level = serializers.IntegerField()
    confidence = serializers.CharField()
    reason = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())


class FieldSerializer(serializers.ModelSerializer[Field]):
    """A field of the data dictionary."""

    code_list = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    hierarchy_levels = serializers.ListField(child=serializers.CharField(allow_blank=True))

    class Meta:
        model = Field
        fields = [
            "position", "name", "label", "definition", "type", "unit", "code_list",
            "missing_values", "example", "semantic_type", "level", "confirmed", "attribute",
            "is_subject", "hierarchy_levels",
        ]  # fmt: skip
        read_only_fields = fields


class OwnFieldSerializer(FieldSerializer):
    """A field, with its proposal, for those who confirm it."""

    proposal = serializers.SerializerMethodField()

    class Meta(FieldSerializer.Meta):
        fields = [*FieldSerializer.Meta.fields, "proposal"]
        read_only_fields = fields

    def get_proposal(self, one: Field) -> ProposalSerializer:
        """Return the proposal in the caller's language."""
        kept: dict[str, Any] = one.proposal
        return {  # type: ignore[return-value] # the schema is read from the annotation
            "type": kept.get("type", ""),
            "semantic_type": kept.get("semantic_type", ""),
            "level": kept.get("level", Level.SENSITIVE),
            "confidence": kept.get("confidence", ""),
            "reason": said_reason(kept.get("reason")),
            "notes": [said_reason(note) for note in kept.get("notes", ())],
        }


def said_reason(reason: dict[str, Any] | None) -> str:
    """Return the reason of a proposal in the reader's language."""
    return fill(reason["text"], reason["values"]) if reason else ""


class CodeSerializer(serializers.Serializer[object]):
    """A code and what it means."""

    code = serializers.CharField(max_length=100)
    label = serializers.CharField(max_length=300, allow_blank=True, default="")  # type: ignore[assignment]


class FieldChangeSerializer(serializers.Serializer[object]):
    """A change of one field, by its name."""

    name = serializers.CharField(max_length=200)
    label = serializers.CharField(max_length=200, required=False, allow_blank=True)  # type: ignore[assignment]
    definition = serializers.CharField(max_length=20_000, required=False, allow_blank=True)
    type = serializers.ChoiceField(choices=PlainType.choices(), required=False)
    unit = serializers.CharField(max_length=40, required=False, allow_blank=True)
    code_list = CodeSerializer(many=True, required=False)
    missing_values = serializers.ListField(
        child=serializers.CharField(max_length=40), required=False, max_length=50
    )
    date_format = serializers.ChoiceField(choices=DateFormat.choices(), required=False)
    example = serializers.CharField(max_length=200, required=False, allow_blank=True)
    semantic_type = serializers.ChoiceField(choices=SemanticType.choices(), required=False)
    level = serializers.IntegerField(
        min_value=min(Level), max_value=max(Level), required=False, allow_null=True
    )
    attribute = serializers.CharField(max_length=120, required=False, allow_blank=True)
    is_subject = serializers.BooleanField(required=False)
    confirmed = serializers.BooleanField(required=False)


class FieldsChangeSerializer(serializers.Serializer[object]):
    """Changes of fields, all or none."""

    # The metaclass takes it away: the property of this name stays.
    fields = FieldChangeSerializer(many=True, required=False)  # type: ignore[assignment]
    confirm_all = serializers.BooleanField(default=False)


class TableSerializer(serializers.Serializer[object]):
    """A table of a PostgreSQL database: what a call without ``kind`` points to."""

    kind = serializers.CharField(required=False)
    host = serializers.CharField(max_length=255)
    port = serializers.IntegerField(default=5432, min_value=1, max_value=65535)
    database = serializers.CharField(max_length=100)
    schema = serializers.CharField(max_length=100, default="public")
    table = serializers.CharField(max_length=100)
    user = serializers.CharField(max_length=100)
    password = serializers.CharField(
        max_length=200, required=False, write_only=True, allow_blank=True, default=""
    )


class PortalSerializer(serializers.Serializer[object]):
    """A dataset of an Explore v2.1 portal; without ``format``, the hub chooses."""

    kind = serializers.CharField()
    address = serializers.CharField(max_length=500)
    format = serializers.ChoiceField(
        choices=[(one, one) for one in FORMATS], required=False, allow_blank=True, default=""
    )


class ObjectsSerializer(serializers.Serializer[object]):
    """An object of an S3 store, or all those under a prefix (a key that ends with a slash)."""

    kind = serializers.CharField()
    endpoint = serializers.CharField(max_length=255)
    region = serializers.CharField(max_length=60, default="us-east-1")
    bucket = serializers.CharField(max_length=100)
    key = serializers.CharField(max_length=1000)
    access_key = serializers.CharField(max_length=200)
    secret = serializers.CharField(max_length=200, write_only=True)


PLACE_SERIALIZERS: Mapping[str, type[serializers.Serializer[object]]] = {
    SourceKind.POSTGRESQL: TableSerializer,
    SourceKind.PORTAL: PortalSerializer,
    SourceKind.S3: ObjectsSerializer,
}


class KindSerializer(serializers.Serializer[object]):
    """Which kind of place a call points to."""

    kind = serializers.ChoiceField(
        choices=[(str(kind), str(kind)) for kind in SourceKind if kind in POINTED],
        default=SourceKind.POSTGRESQL.value,
    )


class SourceShownSerializer(serializers.Serializer[object]):
    """Where the rows of the worked release are; never a password."""

    kind = serializers.CharField()
    file_name = serializers.CharField()
    bytes = serializers.IntegerField(allow_null=True)
    host = serializers.CharField()
    port = serializers.IntegerField(allow_null=True)
    database = serializers.CharField()
    schema = serializers.CharField(source="schema_name")
    table = serializers.CharField(source="table_name")
    user = serializers.CharField(source="user_name")
    settings = serializers.DictField(child=serializers.CharField())
    row_count = serializers.IntegerField(allow_null=True)
    attached_at = serializers.DateTimeField()


class LabelSerializer(serializers.Serializer[object]):
    """A new release."""

    label = serializers.CharField(max_length=100)  # type: ignore[assignment]


class ReasonSerializer(serializers.Serializer[object]):
    """Why something is done."""

    reason = serializers.CharField(max_length=1000)
