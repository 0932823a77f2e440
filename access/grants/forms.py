"""Forms about grants."""

from django import forms
from django.utils.translation import gettext_lazy as _


class StepForm(forms.Form):
    """Why a step is taken."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("It is sent to the team and kept in the trail."),
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
