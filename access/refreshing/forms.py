"""Forms about newer releases."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DecisionForm(forms.Form):
    """Why a newer release is given to a grant, or not."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is sent to the team and kept in the trail."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
