"""What changed from one text to the next, line by line. Pure."""

import difflib
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What became of a line."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison."""

    change: Change
    text: str


_SIGNS = {"  ": Change.SAME, "+ ": Change.ADDED, "- ": Change.REMOVED}


def differences(before: str, after: str) -> list[Line]:
    """Compare two texts; nothing when they are equal."""
    if before == after:
        return []
    compared = difflib.ndiff(before.splitlines(), after.splitlines())
    return [Line(_SIGNS[line[:2]], line[2:]) for line in compared if line[:2] in _SIGNS]
