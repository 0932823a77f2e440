"""Forms of the guided path and of the examination."""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, gettext_lazy as _

from access.plans.offered import LABELS, writes_statistical
from access.plans.terms import Format
from access.requests.drafting import Changes, Wish
from access.requests.guards import MISSING
from access.requests.models import AccessRequest
from access.requests.states import Adviser
from catalog.datasets.snapshots import DatasetSnapshot
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.purposes import Purpose

Choices = Callable[[], list[tuple[str, str]]]
BLANK_FILTERS = 2
BLANK_TABLES = 2
NEEDED = frozenset({*MISSING, "ends_on", "crossing_reason"})


def translated(pairs: Iterable[tuple[str, str]], empty: str = "") -> Choices:
    """Return choices whose labels are translated when they are shown."""
    listed = list(pairs)

    def choices() -> list[tuple[str, str]]:
        first = [("", gettext(empty))] if empty else []
        return first + [(code, gettext(label)) for code, label in listed]

    return choices


def _long(label: Any, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        widget=forms.Textarea(attrs={"rows": rows}),
        required=False,
        max_length=10_000,
    )


class Part(forms.Form):
    """One part of the guided path; what is empty can be filled later."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, one in self.fields.items():
            # A draft may leave it empty, a submission may not: it is not called optional.
            one.needed_later = name in NEEDED  # type: ignore[attr-defined]

    @classmethod
    def of(cls, request: AccessRequest) -> "Part":
        """Return the form filled with what is saved."""
        own = {"version": request.version, "labelled": request.formats}
        texts = {name: getattr(request, name) for name in cls.base_fields if name not in own}
        return cls(initial={**texts, **own})

    def changes(self) -> Changes:
        """Return what a valid form says."""
        said = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        sets_end = "ends_on" in said
        ends_on: date | None = said.pop("ends_on", None)
        crossing: bool | None = said.pop("crossing", None)
        labelled: list[str] | None = said.pop("labelled", None)
        return Changes(said, ends_on, sets_end=sets_end, crossing=crossing, labelled=labelled)


class ProjectForm(Part):
    """What the project is."""

    title = forms.CharField(label=_("Title of the project"), max_length=300, required=False)
    context = _long(
        _("Context"), _("In which research, policy or service the project takes place.")
    )
    question = _long(_("Question to answer"))
    outputs = _long(_("Expected results and publications"))


class ConditionsForm(Part):
    """On which conditions the data would be used."""

    purpose = forms.ChoiceField(
        label=_("Purpose"), choices=translated(Purpose.choices(), "Choose"), required=False
    )
    legal_basis = forms.ChoiceField(
        label=_("Legal basis of your processing"),
        choices=translated(LegalBasis.choices(), "Choose"),
        required=False,
    )
    ends_on = forms.DateField(
        label=_("Last day of use"),
        help_text=_("The grant ends at the end of that day, in Paris."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        required=False,
    )
    hosting = _long(
        _("Where the data will be kept"), _("Which servers, where, run by whom."), rows=3
    )
    security = _long(
        _("Security measures"), _("Encryption, access rights, backups, destruction."), rows=3
    )
    ethics = forms.CharField(
        label=_("Opinion of an ethics committee"),
        help_text=_("Its reference, if there is one."),
        max_length=300,
        required=False,
    )
    dpia = forms.CharField(
        label=_("Impact assessment (DPIA)"),
        help_text=_("Its reference, if there is one."),
        max_length=300,
        required=False,
    )
    labelled = forms.MultipleChoiceField(
        label=_("Files of statistical programs"),
        help_text=_(
            "Beside Parquet and CSV, with the labels of the fields and of their codes. An extract"
            " too large for them comes without."
        ),
        widget=forms.CheckboxSelectMultiple,
        choices=[(each.value, LABELS[each]) for each in (Format.SPSS, Format.STATA)],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not writes_statistical():
            del self.fields["labelled"]


class CrossingForm(Part):
    """Whether the datasets are joined, and why."""

    crossing = forms.BooleanField(
        label=_("Join the rows of these datasets, person by person"),
        help_text=_(
            "Every producer must agree, and the data protection officer gives an opinion. You"
            " receive one extract, of the persons who are in all the datasets."
        ),
        required=False,
    )
    crossing_reason = _long(
        _("Why the datasets are crossed"),
        _("Which question cannot be answered on each of them alone."),
        rows=3,
    )

    field_order = ["crossing", "crossing_reason"]


class MemberForm(forms.Form):
    """Somebody to invite into the team."""

    email = forms.EmailField(label=_("E-mail address"))
    affiliation = forms.CharField(
        label=_("Organisation and function"), max_length=200, required=False
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def read_wishes(post: QueryDict, snapshot: DatasetSnapshot) -> list[Wish]:
    """Return the fields ticked in the table of a dataset, in its order."""
    return [
        Wish(
            name=one.name,
            detail=post.get(f"detail-{one.position}", ""),
            justification=post.get(f"why-{one.position}", ""),
        )
        for one in snapshot.fields
        if post.get(f"ask-{one.position}")
    ]


def read_filters(post: QueryDict) -> list[dict[str, Any]]:
    """Return the row filters that are filled; values are separated by semicolons."""
    names = post.getlist("filter-field")
    operators, values = post.getlist("filter-operator"), post.getlist("filter-values")
    return [
        {
            "field": name,
            "operator": operator,
            "values": [text.strip() for text in listed.split(";") if text.strip()],
        }
        for name, operator, listed in zip(names, operators, values, strict=False)
        if name
    ]


def read_tables(post: QueryDict) -> list[dict[str, Any]]:
    """Return the tables of results of which a field is chosen."""
    first, second = post.getlist("table-first"), post.getlist("table-second")
    listed = zip(first, second, post.getlist("table-sum"), strict=False)
    return [
        {"dimensions": [name for name in names if name], "sum_of": sum_of}
        for *names, sum_of in listed
        if any(names)
    ]


# -- the examination -----------------------------------------------------------------------------


class ReasonForm(forms.Form):
    """A step that must say why."""

    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea(attrs={"rows": 3}))
    version = forms.IntegerField(widget=forms.HiddenInput)


class OpinionForm(ReasonForm):
    """An opinion."""

    adviser = forms.ChoiceField(label=_("As"), choices=translated(Adviser.choices()))
    favourable = forms.TypedChoiceField(
        label=_("Opinion"),
        choices=translated([("yes", "favourable"), ("no", "unfavourable")]),
        coerce=lambda said: said == "yes",
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(label=_("Text"), widget=forms.Textarea(attrs={"rows": 3}))

    field_order = ["adviser", "favourable", "reason"]


class ApproveForm(ReasonForm):
    """An approval of one dataset."""

    dataset_id = forms.UUIDField(widget=forms.HiddenInput)
    plan_digest = forms.CharField(widget=forms.HiddenInput, required=False)
    conditions = forms.CharField(
        label=_("Conditions"),
        help_text=_("What the team must do or not do, beyond the charter."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
    override = forms.CharField(
        label=_("Against an unfavourable opinion"),
        help_text=_("Why the controller does not follow it. This text is public."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
    )
