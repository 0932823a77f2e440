"""What the vault keeps of a field: the one rule that ingestion and the dictionary share. Pure."""

from enum import StrEnum

from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.semantic_types import TRAITS, SemanticType, SubjectAttribute

_NATIONAL = {
    SemanticType.INE: SubjectAttribute.PUPIL,
    SemanticType.NUMEN: SubjectAttribute.TEACHER,
}
_IN_ONE_SYSTEM = {
    SemanticType.PUPIL_ID: SubjectAttribute.PUPIL,
    SemanticType.HOUSEHOLD_ID: SubjectAttribute.HOUSEHOLD,
}
_SUBJECT_OF = {
    Unit.PUPIL: SubjectAttribute.PUPIL,
    Unit.EVENT: SubjectAttribute.PUPIL,
    Unit.TEACHER: SubjectAttribute.TEACHER,
    Unit.HOUSEHOLD: SubjectAttribute.HOUSEHOLD,
}


class Keeping(StrEnum):
    """What becomes of a column when it enters the vault."""

    AS_IS = "as_is"
    PSEUDONYM = "pseudonym"
    NEVER = "never"


def keeping(semantic_type: SemanticType, level: Level, attribute: str) -> Keeping:
    """
    Decide what the vault keeps: of what names a person, a stage-1 pseudonym or nothing.

    A field whose meaning names a person is an identifier whatever level was declared.
    """
    named = level is Level.IDENTIFIER or TRAITS[semantic_type].level is Level.IDENTIFIER
    if not named:
        return Keeping.AS_IS
    return Keeping.PSEUDONYM if attribute else Keeping.NEVER


def attribute_of(semantic_type: SemanticType, level: Level, producer: str) -> str:
    """
    Return whom a field identifies: ``pupil`` nationally, ``pupil@<producer>`` in one system.

    One key of stage 1 each: the number 12 of two systems is not one pupil.
    """
    if level is not Level.IDENTIFIER:
        return ""
    if semantic_type in _NATIONAL:
        return str(_NATIONAL[semantic_type])
    if semantic_type in _IN_ONE_SYSTEM:
        return f"{_IN_ONE_SYSTEM[semantic_type]}@{producer}"
    return ""


def subject_rank(attribute: str, unit: Unit) -> int | None:
    """
    Return how well an attribute names whom a row speaks of: 0 best, None not at all.

    The national identifier goes before the one of a system.
    """
    wanted = _SUBJECT_OF.get(unit)
    if wanted is None or attribute.partition("@")[0] != wanted:
        return None
    return int("@" in attribute)
