"""What a producer may say of a dataset, and when it is not right. Pure."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from catalog.vocabularies.education_levels import EducationLevel
from catalog.vocabularies.purposes import Purpose
from catalog.vocabularies.themes import Theme
from hub.kernel.refusals import Refusal
from hub.people.permissions import Profile

DESCRIBED = (
    "title", "summary", "description", "contact_email", "data_type", "themes", "education_levels",
    "population", "unit", "territory", "period_start", "period_end", "frequency", "language",
    "licence", "provenance",
)  # fmt: skip
"""Fields of the first step: what the data are."""

CONDITIONS = (
    "collection_basis", "collection_purposes", "retention_months", "retention_basis",
    "crossing_rule", "crossing_with", "accepted_profiles", "accepted_purposes",
    "controller_contact", "declared_tier", "k", "suppression_cap",
)  # fmt: skip
"""Fields of the step about conditions."""

DESCRIBABLE = DESCRIBED + CONDITIONS

LISTS: Mapping[str, type[StrEnum]] = {
    "themes": Theme,
    "education_levels": EducationLevel,
    "accepted_profiles": Profile,
    "accepted_purposes": Purpose,
}


def refusals_about(
    values: Mapping[str, Any], *, smallest_k: int, largest_suppression: float
) -> Iterable[Refusal]:
    """List what is wrong in values given for a dataset; ``smallest_k`` is the hub's own."""
    for name in values:
        if name not in DESCRIBABLE:
            yield Refusal("unknown-name", "There is no such field here.", about=name)
    yield from _lists(values)
    yield from _periods(values)
    yield from _protection(values, smallest_k, largest_suppression)


def _lists(values: Mapping[str, Any]) -> Iterable[Refusal]:
    for name, closed in LISTS.items():
        for word in values.get(name) or ():
            if word not in set(closed):
                yield Refusal(
                    "unknown-word",
                    "“%(word)s” is not in the list.",
                    "Choose among the words that the hub knows.",
                    values={"word": str(word)},
                    about=name,
                )


def _periods(values: Mapping[str, Any]) -> Iterable[Refusal]:
    start, end = values.get("period_start"), values.get("period_end")
    if start and end and end < start:
        yield Refusal(
            "period-reversed",
            "The period ends before it starts.",
            "Exchange the two dates.",
            about="period_end",
        )


def _protection(
    values: Mapping[str, Any], smallest_k: int, largest_suppression: float
) -> Iterable[Refusal]:
    """A producer may ask for more protection than the hub, never for less."""
    k, cap = values.get("k"), values.get("suppression_cap")
    if k is not None and k < smallest_k:
        yield Refusal(
            "k-too-small",
            "The smallest group has at least %(k)s persons in this hub.",
            "Give this number or a larger one.",
            values={"k": smallest_k},
            about="k",
        )
    if cap is not None and not 0 <= cap <= largest_suppression:
        yield Refusal(
            "cap-too-large",
            "The share of suppressed rows is between 0 and %(cap)s in this hub.",
            values={"cap": largest_suppression},
            about="suppression_cap",
        )
