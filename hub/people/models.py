"""Users, organisations, and who belongs where."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext, gettext_lazy as _
from knox.models import AbstractAuthToken

from hub.kernel.identifiers import new_id
from hub.people.permissions import Kind, Profile, Role, Scope


class UserManager(BaseUserManager["User"]):
    """Create users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_superuser=False, is_staff=False, **fields)


class User(AbstractUser):  # type: ignore[django-manager-missing]
    """A person with an account. The trail knows them by their opaque identifier only."""

    class PersonalData:
        fields = frozenset({"email", "first_name", "last_name", "last_login", "password"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    language = models.CharField(_("language"), max_length=2, blank=True, default="")

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()  # type: ignore[assignment,misc]

    def __str__(self) -> str:
        return self.get_full_name() or f"user {str(self.pk)[-6:]}"


class Organisation(models.Model):
    """A State service, a local authority, an EdTech publisher, a research body, a school."""

    class PersonalData:
        fields = frozenset({"dpo_contact"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(unique=True)
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=20, choices=[(k, _(k.value)) for k in Kind])
    siren = models.CharField(_("SIREN"), max_length=9, blank=True)
    uai = models.CharField(_("UAI"), max_length=8, blank=True)
    territory = models.CharField(_("territory"), max_length=100, blank=True)
    website = models.URLField(_("website"), blank=True)
    dpo_contact = models.EmailField(_("contact of the data protection officer"), blank=True)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        permissions = [
            ("edit_data_of_organisation", "May describe the organisation's data"),
            ("steward_data_of_organisation", "May examine requests on the organisation's data"),
            ("sign_for_organisation", "May decide for the organisation"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=list(Kind)), name="hub_organisation_kind_known"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A person in an organisation, with one profile and a set of roles, for a time."""

    class PersonalData:
        fields = frozenset({"user"})

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="memberships"
    )
    organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("organisation"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    profile = models.CharField(
        _("profile"), max_length=20, choices=[(p, _(p.value)) for p in Profile]
    )
    roles = ArrayField(
        models.CharField(max_length=20, choices=[(r, _(r.value)) for r in Role]),
        verbose_name=_("roles"),
        default=list,
        blank=True,
    )
    starts_at = models.DateTimeField(_("from"))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(profile__in=list(Profile)), name="hub_membership_profile_known"
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at=None) | models.Q(ends_at__gt=models.F("starts_at")),
                name="hub_membership_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["user", "organisation", "profile"], name="hub_membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} ({gettext(self.profile)})"


class ApiToken(AbstractAuthToken):  # type: ignore[misc]
    """A personal token of the API: shown once, kept as a hash, with scopes and an end."""

    class PersonalData:
        fields = frozenset({"user", "label"})

    id = models.UUIDField(default=new_id, editable=False, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="auth_token_set")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="+"
    )
    label = models.CharField(_("label"), max_length=100)
    scopes = ArrayField(models.CharField(max_length=20, choices=[(s, s) for s in Scope]))

    def __str__(self) -> str:
        return f"token {str(self.id)[-6:]}"
