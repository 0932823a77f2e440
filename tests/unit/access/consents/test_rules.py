"""Whose rows may be used: the cases that a lawyer would ask about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from access.consents.rules import DecidedBy, Decision, Rule, Word, is_listed, meaning_of, rule_of
from catalog.vocabularies.legal_bases import LegalBasis

MORNING = datetime(2026, 3, 2, 8, tzinfo=UTC)
TODAY = date(2026, 6, 1)
PROJECT = UUID(int=1)
OTHER = UUID(int=2)
GIVEN, REFUSED, WITHDRAWN, OBJECTED, LIFTED = Decision
MOTHER = {"by": DecidedBy.GUARDIAN, "holder": b"m" * 16}
FATHER = {"by": DecidedBy.GUARDIAN, "holder": b"f" * 16}


def words(*said: tuple[Decision, dict[str, Any]]) -> list[Word]:
    """Return words said one after the other, a day apart."""
    return [
        Word(number=number, decision=decision, decided_at=MORNING + timedelta(days=number), **more)
        for number, (decision, more) in enumerate(said)
    ]


def included(*said: tuple[Decision, dict[str, Any]], purpose: str = "research") -> bool:
    return is_listed(words(*said), rule=Rule.OPT_IN, project=PROJECT, purpose=purpose, day=TODAY)


def excluded(*said: tuple[Decision, dict[str, Any]]) -> bool:
    return is_listed(
        words(*said), rule=Rule.OPT_OUT, project=PROJECT, purpose="research", day=TODAY
    )


@pytest.mark.parametrize(
    ("basis", "rule"),
    [
        (LegalBasis.CONSENT, Rule.OPT_IN),
        (LegalBasis.PUBLIC_TASK, Rule.OPT_OUT),
        (LegalBasis.LEGITIMATE_INTERESTS, Rule.OPT_OUT),
        (LegalBasis.LEGAL_OBLIGATION, Rule.NONE),
        (LegalBasis.CONTRACT, Rule.NONE),
        (LegalBasis.VITAL_INTERESTS, Rule.NONE),
    ],
)
def test_the_legal_basis_says_whose_rows_may_be_used(basis: LegalBasis, rule: Rule) -> None:
    assert rule_of(basis) is rule


def test_a_list_holds_the_included_for_opt_in_and_the_excluded_otherwise() -> None:
    assert [meaning_of(rule) for rule in Rule] == ["included", "excluded", "excluded"]


def test_silence_is_not_consent_and_not_an_objection() -> None:
    assert not included()
    assert not excluded()


def test_a_consent_includes() -> None:
    assert included((GIVEN, {}))


@pytest.mark.parametrize("against", [REFUSED, WITHDRAWN, OBJECTED])
def test_a_later_word_against_wins(against: Decision) -> None:
    assert not included((GIVEN, {}), (against, {}))
    assert excluded((GIVEN, {}), (against, {}))


@pytest.mark.parametrize("against", [REFUSED, WITHDRAWN, OBJECTED])
def test_a_later_consent_wins(against: Decision) -> None:
    assert included((against, {}), (GIVEN, {}))
    assert not excluded((against, {}), (GIVEN, {}))


def test_a_lifted_objection_excludes_no_more_and_is_no_consent() -> None:
    assert not excluded((OBJECTED, {}), (LIFTED, {}))
    assert not included((OBJECTED, {}), (LIFTED, {}))


def test_the_word_about_the_project_wins_over_the_general_one() -> None:
    assert included((GIVEN, {"project": PROJECT}), (REFUSED, {}))
    assert not included((REFUSED, {"project": PROJECT}), (GIVEN, {}))


def test_the_word_about_the_purpose_wins_over_the_general_one() -> None:
    assert included((GIVEN, {"purpose": "research"}), (REFUSED, {}))
    assert not included((REFUSED, {"purpose": "research"}), (GIVEN, {}))


def test_words_about_other_projects_and_purposes_do_not_count() -> None:
    assert not included((GIVEN, {"project": OTHER}))
    assert not included((GIVEN, {"purpose": "steering"}))
    assert not excluded((OBJECTED, {"project": OTHER}), (OBJECTED, {"purpose": "steering"}))


@pytest.mark.parametrize("against", [WITHDRAWN, OBJECTED])
def test_a_later_general_withdrawal_ends_a_consent_for_the_project(against: Decision) -> None:
    assert not included((GIVEN, {"project": PROJECT}), (against, {}))
    assert excluded((LIFTED, {"project": PROJECT}), (against, {}))


def test_two_holders_who_disagree_count_as_a_refusal() -> None:
    assert not included((GIVEN, MOTHER), (REFUSED, FATHER))
    assert not included((REFUSED, FATHER), (GIVEN, MOTHER))


def test_the_withdrawal_of_any_holder_wins_over_a_later_consent_of_another() -> None:
    assert not included((GIVEN, FATHER), (WITHDRAWN, FATHER), (GIVEN, MOTHER))
    assert excluded((OBJECTED, FATHER), (LIFTED, MOTHER), (GIVEN, {}))


def test_a_consent_that_ran_out_is_none_and_hides_the_one_before() -> None:
    last_day = {"until": TODAY}
    day_before = {"until": TODAY - timedelta(days=1)}

    assert included((GIVEN, last_day))
    assert not included((GIVEN, day_before))
    assert not included((GIVEN, {}), (GIVEN, day_before))


def test_the_consent_of_a_guardian_that_ran_out_leaves_the_pupils_own() -> None:
    assert included((GIVEN, {**MOTHER, "until": TODAY - timedelta(days=1)}), (GIVEN, {}))


def test_what_was_forbidden_stays_so_when_the_word_that_allowed_it_ran_out() -> None:
    assert excluded((OBJECTED, {}), (LIFTED, {"until": TODAY - timedelta(days=1)}))


def test_an_objection_ends_on_its_last_day() -> None:
    assert excluded((OBJECTED, {"until": TODAY}))
    assert not excluded((OBJECTED, {"until": TODAY - timedelta(days=1)}))


def test_where_neither_applies_nobody_is_listed() -> None:
    said = words((OBJECTED, {}), (GIVEN, {}))

    assert not is_listed(said, rule=Rule.NONE, project=None, purpose="", day=TODAY)


def test_an_objection_never_widens_what_may_be_used() -> None:
    """I9, on every pair of words that may come before it."""
    scopes: list[dict[str, Any]] = [{}, {"project": PROJECT}, {"purpose": "research"}, MOTHER]
    for first in Decision:
        for second in Decision:
            for scope in scopes:
                before = [(first, {}), (second, scope)]
                for other in scopes:
                    assert excluded(*before, (OBJECTED, other)) or not excluded(*before)
                    assert included(*before) or not included(*before, (OBJECTED, other))
