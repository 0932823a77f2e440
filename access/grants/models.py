"""The right to extract: for one project, on these datasets, by these people, until then."""

from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from access.grants.workflow import Ending, State
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.purposes import Purpose
from hub.kernel.identifiers import new_id
from hub.kernel.periods import end_of_day


class Grant(models.Model):
    """What was decided on one request. Whether it opens anything now, ``rules.effective`` says."""

    class PersonalData:
        fields = frozenset({"holder"})

    # The identifier of its request (which stands above: no foreign key): what the reviewers saw of
    # the plan, key domains included, is to the letter what the grant holds.
    id = models.UUIDField(primary_key=True, editable=False)
    project = models.CharField(_("project"), max_length=300)
    organisation = models.ForeignKey(
        "hub.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    holder = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    profile = models.CharField(max_length=20)
    purpose = models.CharField(_("purpose"), max_length=40, choices=Purpose.choices())
    legal_basis = models.CharField(_("legal basis"), max_length=40, choices=LegalBasis.choices())
    conditions = models.TextField(_("conditions"), blank=True)
    # Its datasets are delivered joined, person by person, and never apart.
    crossing = models.BooleanField(_("crossing"), default=False)
    # Public: why the controller went against an unfavourable opinion.
    override = models.TextField(blank=True)
    state = models.CharField(max_length=20, choices=State.choices())
    reason = models.TextField(blank=True)
    ending = models.CharField(max_length=20, blank=True, choices=Ending.choices())
    issued_at = models.DateTimeField()
    starts_at = models.DateTimeField(_("from"))
    ends_on = models.DateField(_("last day"))
    suspended_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="access_grant_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.ENDED, ended_at__isnull=False)
                & models.Q(ending__in=list(Ending))
                | ~models.Q(state=State.ENDED) & models.Q(ended_at=None, ending=""),
                name="access_grant_ended_says_when_and_why",
            ),
            models.CheckConstraint(
                condition=models.Q(state=State.SUSPENDED, suspended_at__isnull=False)
                | ~models.Q(state=State.SUSPENDED) & models.Q(suspended_at=None),
                name="access_grant_suspended_says_when",
            ),
        ]
        indexes = [models.Index(fields=["state", "ends_on"], name="access_grant_to_end")]

    def __str__(self) -> str:
        return f"grant {str(self.pk)[-6:]}"

    @property
    def ends_at(self) -> datetime:
        """Return the first moment at which the grant is over: the end of its last day in Paris."""
        return end_of_day(self.ends_on)


class GrantDataset(models.Model):
    """One dataset of a grant, with the plan that was approved."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="datasets")
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey("catalog.Release", on_delete=models.PROTECT, related_name="+")
    # [{"name": …, "detail": …}], as requested and approved.
    fields = models.JSONField()
    row_filters = models.JSONField(default=list)
    # The plan that was approved, as canonical JSON to the letter, and its digest.
    plan = models.TextField()
    plan_digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["grant", "dataset"], name="access_grant_dataset_once"),
        ]

    def __str__(self) -> str:
        return f"{self.grant}, dataset {str(self.dataset_id)[-6:]}"


class GrantMember(models.Model):
    """One person of the team, in the membership that brought them, for a time."""

    class PersonalData:
        fields = frozenset({"user"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    grant = models.ForeignKey(Grant, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField()
    from_at = models.DateTimeField(_("from"))
    until_at = models.DateTimeField(_("until"), null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["grant", "user"], name="access_grant_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.grant}, member {str(self.user_id)[-6:]}"
