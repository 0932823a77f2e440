import pytest

from catalog.datasets.keeping import Keeping, attribute_of, keeping, subject_rank
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.semantic_types import TRAITS, SemanticType

IDENTIFIERS = [one for one in SemanticType if TRAITS[one].level is Level.IDENTIFIER]


@pytest.mark.parametrize("meaning", IDENTIFIERS)
@pytest.mark.parametrize("level", Level)
def test_what_means_an_identifier_is_never_kept_as_it_is(
    meaning: SemanticType, level: Level
) -> None:
    assert keeping(meaning, level, "") is Keeping.NEVER
    assert keeping(meaning, level, "pupil") is Keeping.PSEUDONYM


@pytest.mark.parametrize("meaning", SemanticType)
def test_level_5_is_never_kept_as_it_is(meaning: SemanticType) -> None:
    assert keeping(meaning, Level.IDENTIFIER, "") is Keeping.NEVER


def test_the_rest_is_kept() -> None:
    assert keeping(SemanticType.MARK, Level.SENSITIVE, "") is Keeping.AS_IS
    assert keeping(SemanticType.UAI, Level.QUASI_IDENTIFIER, "") is Keeping.AS_IS


@pytest.mark.parametrize(
    ("meaning", "attribute"),
    [
        (SemanticType.INE, "pupil"),
        (SemanticType.NUMEN, "teacher"),
        (SemanticType.PUPIL_ID, "pupil@town"),
        (SemanticType.HOUSEHOLD_ID, "household@town"),
        (SemanticType.EMAIL, ""),
        (SemanticType.NIR, ""),
    ],
)
def test_an_identifier_of_one_system_has_a_key_of_its_own(
    meaning: SemanticType, attribute: str
) -> None:
    assert attribute_of(meaning, Level.IDENTIFIER, "town") == attribute
    assert attribute_of(meaning, Level.SENSITIVE, "town") == ""


@pytest.mark.parametrize(
    ("attribute", "unit", "rank"),
    [
        ("pupil", Unit.PUPIL, 0),
        ("pupil@town", Unit.EVENT, 1),
        ("teacher", Unit.PUPIL, None),
        ("household@town", Unit.HOUSEHOLD, 1),
        ("pupil", Unit.SCHOOL, None),
        ("", Unit.PUPIL, None),
    ],
)
def test_the_national_identifier_names_the_subject_first(
    attribute: str, unit: Unit, rank: int | None
) -> None:
    assert subject_rank(attribute, unit) == rank
