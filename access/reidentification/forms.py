"""Forms about demands to name persons."""

from collections.abc import Iterable

from django import forms
from django.utils.translation import gettext_lazy as _

from access.reidentification.rules import Filing, listed
from access.reidentification.sealing import Keys

LONGEST_LIST = 20_000


def _hidden() -> forms.PasswordInput:
    return forms.PasswordInput(attrs={"autocomplete": "off"}, render_value=False)


class FileForm(forms.Form):
    """Whom the law asks for, why, and for whom."""

    dataset = forms.TypedChoiceField(label=_("Dataset"))
    pseudonyms = forms.CharField(
        label=_("Pseudonyms"),
        help_text=_("One a line, as the extract writes them. They are sealed at once."),
        max_length=LONGEST_LIST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off", "spellcheck": "false"}),
    )
    need = forms.CharField(
        label=_("Legal need"),
        help_text=_("Why the law asks who they are. Name no person: it is kept in the trail."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    reference = forms.CharField(
        label=_("Legal reference"),
        help_text=_("The article of law, or the decision of a court."),
        required=False,
    )
    recipient = forms.CharField(
        label=_("Who receives the answer"),
        help_text=_("A service or an office, not a person."),
        required=False,
    )

    def __init__(self, *args: object, datasets: Iterable[tuple[str, str]], **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        field = self.fields["dataset"]
        assert isinstance(field, forms.TypedChoiceField)  # noqa: S101 - declared above
        field.choices = list(datasets)

    def filing(self) -> Filing:
        """Return what is asked; the rules say what is wrong with it."""
        said = self.cleaned_data
        return Filing(
            pseudonyms=listed(said["pseudonyms"]),
            need=said["need"],
            reference=said["reference"],
            recipient=said["recipient"],
        )


class ReasonForm(forms.Form):
    """Why a demand is refused or closed."""

    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Name no person: it is kept in the trail."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2_000,
        required=False,
    )


class AnswerForm(forms.Form):
    """The two keys, and those who may be the persons: never shown again in the page."""

    filing_key = forms.CharField(
        label=_("Key of whoever filed the demand"), max_length=100, widget=_hidden()
    )
    approval_key = forms.CharField(
        label=_("Key of the second person"), max_length=100, widget=_hidden()
    )
    candidates = forms.CharField(
        label=_("Candidates"),
        help_text=_("One identifier a line, 100,000 at most. They are read, and kept nowhere."),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autocomplete": "off", "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Or a file of candidates"),
        help_text=_("Text or CSV with a column named identifiant or ine, 2 MiB at most."),
        required=False,
        allow_empty_file=True,
    )

    def keys(self) -> Keys:
        """Return the two keys, as they were typed."""
        return Keys(self.cleaned_data["filing_key"], self.cleaned_data["approval_key"])

    def content(self) -> bytes:
        """Return the candidates as bytes: those of the file when there is one."""
        sent = self.cleaned_data["file"]
        content: bytes = sent.read() if sent else self.cleaned_data["candidates"].encode()
        return content
