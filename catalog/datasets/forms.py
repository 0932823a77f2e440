"""Forms of the guided registration."""

from collections.abc import Iterable, Mapping
from typing import IO, Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.datasets import wording
from catalog.datasets.description import MOST_DOMINANT, MOST_KNOWN
from catalog.datasets.hierarchies import MOST_BYTES
from catalog.datasets.states import CrossingRule
from catalog.vocabularies.education_data import EducationData
from catalog.vocabularies.education_levels import EducationLevel
from catalog.vocabularies.frequencies import Frequency
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.licences import Licence
from catalog.vocabularies.purposes import Purpose
from catalog.vocabularies.themes import Theme
from hub.people.models import Organisation

EMPTY = [("", "—")]
Choices = list[tuple[str, Any]]


def _choices(pairs: Iterable[tuple[str, str]]) -> Choices:
    """Return choices whose labels are translated when they are shown."""
    return [(value, _(label)) for value, label in pairs]


def _named(words: Mapping[Any, str]) -> Choices:
    return _choices((str(member), label) for member, label in words.items())


class Day(forms.DateInput):
    """A date, entered with the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class Area(forms.Textarea):
    """A text of some lines."""

    def __init__(self, rows: int = 4) -> None:
        super().__init__(attrs={"rows": rows})


class DescriptionForm(forms.Form):
    """What the data are."""

    title = forms.CharField(label=_("Title"), max_length=200)
    summary = forms.CharField(
        label=_("Summary"),
        max_length=500,
        required=False,
        help_text=_("One sentence, shown in the lists."),
    )
    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=Area(6),
        help_text=_("What, about whom, when and how. Markdown is understood."),
    )
    unit = forms.ChoiceField(
        label=_("What does one row speak of?"),
        choices=EMPTY + _named(wording.UNITS),
        required=False,
        help_text=_("The confidentiality of every field follows from it."),
    )
    contact_email = forms.EmailField(
        label=_("Contact"),
        required=False,
        help_text=_("An address that answers readers' questions; it is public."),
    )
    data_type = forms.ChoiceField(
        label=_("Type of education data"),
        choices=EMPTY + _choices(EducationData.choices()),
        required=False,
    )
    themes = forms.MultipleChoiceField(
        label=_("Themes"),
        choices=_choices(Theme.choices()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    education_levels = forms.MultipleChoiceField(
        label=_("Education levels"),
        choices=_choices(EducationLevel.choices()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    population = forms.CharField(label=_("Population"), max_length=300, required=False)
    territory = forms.CharField(label=_("Territory"), max_length=200, required=False)
    period_start = forms.DateField(label=_("From"), required=False, widget=Day())
    period_end = forms.DateField(label=_("Until"), required=False, widget=Day())
    frequency = forms.ChoiceField(
        label=_("Frequency"), choices=EMPTY + _choices(Frequency.choices()), required=False
    )
    licence = forms.ChoiceField(
        label=_("Licence"),
        choices=EMPTY + _choices(Licence.choices()),
        required=False,
        help_text=_("An open dataset needs an open licence."),
    )
    provenance = forms.CharField(
        label=_("Provenance"),
        required=False,
        widget=Area(2),
        help_text=_("Where the data come from, and how they were made."),
    )


class RegistrationForm(DescriptionForm):
    """The first step, for a new dataset."""

    release_label = forms.CharField(
        label=_("Vintage"),
        max_length=100,
        required=False,
        help_text=_("The name of this first release: “2025”, “rentrée 2025”…"),
    )

    field_order = ["producer", "title", "release_label"]

    def __init__(self, *args: Any, producers: Iterable[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(one.pk), one.name) for one in producers]
        if len(known) > 1:
            self.fields["producer"] = forms.ChoiceField(label=_("Producer"), choices=known)
            self.order_fields(self.field_order)


class UploadForm(forms.Form):
    """A file of rows."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "CSV (any usual separator and encoding), Excel (.xlsx), JSON lines, xAPI statements"
            " or Parquet. Texts may be compressed (.gz, .zip, .zst, .bz2)."
        ),
    )
    sheet = forms.CharField(
        label=_("Sheet"),
        max_length=31,
        required=False,
        help_text=_("The name of the sheet to read, when an Excel workbook has several."),
    )


class TableForm(forms.Form):
    """A table or a view of a PostgreSQL database."""

    host = forms.ChoiceField(label=_("Host"))
    port = forms.IntegerField(label=_("Port"), initial=5432, min_value=1, max_value=65535)
    database = forms.CharField(label=_("Database"), max_length=100)
    schema = forms.CharField(label=_("Schema"), max_length=100, initial="public")
    table = forms.CharField(label=_("Table or view"), max_length=100)
    user = forms.CharField(
        label=_("Role"),
        max_length=100,
        help_text=_("A role that may only read this table."),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted, and never shown again."),
    )

    def __init__(self, *args: Any, hosts: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["host"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(host, host) for host in hosts]


class PortalForm(forms.Form):
    """A dataset of an Explore v2.1 portal."""

    address = forms.CharField(
        label=_("Address of the dataset"),
        max_length=500,
        help_text=_("As in the browser: https://data.education.gouv.fr/explore/dataset/…"),
    )
    format = forms.ChoiceField(
        label=_("Format"),
        choices=[
            ("", _("The hub chooses")),
            ("parquet", _("Parquet, with types")),
            ("csv", "CSV"),
            ("jsonl", _("JSON lines")),
        ],
        required=False,
    )


class ObjectsForm(forms.Form):
    """Objects of an S3 store."""

    endpoint = forms.ChoiceField(label=_("Store"))
    region = forms.CharField(label=_("Region"), max_length=60, initial="us-east-1")
    bucket = forms.CharField(label=_("Bucket"), max_length=100)
    key = forms.CharField(
        label=_("Object"),
        max_length=1000,
        help_text=_("Its key. A key that ends with a slash: all the objects under it."),
    )
    access_key = forms.CharField(
        label=_("Access key"),
        max_length=200,
        help_text=_("A key that may only read and list."),
    )
    secret = forms.CharField(
        label=_("Secret of the key"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_("Kept encrypted, and never shown again."),
    )

    def __init__(self, *args: Any, hosts: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["endpoint"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(host, host) for host in hosts]


class ConditionsForm(forms.Form):
    """On which conditions the data may be had."""

    declared_tier = forms.ChoiceField(
        label=_("How the data are delivered"),
        choices=[("", _("As the levels of the fields allow")), *_named(wording.TIERS)],
        required=False,
        help_text=_("You may tighten what the levels allow, never loosen it."),
    )
    collection_basis = forms.ChoiceField(
        label=_("Legal basis of the collection"),
        choices=EMPTY + _choices(LegalBasis.choices()),
        required=False,
        help_text=_("Article 6 of the GDPR. Needed as soon as rows speak of persons."),
    )
    collection_purposes = forms.CharField(
        label=_("Purposes of the collection"), required=False, widget=Area(2)
    )
    retention_months = forms.IntegerField(
        label=_("Retention, in months"), required=False, min_value=1, max_value=1200
    )
    retention_basis = forms.CharField(
        label=_("Basis of the retention"), max_length=500, required=False
    )
    crossing_rule = forms.ChoiceField(
        label=_("Crossing with other datasets"), choices=_choices(CrossingRule.choices())
    )
    crossing_with = forms.TypedMultipleChoiceField(
        coerce=UUID,
        label=_("Datasets it may be crossed with"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    accepted_profiles = forms.MultipleChoiceField(
        label=_("Who may ask"),
        choices=_named(wording.PROFILES),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: everyone."),
    )
    accepted_purposes = forms.MultipleChoiceField(
        label=_("For which purposes"),
        choices=_choices(Purpose.choices()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None chosen: every purpose."),
    )
    controller_contact = forms.EmailField(
        label=_("Contact of the controller"), required=False, help_text=_("It is public.")
    )
    k = forms.IntegerField(
        label=_("Smallest group of persons"),
        required=False,
        min_value=2,
        max_value=1000,
        help_text=_("Empty: the hub's own threshold."),
    )
    suppression_cap = forms.FloatField(
        label=_("Largest share of suppressed rows"),
        required=False,
        min_value=0,
        max_value=1,
        help_text=_("Between 0 and 1. Empty: the hub's own limit."),
    )
    l_diversity = forms.IntegerField(
        label=_("Least values of a sensitive field in a group (l-diversity)"),
        required=False,
        min_value=2,
        max_value=100,
        help_text=_(
            "A group where all have the same mark tells the mark of each. Empty: not asked for."
        ),
    )
    t_closeness = forms.FloatField(
        label=_("Largest distance of a group from everybody (t-closeness)"),
        required=False,
        min_value=0,
        max_value=1,
        help_text=_("Between 0 and 1; 0.2 is strict. Empty: not asked for."),
    )
    uniqueness = forms.FloatField(
        label=_("Largest share of persons whom a few facts single out"),
        required=False,
        min_value=0,
        max_value=1,
        help_text=_(
            "Between 0 and 1; measured on persons drawn at random. Above it, nothing is delivered."
            " Empty: not asked for."
        ),
    )
    facts_known = forms.IntegerField(
        label=_("How many facts somebody may know"),
        required=False,
        min_value=1,
        max_value=MOST_KNOWN,
        help_text=_("Empty: three."),
    )
    dominance_n = forms.IntegerField(
        label=_("Largest contributors to a sum"),
        required=False,
        min_value=1,
        max_value=MOST_DOMINANT,
        help_text=_(
            "In tables of results, a sum is hidden when so many contributors make too much of it."
            " Empty: the hub's own number."
        ),
    )
    dominance_k = forms.FloatField(
        label=_("Percentage of a sum that they may make"),
        required=False,
        min_value=0,
        max_value=100,
        help_text=_("Above it, the sum is hidden. Empty: the hub's own limit."),
    )

    def __init__(self, *args: Any, others: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = list(others)
        field = self.fields["crossing_with"]
        if isinstance(field, forms.TypedMultipleChoiceField):
            field.choices = known
        if not known:
            del self.fields["crossing_with"]


class ReleaseForm(forms.Form):
    """A new release."""

    label = forms.CharField(label=_("Vintage"), max_length=100)


class WithdrawalForm(forms.Form):
    """The end of a dataset."""

    reason = forms.CharField(label=_("Reason"), widget=Area(2), max_length=1000)


class HierarchyForm(forms.Form):
    """A producer's own hierarchy: a file, or its lines."""

    file = forms.FileField(label=_("CSV file"), required=False)
    lines = forms.CharField(
        label=_("Or its lines"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text=_("One line a value: the value; its first level; the next, coarser one…"),
    )

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        given: dict[str, Any] = super().clean() or {}
        if not self.errors and not (given.get("file") or given.get("lines")):
            raise forms.ValidationError(_("Give a file, or its lines."))
        return given

    def content(self) -> bytes:
        """Return what was given, the file first."""
        file: IO[bytes] | None = self.cleaned_data["file"]
        lines: str = self.cleaned_data["lines"]
        # One byte more than the limit is enough to see that it is above.
        return file.read(MOST_BYTES + 1) if file else lines.encode()
