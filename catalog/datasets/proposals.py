"""
What the hub proposes for each column of a new source; a person confirms it, field by field.

Names and values both speak, and values have the last word on persons: a column that looks like an
INE, an e-mail, a telephone or a name is proposed level 5 whatever it is called.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from catalog.datasets import meanings
from catalog.datasets.evidence import direct_identifier, may_be_names
from catalog.datasets.meanings import Confidence, Judge, Meaning, Reason
from catalog.datasets.named import named
from catalog.datasets.plain import PlainReading, plain_reading
from catalog.datasets.profiles import ColumnProfile
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import DateFormat, PlainType
from catalog.vocabularies.semantic_types import (
    TRAITS,
    Hierarchy,
    SemanticType,
    SubjectAttribute,
    level_of,
    quasi_identifies,
)
from hub.kernel.refusals import Refusal

JUDGES: tuple[Judge, ...] = (
    meanings.school_code,
    meanings.address,
    meanings.named_identifier,
    meanings.sensitive,
    named,
    meanings.shaped,
)
"""Asked in this order, once the values have not strongly named persons."""

__all__ = ["Confidence", "Proposal", "Reason", "contradictions", "propose"]


CONTRADICTED: Mapping[SemanticType, str] = {
    SemanticType.EMAIL: "“%(field)s” is declared below level 5, but holds %(count)s e-mail"
    " addresses.",
    SemanticType.INE: "“%(field)s” is declared below level 5, but holds %(count)s values like an"
    " INE.",
    SemanticType.NUMEN: "“%(field)s” is declared below level 5, but holds %(count)s values like a"
    " NUMEN.",
    SemanticType.NIR: "“%(field)s” is declared below level 5, but holds %(count)s values like a"
    " social security number.",
    SemanticType.IBAN: "“%(field)s” is declared below level 5, but holds %(count)s bank accounts.",
    SemanticType.PHONE: "“%(field)s” is declared below level 5, but holds %(count)s telephone"
    " numbers.",
    SemanticType.IP_ADDRESS: "“%(field)s” is declared below level 5, but holds %(count)s IP"
    " addresses.",
    SemanticType.FIRST_NAME: "“%(field)s” is declared below level 5, but holds %(count)s first"
    " names.",
    SemanticType.PERSON_NAME: "“%(field)s” is declared below level 5, but holds %(count)s values"
    " like names of persons.",
    SemanticType.FREE_TEXT: "“%(field)s” is declared below level 5, but %(count)s of its texts"
    " hold an e-mail address or an INE.",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What one column seems to be. Nothing here is true until somebody confirms it."""

    name: str
    semantic_type: SemanticType
    level: Level
    plain: PlainType
    confidence: Confidence
    reason: Reason
    date_format: DateFormat | None = None
    missing_values: tuple[str, ...] = ()
    unit_symbol: str = ""
    quasi_identifier: bool = False
    subject: SubjectAttribute | None = None
    hierarchy: Hierarchy | None = None
    notes: tuple[Reason, ...] = field(default=())


def propose(columns: Sequence[ColumnProfile], unit: Unit) -> list[Proposal]:
    """Propose a meaning, a level and a type for every column, in the same order."""
    return [_proposal(column, unit) for column in columns]


def contradictions(
    declared: Mapping[str, Level], profiles: Sequence[ColumnProfile]
) -> list[Refusal]:
    """
    List the columns whose values name or reach persons while declared below level 5.

    ``declared`` gives the level of each column by name; a column that is not there counts as
    declared below. ``profiles`` should be those of the whole columns, not of a sample.
    """
    refusals = []
    for profile in profiles:
        evidence = direct_identifier(profile)
        if not evidence or not evidence.strong:
            continue
        if declared.get(profile.name, Level.SENSITIVE) < Level.IDENTIFIER:
            refusals.append(
                Refusal(
                    "level_contradicted",
                    CONTRADICTED[evidence.semantic_type],
                    remedy="Set the column to level 5, or remove these values from the source.",
                    values={"field": profile.name, "count": evidence.count},
                    about=profile.name,
                )
            )
    return refusals


def _proposal(column: ColumnProfile, unit: Unit) -> Proposal:
    meaning = _meaning(column, unit)
    traits = TRAITS[meaning.semantic_type]
    reading = plain_reading(column, text=traits.plain is PlainType.TEXT)
    return Proposal(
        name=column.name,
        semantic_type=meaning.semantic_type,
        level=level_of(meaning.semantic_type, unit) if meaning.level is None else meaning.level,
        plain=reading.plain,
        confidence=_capped(meaning, column, reading),
        reason=meaning.reason,
        date_format=reading.date_format,
        missing_values=column.missing_tokens,
        unit_symbol=reading.unit_symbol,
        quasi_identifier=quasi_identifies(meaning.semantic_type, unit),
        subject=traits.subject,
        hierarchy=traits.hierarchy,
        notes=reading.notes,
    )


def _capped(meaning: Meaning, column: ColumnProfile, reading: PlainReading) -> Confidence:
    """Nothing is sure about a column without values, or whose values do not all read."""
    if column.present == 0 or reading.notes:
        return Confidence.LOW
    return meaning.confidence


def _meaning(column: ColumnProfile, unit: Unit) -> Meaning:
    """Ask each judge in turn, the most protective first; the last one always answers."""
    evidence = direct_identifier(column)
    if evidence and evidence.strong:
        return meanings.identifier(evidence, column)
    for judge in JUDGES:
        meaning = judge(column, unit)
        if meaning:
            return meaning
    if evidence:
        return meanings.identifier(evidence, column)
    if unit.is_person and may_be_names(column):
        return meanings.doubt(column)
    return meanings.by_default(column, unit)
