"""Somebody asks for data: for what, which fields, with whom; what was thought and decided of it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from access.plans.terms import default_formats
from access.requests.states import Adviser, State, Verdict
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.purposes import Purpose
from hub.kernel.identifiers import new_id
from hub.people.permissions import Profile


class AccessRequest(models.Model):
    """One request. ``version`` changes at every save, ``revision`` at every submission."""

    class PersonalData:
        fields = frozenset({"applicant"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    applicant = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField()
    organisation = models.ForeignKey(
        "hub.Organisation", on_delete=models.PROTECT, related_name="+"
    )
    profile = models.CharField(max_length=20, choices=[(p, p) for p in Profile])

    title = models.CharField(_("Title of the project"), max_length=300)
    context = models.TextField(_("Context"), blank=True)
    question = models.TextField(_("Question to answer"), blank=True)
    outputs = models.TextField(_("Expected results and publications"), blank=True)
    purpose = models.CharField(_("Purpose"), max_length=40, blank=True, choices=Purpose.choices())
    legal_basis = models.CharField(
        _("Legal basis"), max_length=40, blank=True, choices=LegalBasis.choices()
    )
    ethics = models.CharField(_("Opinion of an ethics committee"), max_length=300, blank=True)
    dpia = models.CharField(_("Impact assessment (DPIA)"), max_length=300, blank=True)
    hosting = models.TextField(_("Where the data will be kept"), blank=True)
    security = models.TextField(_("Security measures"), blank=True)
    ends_on = models.DateField(_("Last day of use"), null=True, blank=True)
    crossing = models.BooleanField(_("Crossing of the datasets"), default=False)
    crossing_reason = models.TextField(_("Why the datasets are crossed"), blank=True)
    formats = ArrayField(models.CharField(max_length=20), default=default_formats)
    """Of the files of the extracts, in the order of plans."""

    state = models.CharField(max_length=20, choices=State.choices(), default=State.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=list(State)), name="access_request_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(revision=0, submitted_at=None)
                | models.Q(revision__gt=0, submitted_at__isnull=False),
                name="access_request_submission_counted",
            ),
        ]
        indexes = [
            models.Index(fields=["applicant", "state"], name="access_request_mine"),
            models.Index(fields=["state", "submitted_at"], name="access_request_waiting"),
        ]

    def __str__(self) -> str:
        return f"request {str(self.pk)[-6:]}"


class RequestedDataset(models.Model):
    """One dataset of a request, decided on its own."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="datasets")
    dataset = models.ForeignKey("catalog.Dataset", on_delete=models.PROTECT, related_name="+")
    release = models.ForeignKey("catalog.Release", on_delete=models.PROTECT, related_name="+")
    # [{"field": …, "operator": "=", "values": […]}]: a row is kept when it meets them all.
    row_filters = models.JSONField(default=list, blank=True)
    # [{"dimensions": [field, …], "sum_of": field or ""}]: with any, tables leave and no row does.
    tables = models.JSONField(default=list, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request", "dataset"], name="access_requested_dataset_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}, dataset {str(self.dataset_id)[-6:]}"


class RequestedField(models.Model):
    """One field of a requested dataset, the detail wanted, and why."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    requested = models.ForeignKey(
        RequestedDataset, on_delete=models.CASCADE, related_name="fields"
    )
    name = models.CharField(max_length=200)
    # A step of the field's ladder of generalisation; empty: what the level gives by default.
    detail = models.CharField(max_length=60, blank=True)
    justification = models.TextField(blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["requested", "name"], name="access_requested_field_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requested}, field {self.name}"


class TeamMember(models.Model):
    """
    Somebody invited to work on the data, by address.

    ``user`` is filled when the address is that of a member of an organisation; no page says
    whether it is: an invitation reads the same either way.
    """

    class PersonalData:
        fields = frozenset({"email", "user"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="team")
    email = models.EmailField(_("E-mail address"))
    affiliation = models.CharField(_("Organisation and function"), max_length=200, blank=True)
    user = models.ForeignKey("hub.User", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "email"], name="access_team_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request}, member {str(self.pk)[-6:]}"


class Revision(models.Model):
    """What the request said when it was submitted: opinions and differences refer to it."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    submitted_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["request", "number"], name="access_revision_once"),
        ]

    def __str__(self) -> str:
        return f"{self.request}, revision {self.number}"


class Opinion(models.Model):
    """What one adviser thinks of one revision."""

    class PersonalData:
        fields = frozenset({"by"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="opinions")
    revision = models.PositiveIntegerField()
    role = models.CharField(max_length=20, choices=Adviser.choices())
    favourable = models.BooleanField()
    text = models.TextField()
    by = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField(null=True)
    given_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request", "revision", "role"], name="access_opinion_once_per_revision"
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=list(Adviser)), name="access_opinion_role_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}, opinion {self.role}"


class Decision(models.Model):
    """
    What one signatory decided of one dataset (or, rejecting, of the whole), on one revision.

    ``override`` says in writing, and publicly, why an unfavourable opinion was not followed.
    """

    class PersonalData:
        fields = frozenset({"by"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    request = models.ForeignKey(AccessRequest, on_delete=models.CASCADE, related_name="decisions")
    # Not the requested dataset: the applicant may take it out of a later revision.
    dataset = models.ForeignKey(
        "catalog.Dataset", on_delete=models.PROTECT, null=True, related_name="+"
    )
    revision = models.PositiveIntegerField()
    # Of the plan that the signatory saw: when the catalogue changes it, the approval falls.
    plan_digest = models.CharField(max_length=64, blank=True)
    verdict = models.CharField(max_length=20, choices=Verdict.choices())
    reason = models.TextField()
    conditions = models.TextField(blank=True)
    override = models.TextField(blank=True)
    by = models.ForeignKey("hub.User", on_delete=models.PROTECT, related_name="+")
    membership_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["request", "dataset", "revision", "plan_digest", "by"],
                name="access_decision_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["request"],
                condition=models.Q(verdict=Verdict.REJECTED),
                name="access_rejection_once",
            ),
            models.CheckConstraint(
                condition=models.Q(verdict=Verdict.APPROVED, dataset__isnull=False)
                | models.Q(verdict=Verdict.REJECTED, dataset=None),
                name="access_decision_names_what_it_approves",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.request}, decision {self.verdict}"
