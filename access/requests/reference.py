"""The life of a request written down for people, from the tables that the code obeys. Pure."""

from access.requests.states import Part, State, Step
from access.requests.workflow import MOVES
from hub.kernel import lives


def diagram() -> str:
    """Return the life of a request as a Mermaid state diagram."""
    arrows = []
    for (state, step), move in MOVES.items():
        who = ", ".join(sorted(move.by))
        if move.completes is not None:
            arrows.append((state, move.completes, f"{step}, the last one ({who})"))
        arrows.append((state, move.to, f"{step} ({who})"))
    leaving = {state for state, _step in MOVES}
    return lives.diagram((State.DRAFT,), arrows, (one for one in State if one not in leaving))


def matrix() -> str:
    """Return who may take which step, from which states, as a Markdown table."""
    takers = {taken: move.by for taken, move in MOVES.items()}
    shown = [part for part in Part if any(part in by for by in takers.values())]
    return lives.matrix(takers, steps=Step, parts=shown)


def guards() -> str:
    """Return what each step asks beyond the part, as a Markdown list."""
    lines = []
    for step in Step:
        asked = dict.fromkeys(
            (guard.__doc__ or "").strip().splitlines()[0]
            for (_state, taken), move in MOVES.items()
            if taken == step
            for guard in move.guards
        )
        if asked:
            lines.append(f"**{step}**")
            lines += ["", *(f"* {sentence}" for sentence in asked), ""]
    return "\n".join(lines).rstrip()


def page() -> str:
    """Return the reference page, ready to be written."""
    return "\n".join(
        [
            "# Access request: states and steps",
            "",
            "Generated from `access/requests/workflow.py`: `make docs` writes it, a test compares.",
            "",
            "```mermaid",
            diagram(),
            "```",
            "",
            "## Who may take which step, from which state",
            "",
            matrix(),
            "",
            "An auditor and a member of the team read; a hub administrator does not even read.",
            "",
            "## What each step asks",
            "",
            guards(),
            "",
        ]
    )
