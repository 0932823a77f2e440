"""
The life of an extract: which step leads where, and whose it is. Pure.

The diagram and the matrix of docs/reference/extract-states.md are generated from MOVES.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from hub.kernel.refusals import Refusal


class State(StrEnum):
    """Where an extract stands."""

    QUEUED = "queued"
    RUNNING = "running"
    CHECKING = "checking"
    READY = "ready"
    DELIVERED = "delivered"
    PURGED = "purged"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Step(StrEnum):
    """What may happen to an extract."""

    START = "start"
    CHECK = "check"
    PUBLISH = "publish"
    RETRY = "retry"
    FAIL = "fail"
    CANCEL = "cancel"
    DELIVER = "deliver"
    PURGE = "purge"


class Part(StrEnum):
    """Which part somebody plays in an extract."""

    TEAM = "team"
    WORKER = "worker"
    TIME = "time"


UNFINISHED = frozenset({State.QUEUED, State.RUNNING, State.CHECKING})
HELD_BY_A_WORKER = frozenset({State.RUNNING, State.CHECKING})
WITH_FILES = frozenset({State.READY, State.DELIVERED})
MADE = WITH_FILES | {State.PURGED}
"""States of an extract that somebody may have, or may have had."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a step leads, and whose it is."""

    to: State
    by: Part


MOVES: Mapping[tuple[State, Step], Move] = MappingProxyType(
    {
        (State.QUEUED, Step.START): Move(State.RUNNING, Part.WORKER),
        (State.QUEUED, Step.FAIL): Move(State.FAILED, Part.WORKER),
        (State.QUEUED, Step.CANCEL): Move(State.CANCELLED, Part.TEAM),
        # A worker that died holds nothing any more: another starts again.
        (State.RUNNING, Step.START): Move(State.RUNNING, Part.WORKER),
        (State.RUNNING, Step.CHECK): Move(State.CHECKING, Part.WORKER),
        (State.RUNNING, Step.RETRY): Move(State.QUEUED, Part.WORKER),
        (State.RUNNING, Step.FAIL): Move(State.FAILED, Part.WORKER),
        (State.RUNNING, Step.CANCEL): Move(State.CANCELLED, Part.TEAM),
        (State.CHECKING, Step.START): Move(State.RUNNING, Part.WORKER),
        (State.CHECKING, Step.PUBLISH): Move(State.READY, Part.WORKER),
        (State.CHECKING, Step.RETRY): Move(State.QUEUED, Part.WORKER),
        (State.CHECKING, Step.FAIL): Move(State.FAILED, Part.WORKER),
        (State.CHECKING, Step.CANCEL): Move(State.CANCELLED, Part.TEAM),
        (State.READY, Step.DELIVER): Move(State.DELIVERED, Part.TEAM),
        (State.READY, Step.PURGE): Move(State.PURGED, Part.TIME),
        (State.DELIVERED, Step.PURGE): Move(State.PURGED, Part.TIME),
    }
)


def refusals(*, state: State, step: Step, part: Part) -> list[Refusal]:
    """List why a step may not be taken; empty when it may."""
    move = MOVES.get((state, step))
    if move is None:
        return [
            Refusal(
                "not-from-here",
                "This step does not exist for an extract in this state: %(state)s.",
                "Look at the extract again: it may have moved on meanwhile.",
                values={"state": state.value},
            )
        ]
    if move.by is not part:
        return [
            Refusal(
                "not-your-step",
                "This step belongs to somebody else: %(who)s.",
                values={"who": move.by.value},
            )
        ]
    return []
