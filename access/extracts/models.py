"""Extracts of grants: how far they are, what was made, who fetched it."""

from uuid import UUID

from django.db import models

from access.extracts.workflow import UNFINISHED, WITH_FILES, State
from hub.kernel.identifiers import new_id


class Extract(models.Model):
    """
    One run of one granted dataset, or of a whole crossing, with a lease that a dead worker lets go.

    Of a crossing, ``granted`` and ``release`` are those of the first dataset.

    The same plan, release and words of consent are made once: ``refresh`` only counts what had
    to be made again after a failure, a cancellation or a purge.
    """

    class PersonalData:
        fields = frozenset({"asked_by"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    granted = models.ForeignKey(
        "access.GrantDataset", on_delete=models.PROTECT, related_name="extracts"
    )
    release = models.ForeignKey("catalog.Release", on_delete=models.PROTECT, related_name="+")
    plan_digest = models.CharField(max_length=64)
    consent_watermark = models.BigIntegerField()
    consent_digest = models.CharField(max_length=64, blank=True)
    watermarks = models.JSONField(default=dict)
    """Of a crossing: the last word that was read about each dataset; their sum is the watermark."""
    refresh = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField(null=True)

    node = models.ForeignKey(
        "catalog.Node", on_delete=models.PROTECT, null=True, related_name="extracts"
    )
    """The producer's node that makes it; without one, a worker of the hub."""
    delivery = models.JSONField(default=dict)
    """What the node says that it made, until the hub has looked at it: counts and digests."""

    state = models.CharField(max_length=10, choices=[(s, s) for s in State], default=State.QUEUED)
    stage = models.CharField(max_length=20, blank=True)
    rows_done = models.PositiveBigIntegerField(default=0)
    rows_total = models.PositiveBigIntegerField(default=0)
    bytes_done = models.PositiveBigIntegerField(default=0)
    """Of the sources, compressed as the files hold them: those of the columns that are read."""
    bytes_total = models.PositiveBigIntegerField(default=0)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)

    failure = models.JSONField(default=list)
    """Why it failed: codes, messages and their values (names and numbers), never a cell."""
    suggestions = models.JSONField(default=list)
    """Fields that could be coarser, when groups were too small."""
    outcome = models.JSONField(default=dict)
    """How many rows were read, left out and delivered."""
    suppressed_cells = models.BinaryField(default=b"")
    """Names of the groups left out, 16 bytes each, under a key of the grant."""

    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    purge_at = models.DateTimeField(null=True)
    purged_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    hold_reason = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["granted", "plan_digest", "release", "consent_watermark", "refresh"],
                name="access_extract_once",
            ),
            models.UniqueConstraint(
                fields=["granted"],
                condition=models.Q(state__in=sorted(UNFINISHED)),
                name="access_extract_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="access_extract_state_known"
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted(WITH_FILES))
                | models.Q(purge_at__isnull=False, finished_at__isnull=False),
                name="access_extract_ready_has_an_end",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.PURGED, purged_at__isnull=False)
                | ~models.Q(state=State.PURGED) & models.Q(purged_at=None),
                name="access_extract_purged_says_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.FAILED) | ~models.Q(failure=[]),
                name="access_extract_failure_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(held_at=None) | ~models.Q(hold_reason=""),
                name="access_extract_hold_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["lease_until"],
                condition=models.Q(state__in=sorted(UNFINISHED)),
                name="access_extract_unfinished",
            ),
            models.Index(
                fields=["purge_at"],
                condition=models.Q(state__in=sorted(WITH_FILES)),
                name="access_extract_to_purge",
            ),
        ]

    def __str__(self) -> str:
        return f"extract {str(self.pk)[-6:]}"

    def watermark_of(self, dataset_id: UUID) -> int:
        """Return the number of the last word about a dataset that was read, 0 when none was."""
        if self.watermarks:
            return int(self.watermarks.get(str(dataset_id), 0))
        return self.consent_watermark


class ExtractFile(models.Model):
    """One file of a bundle, as its reader gets it. On disk it is sealed."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    extract = models.ForeignKey(Extract, on_delete=models.CASCADE, related_name="files")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    media_type = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["extract", "name"], name="access_extract_file_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Download(models.Model):
    """Somebody fetched a file, or a part of it. It outlives the file."""

    class PersonalData:
        fields = frozenset({"user"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    file = models.ForeignKey(ExtractFile, on_delete=models.PROTECT, related_name="downloads")
    user = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField(null=True)
    at = models.DateTimeField()
    start = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()
        indexes = [models.Index(fields=["file", "at"], name="access_download_by_file")]

    def __str__(self) -> str:
        return f"download of {self.file}"


class Recall(models.Model):
    """
    Persons spoke up after an extract was made: their rows are to be erased by those who have it.

    Who they are is not kept here: the list is read again from the words, between two watermarks,
    and written in the grant's own pseudonyms.
    """

    class PersonalData:
        fields = frozenset({"attested_by"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    extract = models.ForeignKey(Extract, on_delete=models.PROTECT, related_name="recalls")
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    since = models.BigIntegerField()
    upto = models.BigIntegerField()
    persons = models.PositiveBigIntegerField()
    noted_at = models.DateTimeField()
    attested_at = models.DateTimeField(null=True)
    attested_by = models.ForeignKey(
        "hub.User", on_delete=models.PROTECT, null=True, related_name="+"
    )
    membership_id = models.UUIDField(null=True)
    statement = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        ordering = ["upto"]
        constraints = [
            models.UniqueConstraint(fields=["extract", "upto"], name="access_recall_once"),
            models.CheckConstraint(
                condition=models.Q(upto__gt=models.F("since"), persons__gt=0),
                name="access_recall_is_of_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(attested_at=None, attested_by=None, statement="")
                | models.Q(attested_at__isnull=False, attested_by__isnull=False)
                & ~models.Q(statement=""),
                name="access_recall_attested_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"recall {self.upto} of {self.extract}"
