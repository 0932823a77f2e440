"""Which dataset of a grant an extract is asked of."""

from django import forms


class StartForm(forms.Form):
    """One dataset, by its identifier."""

    dataset = forms.UUIDField()
