"""Judge of names that announce an ordinary meaning, believed when the values agree."""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.datasets import naming
from catalog.datasets.meanings import (
    BY_NAME_AND_VALUES,
    DATES,
    NUMBERS,
    Confidence,
    Meaning,
    is_dated,
    is_numeric,
)
from catalog.datasets.naming import words_of
from catalog.datasets.profiles import ColumnProfile
from catalog.datasets.shapes import Shape
from catalog.vocabularies.levels import Unit
from catalog.vocabularies.semantic_types import SemanticType

Agreement = Callable[[ColumnProfile], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """Words of a name, and what the values must look like for the name to be believed."""

    semantic_type: SemanticType
    words: frozenset[str]
    agrees: Agreement
    also: frozenset[str] = frozenset()
    """When there are some, one of these must be in the name too."""
    without: frozenset[str] = frozenset()
    personal: bool | None = None
    """Only in files about persons (True), or about anything else (False)."""

    def accepts(self, words: frozenset[str], column: ColumnProfile, unit: Unit) -> bool:
        """Tell whether name, unit and values agree."""
        return (
            bool(words & self.words)
            and (not self.also or bool(words & self.also))
            and not words & self.without
            and self.personal in {None, unit.is_person}
            and self.agrees(column)
        )


def named(column: ColumnProfile, unit: Unit) -> Meaning | None:
    """Return the first meaning that the name announces and the values do not deny."""
    words = words_of(column.name)
    for rule in RULES:
        if rule.accepts(words, column, unit):
            sure = Confidence.HIGH if column.present else Confidence.LOW
            return Meaning(rule.semantic_type, sure, BY_NAME_AND_VALUES)
    return None


def _mostly(*shapes: Shape) -> Agreement:
    """At least 95 % of the values have the shape, or there is no value to deny it."""
    return lambda column: column.present == 0 or column.share(*shapes) >= 0.95


def _wordy(column: ColumnProfile) -> bool:
    return not is_numeric(column) and not is_dated(column)


def _anything(column: ColumnProfile) -> bool:
    del column
    return True


def _few(column: ColumnProfile) -> bool:
    return column.distinct <= 300 or column.distinct_share < 0.05


def _region_academique(column: ColumnProfile) -> bool:
    return column.share(Shape.REGION_ACADEMIQUE) >= 0.95 > column.share(Shape.INSEE_REGION)


_whole = _mostly(Shape.INTEGER, Shape.INTEGER_AS_FLOAT)
_number = _mostly(*NUMBERS)

RULES: tuple[Rule, ...] = (
    Rule(SemanticType.ROW_NUMBER, naming.ROWS, _whole),
    # The number of a trace names its line in a learning record store.
    Rule(SemanticType.ROW_NUMBER, naming.TRACES, _mostly(Shape.UUID), personal=True),
    Rule(SemanticType.AMOUNT, naming.AMOUNTS, _number),
    Rule(SemanticType.RATE, naming.RATES, is_numeric),
    Rule(SemanticType.HEAD_COUNT, naming.COUNTS, _whole, without=naming.INDICATORS),
    Rule(SemanticType.HEAD_COUNT, naming.ABSENCES, _whole),
    Rule(SemanticType.MARK, naming.MARKS, is_numeric, personal=True),
    Rule(SemanticType.INDICATOR, naming.INDICATORS, is_numeric),
    Rule(SemanticType.COORDINATE, naming.COORDINATES, _anything),
    Rule(
        SemanticType.DATE_OF_BIRTH,
        naming.BIRTHS,
        _mostly(*DATES, Shape.YEAR),
        without=naming.THINGS | naming.TOWNS | frozenset(["lieu", "pays"]),
    ),
    Rule(SemanticType.SCHOOL_YEAR, naming.YEARS, _mostly(Shape.YEAR, Shape.SCHOOL_YEAR)),
    Rule(SemanticType.SEX, naming.SEXES, _few),
    Rule(SemanticType.POSTCODE, naming.POSTCODES, _mostly(Shape.FIVE_CHARACTERS)),
    Rule(
        SemanticType.COMMUNE_COG,
        naming.COGS,
        _mostly(Shape.COMMUNE),
        without=naming.REGIONS | naming.DEPARTEMENTS,
    ),
    Rule(
        SemanticType.INSEE_REGION,
        naming.REGIONS,
        _mostly(Shape.INSEE_REGION),
        also=frozenset(["insee"]),
    ),
    Rule(SemanticType.REGION_ACADEMIQUE, naming.REGIONS, _region_academique),
    Rule(
        SemanticType.REGION_ACADEMIQUE,
        naming.REGIONS,
        _mostly(Shape.REGION_ACADEMIQUE),
        also=naming.ACADEMIES,
    ),
    Rule(SemanticType.REGION_ACADEMIQUE, naming.REGIONS, _mostly(Shape.REGION_NAME)),
    Rule(SemanticType.INSEE_REGION, naming.REGIONS, _mostly(Shape.INSEE_REGION)),
    Rule(
        SemanticType.ACADEMIE,
        naming.ACADEMIES,
        _mostly(Shape.ACADEMIE, Shape.ACADEMIE_NAME),
        without=naming.REGIONS,
    ),
    Rule(
        SemanticType.DEPARTEMENT,
        naming.DEPARTEMENTS,
        _mostly(Shape.DEPARTEMENT, Shape.DEPARTEMENT_NAME),
    ),
    Rule(SemanticType.CATEGORY, naming.KINDS, _few, without=naming.TOWNS),
    Rule(SemanticType.CLASS_CODE, naming.CLASSES, _few),
    Rule(SemanticType.COMMUNE_NAME, naming.TOWNS, _wordy),
    Rule(SemanticType.SCHOOL_NAME, naming.SCHOOLS, _wordy, also=naming.LABELS),
    Rule(SemanticType.SCHOOL_NAME, naming.LABELS, _wordy, personal=False),
)
