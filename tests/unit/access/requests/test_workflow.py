"""The life of a request: exactly the table, for every state, step and part."""

from itertools import product

import pytest

from access.requests import reference
from access.requests.facts import AskedField, GivenApproval
from access.requests.states import CLOSED, EDITABLE, EVENTS, WAITING, Adviser, Part, State, Step
from access.requests.workflow import MOVES, leads_to, refusals, steps_open_to
from catalog.vocabularies.levels import Level
from tests.unit.access.requests.cases import (
    BASE,
    EDSGER,
    GRACE,
    OTHER,
    asked,
    facts,
    taking,
)

ADVISERS = {Part.DPO: Adviser.DPO, Part.COMMITTEE: Adviser.COMMITTEE}


@pytest.mark.parametrize(("state", "step", "part"), list(product(State, Step, Part)))
def test_a_step_is_refused_unless_the_table_says_it(state: State, step: Step, part: Part) -> None:
    move = MOVES.get((state, step))
    said = taking(step, part, adviser=ADVISERS.get(part, Adviser.STEWARD))

    refused = refusals(facts(state=state), said)

    assert (refused == []) is (move is not None and part in move.by)


@pytest.mark.parametrize(("state", "step", "part"), list(product(State, Step, Part)))
def test_the_steps_shown_are_those_of_the_table(state: State, step: Step, part: Part) -> None:
    shown = steps_open_to(facts(state=state), taking(step, part))

    move = MOVES.get((state, step))
    assert (step in shown) is (move is not None and part in move.by)


def test_nothing_leaves_a_closed_state() -> None:
    assert not {state for state, _step in MOVES} & CLOSED
    assert set(State) == EDITABLE | WAITING | CLOSED


def test_only_signatories_decide_and_neither_auditor_nor_team_does_anything() -> None:
    deciding = {step: move.by for (_s, step), move in MOVES.items()}

    assert deciding[Step.APPROVE] == deciding[Step.REJECT] == frozenset({Part.SIGNATORY})
    assert not any(move.by & {Part.AUDITOR, Part.TEAM} for move in MOVES.values())


def test_the_last_approval_approves_the_request() -> None:
    both = (asked(), asked(dataset_id=OTHER))
    one = taking(Step.APPROVE, Part.SIGNATORY)

    assert leads_to(facts(datasets=both), one) == State.IN_REVIEW
    first = [GivenApproval(OTHER, EDSGER)]
    assert leads_to(facts(datasets=both, approvals=first), one) == State.APPROVED


def test_a_dataset_with_a_level_4_field_waits_for_two_signatories() -> None:
    base = asked(fields=(AskedField("handicap", Level.VERY_SENSITIVE, "Because."),))
    one = taking(Step.APPROVE, Part.SIGNATORY)

    assert leads_to(facts(datasets=(base,)), one) == State.IN_REVIEW
    first = [GivenApproval(BASE, EDSGER)]
    assert leads_to(facts(datasets=(base,), approvals=first), one) == State.APPROVED


def test_other_steps_lead_where_the_table_says() -> None:
    assert leads_to(facts(), taking(Step.REJECT, Part.SIGNATORY)) == State.REJECTED
    assert leads_to(facts(), taking(Step.APPROVE, Part.SIGNATORY, dataset_id=None)) == (
        State.IN_REVIEW
    )


def test_every_step_has_a_name_for_its_event() -> None:
    assert {f"request.{step}" for step in Step} <= set(EVENTS)


def test_the_reference_page_names_every_state_and_step() -> None:
    page = reference.page()

    assert all(state in page for state in State)
    assert all(step in page for step in Step)
    assert GRACE.hex not in page
