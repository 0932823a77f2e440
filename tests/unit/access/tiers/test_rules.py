"""What each level and each tier asks."""

from access.tiers.rules import LEVELS, TIERS, needs_dpo, signatories
from catalog.vocabularies.levels import Level, Tier


def test_every_level_and_every_tier_has_its_rule() -> None:
    assert set(LEVELS) == set(Level)
    assert set(TIERS) == set(Tier)


def test_what_a_level_asks_never_falls_as_it_rises() -> None:
    rules = [LEVELS[level] for level in sorted(Level)]

    assert [rule.justified for rule in rules] == sorted(rule.justified for rule in rules)
    assert [not rule.may_filter for rule in rules] == sorted(not r.may_filter for r in rules)


def test_a_direct_identifier_is_never_delivered() -> None:
    assert [level for level in Level if not LEVELS[level].ever_delivered] == [Level.IDENTIFIER]


def test_a_very_sensitive_field_asks_for_an_opinion_and_two_signatories() -> None:
    assert needs_dpo(levels=[Level.OPEN, Level.VERY_SENSITIVE], tier=Tier.EXTRACT)
    assert signatories([Level.OPEN, Level.VERY_SENSITIVE]) == 2


def test_results_only_and_crossing_ask_for_an_opinion_whatever_the_levels() -> None:
    assert needs_dpo(levels=[Level.OPEN], tier=Tier.RESULTS)
    assert needs_dpo(levels=[], tier=Tier.OPEN, crossing=True)
    assert not needs_dpo(levels=[Level.SENSITIVE], tier=Tier.EXTRACT)


def test_one_signatory_approves_the_rest() -> None:
    assert signatories([]) == 1
    assert signatories([Level.SENSITIVE, Level.IDENTIFIER]) == 1
