"""Demands to name the persons behind pseudonyms of an extract, for a legal need."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.reidentification.states import OPEN, Office, State
from hub.kernel.identifiers import new_id


class Reidentification(models.Model):
    """
    One demand. Of whom it is about, only a number stays when it is over.

    ``sealed`` holds the pseudonyms in layers: under the key of whoever filed, then that of the
    second person, and below the secret of the grant. Answers and candidates are in no table.
    """

    class PersonalData:
        fields = frozenset({"filed_by", "second", "sealed"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    granted = models.ForeignKey(
        "access.GrantDataset", on_delete=models.PROTECT, related_name="reidentifications"
    )
    need = models.TextField(_("Legal need"))
    reference = models.CharField(_("Legal reference"), max_length=300)
    recipient = models.CharField(_("Who receives the answer"), max_length=300)
    persons = models.PositiveSmallIntegerField()

    filed_as = models.CharField(max_length=10, choices=Office.choices())
    filed_by = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    filed_membership_id = models.UUIDField(null=True)
    filed_at = models.DateTimeField()
    second = models.ForeignKey("hub.User", on_delete=models.PROTECT, null=True, related_name="+")
    """Who approved or refused."""
    second_membership_id = models.UUIDField(null=True)
    second_at = models.DateTimeField(null=True)

    state = models.CharField(max_length=10, choices=State.choices(), default=State.FILED)
    until = models.DateTimeField()
    """The first moment at which it has lapsed, as long as it is open."""
    ended_at = models.DateTimeField(null=True)
    reason = models.TextField(blank=True)
    """Why it was refused or closed."""
    sealed = models.BinaryField(null=True)
    filing_digest = models.BinaryField(null=True)
    approval_digest = models.BinaryField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    """Wrong keys so far."""
    found = models.PositiveSmallIntegerField(null=True)
    candidates = models.PositiveIntegerField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="access_reident_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    state__in=sorted(OPEN),
                    sealed__isnull=False,
                    filing_digest__isnull=False,
                    ended_at=None,
                )
                | ~models.Q(state__in=sorted(OPEN))
                & models.Q(
                    sealed=None, filing_digest=None, approval_digest=None, ended_at__isnull=False
                ),
                name="access_reident_wiped_when_over",
            ),
            models.CheckConstraint(
                condition=models.Q(second=None) | ~models.Q(second=models.F("filed_by")),
                name="access_reident_two_people",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[State.APPROVED, State.ANSWERED])
                | models.Q(second__isnull=False, second_at__isnull=False),
                name="access_reident_approved_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=State.APPROVED)
                | models.Q(approval_digest__isnull=False),
                name="access_reident_approved_has_two_keys",
            ),
            models.UniqueConstraint(
                fields=["granted"],
                condition=models.Q(state__in=sorted(OPEN)),
                name="access_reident_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"],
                condition=models.Q(state__in=sorted(OPEN)),
                name="access_reident_open",
            ),
        ]

    def __str__(self) -> str:
        return f"re-identification {str(self.pk)[-6:]}"
