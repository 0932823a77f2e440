"""The life of a demand written down for people, from the table that the code obeys. Pure."""

from access.reidentification.reading import MOST_CANDIDATES
from access.reidentification.states import (
    ANSWERED_WITHIN,
    MOST_TRIES,
    OPEN,
    USED_WITHIN,
    Part,
    State,
    Step,
)
from access.reidentification.workflow import MOVES
from hub.kernel import lives

FILED = "grant, dataset, number of persons, office; the reason is the legal need"
REASONED = {step for (_state, step), move in MOVES.items() if move.needs_reason}


def diagram() -> str:
    """Return the life of a demand as a Mermaid state diagram."""
    arrows = (
        (state, move.to, f"{step} ({' or '.join(sorted(move.by))})")
        for (state, step), move in MOVES.items()
    )
    return lives.diagram((State.FILED,), arrows, (state for state in State if state not in OPEN))


def matrix() -> str:
    """Return who may take which step, from which states, as a Markdown table."""
    takers = {taken: move.by for taken, move in MOVES.items()}
    return lives.matrix(takers, steps=Step, parts=list(Part), reasoned=REASONED)


def page() -> str:
    """Return the reference page, ready to be written."""
    return "\n".join(
        [
            "# Demand to name persons: states and steps",
            "",
            "Generated from `access/reidentification/workflow.py`: `make docs` writes it, a test",
            "compares.",
            "",
            "The filer is a signatory of the producer or its data protection officer; the second",
            "person holds the other of these two offices. Neither stands on the side of whoever",
            "holds the grant.",
            "",
            f"A demand lapses {ANSWERED_WITHIN.days} days after it was filed, or {_hours()} hours",
            "after it was approved, to the second, even when no job ran.",
            f"{MOST_TRIES} wrong tries of the keys close it.",
            f"A call takes {MOST_CANDIDATES:,} candidates at most.",
            "",
            "```mermaid",
            diagram(),
            "```",
            "",
            "## Who may take which step, from which state",
            "",
            matrix(),
            "",
            "## In the trail",
            "",
            "| kind | subject | details |",
            "| --- | --- | --- |",
            f"| `reidentification.file` | `reidentification:…` | {FILED} |",
            *(
                f"| `reidentification.{step}` | `reidentification:…` | {_details(step)} |"
                for step in Step
            ),
            "| `reidentification.wrong_keys` | `reidentification:…` | how many tries so far |",
            "| `grant.reidentified` | `grant:…` | which demand |",
            "",
        ]
    )


def _hours() -> int:
    return round(USED_WITHIN.total_seconds() / 3600)


def _details(step: Step) -> str:
    if step is Step.ANSWER:
        return "states; numbers of persons, of those found, of candidates"
    return "states; the reason" if step in REASONED else "states"
