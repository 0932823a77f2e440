"""Forms about accounts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from hub.people.permissions import Scope

SCOPE_LABELS = {
    Scope.READ: _("Read what I can see"),
    Scope.CATALOGUE: _("Register and describe datasets"),
    Scope.REQUESTS: _("Sign charters and ask for data"),
    Scope.DECISIONS: _("Examine and decide requests"),
    Scope.CONSENTS: _("Load consents and oppositions"),
    Scope.DOWNLOADS: _("Download my extracts"),
}


class TokenForm(forms.Form):
    """A new personal token."""

    label = forms.CharField(
        label=_("Label"), max_length=100, help_text=_("What you will use the token for.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("What it may be used for"),
        choices=[(scope.value, label) for scope, label in SCOPE_LABELS.items()],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.IntegerField(
        label=_("Days until it ends"), initial=90, min_value=1, max_value=365
    )

    def scopes_chosen(self) -> frozenset[Scope]:
        """Return the scopes of a valid form."""
        chosen: Any = self.cleaned_data["scopes"]
        return frozenset(Scope(scope) for scope in chosen)
