"""Words about the use of data, and the loads that brought them. Nobody is named here."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.consents.rules import DecidedBy, Decision
from catalog.vocabularies.purposes import Purpose
from hub.kernel.identifiers import new_id


class BatchState(models.TextChoices):
    """What became of a load."""

    LOADED = "loaded", _("Loaded")
    REFUSED = "refused", _("Refused")


class ConsentBatch(models.Model):
    """One load of words: who brought it, when, how many of what. Never about whom."""

    class PersonalData:
        fields = frozenset({"by", "acting_as"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    dataset = models.ForeignKey(
        "catalog.Dataset", on_delete=models.PROTECT, related_name="consent_batches"
    )
    state = models.CharField(max_length=10, choices=BatchState.choices)
    by = models.CharField(max_length=60)
    acting_as = models.CharField(max_length=60, blank=True)
    loaded_at = models.DateTimeField()
    attribute = models.CharField(max_length=120)
    lines = models.PositiveBigIntegerField()
    loaded = models.PositiveBigIntegerField()
    counts = models.JSONField(default=dict)
    """Lines loaded, by decision."""
    refusals = models.JSONField(default=list)
    """What was wrong, by numbers of lines."""
    # Keyed by a secret of the hub: the plain digest of a file of one line would give away whose
    # line it is to anybody who tries all identifiers.
    digest = models.BinaryField(max_length=32)
    watermark = models.BigIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=BatchState.values), name="access_batch_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(loaded__lte=models.F("lines")),
                name="access_batch_loads_its_lines",
            ),
            models.CheckConstraint(
                condition=models.Q(state=BatchState.LOADED, watermark__isnull=False)
                | models.Q(state=BatchState.REFUSED, watermark=None, loaded=0),
                name="access_batch_refused_loads_nothing",
            ),
        ]
        indexes = [models.Index(fields=["dataset", "-id"], name="access_batch_history")]

    def __str__(self) -> str:
        return f"batch {str(self.pk)[-6:]}"


class ConsentRecord(models.Model):
    """
    One word of one holder about one person. The database refuses to change or delete it.

    ``subject_key`` is stage 1 of the pseudonyms, 16 bytes: the hub stores no identifier.
    """

    class PersonalData:
        fields = frozenset({"subject_key", "holder"})

    id = models.BigAutoField(primary_key=True)
    batch = models.ForeignKey(
        ConsentBatch, on_delete=models.PROTECT, related_name="records", db_index=False
    )
    dataset = models.ForeignKey(
        "catalog.Dataset", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    subject_key = models.BinaryField(max_length=16)
    project = models.UUIDField(null=True)
    """The access request of the project, when the word is about one."""
    purpose = models.CharField(max_length=40, blank=True, choices=Purpose.choices())
    decision = models.CharField(max_length=20, choices=Decision.choices())
    decided_by = models.CharField(max_length=10, choices=DecidedBy.choices())
    holder = models.BinaryField(max_length=16, default=b"")
    """Which guardian, as a key: empty when the file tells only one apart."""
    decided_at = models.DateTimeField()
    until = models.DateField(null=True)
    notice = models.CharField(max_length=100, blank=True)
    evidence = models.CharField(max_length=100, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision__in=list(Decision)),
                name="access_consent_decision_known",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__in=list(DecidedBy)),
                name="access_consent_holder_known",
            ),
            models.CheckConstraint(
                condition=models.Q(purpose__in=["", *Purpose]), name="access_consent_purpose_known"
            ),
        ]
        indexes = [models.Index(fields=["dataset", "id"], name="access_consent_watermark")]

    def __str__(self) -> str:
        return f"word {self.pk}"
