"""
What a field means, whatever its name, and what follows from that for its confidentiality.

The same code weighs differently by what a row speaks of: a school's UAI in a file of schools is
public; in a file of pupils it says where a child is, and identifies by crossing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from catalog.vocabularies.labelled import Labelled
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType


class SubjectAttribute(StrEnum):
    """Whom an identifier names: one domain of pseudonym keys each."""

    PUPIL = "pupil"
    TEACHER = "teacher"
    HOUSEHOLD = "household"
    SCHOOL = "school"
    CLASS = "class"


class Hierarchy(StrEnum):
    """A ladder of generalisation, from the exact value to nothing."""

    DATE = "date"
    COMMUNE = "commune"
    POSTCODE = "postcode"
    DEPARTEMENT = "departement"
    UAI = "uai"
    CLASS_CODE = "class_code"
    NUMBER = "number"
    CATEGORY = "category"


class SemanticType(Labelled):
    """What a field means."""

    INE = "ine", "National pupil identifier (INE)"
    PUPIL_ID = "pupil_id", "Identifier of a pupil in one system"
    NUMEN = "numen", "Identifier of a staff member (NUMEN)"
    NIR = "nir", "Social security number (NIR)"
    PERSON_NAME = "person_name", "Name of a person"
    FIRST_NAME = "first_name", "First name"
    EMAIL = "email", "E-mail address"
    PHONE = "phone", "Telephone number"
    POSTAL_ADDRESS = "postal_address", "Postal address"
    IBAN = "iban", "Bank account (IBAN)"
    IP_ADDRESS = "ip_address", "IP address"
    COORDINATE = "coordinate", "Geographical coordinate"
    HOUSEHOLD_ID = "household_id", "Identifier of a household"
    UAI = "uai", "School code (UAI)"
    SCHOOL_NAME = "school_name", "Name of a school"
    SIREN = "siren", "Company number (SIREN, SIRET)"
    COMMUNE_COG = "commune_cog", "Commune (COG code)"
    COMMUNE_NAME = "commune_name", "Commune (name)"
    POSTCODE = "postcode", "Postcode"
    DEPARTEMENT = "departement", "Département"
    ACADEMIE = "academie", "Académie"
    REGION_ACADEMIQUE = "region_academique", "Région académique"
    INSEE_REGION = "insee_region", "Region (INSEE)"
    DATE_OF_BIRTH = "date_of_birth", "Date of birth"
    DATE = "date", "Date"
    DATETIME = "datetime", "Date and time"
    SCHOOL_YEAR = "school_year", "School year or session"
    SEX = "sex", "Sex"
    CLASS_CODE = "class_code", "Class or training (MEF)"
    HEAD_COUNT = "head_count", "Head count"
    RATE = "rate", "Rate or share"
    INDICATOR = "indicator", "Index or mean of a school or territory"
    MARK = "mark", "Mark"
    AMOUNT = "amount", "Amount of money"
    SPECIAL_CATEGORY = "special_category", "Health, disability, sanction, family or beliefs"
    ABSENCE = "absence", "Absence"
    CATEGORY = "category", "Category"
    CODE = "code", "Code"
    NUMBER = "number", "Other number"
    FREE_TEXT = "free_text", "Free text"
    ROW_NUMBER = "row_number", "Row number"
    URL = "url", "Web address"


@dataclass(frozen=True, slots=True)
class Traits:
    """What follows from a meaning."""

    plain: PlainType
    level: Level
    """Proposed level when a row speaks of a school, a class or a territory."""
    personal: Level
    """Proposed level when a row speaks of a person."""
    quasi_identifier: bool = False
    """Whether, about a person, it identifies by crossing and counts for k-anonymity."""
    subject: SubjectAttribute | None = None
    """Whom it identifies; the pseudonym is made with this attribute's key."""
    hierarchy: Hierarchy | None = None
    """How it can be made coarser."""


def _place(hierarchy: Hierarchy | None, subject: SubjectAttribute | None = None) -> Traits:
    return Traits(
        PlainType.TEXT,
        Level.OPEN,
        Level.QUASI_IDENTIFIER,
        quasi_identifier=True,
        subject=subject,
        hierarchy=hierarchy,
    )


def _names(subject: SubjectAttribute | None = None) -> Traits:
    return Traits(PlainType.TEXT, Level.IDENTIFIER, Level.IDENTIFIER, subject=subject)


def _measure(
    plain: PlainType, level: Level, personal: Level, hierarchy: Hierarchy | None = Hierarchy.NUMBER
) -> Traits:
    return Traits(plain, level, personal, hierarchy=hierarchy)


TRAITS: Mapping[SemanticType, Traits] = MappingProxyType(
    {
        SemanticType.INE: _names(SubjectAttribute.PUPIL),
        SemanticType.PUPIL_ID: _names(SubjectAttribute.PUPIL),
        SemanticType.NUMEN: _names(SubjectAttribute.TEACHER),
        SemanticType.NIR: _names(),
        SemanticType.PERSON_NAME: _names(),
        SemanticType.FIRST_NAME: _names(),
        SemanticType.EMAIL: _names(),
        SemanticType.PHONE: _names(),
        SemanticType.POSTAL_ADDRESS: Traits(PlainType.TEXT, Level.OPEN, Level.IDENTIFIER),
        SemanticType.IBAN: _names(),
        SemanticType.IP_ADDRESS: _names(),
        # A point on a map is an address: public for a school, a home for a pupil.
        SemanticType.COORDINATE: Traits(PlainType.NUMBER, Level.OPEN, Level.IDENTIFIER),
        SemanticType.HOUSEHOLD_ID: _names(SubjectAttribute.HOUSEHOLD),
        SemanticType.UAI: _place(Hierarchy.UAI, SubjectAttribute.SCHOOL),
        SemanticType.SCHOOL_NAME: _place(None),
        SemanticType.SIREN: _place(None),
        SemanticType.COMMUNE_COG: _place(Hierarchy.COMMUNE),
        SemanticType.COMMUNE_NAME: _place(None),
        SemanticType.POSTCODE: _place(Hierarchy.POSTCODE),
        SemanticType.DEPARTEMENT: _place(Hierarchy.DEPARTEMENT),
        SemanticType.ACADEMIE: _place(None),
        SemanticType.REGION_ACADEMIQUE: _place(None),
        SemanticType.INSEE_REGION: _place(None),
        SemanticType.DATE_OF_BIRTH: Traits(
            PlainType.DATE,
            Level.QUASI_IDENTIFIER,
            Level.QUASI_IDENTIFIER,
            quasi_identifier=True,
            hierarchy=Hierarchy.DATE,
        ),
        SemanticType.DATE: _measure(PlainType.DATE, Level.OPEN, Level.SENSITIVE, Hierarchy.DATE),
        SemanticType.DATETIME: _measure(
            PlainType.DATETIME, Level.OPEN, Level.SENSITIVE, Hierarchy.DATE
        ),
        SemanticType.SCHOOL_YEAR: Traits(PlainType.TEXT, Level.OPEN, Level.OPEN),
        SemanticType.SEX: Traits(
            PlainType.TEXT,
            # In a table of counts it is a breakdown, not somebody.
            Level.OPEN,
            Level.QUASI_IDENTIFIER,
            quasi_identifier=True,
            hierarchy=Hierarchy.CATEGORY,
        ),
        SemanticType.CLASS_CODE: Traits(
            PlainType.TEXT,
            Level.OPEN,
            Level.QUASI_IDENTIFIER,
            quasi_identifier=True,
            subject=SubjectAttribute.CLASS,
            hierarchy=Hierarchy.CLASS_CODE,
        ),
        SemanticType.HEAD_COUNT: _measure(PlainType.INTEGER, Level.AGGREGATED, Level.SENSITIVE),
        SemanticType.RATE: _measure(PlainType.NUMBER, Level.AGGREGATED, Level.SENSITIVE),
        SemanticType.INDICATOR: _measure(PlainType.NUMBER, Level.OPEN, Level.SENSITIVE),
        SemanticType.MARK: _measure(PlainType.NUMBER, Level.AGGREGATED, Level.SENSITIVE),
        SemanticType.AMOUNT: _measure(PlainType.NUMBER, Level.AGGREGATED, Level.SENSITIVE),
        SemanticType.SPECIAL_CATEGORY: Traits(
            PlainType.TEXT, Level.VERY_SENSITIVE, Level.VERY_SENSITIVE
        ),
        # Absences by exact date can reveal a religion (GDPR 9).
        SemanticType.ABSENCE: _measure(
            PlainType.TEXT, Level.AGGREGATED, Level.VERY_SENSITIVE, Hierarchy.DATE
        ),
        SemanticType.CATEGORY: _measure(
            PlainType.TEXT, Level.OPEN, Level.SENSITIVE, Hierarchy.CATEGORY
        ),
        SemanticType.CODE: _measure(PlainType.TEXT, Level.OPEN, Level.SENSITIVE, None),
        SemanticType.NUMBER: _measure(PlainType.NUMBER, Level.SENSITIVE, Level.SENSITIVE),
        SemanticType.FREE_TEXT: Traits(PlainType.TEXT, Level.SENSITIVE, Level.SENSITIVE),
        # About persons the number of a row links two extracts: it is an identifier.
        SemanticType.ROW_NUMBER: Traits(PlainType.INTEGER, Level.OPEN, Level.IDENTIFIER),
        SemanticType.URL: Traits(PlainType.TEXT, Level.OPEN, Level.SENSITIVE),
    }
)


def level_of(semantic_type: SemanticType, unit: Unit) -> Level:
    """Return the level proposed for a meaning in a file whose rows speak of this unit."""
    traits = TRAITS[semantic_type]
    return traits.personal if unit.is_person else traits.level


def quasi_identifies(semantic_type: SemanticType, unit: Unit) -> bool:
    """Tell whether a field of this meaning counts for k-anonymity in such a file."""
    return unit.is_person and TRAITS[semantic_type].quasi_identifier
