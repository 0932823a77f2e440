"""
What each confidentiality level and each tier of delivery asks. Pure, and short on purpose.

Levels say how much a field can hurt (0 to 5); tiers say how a delivery is made. The texts are
message identifiers: pages show them in the reader's language.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from catalog.vocabularies.levels import Level, Tier


@dataclass(frozen=True, slots=True)
class LevelRule:
    """What a field of one level asks of whoever wants it, and what they may get."""

    name: str
    meaning: str
    delivered: str
    justified: bool = False
    """Whether the request must say why this field is needed."""
    dpo_opinion: bool = False
    signatories: int = 1
    ever_delivered: bool = True
    may_filter: bool = True
    """Whether rows may be chosen by its value: a filter on a sensitive fact reveals it."""


@dataclass(frozen=True, slots=True)
class TierRule:
    """What a delivery of one tier asks for."""

    name: str
    delivered: str
    charter: bool
    request: bool
    dpo_opinion: bool = False


LEVELS: Mapping[Level, LevelRule] = {
    Level.OPEN: LevelRule("open", "No person, no risk.", "As it is."),
    Level.AGGREGATED: LevelRule(
        "aggregated", "Counts or rates about persons.", "As it is; small counts are suppressed."
    ),
    Level.QUASI_IDENTIFIER: LevelRule(
        "quasi-identifier",
        "Identifies a person by crossing with other facts.",
        "Made coarser, unless the detail is justified; counted in k-anonymity.",
        justified=True,
    ),
    Level.SENSITIVE: LevelRule(
        "sensitive",
        "A person's result or trace; and every field that nobody classified.",
        "Only when justified, field by field.",
        justified=True,
        may_filter=False,
    ),
    Level.VERY_SENSITIVE: LevelRule(
        "very sensitive",
        "Health, disability, sanctions, family, beliefs; absences by exact date.",
        "Only with the opinion of the data protection officer and two signatories.",
        justified=True,
        dpo_opinion=True,
        signatories=2,
        may_filter=False,
    ),
    Level.IDENTIFIER: LevelRule(
        "direct identifier",
        "Names a person.",
        "Never: replaced by a pseudonym of the project, or left out.",
        justified=True,
        ever_delivered=False,
        may_filter=False,
    ),
}

TIERS: Mapping[Tier, TierRule] = {
    Tier.OPEN: TierRule("open", "Download and API, for anyone.", charter=False, request=False),
    Tier.ACCOUNT: TierRule(
        "with an account", "Download and API, with an account.", charter=True, request=False
    ),
    Tier.EXTRACT: TierRule(
        "extract", "A pseudonymised extract, for a time.", charter=True, request=True
    ),
    Tier.RESULTS: TierRule(
        "results only",
        "Aggregated results only, never rows.",
        charter=True,
        request=True,
        dpo_opinion=True,
    ),
}


def needs_dpo(*, levels: Iterable[Level], tier: Tier, crossing: bool = False) -> bool:
    """Tell whether the data protection officer must give an opinion first."""
    return (
        crossing or TIERS[tier].dpo_opinion or any(LEVELS[level].dpo_opinion for level in levels)
    )


def signatories(levels: Iterable[Level]) -> int:
    """Return how many signatories of the producer must approve."""
    return max((LEVELS[level].signatories for level in levels), default=1)
