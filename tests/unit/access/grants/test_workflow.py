"""The life of a grant: exactly the table, for every state, step and part."""

from itertools import product

import pytest

from access.grants import reference
from access.grants.workflow import EVENTS, MOVES, Ending, Part, State, Step, refusals


@pytest.mark.parametrize(("state", "step", "part"), list(product(State, Step, Part)))
def test_a_step_is_refused_unless_the_table_says_it(state: State, step: Step, part: Part) -> None:
    move = MOVES.get((state, step))
    refused = refusals(state=state, step=step, parts=frozenset({part}), reason="Because.")

    assert (refused == []) is (move is not None and move.by == part)


def test_nothing_leaves_the_end_and_every_way_to_it_says_which() -> None:
    assert State.ENDED not in {state for state, _step in MOVES}
    for move in MOVES.values():
        assert (move.ending is not None) is (move.to == State.ENDED)


def test_suspending_and_revoking_must_say_why() -> None:
    for step in (Step.SUSPEND, Step.REVOKE):
        found = refusals(
            state=State.ACTIVE, step=step, parts=frozenset({Part.SIGNATORY}), reason=" "
        )
        assert [refusal.code for refusal in found] == ["reason-missing"]


def test_every_step_has_a_name_for_its_event_and_the_page_names_all() -> None:
    assert {f"grant.{step}" for step in Step} <= set(EVENTS)
    page = reference.page()
    assert all(word in page for word in (*State, *Step))
    assert Ending.SUPERSEDED.label == "superseded"
