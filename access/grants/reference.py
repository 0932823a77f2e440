"""The life of a grant written down for people, from the table that the code obeys. Pure."""

from access.grants.workflow import MOVES, Part, State, Step


def diagram() -> str:
    """Return the life of a grant as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.PENDING}", f"    [*] --> {State.ACTIVE}"]
    lines += [
        f"    {state} --> {move.to}: {step} ({move.by})" for (state, step), move in MOVES.items()
    ]
    return "\n".join([*lines, f"    {State.ENDED} --> [*]"])


def matrix() -> str:
    """Return who may take which step, from which states, as a Markdown table."""
    lines = [
        "| step | " + " | ".join(part.value for part in Part) + " | must say why |",
        "| --- |" + " --- |" * (len(Part) + 1),
    ]
    for step in Step:
        cells = [
            ", ".join(s for (s, taken), move in MOVES.items() if taken == step and move.by == part)
            for part in Part
        ]
        reason = any(move.needs_reason for (_s, taken), move in MOVES.items() if taken == step)
        row = [cell or "·" for cell in cells] + ["yes" if reason else "·"]
        lines.append(f"| {step} | " + " | ".join(row) + " |")
    return "\n".join(lines)


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
