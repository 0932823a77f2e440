"""What was done, as plain values: for a manifest, the table of extracts, and a node's way. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from access.extracts.ports import Measured, Outcome, TableOutcome
from access.pseudonymisation.disclosure import Verdict


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
