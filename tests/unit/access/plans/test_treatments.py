"""What happens to a field: one table of cases, readable by a lawyer."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from access.plans.terms import FieldGrant, FieldSpec, GrantTerms
from access.plans.treatments import (
    REASONS,
    WARNINGS,
    Action,
    Treatment,
    choices_for,
    ladders_of,
    step_label,
    treatment_for,
)
from access.pseudonymisation.hierarchies import LadderSpec
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType

T, W, N, D, M, B = (
    PlainType.TEXT,
    PlainType.INTEGER,
    PlainType.NUMBER,
    PlainType.DATE,
    PlainType.DATETIME,
    PlainType.BOOLEAN,
)  # fmt: skip
S = SemanticType


def spec(kind: PlainType, meaning: SemanticType, level: int | None) -> FieldSpec:
    return FieldSpec("x", kind, meaning, None if level is None else Level(level))


def treated(field: FieldSpec, wanted: str = "", why: str = "", **terms: Any) -> Treatment:
    return treatment_for(field, GrantTerms("g", (FieldGrant("x", wanted, why),), **terms))


@pytest.mark.parametrize(
    ("kind", "meaning", "level", "wanted", "why", "action", "step", "reason"),
    [
        # Level 5, declared or recognised
        (T, S.INE, 5, "", "", "pseudonym", "", "identifier"),
        (T, S.INE, 0, "", "", "pseudonym", "", "identifier"),
        (T, S.NUMEN, 3, "", "", "pseudonym", "", "identifier"),
        (T, S.PERSON_NAME, 5, "exact", "why", "drop", "", "names_a_person"),
        (T, S.EMAIL, 1, "exact", "why", "drop", "", "names_a_person"),
        (T, S.POSTAL_ADDRESS, 5, "", "", "drop", "", "names_a_person"),
        (T, S.UAI, 5, "", "", "drop", "", "names_a_person"),
        (T, S.CODE, None, "", "why", "withhold", "", "unclassified"),
        # Levels 0 and 1
        (T, S.UAI, 0, "", "", "keep", "", "no_risk"),
        (N, S.RATE, 1, "", "", "keep", "", "no_risk"),
        (T, S.FREE_TEXT, 0, "", "", "keep", "", "no_risk"),
        (T, S.UAI, 0, "academie", "", "generalise", "academie", "wanted"),
        # Level 2
        (D, S.DATE_OF_BIRTH, 2, "", "", "generalise", "year", "crossing_risk"),
        (D, S.DATE_OF_BIRTH, 2, "year", "why", "generalise", "year", "crossing_risk"),
        (D, S.DATE_OF_BIRTH, 2, "five_years", "", "generalise", "five_years", "wanted"),
        (D, S.DATE_OF_BIRTH, 2, "month", "", "generalise", "year", "finer_not_justified"),
        (D, S.DATE_OF_BIRTH, 2, "month", "why", "generalise", "month", "justified"),
        (D, S.DATE_OF_BIRTH, 2, "exact", "", "generalise", "year", "finer_not_justified"),
        (D, S.DATE_OF_BIRTH, 2, "exact", "why", "keep", "", "justified"),
        (D, S.DATE_OF_BIRTH, 2, "school_year", "", "generalise", "year", "finer_not_justified"),
        (D, S.DATE_OF_BIRTH, 2, "school_year", "why", "generalise", "school_year", "justified"),
        (T, S.DATE_OF_BIRTH, 2, "", "", "withhold", "", "too_precise"),
        (D, S.DATE, 2, "", "", "generalise", "month", "crossing_risk"),
        (W, S.DATE_OF_BIRTH, 2, "", "", "generalise", "by_5", "crossing_risk"),
        (T, S.COMMUNE_COG, 2, "", "", "generalise", "departement", "crossing_risk"),
        (T, S.POSTCODE, 2, "", "", "generalise", "departement", "crossing_risk"),
        (T, S.UAI, 2, "", "", "generalise", "departement", "crossing_risk"),
        (T, S.UAI, 2, "exact", "why", "keep", "", "justified"),
        (T, S.CLASS_CODE, 2, "", "", "generalise", "first_3", "crossing_risk"),
        (T, S.DEPARTEMENT, 2, "", "", "keep", "", "no_coarser"),
        (T, S.DEPARTEMENT, 2, "academie", "", "generalise", "academie", "wanted"),
        (T, S.SEX, 2, "", "", "keep", "", "no_coarser"),
        (T, S.ACADEMIE, 2, "", "", "keep", "", "no_coarser"),
        (B, S.CODE, 2, "", "why", "keep", "", "justified"),
        (T, S.SCHOOL_NAME, 2, "", "", "withhold", "", "too_precise"),
        (T, S.SCHOOL_NAME, 2, "", "why", "keep", "", "justified"),
        (T, S.FREE_TEXT, 2, "", "why", "withhold", "", "free_text"),
        # Level 3
        (N, S.MARK, 3, "", "", "withhold", "", "not_justified"),
        (N, S.MARK, 3, "", "   ", "withhold", "", "not_justified"),
        (N, S.MARK, 3, "", "why", "round", "0.5", "high_entropy"),
        (N, S.MARK, 3, "exact", "why", "keep", "", "justified"),
        (N, S.MARK, 3, "by_5", "why", "generalise", "by_5", "wanted"),
        (N, S.AMOUNT, 3, "", "why", "round", "significant:2", "high_entropy"),
        (W, S.HEAD_COUNT, 3, "", "why", "keep", "", "justified"),
        (D, S.DATE, 3, "", "why", "keep", "", "justified"),
        (M, S.DATETIME, 3, "", "why", "generalise", "day", "high_entropy"),
        (M, S.DATETIME, 3, "exact", "why", "keep", "", "justified"),
        (T, S.CATEGORY, 3, "", "why", "keep", "", "justified"),
        (T, S.FREE_TEXT, 3, "", "why", "withhold", "", "free_text"),
    ],
)  # fmt: skip
def test_a_field_is_treated_by_its_level_its_meaning_and_its_justification(
    kind: PlainType, meaning: SemanticType, level: int | None, wanted: str, why: str,
    action: str, step: str, reason: str,
) -> None:  # fmt: skip
    found = treated(spec(kind, meaning, level), wanted, why)
    assert (found.action, found.step, found.reason) == (Action(action), step, reason)
    assert bool(found.output) == found.action.delivers
    assert found.quasi == (found.action.delivers and level == 2)
    assert found.reason in REASONS
    assert not found.warning or found.warning in WARNINGS


def test_a_very_sensitive_field_needs_an_agreement_and_a_justification() -> None:
    absence = spec(D, S.ABSENCE, 4)
    assert treated(absence, "", "why").reason == "very_sensitive"
    assert treated(absence, very_sensitive=True).reason == "not_justified"
    found = treated(absence, "", "why", very_sensitive=True)
    assert (found.action, found.step) == (Action.GENERALISE, "month")
    exact = treated(absence, "exact", "why", very_sensitive=True)
    assert (exact.action, exact.warning) == (Action.KEEP, "exact_values")


def test_a_charter_reaches_no_further_than_its_level() -> None:
    mark = spec(N, S.MARK, 3)
    found = treated(mark, "", "why", highest_level=Level.QUASI_IDENTIFIER)
    assert found.reason == "charter_level"
    assert treated(spec(T, S.INE, 5), highest_level=Level.OPEN).action is Action.PSEUDONYM


@pytest.mark.parametrize(
    ("field", "reason"),
    [
        (spec(T, S.INE, 5), "not_requested"),
        (spec(T, S.UAI, 0), "not_requested"),
        (spec(T, S.EMAIL, 5), "names_a_person"),
    ],
)
def test_what_was_not_asked_for_is_not_delivered(field: FieldSpec, reason: str) -> None:
    found = treatment_for(field, GrantTerms("g", ()))
    assert found.reason == reason
    assert not found.action.delivers


def test_a_fineness_is_chosen_among_those_of_the_field() -> None:
    birth = spec(D, S.DATE_OF_BIRTH, 2)
    names = [each.name for each in choices_for(birth)]
    assert names[:3] == ["exact", "month", "quarter"]
    assert "term" in names
    assert "age" not in names
    assert [each.name for each in choices_for(spec(M, S.DATETIME, 3))][1:3] == ["hour", "day"]
    with_age = [each.name for each in choices_for(birth, date(2026, 9, 1))]
    assert with_age[-2:] == ["age_by_5", "age_by_10"]
    assert treated(birth, "age_by_5", "why", as_of=date(2026, 9, 1)).step == "age_by_5"
    assert [each.name for each in choices_for(spec(T, S.FREE_TEXT, 3))] == ["exact"]
    assert ladders_of(spec(T, S.DATE_OF_BIRTH, 2)) == ()


def test_the_ladder_of_the_producer_comes_before_the_hubs() -> None:
    own = replace(
        spec(T, S.SCHOOL_NAME, 2), hierarchy=LadderSpec("custom", table=(("a", "x"), ("b", "x")))
    )
    found = treated(own)
    assert (found.action, found.step) == (Action.GENERALISE, "level_1")
    assert [each.name for each in choices_for(own)] == ["exact", "level_1"]


def test_a_treatment_names_what_it_leaves() -> None:
    def said(treatment: Treatment) -> str:
        label = step_label(treatment)
        return label.label % label.values

    assert said(treated(spec(D, S.DATE_OF_BIRTH, 2))) == "the year"
    assert said(treated(spec(W, S.NUMBER, 2))) == "a band of 5"
    assert said(treated(spec(N, S.MARK, 3), why="why")) == "the value rounded to the half point"
    assert said(treated(spec(N, S.AMOUNT, 3), why="why")) == "the value with 2 digits"
    assert said(treated(spec(T, S.SEX, 2))) == "the exact value"
