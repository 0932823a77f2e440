"""
The life of an access request: who may take which step, from which state, under which guards. Pure.

The diagram and the matrix of docs/reference/request-states.md are generated from MOVES.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from access.requests import guards
from access.requests.facts import Facts, Taking
from access.requests.guards import Guard
from access.requests.states import Part, State, Step
from hub.kernel.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Move:
    """
    Where a step leads, whose it is, and what is asked.

    ``completes`` is where it leads when it was the last one missing.
    """

    to: State
    by: frozenset[Part]
    guards: tuple[Guard, ...] = ()
    completes: State | None = None


def _by(*parts: Part) -> frozenset[Part]:
    return frozenset(parts)


_SUBMIT = Move(State.SUBMITTED, _by(Part.APPLICANT), (*guards.ASKING, guards.has_no_twin))
_CHANGES = Move(
    State.CHANGES_REQUESTED,
    _by(Part.STEWARD),
    (guards.is_not_on_their_own_side, guards.says_why),
)
_REJECT = Move(
    State.REJECTED, _by(Part.SIGNATORY), (guards.is_not_on_their_own_side, guards.says_why)
)
_WITHDRAW = Move(State.WITHDRAWN, _by(Part.APPLICANT))
_LAPSE = Move(State.LAPSED, _by(Part.TIME), (guards.is_idle,))

MOVES: Mapping[tuple[State, Step], Move] = {
    (State.DRAFT, Step.SAVE): Move(State.DRAFT, _by(Part.APPLICANT)),
    (State.DRAFT, Step.SUBMIT): _SUBMIT,
    (State.DRAFT, Step.WITHDRAW): _WITHDRAW,
    (State.DRAFT, Step.LAPSE): _LAPSE,
    (State.SUBMITTED, Step.START_REVIEW): Move(
        State.IN_REVIEW, _by(Part.STEWARD), (guards.is_not_on_their_own_side,)
    ),
    (State.SUBMITTED, Step.REQUEST_CHANGES): _CHANGES,
    (State.SUBMITTED, Step.REJECT): _REJECT,
    (State.SUBMITTED, Step.WITHDRAW): _WITHDRAW,
    (State.IN_REVIEW, Step.REQUEST_CHANGES): _CHANGES,
    (State.IN_REVIEW, Step.GIVE_OPINION): Move(
        State.IN_REVIEW,
        _by(Part.DPO, Part.COMMITTEE, Part.STEWARD),
        (guards.is_not_on_their_own_side, guards.advises_once, guards.says_why),
    ),
    (State.IN_REVIEW, Step.APPROVE): Move(
        State.IN_REVIEW,
        _by(Part.SIGNATORY),
        (
            guards.is_not_on_their_own_side,
            guards.says_why,
            guards.signs_for_the_dataset,
            guards.has_required_opinions,
            *guards.ASKING,
        ),
        completes=State.APPROVED,
    ),
    (State.IN_REVIEW, Step.REJECT): _REJECT,
    (State.IN_REVIEW, Step.WITHDRAW): _WITHDRAW,
    (State.CHANGES_REQUESTED, Step.SAVE): Move(State.CHANGES_REQUESTED, _by(Part.APPLICANT)),
    (State.CHANGES_REQUESTED, Step.SUBMIT): _SUBMIT,
    (State.CHANGES_REQUESTED, Step.WITHDRAW): _WITHDRAW,
    (State.CHANGES_REQUESTED, Step.LAPSE): _LAPSE,
}


def refusals(facts: Facts, taking: Taking) -> list[Refusal]:
    """List why a step may not be taken, every reason at once; empty when it may."""
    move = MOVES.get((facts.state, taking.step))
    if move is None:
        return [
            Refusal(
                "not-from-here",
                "This step does not exist for a request in this state: %(state)s.",
                "Look at the request again: somebody may have acted meanwhile.",
                values={"state": facts.state.label},
            )
        ]
    if not move.by & taking.parts:
        return [
            Refusal(
                "not-your-step",
                "This step is not yours.",
                "It belongs to: %(who)s.",
                values={"who": sorted(move.by)[0].label},
            )
        ]
    return [refusal for guard in move.guards for refusal in guard(facts, taking)]


def leads_to(facts: Facts, taking: Taking) -> State:
    """
    Return the state after a step that nothing refuses.

    :raises KeyError: when there is no such move
    """
    move = MOVES[facts.state, taking.step]
    if move.completes is None or taking.dataset_id is None or taking.actor.user_id is None:
        return move.to
    missing = {
        asked.dataset_id: facts.approvals_missing(asked.dataset_id) for asked in facts.datasets
    }
    missing[taking.dataset_id] -= 1
    return move.completes if all(count <= 0 for count in missing.values()) else move.to


def steps_open_to(facts: Facts, taking: Taking) -> list[Step]:
    """Return the steps that a person's parts open from here, whatever the guards say."""
    return [
        step
        for (state, step), move in MOVES.items()
        if state == facts.state and move.by & taking.parts
    ]
