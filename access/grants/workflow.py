"""
The life of a grant: who may take which step, from which state. Pure.

The diagram and the matrix of docs/reference/grant-states.md are generated from MOVES.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.vocabularies.labelled import Labelled
from hub.kernel.refusals import Refusal


class State(Labelled):
    """Where a grant stands."""

    PENDING = "pending", "pending"
    ACTIVE = "active", "active"
    SUSPENDED = "suspended", "suspended"
    ENDED = "ended", "ended"


class Step(Labelled):
    """What may happen to a grant."""

    START = "start", "Start"
    SUSPEND = "suspend", "Suspend"
    RESUME = "resume", "Resume"
    REVOKE = "revoke", "Revoke"
    CLOSE = "close", "Close before its end"
    EXPIRE = "expire", "Expire"


class Part(Labelled):
    """Which part a person plays in a grant."""

    HOLDER = "holder", "holder"
    SIGNATORY = "signatory", "signatory of the producer"
    TIME = "time", "time"


class Ending(Labelled):
    """Why a grant ended."""

    EXPIRED = "expired", "expired"
    REVOKED = "revoked", "revoked"
    SUPERSEDED = "superseded", "superseded"
    CLOSED = "closed", "closed by its holder"
    DATASET_WITHDRAWN = "dataset_withdrawn", "dataset withdrawn"


@dataclass(frozen=True, slots=True)
class Move:
    """Where a step leads, whose it is, and whether it must say why."""

    to: State
    by: Part
    needs_reason: bool = False
    ending: Ending | None = None


_EXPIRES = Move(State.ENDED, Part.TIME, ending=Ending.EXPIRED)
_REVOKED = Move(State.ENDED, Part.SIGNATORY, needs_reason=True, ending=Ending.REVOKED)
_CLOSED = Move(State.ENDED, Part.HOLDER, ending=Ending.CLOSED)

MOVES: Mapping[tuple[State, Step], Move] = {
    (State.PENDING, Step.START): Move(State.ACTIVE, Part.TIME),
    (State.PENDING, Step.REVOKE): _REVOKED,
    (State.PENDING, Step.CLOSE): _CLOSED,
    (State.PENDING, Step.EXPIRE): _EXPIRES,
    (State.ACTIVE, Step.SUSPEND): Move(State.SUSPENDED, Part.SIGNATORY, needs_reason=True),
    (State.ACTIVE, Step.REVOKE): _REVOKED,
    (State.ACTIVE, Step.CLOSE): _CLOSED,
    (State.ACTIVE, Step.EXPIRE): _EXPIRES,
    (State.SUSPENDED, Step.RESUME): Move(State.ACTIVE, Part.SIGNATORY, needs_reason=True),
    (State.SUSPENDED, Step.REVOKE): _REVOKED,
    (State.SUSPENDED, Step.CLOSE): _CLOSED,
    (State.SUSPENDED, Step.EXPIRE): _EXPIRES,
}


def refusals(
    *, state: State, step: Step, parts: frozenset[Part], reason: str = ""
) -> list[Refusal]:
    """List why a step may not be taken; empty when it may."""
    move = MOVES.get((state, step))
    if move is None:
        return [
            Refusal(
                "not-from-here",
                "This step does not exist for a grant in this state: %(state)s.",
                "Look at the grant again: somebody may have acted meanwhile.",
                values={"state": state.label},
            )
        ]
    if move.by not in parts:
        return [
            Refusal(
                "not-your-step",
                "This step belongs to somebody else: %(who)s.",
                values={"who": move.by.label},
            )
        ]
    if move.needs_reason and not reason.strip():
        return [
            Refusal(
                "reason-missing", "Say why.", "A reason is written in the trail.", about="reason"
            )
        ]
    return []


EVENTS: Mapping[str, str] = {
    "grant.issue": "Granted",
    "grant.start": "Started",
    "grant.admit": "A member of the team joined",
    "grant.suspend": "Suspended",
    "grant.resume": "Resumed",
    "grant.revoke": "Revoked",
    "grant.close": "Closed by its holder",
    "grant.expire": "Over",
    "grant.release_asked": "A newer release asked for",
    "grant.release_followed": "Moved to a newer release",
    "grant.release_declined": "A newer release declined",
    "grant.reidentified": "Persons of an extract were named for a legal need",
    "grant.secret_created": "Key of the project made",
    "grant.secret_destroyed": "Key of the project destroyed",
    "grant.destruction_tried": "Opening the key of the project tried",
}
"""What the trail's events of a grant are called on its page."""
