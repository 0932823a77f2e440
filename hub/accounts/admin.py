"""Organisations, people and memberships in the administration: configured by the hub's admins."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import DateTimeField, URLField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy as _

from hub.accounts.actions import change_account, change_membership, change_organisation
from hub.people.acting import acting, actor_in
from hub.people.models import Membership, Organisation, User
from hub.people.permissions import Role


class Configured(admin.ModelAdmin[Any]):
    """What hub admins configure and auditors read; nothing is deleted, memberships end."""

    def _acts_as(self, request: HttpRequest, *roles: Role) -> bool:
        actor = acting(request)
        return actor is not None and bool(actor.roles & set(roles))

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._acts_as(request, Role.HUB_ADMIN, Role.AUDITOR)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._acts_as(request, Role.HUB_ADMIN, Role.AUDITOR)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._acts_as(request, Role.HUB_ADMIN)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._acts_as(request, Role.HUB_ADMIN)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Organisation)
class OrganisationAdmin(Configured):
    """Organisations."""

    list_display = ["name", "kind", "territory"]
    ordering = ["name"]
    list_filter = ["kind"]
    search_fields = ["name", "siren", "uai"]
    prepopulated_fields = {"slug": ["name"]}

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Propose an address for a new organisation; one that is known keeps its own."""
        return {} if obj else self.prepopulated_fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_organisation(organisation=obj, by=actor_in(request), at=timezone.now())


@admin.register(User)
class UserAdmin(Configured):
    """Accounts: opened and closed here, never looked into."""

    list_display = ["email", "first_name", "last_name", "is_active"]
    ordering = ["email"]
    search_fields = ["email", "last_name"]
    fields = ["email", "first_name", "last_name", "language", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Let nobody move an account to another address: it would open it to somebody else."""
        return ["email"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_account(user=obj, by=actor_in(request), at=timezone.now())


class Moment(forms.DateTimeInput):
    """A day and an hour, entered with the browser's own calendar."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%dT%H:%M")


class MembershipForm(forms.ModelForm[Membership]):
    """A membership, with its roles as boxes to tick; nobody gives themselves a role."""

    roles = forms.MultipleChoiceField(
        label=_("roles"),
        choices=[(role.value, _(role.value)) for role in Role],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    giver: Any = None

    class Meta:
        model = Membership
        fields = ["user", "organisation", "profile", "roles", "starts_at", "ends_at"]

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        user = (cleaned or {}).get("user")
        user_id = user.pk if user is not None else self.instance.user_id
        if self.giver is not None and user_id == self.giver.user_id:
            raise forms.ValidationError(
                _("Nobody gives themselves a role: ask another administrator of the hub.")
            )
        return cleaned


@admin.register(Membership)
class MembershipAdmin(Configured):
    """Who belongs where, with which roles, until when."""

    form = MembershipForm
    list_display = ["user", "organisation", "profile", "held", "starts_at", "ends_at"]
    list_filter = ["profile", "organisation"]
    list_select_related = ["user", "organisation"]
    ordering = ["-id"]
    # Django's own pair of date and time, and its boxes that complete, have no label of their own.
    formfield_overrides = {DateTimeField: {"form_class": forms.DateTimeField, "widget": Moment}}

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Keep who belongs where: another place is another membership."""
        return ["user", "organisation", "profile"] if obj else []

    @admin.display(description=_("roles"))
    def held(self, membership: Membership) -> str:
        """Name the roles in the reader's language."""
        return ", ".join(gettext(role) for role in membership.roles)

    def get_form(
        self,
        request: HttpRequest,
        obj: Any = None,
        change: bool = False,
        **kwargs: Any,
    ) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        form.giver = acting(request)  # type: ignore[attr-defined]
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_membership(membership=obj, by=actor_in(request), at=timezone.now())
