"""What a grant or a request asks for, in the reader's language."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from access.plans.plan import Plan
from access.plans.tables_told import explain_tables
from access.plans.terms import OPERATORS, Operator


def filters_in_words(filters: Sequence[Mapping[str, Any]]) -> list[tuple[str, str, str]]:
    """Return row filters as a field, a comparison in the reader's language, and values."""
    return [
        (one["field"], gettext(OPERATORS[Operator(one["operator"])]), "; ".join(one["values"]))
        for one in filters
    ]


def tables_in_words(plan: str) -> list[str]:
    """Return what the tables of an approved plan show, in the reader's language."""
    try:
        return [one.say(gettext) for one in explain_tables(Plan.from_json(plan))]
    except ValueError:
        return []
