"""What exists: datasets, their releases, where the rows come from, and what each field means."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.datasets.description import MOST_KNOWN
from catalog.datasets.states import CrossingRule, DatasetState, ReleaseState, SourceKind
from catalog.vocabularies.education_data import EducationData
from catalog.vocabularies.frequencies import Frequency
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Level, Tier, Unit
from catalog.vocabularies.licences import Licence
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.kernel.identifiers import new_id
from hub.people.permissions import Profile


def _words() -> "ArrayField[list[str], list[str]]":
    return ArrayField(models.CharField(max_length=40), default=list, blank=True)


class Dataset(models.Model):
    """A producer's dataset, described: a draft says as little as it likes."""

    class PersonalData:
        fields = frozenset({"contact_email", "controller_contact"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=100, unique=True)
    producer = models.ForeignKey(
        "hub.Organisation", on_delete=models.PROTECT, related_name="datasets"
    )
    title = models.CharField(_("title"), max_length=200)
    summary = models.CharField(_("summary"), max_length=500, blank=True)
    description = models.TextField(_("description"), blank=True)
    contact_email = models.EmailField(_("contact"), blank=True)

    data_type = models.CharField(max_length=40, choices=EducationData.choices(), blank=True)
    themes = _words()
    education_levels = _words()
    population = models.CharField(max_length=300, blank=True)
    unit = models.CharField(max_length=20, choices=[(u, u) for u in Unit], blank=True)
    territory = models.CharField(max_length=200, blank=True)
    period_start = models.DateField(null=True, blank=True)
    period_end = models.DateField(null=True, blank=True)
    frequency = models.CharField(max_length=20, choices=Frequency.choices(), blank=True)
    language = models.CharField(max_length=2, default="fr")
    licence = models.CharField(max_length=20, choices=Licence.choices(), blank=True)
    provenance = models.TextField(blank=True)

    collection_basis = models.CharField(max_length=30, choices=LegalBasis.choices(), blank=True)
    collection_purposes = models.TextField(blank=True)
    retention_months = models.PositiveIntegerField(null=True, blank=True)
    retention_basis = models.CharField(max_length=500, blank=True)
    crossing_rule = models.CharField(
        max_length=20, choices=CrossingRule.choices(), default=CrossingRule.FORBIDDEN
    )
    crossing_with = ArrayField(models.UUIDField(), default=list, blank=True)
    accepted_profiles = _words()
    accepted_purposes = _words()
    controller_contact = models.EmailField(blank=True)
    declared_tier = models.CharField(max_length=10, choices=[(t, t) for t in Tier], blank=True)
    k = models.PositiveSmallIntegerField(null=True, blank=True)
    suppression_cap = models.FloatField(null=True, blank=True)
    # Beyond the size of groups: values of a sensitive field in each, their distance from everybody's,
    # the share of persons whom so many known facts may single out.
    l_diversity = models.PositiveSmallIntegerField(null=True, blank=True)
    t_closeness = models.FloatField(null=True, blank=True)
    uniqueness = models.FloatField(null=True, blank=True)
    facts_known = models.PositiveSmallIntegerField(null=True, blank=True)
    # Of tables of results: so many contributors may not make more than so many percent of a sum.
    dominance_n = models.PositiveSmallIntegerField(null=True, blank=True)
    dominance_k = models.FloatField(null=True, blank=True)

    state = models.CharField(max_length=10, default=DatasetState.DRAFT)
    version = models.PositiveIntegerField(default=1)
    words = models.TextField(default="", editable=False)
    """What the search also reads: the producer's name, the names and labels of the fields."""
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        permissions = [
            ("edit_dataset", "May describe the dataset"),
            ("steward_dataset", "May examine requests on the dataset"),
            ("sign_dataset", "May decide on requests on the dataset"),
        ]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(DatasetState)), name="catalog_dataset_state"
            ),
            models.CheckConstraint(
                condition=models.Q(unit__in=["", *Unit]), name="catalog_dataset_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(declared_tier__in=["", *Tier]), name="catalog_dataset_tier"
            ),
            models.CheckConstraint(
                condition=models.Q(collection_basis__in=["", *LegalBasis]),
                name="catalog_dataset_basis",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_profiles__contained_by=list(Profile)),
                name="catalog_dataset_profiles",
            ),
            models.CheckConstraint(
                condition=models.Q(state=DatasetState.DRAFT)
                | models.Q(published_at__isnull=False),
                name="catalog_dataset_published_at",
            ),
            models.CheckConstraint(
                condition=models.Q(k=None) | models.Q(k__gte=2), name="catalog_dataset_k"
            ),
            models.CheckConstraint(
                condition=models.Q(suppression_cap=None)
                | models.Q(suppression_cap__gte=0, suppression_cap__lte=1),
                name="catalog_dataset_suppression",
            ),
            models.CheckConstraint(
                condition=models.Q(l_diversity=None) | models.Q(l_diversity__gte=2),
                name="catalog_dataset_l_diversity",
            ),
            models.CheckConstraint(
                condition=models.Q(t_closeness=None)
                | models.Q(t_closeness__gte=0, t_closeness__lte=1),
                name="catalog_dataset_t_closeness",
            ),
            models.CheckConstraint(
                condition=models.Q(uniqueness=None)
                | models.Q(uniqueness__gte=0, uniqueness__lte=1),
                name="catalog_dataset_uniqueness",
            ),
            models.CheckConstraint(
                condition=models.Q(facts_known=None)
                | models.Q(facts_known__gte=1, facts_known__lte=MOST_KNOWN),
                name="catalog_dataset_facts_known",
            ),
            models.CheckConstraint(
                condition=models.Q(dominance_n=None) | models.Q(dominance_n__gte=1),
                name="catalog_dataset_dominance_n",
            ),
            models.CheckConstraint(
                condition=models.Q(dominance_k=None)
                | models.Q(dominance_k__gt=0, dominance_k__lte=100),
                name="catalog_dataset_dominance_k",
            ),
            models.CheckConstraint(
                condition=models.Q(period_start=None)
                | models.Q(period_end=None)
                | models.Q(period_end__gte=models.F("period_start")),
                name="catalog_dataset_period",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class SchemaVersion(models.Model):
    """The fields of a dataset, from one release to the next that changes them."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="schemas")
    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="catalog_schema_number")
        ]

    def __str__(self) -> str:
        return f"schema {self.number}"


class Release(models.Model):
    """One vintage of a dataset ("rentrée 2025")."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="releases")
    schema = models.ForeignKey(
        SchemaVersion, on_delete=models.PROTECT, null=True, related_name="releases"
    )
    label = models.CharField(_("label"), max_length=100)
    state = models.CharField(max_length=10, default=ReleaseState.DRAFT)
    row_count = models.PositiveBigIntegerField(null=True)
    tier = models.CharField(max_length=10, choices=[(t, t) for t in Tier], blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["dataset", "label"], name="catalog_release_label"),
            models.CheckConstraint(
                condition=models.Q(state__in=list(ReleaseState)), name="catalog_release_state"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ReleaseState.PUBLISHED)
                | (
                    models.Q(published_at__isnull=False, row_count__isnull=False)
                    & ~models.Q(tier="")
                ),
                name="catalog_release_published_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Source(models.Model):
    """Where the rows of a release are: an upload not yet in the vault, a place elsewhere, a node."""

    class PersonalData:
        fields = frozenset({"file_name"})

    release = models.OneToOneField(
        Release, on_delete=models.CASCADE, primary_key=True, related_name="source"
    )
    kind = models.CharField(max_length=20, choices=SourceKind.choices())
    path = models.CharField(max_length=100, blank=True)
    """Opaque name under the folder of uploads; empty once the rows are in the vault."""
    wrapped_key = models.BinaryField(null=True)
    file_name = models.CharField(max_length=255, blank=True)
    bytes = models.PositiveBigIntegerField(null=True)
    host = models.CharField(max_length=255, blank=True)
    port = models.PositiveIntegerField(null=True)
    database = models.CharField(max_length=100, blank=True)
    schema_name = models.CharField(max_length=100, blank=True)
    table_name = models.CharField(max_length=100, blank=True)
    user_name = models.CharField(max_length=100, blank=True)
    wrapped_password = models.BinaryField(null=True)
    settings = models.JSONField(default=dict, blank=True)
    """How a file is read (its sheet), or what names a place that has no columns of its own."""
    node = models.ForeignKey(
        "catalog.Node", on_delete=models.PROTECT, null=True, related_name="datasets"
    )
    """Where the rows stay, for ever; ``table_name`` is what the node calls them."""
    content_digest = models.CharField(max_length=64, blank=True)
    """What the node said of their content when it took them in: another digest, other rows."""
    dialect = models.JSONField(null=True)
    row_count = models.PositiveBigIntegerField(null=True)
    attached_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(path="") | models.Q(wrapped_key__isnull=False),
                name="catalog_source_upload_is_sealed",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=SourceKind.POSTGRESQL)
                | (~models.Q(host="") & ~models.Q(table_name="")),
                name="catalog_source_table_is_named",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=[SourceKind.PORTAL, SourceKind.S3])
                | ~models.Q(settings={}),
                name="catalog_source_place_is_named",
            ),
            models.CheckConstraint(
                condition=models.Q(kind=SourceKind.NODE, node__isnull=False)
                & ~models.Q(table_name="")
                | ~models.Q(kind=SourceKind.NODE) & models.Q(node=None, content_digest=""),
                name="catalog_source_at_a_node",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} source"


class Field(models.Model):
    """One column: what it is called, what it means, how much it can hurt."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    schema = models.ForeignKey(SchemaVersion, on_delete=models.CASCADE, related_name="fields")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    label = models.CharField(max_length=200, blank=True)
    definition = models.TextField(blank=True)
    type = models.CharField(max_length=20, choices=PlainType.choices())
    unit = models.CharField(max_length=40, blank=True)
    code_list = models.JSONField(default=list, blank=True)
    """Codes and what they mean: ``[{"code": "PU", "label": "Public"}]``."""
    missing_values = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    example = models.CharField(max_length=200, blank=True)
    semantic_type = models.CharField(max_length=30, choices=SemanticType.choices(), blank=True)
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    """Null as long as the producer confirmed none: it then counts as sensitive."""
    confirmed = models.BooleanField(default=False)
    attribute = models.CharField(max_length=120, blank=True)
    """Whom it identifies: ``pupil`` nationally, ``pupil@<producer>`` in the producer's system."""
    is_subject = models.BooleanField(default=False)
    """Whether it names the person that the row speaks of."""
    proposal = models.JSONField(default=dict, blank=True)
    """What was inferred, with its reasons: kept beside what the producer said."""
    reading = models.JSONField(default=dict, blank=True)
    """How its texts are read: format of dates, decimal mark …"""
    hierarchy_levels = ArrayField(
        models.CharField(max_length=100, blank=True), default=list, blank=True
    )
    """Names of the levels of its producer's own hierarchy, finest first; without one, none."""
    hierarchy = models.TextField(blank=True)
    """The lines of that hierarchy: value, level 1, level 2 … Lists of fields leave it unread."""

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["schema", "name"], name="catalog_field_name"),
            models.UniqueConstraint(fields=["schema", "position"], name="catalog_field_position"),
            models.UniqueConstraint(
                fields=["schema"],
                condition=models.Q(is_subject=True),
                name="catalog_field_one_subject",
            ),
            models.CheckConstraint(
                condition=models.Q(level=None) | models.Q(level__lte=max(Level)),
                name="catalog_field_level",
            ),
            models.CheckConstraint(
                condition=models.Q(confirmed=False) | models.Q(level__isnull=False),
                name="catalog_field_confirmed_has_level",
            ),
            models.CheckConstraint(
                condition=models.Q(example="") | models.Q(level__lte=Level.AGGREGATED),
                name="catalog_field_example_is_harmless",
            ),
            models.CheckConstraint(
                condition=models.Q(is_subject=False) | ~models.Q(attribute=""),
                name="catalog_field_subject_has_attribute",
            ),
            models.CheckConstraint(
                condition=models.Q(hierarchy_levels=[], hierarchy="")
                | ~models.Q(hierarchy_levels=[])
                & ~models.Q(hierarchy="")
                & (models.Q(level=None) | models.Q(level__lt=Level.IDENTIFIER)),
                name="catalog_field_hierarchy_of_nobody",
            ),
        ]

    def __str__(self) -> str:
        return self.name
