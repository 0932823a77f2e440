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
    def ending(self) -> str:
        """Return how the name of a file in this format ends, without the dot."""
        return _ENDINGS.get(self.value, self.value)

    @property
    def file_name(self) -> str:
        """Return what the file of the rows of an extract in this format is called."""
        return f"data.{self.ending}"


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
class TableWish:
    """A table of results: the fields to cross, and what to add up ("": persons are counted)."""

    dimensions: tuple[str, ...]
    sum_of: str = ""


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
    :param tables: when there are any, they are all that is delivered
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
    tables: tuple[TableWish, ...] = ()

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
    :param l: distinct values of each sensitive field per combination, at least; None asks for none
    :param t: how far the values of a combination may be from everybody's (0 to 1), likewise
    :param unique: share of persons whom ``known`` facts may single out (0 to 1), likewise
    """

    k: int
    cap: float
    l: int | None = None  # noqa: E741  # the field's own letter
    t: float | None = None
    unique: float | None = None
    known: int = 3

    @property
    def looks_at_values(self) -> bool:
        """Tell whether more is demanded than the size of groups."""
        return any(each is not None for each in (self.l, self.t, self.unique))


@dataclass(frozen=True, slots=True)
class Dominance:
    """
    When a sum tells of its largest contributors, by dataset.

    :param n: how many of them
    :param k: percent of the sum that they may make, at most
    """

    n: int = 1
    k: float = 85.0


def _floor(meaning: SemanticType) -> Level:
    names_somebody = TRAITS[meaning].level is Level.IDENTIFIER
    return Level.IDENTIFIER if names_somebody else Level.OPEN
