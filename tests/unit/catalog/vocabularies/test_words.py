"""Closed lists are complete, and say what follows from their words."""

import re

import pytest

from catalog.vocabularies.education_data import EducationData
from catalog.vocabularies.education_levels import EducationLevel
from catalog.vocabularies.frequencies import Frequency
from catalog.vocabularies.labelled import Labelled
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import UNCLASSIFIED, Level, Tier, Unit
from catalog.vocabularies.licences import Licence
from catalog.vocabularies.person_names import FAMILY_NAMES, FIRST_NAMES
from catalog.vocabularies.plain_types import DateFormat, PlainType
from catalog.vocabularies.purposes import Purpose
from catalog.vocabularies.semantic_types import (
    TRAITS,
    SemanticType,
    level_of,
    quasi_identifies,
)
from catalog.vocabularies.themes import Theme

LISTS: list[type[Labelled]] = [
    EducationData, EducationLevel, Frequency, LegalBasis, Licence, PlainType, DateFormat, Purpose,
    SemanticType, Theme,
]  # fmt: skip


@pytest.mark.parametrize("words", LISTS)
def test_every_word_has_its_own_code_and_label(words: type[Labelled]) -> None:
    choices = words.choices()
    assert [words(code).label for code, _ in choices] == [label for _, label in choices]
    assert len({label for _, label in choices}) == len(choices)
    assert all(label and label == label.strip() for _, label in choices)
    assert all(word == word.value for word in words)


def test_there_are_eight_types_of_education_data() -> None:
    assert len(EducationData) == 8


def test_only_particular_conditions_are_not_open_and_have_no_address() -> None:
    for licence in Licence:
        assert licence.is_open is bool(licence.uri)
    assert not Licence.PARTICULAR.is_open


def test_a_frequency_is_a_concept_of_the_european_authority() -> None:
    assert Frequency.ANNUAL.uri == (
        "http://publications.europa.eu/resource/authority/frequency/ANNUAL"
    )


def test_a_purpose_has_a_concept_of_dpv() -> None:
    assert all(purpose.dpv.startswith("https://w3id.org/dpv#") for purpose in Purpose)


def test_a_legal_basis_says_whether_one_consents_or_objects() -> None:
    assert [basis for basis in LegalBasis if basis.needs_consent] == [LegalBasis.CONSENT]
    assert {basis for basis in LegalBasis if basis.can_be_objected} == {
        LegalBasis.PUBLIC_TASK,
        LegalBasis.LEGITIMATE_INTERESTS,
    }


def test_tiers_are_ordered_from_the_widest() -> None:
    assert [tier.rank for tier in Tier] == [0, 1, 2, 3]
    assert UNCLASSIFIED is Level.SENSITIVE


def test_a_row_speaks_of_a_person_or_not() -> None:
    assert {unit for unit in Unit if not unit.is_person} == {
        Unit.CLASS,
        Unit.SCHOOL,
        Unit.TERRITORY,
    }


def test_every_meaning_has_traits() -> None:
    assert set(TRAITS) == set(SemanticType)


@pytest.mark.parametrize("meaning", SemanticType)
def test_a_meaning_is_never_less_confidential_about_persons(meaning: SemanticType) -> None:
    assert level_of(meaning, Unit.PUPIL) >= level_of(meaning, Unit.SCHOOL)
    if quasi_identifies(meaning, Unit.PUPIL):
        assert level_of(meaning, Unit.PUPIL) is Level.QUASI_IDENTIFIER
    assert not quasi_identifies(meaning, Unit.SCHOOL)


def test_the_school_of_a_pupil_identifies_by_crossing_and_a_school_does_not() -> None:
    assert level_of(SemanticType.UAI, Unit.SCHOOL) is Level.OPEN
    assert level_of(SemanticType.UAI, Unit.PUPIL) is Level.QUASI_IDENTIFIER
    assert level_of(SemanticType.COMMUNE_COG, Unit.EVENT) is Level.QUASI_IDENTIFIER


def test_lists_of_names_are_in_plain_capitals() -> None:
    assert all(re.fullmatch("[A-Z]+", name) for name in FIRST_NAMES | FAMILY_NAMES)
    assert len(FIRST_NAMES) > 400 < len(FAMILY_NAMES) + 100
