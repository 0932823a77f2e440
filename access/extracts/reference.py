"""The life of an extract written down for people, from the table that the code obeys. Pure."""

from access.extracts.workflow import MOVES, Part, State, Step
from hub.kernel import lives


def diagram() -> str:
    """Return the life of an extract as a Mermaid state diagram."""
    arrows = ((state, move.to, f"{step} ({move.by})") for (state, step), move in MOVES.items())
    return lives.diagram((State.QUEUED,), arrows, (State.PURGED, State.FAILED, State.CANCELLED))


def matrix() -> str:
    """Return who may take which step, from which states, as a Markdown table."""
    takers = {taken: {move.by} for taken, move in MOVES.items()}
    return lives.matrix(takers, steps=Step, parts=list(Part))


def page() -> str:
    """Return the reference page, ready to be written."""
    return "\n".join(
        [
            "# Extract: states and steps",
            "",
            "Generated from `access/extracts/workflow.py`: `make docs` writes it, a test compares.",
            "",
            "Whether somebody may have the files is not the state: the grant is asked when the",
            "extract is asked, when a worker starts, before it is ready, and at each download.",
            "A worker holds an extract by a lease of 30 seconds that it renews; when it dies",
            "another starts again, and what the first had made is removed.",
            "A producer's node is such a worker for the rows that stay there, with no lease to lose:",
            "it starts again what it held when it asks for work ([protocol](node-protocol.md)).",
            "",
            "```mermaid",
            diagram(),
            "```",
            "",
            "## Who may take which step, from which state",
            "",
            matrix(),
            "",
        ]
    )
