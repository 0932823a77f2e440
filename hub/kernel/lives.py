"""Write down for people who takes which step, from which state, as the code's own table has it. Pure."""

from collections.abc import Collection, Iterable, Mapping
from typing import TypeVar

State = TypeVar("State", bound=str)
Step = TypeVar("Step", bound=str)


def diagram(
    begins: Iterable[str], arrows: Iterable[tuple[str, str, str]], ends: Iterable[str]
) -> str:
    """
    Return a life as a Mermaid state diagram.

    :param arrows: from a state, to a state, and what is written on the way
    """
    lines = [
        *(f"[*] --> {state}" for state in begins),
        *(f"{before} --> {after}: {said}" for before, after, said in arrows),
        *(f"{state} --> [*]" for state in ends),
    ]
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in lines)])


def matrix(
    takers: Mapping[tuple[State, Step], Collection[str]],
    *,
    steps: Iterable[str],
    parts: Collection[str],
    reasoned: Collection[str] | None = None,
) -> str:
    """
    Return who may take which step, from which states, as a Markdown table.

    :param takers: of a state and a step, the parts that may take it
    :param reasoned: steps that must say why; None when that is not shown
    """
    heads = ["step", *(str(part) for part in parts)]
    heads += [] if reasoned is None else ["must say why"]
    lines = ["| " + " | ".join(heads) + " |", "|" + " --- |" * len(heads)]
    for step in steps:
        row = [
            ", ".join(
                state for (state, taken), by in takers.items() if taken == step and part in by
            )
            for part in parts
        ]
        row += [] if reasoned is None else ["yes" if step in reasoned else ""]
        lines.append("| " + " | ".join([str(step), *(cell or "·" for cell in row)]) + " |")
    return "\n".join(lines)
