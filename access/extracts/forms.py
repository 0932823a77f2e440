"""What people say of extracts: of which dataset they want one, what they erased."""

from django import forms


class StartForm(forms.Form):
    """One dataset, by its identifier."""

    dataset = forms.UUIDField()


class AttestationForm(forms.Form):
    """What was erased, and where."""

    statement = forms.CharField(max_length=2000, required=False)
