"""A node says codes; the sentences are the hub's."""

import pytest

from access.errands.answers import CODES, LONGEST_VALUE, coarser, refusal
from access.extracts.judging import suggestions
from access.extracts.ports import MESSAGES
from tests.unit.access.extracts import worlds


@pytest.mark.parametrize("code", CODES)
def test_every_code_has_a_sentence_and_a_remedy(code: str) -> None:
    said = refusal(code, {}, "Do something.")
    assert said.code == code
    assert str(said)
    assert said.remedy


def test_what_a_node_says_beside_is_dropped_and_what_is_too_long_is_cut() -> None:
    said = refusal("field-withheld", {"fields": "x" * 1000, "ine": "0123456789A"}, "")
    assert said.values == {"fields": "x" * LONGEST_VALUE}


def test_what_the_engine_says_keeps_its_words_and_gets_the_remedy_of_the_hub() -> None:
    said = refusal("no_rows", {}, "Ask for more.")
    assert (said.explanation, said.remedy) == (MESSAGES["no_rows"], "Ask for more.")


def test_a_code_that_nobody_knows_is_a_failure_of_the_node() -> None:
    assert refusal("whatever", {}, "").code == "node-failed"


def test_what_could_be_coarser_is_said_in_the_words_of_the_hub() -> None:
    plan = worlds.plan_for()
    own = suggestions(plan)
    said = [{"field": one.field, "step": one.step} for one in own]
    assert tuple(coarser(plan, said)) == own
    assert {one.step == "" for one in own} == {True, False}


def test_a_step_or_a_field_that_the_plan_has_not_is_dropped() -> None:
    plan = worlds.plan_for()
    said = [
        {"field": "nothing", "step": ""},
        {"field": "note", "step": ""},
        {"field": "sexe", "step": "year"},
        {"field": "date_naissance", "step": "%(oops)s"},
    ]
    assert list(coarser(plan, said)) == []
