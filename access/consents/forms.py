"""A file of words, and what its lines mean when they do not say."""

from collections.abc import Iterable
from datetime import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from access.consents.reading import Defaults
from access.consents.rules import DecidedBy, Decision
from catalog.vocabularies.purposes import Purpose


def translated(choices: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return choices in the reader's language."""
    return [(value, str(_(label))) for value, label in choices]


class LoadForm(forms.Form):
    """What a producer sends."""

    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("One line a word: columns identifiant, decision, date; until, holder if any."),
    )
    decision = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[("", _("As the file says")), *translated(Decision.choices())],
    )
    by = forms.ChoiceField(
        label=_("Whose word, when the file does not say"),
        choices=translated(DecidedBy.choices()),
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"),
        required=False,
        choices=[("", _("Any purpose")), *translated(Purpose.choices())],
    )
    keep_good = forms.BooleanField(
        label=_("Load the good lines even when others are wrong"), required=False
    )

    def defaults(self, at: datetime) -> Defaults:
        """Return what lines mean when they do not say."""
        chosen = self.cleaned_data
        return Defaults(
            decided_at=at,
            decision=Decision(chosen["decision"]) if chosen["decision"] else None,
            by=DecidedBy(chosen["by"]),
            purpose=chosen["purpose"],
        )
