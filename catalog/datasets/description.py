"""What a producer may say of a dataset, and when it is not right. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
    "l_diversity", "t_closeness", "uniqueness", "facts_known", "dominance_n", "dominance_k",
)  # fmt: skip
"""Fields of the step about conditions."""

DESCRIBABLE = DESCRIBED + CONDITIONS
MOST_KNOWN = 5
"""Facts that somebody may know of a person."""
MOST_DOMINANT = 10
"""Contributors to a sum that are looked at."""

LISTS: Mapping[str, type[StrEnum]] = {
    "themes": Theme,
    "education_levels": EducationLevel,
    "accepted_profiles": Profile,
    "accepted_purposes": Purpose,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """
    How little protection the hub accepts; a producer may ask for more.

    :param dominance_n: so many contributors may not make more than
    :param dominance_k: so many percent of a sum
    """

    smallest_k: int
    largest_suppression: float
    dominance_n: int
    dominance_k: float


def refusals_about(values: Mapping[str, Any], *, limits: Limits) -> Iterable[Refusal]:
    """List what is wrong in values given for a dataset."""
    for name in values:
        if name not in DESCRIBABLE:
            yield Refusal("unknown-name", "There is no such field here.", about=name)
    yield from _lists(values)
    yield from _periods(values)
    yield from _protection(values, limits)
    yield from _values(values)
    yield from _dominance(values, limits)


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


def _values(values: Mapping[str, Any]) -> Iterable[Refusal]:
    least, facts = values.get("l_diversity"), values.get("facts_known")
    if least is not None and least < 2:
        yield Refusal(
            "too-few-values",
            "A group has one value at least: ask for two or more.",
            "Leave it empty to ask for none.",
            about="l_diversity",
        )
    for name in ("t_closeness", "uniqueness"):
        share = values.get(name)
        if share is not None and not 0 <= share <= 1:
            yield Refusal("not-a-share", "A share is between 0 and 1.", about=name)
    if facts is not None and not 1 <= facts <= MOST_KNOWN:
        yield Refusal(
            "too-many-facts",
            "The facts that somebody may know are between 1 and %(most)s.",
            values={"most": MOST_KNOWN},
            about="facts_known",
        )


def _dominance(values: Mapping[str, Any], limits: Limits) -> Iterable[Refusal]:
    n, k = values.get("dominance_n"), values.get("dominance_k")
    if n is not None and not limits.dominance_n <= n <= MOST_DOMINANT:
        yield Refusal(
            "dominance-n",
            "The number of largest contributors is between %(least)s and %(most)s in this hub.",
            values={"least": limits.dominance_n, "most": MOST_DOMINANT},
            about="dominance_n",
        )
    if k is not None and not 0 < k <= limits.dominance_k:
        yield Refusal(
            "dominance-k",
            "The percentage of a sum that they may make is above 0 and at most %(most)s in this"
            " hub.",
            values={"most": limits.dominance_k},
            about="dominance_k",
        )


def _protection(values: Mapping[str, Any], limits: Limits) -> Iterable[Refusal]:
    """A producer may ask for more protection than the hub, never for less."""
    k, cap = values.get("k"), values.get("suppression_cap")
    if k is not None and k < limits.smallest_k:
        yield Refusal(
            "k-too-small",
            "The smallest group has at least %(k)s persons in this hub.",
            "Give this number or a larger one.",
            values={"k": limits.smallest_k},
            about="k",
        )
    if cap is not None and not 0 <= cap <= limits.largest_suppression:
        yield Refusal(
            "cap-too-large",
            "The share of suppressed rows is between 0 and %(cap)s in this hub.",
            values={"cap": limits.largest_suppression},
            about="suppression_cap",
        )
