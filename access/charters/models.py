"""Charters, their texts, and who signed which."""

from django.db import models
from django.utils.translation import get_language, gettext_lazy as _

from access.charters.rules import Terms, parse_terms
from hub.kernel.identifiers import new_id
from hub.people.permissions import Profile


class Charter(models.Model):
    """What the people of one profile commit to."""

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    profile = models.CharField(
        _("profile"), max_length=20, unique=True, choices=[(p, p) for p in Profile]
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(profile__in=list(Profile)), name="access_charter_profile_known"
            )
        ]

    def __str__(self) -> str:
        return f"charter {self.profile}"


class CharterVersion(models.Model):
    """
    One published text of a charter: it never changes.

    A trigger in the database refuses UPDATE and DELETE.
    """

    class PersonalData:
        fields: frozenset[str] = frozenset()

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    charter = models.ForeignKey(Charter, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("number"))
    title_fr = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    text_fr = models.TextField()
    text_en = models.TextField()
    terms = models.JSONField()
    material = models.BooleanField(_("material change"))
    grace_days = models.PositiveSmallIntegerField(_("days of grace"), default=0)
    published_at = models.DateTimeField()
    digest = models.CharField(max_length=64)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["charter", "number"], name="access_version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.charter} version {self.number}"

    @property
    def title(self) -> str:
        """Return the title in the reader's language."""
        return self.title_en if get_language() == "en" else self.title_fr

    @property
    def text(self) -> str:
        """Return the text in the reader's language."""
        return self.text_en if get_language() == "en" else self.text_fr

    @property
    def parsed(self) -> Terms:
        """Return the machine-readable terms."""
        return parse_terms(self.terms)[0]


class Signature(models.Model):
    """
    One person signed one version, at one moment, as one of their memberships.

    It outlives the account: the link to the user is cut, the opaque name of the trail stays.
    """

    class PersonalData:
        fields = frozenset({"user", "signer"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    version = models.ForeignKey(
        CharterVersion, on_delete=models.PROTECT, related_name="signatures"
    )
    user = models.ForeignKey(
        "hub.User", on_delete=models.SET_NULL, null=True, related_name="signatures"
    )
    signer = models.CharField(max_length=60)
    membership_id = models.UUIDField(null=True)
    digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["version", "signer"], name="access_signature_once"),
        ]

    def __str__(self) -> str:
        return f"signature {str(self.pk)[-6:]}"
