"""How large a text file may be, before it is refused with a sentence."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CsvLimits:
    """Bounds on one file; those who call may tighten or widen them."""

    columns: int = 250
    cell_bytes: int = 100_000
    line_bytes: int = 1_000_000
    file_bytes: int = 4_000_000_000


LIMITS = CsvLimits()
