"""What was done, in numbers; as plain values for a manifest, the table of extracts, a node's way. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from access.pseudonymisation.disclosure import Verdict


@dataclass(frozen=True, slots=True)
class TableOutcome:
    """
    One table that was made.

    :param columns: name and Arrow type of each
    :param lines: cells, totals included
    :param hidden: those whose value is not shown
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    lines: int
    hidden: int


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What was found of what leaves, beyond the size of its groups; None where it was not demanded.

    :param l: least distinct values of a sensitive field in a group
    :param t: largest distance of a group from all, 0 to 1
    :param unique: share of drawn persons whom ``known`` facts single out
    :param groups: that were left out because of their values
    """

    l: int | None = None  # noqa: E741  # the field's own letter
    t: float | None = None
    unique: float | None = None
    known: int = 0
    groups: int = 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What was done, in numbers.

    :param rows_read: in the source
    :param rows_filtered: left out by the row filters
    :param rows_opposed: left out by oppositions, or for want of a consent
    :param rows_unidentified: left out because nobody can tell whether the person opposed
    :param rows_alone: of a crossing: left out because their person is not in every source
    :param rows_suppressed: left out because too few persons stood behind them
    :param persons: distinct subjects delivered, None when rows are not about persons
    :param verdict: of the disclosure check, None when it does not apply
    :param suppressed_cells: 16-byte names of the suppressed cells, to keep them so in a refresh
    :param consent_digest: of the list of persons that was applied
    :param columns: name and Arrow type of each delivered column
    :param tables: of a plan of tables, which delivers no row
    :param measured: None when nothing was demanded beyond the size of groups
    """

    rows_read: int
    rows_filtered: int
    rows_opposed: int
    rows_unidentified: int
    rows_suppressed: int
    rows_delivered: int
    persons: int | None
    verdict: Verdict | None
    suppressed_cells: tuple[bytes, ...]
    consent_digest: str
    columns: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    rows_alone: int = 0
    tables: tuple[TableOutcome, ...] = ()
    measured: Measured | None = None


def outcome_told(outcome: Outcome) -> dict[str, Any]:
    """Return an outcome as plain values."""
    cells = [cell.hex() for cell in outcome.suppressed_cells]
    return {**asdict(outcome), "suppressed_cells": cells}


def outcome_read(told: Mapping[str, Any]) -> Outcome:
    """
    Return the outcome that :func:`outcome_told` wrote.

    :raises ValueError: when it is none
    """
    verdict, measured = told.get("verdict"), told.get("measured")
    try:
        return Outcome(
            **{
                **told,
                "verdict": Verdict(**verdict) if verdict else None,
                "suppressed_cells": tuple(map(bytes.fromhex, told["suppressed_cells"])),
                "columns": tuple((name, kind) for name, kind in told["columns"]),
                "files": tuple(told["files"]),
                "measured": Measured(**measured) if measured else None,
                "tables": tuple(_table_read(each) for each in told.get("tables", ())),
            }
        )
    except (KeyError, TypeError) as error:
        raise ValueError("This is not an outcome.") from error


def _table_read(told: Mapping[str, Any]) -> TableOutcome:
    return TableOutcome(
        **{**told, "columns": tuple((name, kind) for name, kind in told["columns"])}
    )
