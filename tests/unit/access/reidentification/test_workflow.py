"""The life of a demand: exactly the table, for every state, step and part."""

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from access.reidentification import reference
from access.reidentification.states import OPEN, Office, Part, State, Step
from access.reidentification.workflow import EVENTS, MOVES, refusals, state_at, steps_open_to

UNTIL = datetime(2026, 11, 27, 12, tzinfo=UTC)


@pytest.mark.parametrize(("state", "step", "part"), list(product(State, Step, Part)))
def test_a_step_is_refused_unless_the_table_says_it(state: State, step: Step, part: Part) -> None:
    move = MOVES.get((state, step))
    refused = refusals(state=state, step=step, parts=frozenset({part}), reason="Because.")

    assert (refused == []) is (move is not None and part in move.by)
    assert (step in steps_open_to(state, frozenset({part}))) is (refused == [])


def test_nothing_leaves_an_end_and_every_open_state_has_one() -> None:
    assert {state for state, _step in MOVES} == OPEN
    for state in OPEN:
        assert (state, Step.LAPSE) in MOVES


def test_nobody_both_files_and_approves() -> None:
    assert MOVES[State.FILED, Step.APPROVE].by == {Part.SECOND}
    assert Office.DPO.other is Office.SIGNATORY
    assert Office.SIGNATORY.other is Office.DPO


@pytest.mark.parametrize(
    ("state", "step", "part"),
    [
        (State.FILED, Step.REFUSE, Part.SECOND),
        (State.FILED, Step.CLOSE, Part.FILER),
        (State.APPROVED, Step.CLOSE, Part.SECOND),
    ],
)
def test_refusing_and_closing_must_say_why(state: State, step: Step, part: Part) -> None:
    found = refusals(state=state, step=step, parts=frozenset({part}), reason=" ")

    assert [refusal.code for refusal in found] == ["reason-missing"]


@pytest.mark.parametrize("state", list(State))
def test_an_end_is_honoured_to_the_second_even_if_no_job_ran(state: State) -> None:
    assert state_at(state, UNTIL, UNTIL - timedelta(seconds=1)) is state
    assert state_at(state, UNTIL, UNTIL) is (State.LAPSED if state in OPEN else state)


def test_every_step_has_a_name_for_its_event_and_the_page_names_all() -> None:
    assert {f"reidentification.{step}" for step in Step} <= set(EVENTS)
    page = reference.page()
    assert all(word in page for word in (*State, *Step, *Part, *EVENTS))
