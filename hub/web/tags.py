"""What the templates of pages and forms need to show things well."""

from typing import Any

import markdown
import nh3
from django import forms, template
from django.forms import BoundField
from django.utils.formats import number_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from hub.kernel.refusals import Refusal
from hub.web.wording import fill, say

register = template.Library()


@register.filter
def widget_kind(field: BoundField) -> str:
    """Return which component of the design system shows a field."""
    widget = field.field.widget
    kinds: list[tuple[type[forms.Widget], str]] = [
        (forms.CheckboxSelectMultiple, "checkboxes"),
        (forms.RadioSelect, "radios"),
        (forms.CheckboxInput, "checkbox"),
        (forms.FileInput, "upload"),
        (forms.Select, "select"),
    ]
    return next((name for kind, name in kinds if isinstance(widget, kind)), "input")


@register.filter
def translated(text: object) -> str:
    """Translate a word of the domain that a rule or a vocabulary gave."""
    return gettext(str(text)) if text else ""


@register.filter
def said(refusal: Refusal) -> dict[str, Any]:
    """Return a refusal in the reader's language."""
    return dict(say(refusal))


@register.simple_tag
def sentence(msgid: str, values: dict[str, object] | None = None) -> str:
    """Return a translated sentence with its places filled."""
    return fill(msgid, dict(values or {}))


@register.filter
def rich(text: str) -> SafeString:
    """Show Markdown written by a person: only harmless HTML comes through."""
    return mark_safe(nh3.clean(markdown.markdown(text or "", extensions=["tables"])))  # noqa: S308


@register.filter
def percent(share: float | None, decimals: int = 1) -> str:
    """Return a share between 0 and 1 as a percentage, with one decimal unless told."""
    return "" if share is None else f"{number_format(share * 100, decimals)}\u00a0%"
