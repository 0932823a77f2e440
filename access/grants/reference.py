"""The life of a grant written down for people, from the table that the code obeys. Pure."""

from access.grants.workflow import MOVES, Part, State, Step
from hub.kernel import lives


def diagram() -> str:
    """Return the life of a grant as a Mermaid state diagram."""
    arrows = ((state, move.to, f"{step} ({move.by})") for (state, step), move in MOVES.items())
    return lives.diagram((State.PENDING, State.ACTIVE), arrows, (State.ENDED,))


def matrix() -> str:
    """Return who may take which step, from which states, as a Markdown table."""
    takers = {taken: {move.by} for taken, move in MOVES.items()}
    reasoned = {step for (_state, step), move in MOVES.items() if move.needs_reason}
    return lives.matrix(takers, steps=Step, parts=list(Part), reasoned=reasoned)


def page() -> str:
    """Return the reference page, ready to be written."""
    return "\n".join(
        [
            "# Grant: states and steps",
            "",
            "Generated from `access/grants/workflow.py`: `make docs` writes it, a test compares.",
            "",
            "Whether a grant opens anything is not its state: `access/grants/rules.py` answers,",
            "with the end of the grant, suspensions, the team, charters, and the producer's",
            "retention. Ends are honoured to the second, even when no job ran.",
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
