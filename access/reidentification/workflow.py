"""
The life of a demand to name persons: who may take which step, from which state. Pure.

The diagram and the matrix of docs/reference/reidentification-states.md are generated from MOVES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from access.reidentification.states import OPEN, Part, State, Step
from hub.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Move:
    """Where a step leads, whose it is, and whether it must say why."""

    to: State
    by: frozenset[Part]
    needs_reason: bool = False


_FILER = frozenset({Part.FILER})
_SECOND = frozenset({Part.SECOND})
_EITHER = _FILER | _SECOND
_TIME = frozenset({Part.TIME})

MOVES: Mapping[tuple[State, Step], Move] = {
    (State.FILED, Step.APPROVE): Move(State.APPROVED, _SECOND),
    (State.FILED, Step.REFUSE): Move(State.REFUSED, _SECOND, needs_reason=True),
    (State.FILED, Step.CLOSE): Move(State.CLOSED, _FILER, needs_reason=True),
    (State.FILED, Step.LAPSE): Move(State.LAPSED, _TIME),
    (State.APPROVED, Step.ANSWER): Move(State.ANSWERED, _EITHER),
    (State.APPROVED, Step.CLOSE): Move(State.CLOSED, _EITHER, needs_reason=True),
    (State.APPROVED, Step.LOCK): Move(State.CLOSED, frozenset({Part.HUB})),
    (State.APPROVED, Step.LAPSE): Move(State.LAPSED, _TIME),
}


def state_at(state: State, until: datetime, at: datetime) -> State:
    """
    Return where a demand stands at a moment, whether or not a job said so.

    :param until: the first moment at which it has lapsed
    """
    return State.LAPSED if state in OPEN and until <= at else state


def refusals(
    *, state: State, step: Step, parts: frozenset[Part], reason: str = ""
) -> list[Refusal]:
    """List why a step may not be taken; empty when it may."""
    move = MOVES.get((state, step))
    if move is None:
        return [
            Refusal(
                "not-from-here",
                "This step does not exist for a demand in this state: %(state)s.",
                "Look at the demand again: time may have passed, or somebody may have acted.",
                values={"state": state.label},
            )
        ]
    if not move.by & parts:
        return [
            Refusal(
                "not-your-step",
                "This step belongs to somebody else: %(who)s.",
                values={"who": min(move.by).label},
            )
        ]
    if move.needs_reason and not reason.strip():
        return [
            Refusal(
                "reason-missing", "Say why.", "A reason is written in the trail.", about="reason"
            )
        ]
    return []


def steps_open_to(state: State, parts: frozenset[Part]) -> list[Step]:
    """Return the steps that somebody's parts open from a state."""
    return [step for (of, step), move in MOVES.items() if of == state and move.by & parts]


EVENTS: Mapping[str, str] = {
    "reidentification.file": "Filed",
    "reidentification.approve": "Approved by the second person",
    "reidentification.refuse": "Refused by the second person",
    "reidentification.answer": "Answered",
    "reidentification.wrong_keys": "Wrong keys",
    "reidentification.close": "Closed",
    "reidentification.lock": "Closed after wrong keys",
    "reidentification.lapse": "Lapsed",
}
"""What the trail's events of a demand are called on its page."""
