"""Forms about charters."""

import json
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy as _

from access.charters.actions import LONGEST_GRACE, NewText
from access.charters.models import CharterVersion
from access.charters.rules import DUTIES, Terms, write_terms
from access.tiers.rules import LEVELS, TIERS
from catalog.vocabularies.levels import Level, Tier
from catalog.vocabularies.purposes import Purpose


class SignForm(forms.Form):
    """The explicit tick."""

    agreed = forms.BooleanField(
        label=_("I have read this charter and I commit to it."),
        error_messages={"required": _("Tick the box to say that you commit to it.")},
    )
    number = forms.IntegerField(widget=forms.HiddenInput)


def translated_choices(pairs: Any) -> Any:
    """Return choices whose labels are translated when they are shown."""
    return lambda: [(code, gettext(label)) for code, label in pairs]


class VersionForm(forms.Form):
    """A new version of a charter."""

    title_fr = forms.CharField(label=_("Title in French"), max_length=200)
    title_en = forms.CharField(label=_("Title in English"), max_length=200)
    text_fr = forms.CharField(
        label=_("Text in French"), widget=forms.Textarea(attrs={"rows": 14}), strip=True
    )
    text_en = forms.CharField(
        label=_("Text in English"), widget=forms.Textarea(attrs={"rows": 14}), strip=True
    )
    max_tier = forms.ChoiceField(
        label=_("Deliveries, up to"),
        choices=translated_choices([(tier.value, TIERS[tier].name) for tier in Tier]),
    )
    highest_level = forms.TypedChoiceField(
        label=_("Highest level of a field"),
        coerce=int,
        choices=translated_choices(
            [(int(level), LEVELS[level].name) for level in Level if LEVELS[level].ever_delivered]
        ),
    )
    longest_days = forms.IntegerField(
        label=_("Longest duration of a grant, in days"), min_value=1, max_value=3660
    )
    purposes = forms.MultipleChoiceField(
        label=_("Accepted purposes"),
        choices=translated_choices(Purpose.choices()),
        widget=forms.CheckboxSelectMultiple,
    )
    duties = forms.MultipleChoiceField(
        label=_("Duties"),
        choices=translated_choices(list(DUTIES.items())),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    material = forms.BooleanField(
        label=_("This is a material change"),
        help_text=_("After the grace, access rests until the new version is signed."),
        required=False,
        initial=True,
    )
    grace_days = forms.IntegerField(
        label=_("Days of grace"), min_value=0, max_value=LONGEST_GRACE, initial=30
    )

    @classmethod
    def starting_from(cls, version: CharterVersion | None) -> "VersionForm":
        """Return the form filled with the version in force."""
        if version is None:
            return cls(initial=write_terms(Terms()))
        texts = {
            name: getattr(version, name) for name in ("title_fr", "title_en", "text_fr", "text_en")
        }
        return cls(initial={**texts, **write_terms(version.parsed)})

    def new_text(self) -> NewText:
        """Return what a valid form says."""
        said: dict[str, Any] = self.cleaned_data
        terms = ("max_tier", "highest_level", "longest_days", "purposes", "duties")
        return NewText(
            title_fr=said["title_fr"],
            title_en=said["title_en"],
            text_fr=said["text_fr"].replace("\r\n", "\n"),
            text_en=said["text_en"].replace("\r\n", "\n"),
            terms={name: said[name] for name in terms},
            material=said["material"],
            grace_days=said["grace_days"],
        )


def readable_terms(terms: dict[str, Any]) -> str:
    """Return machine-readable terms one by line, to compare them."""
    return json.dumps(terms, indent=1, sort_keys=True, ensure_ascii=False)
