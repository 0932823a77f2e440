"""How much a field can hurt (level), and how far a delivery may go (tier). Both are ordered."""

from enum import IntEnum, StrEnum


class Level(IntEnum):
    """Confidentiality level of a field. A field that nobody classified is SENSITIVE."""

    OPEN = 0
    AGGREGATED = 1
    QUASI_IDENTIFIER = 2
    SENSITIVE = 3
    VERY_SENSITIVE = 4
    IDENTIFIER = 5


UNCLASSIFIED = Level.SENSITIVE


class Tier(StrEnum):
    """What may be got, and how; from the widest to the tightest."""

    OPEN = "open"
    ACCOUNT = "account"
    EXTRACT = "extract"
    RESULTS = "results"

    @property
    def rank(self) -> int:
        """Return 0 for the widest tier, 3 for the tightest."""
        return list(Tier).index(self)


class Unit(StrEnum):
    """Unit of observation: what one row speaks of."""

    PUPIL = "pupil"
    TEACHER = "teacher"
    HOUSEHOLD = "household"
    CLASS = "class"
    SCHOOL = "school"
    TERRITORY = "territory"
    EVENT = "event"

    @property
    def is_person(self) -> bool:
        """Tell whether one row speaks of one person (or of one act of one person)."""
        return self in {Unit.PUPIL, Unit.TEACHER, Unit.HOUSEHOLD, Unit.EVENT}
