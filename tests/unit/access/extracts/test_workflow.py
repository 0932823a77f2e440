"""The life of an extract, move by move."""

import pytest

from access.extracts.workflow import MOVES, UNFINISHED, WITH_FILES, Part, State, Step, refusals


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("part", Part)
def test_only_the_moves_of_the_table_are_allowed(state: State, step: Step, part: Part) -> None:
    move = MOVES.get((state, step))
    allowed = move is not None and move.by is part

    assert (not refusals(state=state, step=step, part=part)) == allowed


def test_what_is_over_never_moves_again() -> None:
    over = set(State) - UNFINISHED - WITH_FILES

    assert over == {State.PURGED, State.FAILED, State.CANCELLED}
    assert not [move for move in MOVES if move[0] in over]


def test_files_appear_by_one_move_and_go_by_one() -> None:
    appears = {move for move, found in MOVES.items() if found.to is State.READY}
    goes = {
        step
        for (state, step), found in MOVES.items()
        if state in WITH_FILES and found.to not in WITH_FILES
    }

    assert appears == {(State.CHECKING, Step.PUBLISH)}
    assert goes == {Step.PURGE}
