"""Judges: each looks at a column's name and profile and says what it means, or nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from catalog.datasets import naming
from catalog.datasets.evidence import Evidence
from catalog.datasets.naming import words_of
from catalog.datasets.profiles import ColumnProfile
from catalog.datasets.shapes import Shape
from catalog.vocabularies.labelled import Labelled
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType


class Confidence(Labelled):
    """How sure a proposal is."""

    HIGH = "high", "Sure"
    MEDIUM = "medium", "Likely"
    LOW = "low", "To be checked"


@dataclass(frozen=True, slots=True)
class Reason:
    """An English message identifier with ``%(name)s`` places; never a cell's value."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.text % self.values if self.values else self.text


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a judge says. ``level`` overrides the one that follows from the meaning."""

    semantic_type: SemanticType
    confidence: Confidence
    reason: Reason
    level: Level | None = None


Judge = Callable[[ColumnProfile, Unit], Meaning | None]

BY_NAME = Reason("The name of the column says so.")
BY_NAME_AND_VALUES = Reason("The name of the column says so, and its values agree.")
NUMBERS = (Shape.INTEGER, Shape.DECIMAL, Shape.PERCENT)
DATES = (
    Shape.ISO_DATE,
    Shape.FRENCH_DATE,
    Shape.OTHER_DATE,
    Shape.IMPOSSIBLE_DATE,
    Shape.DATETIME,
)


def by_values(column: ColumnProfile, *shapes: Shape) -> Reason:
    """Say that a share of the values have the shape."""
    return Reason(
        "%(share)s %% of the values have this form.", {"share": round(100 * column.share(*shapes))}
    )


def identifier(evidence: Evidence, column: ColumnProfile) -> Meaning:
    """Turn the evidence of persons into a meaning of level 5."""
    reason = Reason(
        "%(share)s %% of the values look like this, whatever the column is called.",
        {"share": max(1, round(100 * evidence.count / column.present))},
    )
    if evidence.semantic_type is SemanticType.FREE_TEXT:
        reason = Reason(
            "%(count)s values hold an e-mail address or a pupil's number among other words.",
            {"count": evidence.count},
        )
    return Meaning(
        evidence.semantic_type,
        Confidence.HIGH if evidence.strong else Confidence.LOW,
        reason,
        Level.IDENTIFIER,
    )


def doubt(column: ColumnProfile) -> Meaning:
    """Protect a column of many different words in a file about persons: they may be names."""
    return Meaning(
        SemanticType.PERSON_NAME,
        Confidence.LOW,
        Reason(
            "%(count)s different words in a file about persons: they may be names.",
            {"count": column.distinct},
        ),
        Level.IDENTIFIER,
    )


def is_numeric(column: ColumnProfile) -> bool:
    """Tell whether most values are numbers, in whichever way they are written."""
    return _is_native_number(column) or column.share(*NUMBERS) >= 0.6


def _is_native_number(column: ColumnProfile) -> bool:
    return column.native in {PlainType.INTEGER, PlainType.NUMBER}


def is_dated(column: ColumnProfile) -> bool:
    """Tell whether most values are dates, in whichever way they are written."""
    return column.native in {PlainType.DATE, PlainType.DATETIME} or column.share(*DATES) >= 0.6


_NAMED_IDENTIFIERS: tuple[tuple[frozenset[str], SemanticType], ...] = (
    (naming.INES, SemanticType.INE),
    (frozenset(["numen"]), SemanticType.NUMEN),
    (naming.NIRS, SemanticType.NIR),
    (frozenset(["iban", "rib"]), SemanticType.IBAN),
    (naming.FIRST_NAMES, SemanticType.FIRST_NAME),
    (frozenset(["ip"]), SemanticType.IP_ADDRESS),
    (naming.EMAILS, SemanticType.EMAIL),
    (naming.PHONES, SemanticType.PHONE),
    (naming.ADDRESSES, SemanticType.POSTAL_ADDRESS),
)


def named_identifier(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """Believe a name that announces a person, even when the values are missing or disguised."""
    words = words_of(column.name)
    if words & (naming.COUNTS | naming.RATES | naming.KINDS):
        return None
    for known, semantic_type in _NAMED_IDENTIFIERS:
        if words & known:
            return Meaning(semantic_type, Confidence.HIGH, BY_NAME)
    if words & naming.PERSONAL_NAMES and not words & naming.THINGS:
        return _name_of_whom(column, unit)
    if unit.is_person and words & naming.IDENTIFIERS:
        return _numbered_subject(words)
    return None


def _name_of_whom(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """A school is called by a name too: in a file of schools, the values decide."""
    if not unit.is_person and column.share(Shape.INSTITUTION) >= 0.1:
        return Meaning(
            SemanticType.SCHOOL_NAME, Confidence.MEDIUM, by_values(column, Shape.INSTITUTION)
        )
    if is_numeric(column) or is_dated(column):
        return None
    return Meaning(SemanticType.PERSON_NAME, Confidence.HIGH, BY_NAME)


def _numbered_subject(words: frozenset[str]) -> Meaning | None:
    for known, semantic_type in (
        (naming.PUPILS, SemanticType.PUPIL_ID),
        (naming.HOUSEHOLDS, SemanticType.HOUSEHOLD_ID),
    ):
        if words & known or words <= {"id", "identifiant", "uid", "uuid"}:
            return Meaning(semantic_type, Confidence.HIGH, BY_NAME)
    return None


def sensitive(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """Recognise by its name what tells of health, family, beliefs or sanctions of a person."""
    words = words_of(column.name)
    if not unit.is_person or words & naming.COUNTS:
        return None
    if words & naming.SENSITIVE:
        return Meaning(SemanticType.SPECIAL_CATEGORY, Confidence.MEDIUM, BY_NAME)
    if words & naming.ABSENCES and not is_numeric(column):
        return Meaning(SemanticType.ABSENCE, Confidence.MEDIUM, BY_NAME)
    return None


def school_code(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """Recognise a UAI by its key letter, and by its name when some keys are wrong."""
    del unit
    if column.share(Shape.UAI) >= 0.8:
        return Meaning(
            SemanticType.UAI,
            Confidence.HIGH,
            Reason(
                "%(share)s %% of the values are school codes whose key letter is right.",
                {"share": round(100 * column.share(Shape.UAI))},
            ),
        )
    if column.share(Shape.UAI, Shape.UAI_WRONG_KEY) >= 0.8:
        return Meaning(
            SemanticType.UAI,
            Confidence.LOW,
            by_values(column, Shape.UAI, Shape.UAI_WRONG_KEY),
        )
    return None


def address(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """Recognise streets, whatever the column is called: at home they name a household."""
    del unit
    if column.share(Shape.ADDRESS) < 0.3:
        return None
    return Meaning(SemanticType.POSTAL_ADDRESS, Confidence.HIGH, by_values(column, Shape.ADDRESS))


_VALUE_SHAPES: tuple[tuple[Shape, float, SemanticType], ...] = (
    (Shape.PERCENT, 0.5, SemanticType.RATE),
    (Shape.SCHOOL_YEAR, 0.9, SemanticType.SCHOOL_YEAR),
    (Shape.URL, 0.8, SemanticType.URL),
    (Shape.SIREN, 0.9, SemanticType.SIREN),
    (Shape.DEPARTEMENT_NAME, 0.95, SemanticType.DEPARTEMENT),
    (Shape.REGION_NAME, 0.95, SemanticType.REGION_ACADEMIQUE),
    (Shape.ACADEMIE_NAME, 0.95, SemanticType.ACADEMIE),
)


def shaped(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """Recognise what values alone tell."""
    if unit.is_person and column.share(Shape.UUID) >= 0.9:
        return Meaning(SemanticType.PUPIL_ID, Confidence.MEDIUM, by_values(column, Shape.UUID))
    for shape, least, semantic_type in _VALUE_SHAPES:
        if column.share(shape) >= least:
            return Meaning(semantic_type, Confidence.HIGH, by_values(column, shape))
    return None


def by_default(column: ColumnProfile, unit: Unit) -> Meaning:
    """Say the least that the values allow; about persons it stays level 3, or 5 when unique."""
    if unit.is_person and _numbers_rows(column):
        return Meaning(
            SemanticType.PUPIL_ID,
            Confidence.LOW,
            Reason("Each row has its own value: it may identify persons."),
            Level.IDENTIFIER,
        )
    if column.share(Shape.COMMUNE) >= 0.98 and column.count(Shape.LEADING_ZERO):
        return Meaning(SemanticType.COMMUNE_COG, Confidence.LOW, by_values(column, Shape.COMMUNE))
    return Meaning(
        _kind_of_values(column, unit), Confidence.LOW, Reason("The values tell no more.")
    )


def _numbers_rows(column: ColumnProfile) -> bool:
    return (
        column.present >= 50
        and column.distinct_share >= 0.95
        and column.share(Shape.CODE) == 1
        and not column.count(Shape.DECIMAL)
        and not is_dated(column)
    )


def _kind_of_values(column: ColumnProfile, unit: Unit) -> SemanticType:
    if column.share(Shape.SEX) >= 0.95 and column.distinct <= 4 and unit.is_person:
        return SemanticType.SEX
    if is_dated(column):
        return _kind_of_dates(column, unit)
    if column.share(Shape.LEADING_ZERO) > 0:
        return SemanticType.CODE
    if is_numeric(column) and column.share(*NUMBERS) == 1:
        return SemanticType.NUMBER
    return _kind_of_words(column)


def _kind_of_dates(column: ColumnProfile, unit: Unit) -> SemanticType:
    """In a file about persons, many different days without a time are likely birthdays."""
    if column.native is PlainType.DATETIME or column.share(Shape.DATETIME) > 0.5:
        return SemanticType.DATETIME
    births = unit in {Unit.PUPIL, Unit.TEACHER} and column.distinct >= min(300, column.present / 2)
    return SemanticType.DATE_OF_BIRTH if births else SemanticType.DATE


def _kind_of_words(column: ColumnProfile) -> SemanticType:
    if column.share(Shape.LONG_TEXT) >= 0.05:
        return SemanticType.FREE_TEXT
    if column.distinct <= 50 or column.distinct_share < 0.02:
        return SemanticType.CATEGORY
    return SemanticType.CODE if column.share(Shape.CODE) >= 0.9 else SemanticType.FREE_TEXT
