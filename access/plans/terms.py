"""What a plan is compiled from: plain values, so that anybody can build them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from access.pseudonymisation.hierarchies import LadderSpec
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import TRAITS, SemanticType, SubjectAttribute

PERSONS = frozenset({SubjectAttribute.PUPIL, SubjectAttribute.TEACHER, SubjectAttribute.HOUSEHOLD})
"""Attributes that name persons: the others (school, class) are places in a pupil's life."""


class BasisRule(StrEnum):
    """Whose rows may be used, from the legal basis of the collection."""

    OPT_IN = "opt_in"
    OPT_OUT = "opt_out"
    NONE = "none"


class Format(StrEnum):
    """How the rows are written."""

    PARQUET = "parquet"
    CSV = "csv"
    SPSS = "spss"
    STATA = "stata"

    @property
    def file_name(self) -> str:
        """Return what the file of an extract in this format is called."""
        return f"data.{_ENDINGS.get(self.value, self.value)}"


_ENDINGS = {"spss": "sav", "stata": "dta"}
STATISTICAL = frozenset({Format.SPSS, Format.STATA})
"""Written only when asked for, with labels, where the optional packages are."""
DEFAULT_FORMATS = (Format.PARQUET, Format.CSV)


def default_formats() -> list[str]:
    """Return the formats of an extract when nobody asks for others, to be kept."""
    return [each.value for each in DEFAULT_FORMATS]


def in_order(formats: Iterable[str]) -> tuple[Format, ...]:
    """
    Return formats in the order of all plans, each once.

    :raises ValueError: when one is none
    """
    wanted = {Format(each) for each in formats}
    return tuple(each for each in Format if each in wanted)


class Operator(StrEnum):
    """How a row filter compares a field with its values."""

    IN = "in"
    NOT_IN = "not_in"
    FROM = "from"
    UNTIL = "until"
    STARTS = "starts"
    FILLED = "filled"
    EMPTY = "empty"


OPERATORS: Mapping[Operator, str] = {
    Operator.IN: "is one of",
    Operator.NOT_IN: "is none of",
    Operator.FROM: "from",
    Operator.UNTIL: "until",
    Operator.STARTS: "starts with",
    Operator.FILLED: "is filled",
    Operator.EMPTY: "is empty",
}
"""How a comparison is called, between a field and its values."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field as its producer declared it. ``level=None`` is unclassified, and refused."""

    name: str
    type: PlainType
    semantic_type: SemanticType
    level: Level | None
    label: str = ""
    definition: str = ""
    code_list: tuple[tuple[str, str], ...] = ()
    hierarchy: LadderSpec | None = None
    """The producer's own ladder, when it gives one."""

    @property
    def confidentiality(self) -> Level | None:
        """Return the level that counts: an identifier of a person is one whatever was declared."""
        if self.level is None:
            return None
        return max(self.level, _floor(self.semantic_type))

    @property
    def attribute(self) -> SubjectAttribute | None:
        """Return whom the field identifies, when its pseudonym means something."""
        return TRAITS[self.semantic_type].subject


@dataclass(frozen=True, slots=True)
class FieldGrant:
    """One field that is asked for: how fine ("" leaves it to the rules), and why."""

    name: str
    wanted: str = ""
    justification: str = ""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """Only the rows whose field compares with the values; values are texts, as typed."""

    field: str
    operator: Operator
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """
    What was granted (or is asked for, or what a profile would get: the same rules answer).

    :param grant: identifier of the grant; part of every key domain
    :param end: last day; None only in a preview
    :param highest_level: of the charter; level 5 never leaves whatever it says
    :param very_sensitive: the explicit agreement that level 4 asks for
    :param crossing: pseudonyms are shared by all datasets of the grant
    :param as_of: the day on which ages are counted
    """

    grant: str
    fields: tuple[FieldGrant, ...]
    filters: tuple[RowFilter, ...] = ()
    end: date | None = None
    highest_level: Level = Level.VERY_SENSITIVE
    very_sensitive: bool = False
    crossing: bool = False
    formats: tuple[Format, ...] = DEFAULT_FORMATS
    as_of: date | None = None

    def wish(self, name: str) -> FieldGrant | None:
        """Return what is asked for a field, None when it is not asked for."""
        for field in self.fields:
            if field.name == name:
                return field
        return None


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """
    The rows a plan is for, as they are in the vault.

    :param columns: names of the columns that the files hold
    :param rows: how many, None when it is not known
    :param subject: the field that names the person of a row; found among the fields when empty
    """

    dataset: str
    release: str
    unit: Unit
    columns: tuple[str, ...]
    rows: int | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Disclosure:
    """
    How few persons may stand behind a row, by dataset.

    :param k: subjects per combination of quasi-identifiers, at least
    :param cap: share of rows that may be suppressed to get there (0 to 1)
    """

    k: int
    cap: float


def _floor(meaning: SemanticType) -> Level:
    names_somebody = TRAITS[meaning].level is Level.IDENTIFIER
    return Level.IDENTIFIER if names_somebody else Level.OPEN
