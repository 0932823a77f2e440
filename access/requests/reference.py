"""The life of a request written down for people, from the tables that the code obeys. Pure."""

from access.requests.states import Part, State, Step
from access.requests.workflow import MOVES


def diagram() -> str:
    """Return the life of a request as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.DRAFT}"]
    for (state, step), move in MOVES.items():
        who = ", ".join(sorted(move.by))
        if move.completes is not None:
            lines.append(f"    {state} --> {move.completes}: {step}, the last one ({who})")
        lines.append(f"    {state} --> {move.to}: {step} ({who})")
    leaving = {state for state, _step in MOVES}
    lines += [f"    {state} --> [*]" for state in State if state not in leaving]
    return "\n".join(lines)


def matrix() -> str:
    """Return who may take which step, from which states, as a Markdown table."""
    shown = [part for part in Part if any(part in move.by for move in MOVES.values())]
    lines = [
        "| step | " + " | ".join(part.value for part in shown) + " |",
        "| --- |" + " --- |" * len(shown),
    ]
    for step in Step:
        cells = [
            ", ".join(s for (s, taken), move in MOVES.items() if taken == step and part in move.by)
            for part in shown
        ]
        lines.append(f"| {step} | " + " | ".join(cell or "·" for cell in cells) + " |")
    return "\n".join(lines)


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
