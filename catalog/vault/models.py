"""What the hub keeps of a release, and the job that brings it in."""

from django.db import models

from catalog.datasets.states import UNFINISHED, IngestionState
from hub.kernel.identifiers import new_id


class Ingestion(models.Model):
    """The job that brings a release into the vault, with a lease that a dead worker lets go."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    release = models.ForeignKey(
        "catalog.Release", on_delete=models.CASCADE, related_name="ingestions"
    )
    state = models.CharField(max_length=10, default=IngestionState.QUEUED)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(null=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    refusals = models.JSONField(default=list)
    """Why it failed: codes, messages and their values (names and positions), never a cell."""
    queued_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(IngestionState)), name="catalog_ingestion_state"
            ),
            models.UniqueConstraint(
                fields=["release"],
                condition=models.Q(state__in=sorted(UNFINISHED)),
                name="catalog_ingestion_one_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"ingestion {self.state}"


class VaultFile(models.Model):
    """One file of a release: Parquet under its own data key, or in clear for the open tier."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    release = models.ForeignKey(
        "catalog.Release", on_delete=models.CASCADE, related_name="vault_files"
    )
    format = models.CharField(max_length=10, choices=[("parquet", "Parquet"), ("csv", "CSV")])
    path = models.CharField(max_length=200)
    """Opaque name under the folder of the vault."""
    clear = models.BooleanField(default=False)
    wrapped_key = models.BinaryField(null=True)
    rows = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["path"], name="catalog_vaultfile_path"),
            models.UniqueConstraint(
                fields=["release", "format", "clear"], name="catalog_vaultfile_one_a_format"
            ),
            models.CheckConstraint(
                condition=models.Q(clear=True, wrapped_key__isnull=True)
                | models.Q(clear=False, wrapped_key__isnull=False),
                name="catalog_vaultfile_clear_or_sealed",
            ),
        ]

    def __str__(self) -> str:
        return f"vault file {self.format}"


class DownloadTally(models.Model):
    """How often an open release was downloaded, by day: a count, nobody's name."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    release = models.ForeignKey(
        "catalog.Release", on_delete=models.CASCADE, related_name="tallies"
    )
    format = models.CharField(max_length=10)
    day = models.DateField()
    number = models.PositiveIntegerField(default=0)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["release", "format", "day"], name="catalog_tally_once_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number} downloads"
