"""A closed list of words, each with the English message that names it to people."""

from enum import StrEnum
from typing import Self


class Labelled(StrEnum):
    """An enumeration whose members carry a label: an English message identifier."""

    label: str

    def __new__(cls, value: str, label: str = "") -> Self:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label = label
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Return (code, label) pairs in the order of the list, as a form wants them."""
        return [(member.value, member.label) for member in cls]
