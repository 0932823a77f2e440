"""Forms of the registry of nodes."""

from django import forms
from django.utils.translation import gettext_lazy as _


class NodeForm(forms.Form):
    """Open a node."""

    name = forms.CharField(
        label=_("Name of the node"),
        max_length=100,
        help_text=_("The place or the server where the data are."),
    )
    recipient = forms.CharField(
        label=_("Public key of the node"),
        max_length=200,
        help_text=_("The node prints it when it starts for the first time: “age1…”."),
    )


class ClosureForm(forms.Form):
    """Close a node."""

    reason = forms.CharField(label=_("Reason"), max_length=500)
