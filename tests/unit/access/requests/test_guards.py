"""What each guard refuses, one thing at a time."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from access.charters.rules import NOT_SIGNED, Terms
from access.requests.facts import (
    IDLE,
    AskedDataset,
    AskedField,
    AskedFilter,
    Facts,
    GivenApproval,
    GivenOpinion,
    on_the_side_of,
)
from access.requests.guards import MISSING
from access.requests.states import Adviser, Part, State, Step
from access.requests.workflow import refusals
from catalog.datasets.states import CrossingRule
from catalog.vocabularies.levels import Level, Tier
from catalog.vocabularies.purposes import Purpose
from hub.kernel.refusals import Refusal
from hub.people.permissions import Actor
from tests.unit.access.requests.cases import (
    ADA,
    ALAN,
    BASE,
    EDSGER,
    GRACE,
    LAB,
    OFFICE,
    OTHER,
    SOUND,
    TODAY,
    asked,
    facts,
    taking,
)


def submitting(changed: Facts) -> set[str]:
    draft = taking(Step.SUBMIT, Part.APPLICANT)
    found = refusals(Facts(**{**_fields(changed), "state": State.DRAFT}), draft)
    return {refusal.code for refusal in found}


def approving(changed: Facts, **said: Any) -> set[str]:
    found = refusals(changed, taking(Step.APPROVE, Part.SIGNATORY, **said))
    return {refusal.code for refusal in found}


def advising(changed: Facts, *parts: Part, **said: Any) -> set[str]:
    found = refusals(changed, taking(Step.GIVE_OPINION, *(parts or (Part.STEWARD,)), **said))
    return {refusal.code for refusal in found}


def _fields(one: Facts) -> dict[str, Any]:
    return {name: getattr(one, name) for name in one.__dataclass_fields__}


def test_a_sound_request_is_refused_nothing() -> None:
    assert submitting(SOUND) == set()
    assert approving(SOUND) == set()
    assert advising(SOUND) == set()


@pytest.mark.parametrize("name", list(MISSING))
def test_every_text_must_be_filled(name: str) -> None:
    assert f"missing-{name}" in submitting(facts(texts={**SOUND.texts, name: " "}))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (facts(datasets=()), "no-dataset"),
        (facts(datasets=(asked(fields=()),)), "no-field"),
        (facts(ends_on=None), "no-end"),
        (facts(ends_on=TODAY - timedelta(days=1)), "end-past"),
        (facts(ends_on=TODAY + timedelta(days=731)), "end-too-far"),
        (facts(datasets=(asked(kept_until=TODAY),)), "end-after-retention"),
        (facts(charter=(NOT_SIGNED,)), "charter-not-signed"),
        (
            facts(terms=Terms(purposes=frozenset({Purpose.PEDAGOGY}))),
            "purpose-outside-charter",
        ),
        (facts(datasets=(asked(tier=Tier.RESULTS),)), "tier-outside-charter"),
        (facts(terms=Terms(highest_level=Level.AGGREGATED)), "level-outside-charter"),
        (facts(datasets=(asked(published=False),)), "dataset-not-published"),
        (facts(datasets=(asked(fields=(AskedField("x", None),)),)), "field-not-published"),
        (
            facts(datasets=(asked(accepted_purposes=frozenset({"pedagogy"})),)),
            "purpose-not-accepted",
        ),
        (
            facts(datasets=(asked(accepted_profiles=frozenset({"school"})),)),
            "profile-not-accepted",
        ),
        (
            facts(datasets=(asked(fields=(AskedField("x", Level.SENSITIVE),)),)),
            "not-justified",
        ),
        (
            facts(datasets=(asked(filters=(AskedFilter("note", Level.SENSITIVE),)),)),
            "filter-not-allowed",
        ),
        (
            facts(datasets=(asked(filters=(AskedFilter("absent", Level.OPEN),)),)),
            "filter-not-allowed",
        ),
        (facts(datasets=(asked(filters=(AskedFilter("x", None),)),)), "filter-not-allowed"),
        (facts(datasets=(asked(plan_refusals=(Refusal("unplannable", "No."),)),)), "unplannable"),
        (facts(has_twin=True), "identical-open"),
    ],
)
def test_submission_refuses(changed: Facts, code: str) -> None:
    assert code in submitting(changed)


CANTEEN = asked(
    dataset_id=OTHER, title="Canteen", persons="pupil", crossing_rule=CrossingRule.WITH_OPINION
)
RESULTS = replace(CANTEEN, dataset_id=BASE, title="Results")


def crossed(first: AskedDataset = RESULTS, *others: AskedDataset, **changed: Any) -> Facts:
    datasets = (first, *(others or (CANTEEN,)))
    said = {"crossing": True, "crossing_reason": "The join is the question.", **changed}
    return facts(datasets=datasets, **said)


def test_what_every_producer_lets_be_may_be_crossed() -> None:
    assert submitting(crossed()) == set()
    listed = replace(RESULTS, crossing_rule=CrossingRule.LISTED, crossing_with=frozenset({OTHER}))
    assert submitting(crossed(listed)) == set()


def test_data_of_which_only_results_leave_are_crossed_with_none() -> None:
    assert "crossing-results" in submitting(crossed(replace(RESULTS, tier=Tier.RESULTS)))


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        (crossed(crossing_reason=" "), "missing-crossing_reason"),
        (facts(crossing=True, crossing_reason="Why not.", datasets=(RESULTS,)), "crossing-alone"),
        (crossed(replace(RESULTS, persons="")), "crossing-persons"),
        (crossed(replace(RESULTS, persons="pupil@town")), "crossing-persons"),
        (crossed(replace(RESULTS, at_node=True)), "crossing-at-node"),
        (crossed(replace(RESULTS, crossing_rule=CrossingRule.FORBIDDEN)), "crossing-forbidden"),
        (crossed(replace(RESULTS, crossing_rule=CrossingRule.LISTED)), "crossing-not-listed"),
        (
            crossed(RESULTS, replace(CANTEEN, crossing_rule=CrossingRule.LISTED)),
            "crossing-not-listed",
        ),
    ],
)
def test_a_crossing_is_refused(changed: Facts, code: str) -> None:
    assert submitting(changed) == {code}
    assert submitting(replace(changed, crossing=False)) == set()


def test_a_crossing_waits_for_the_data_protection_officer() -> None:
    assert not facts(datasets=(RESULTS, CANTEEN)).needs_dpo
    waiting = facts(
        datasets=(replace(RESULTS, crossed=True), replace(CANTEEN, crossed=True)),
        crossing=True,
        crossing_reason="The join is the question.",
    )
    assert approving(waiting) == {"opinion-missing"}


def test_today_is_not_in_the_past_and_the_longest_duration_is_allowed() -> None:
    assert submitting(facts(ends_on=TODAY)) == set()
    assert submitting(facts(ends_on=TODAY + timedelta(days=730))) == set()


def test_a_filter_on_a_requested_field_of_a_low_level_is_allowed() -> None:
    assert submitting(facts(datasets=(asked(filters=(AskedFilter("session", Level.OPEN),)),))) == (
        set()
    )


def test_an_identifier_may_be_asked_for_under_any_charter_for_it_comes_as_a_pseudonym() -> None:
    wishes = (AskedField("ine", Level.IDENTIFIER, "To follow one pupil."),)

    assert submitting(facts(datasets=(asked(fields=wishes),))) == set()


def test_the_same_refusal_of_two_plans_is_said_once() -> None:
    twice = tuple(
        asked(dataset_id=one, plan_refusals=(Refusal("unplannable", "No."),))
        for one in (BASE, OTHER)
    )
    found = refusals(
        Facts(**{**_fields(facts(datasets=twice)), "state": State.DRAFT}),
        taking(Step.SUBMIT, Part.APPLICANT),
    )

    assert [refusal.code for refusal in found] == ["unplannable"]


def test_approval_asks_again_what_submission_asked() -> None:
    assert "end-past" in approving(facts(ends_on=TODAY - timedelta(days=1)))
    assert "charter-not-signed" in approving(facts(charter=(NOT_SIGNED,)))


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"reason": " "}, "reason-missing"),
        ({"reason": "x" * 10_001}, "reason-too-long"),
        ({"dataset_id": None}, "dataset-not-asked"),
        ({"dataset_id": OTHER}, "dataset-not-asked"),
        ({"signs": frozenset()}, "not-your-dataset"),
    ],
)
def test_approval_refuses(said: dict[str, Any], code: str) -> None:
    assert approving(SOUND, **said) == {code}


def test_nobody_approves_the_same_dataset_twice() -> None:
    assert approving(facts(approvals=(GivenApproval(BASE, GRACE),))) == {"approved-already"}
    assert approving(facts(approvals=(GivenApproval(BASE, EDSGER),))) == set()


@pytest.mark.parametrize(
    "changed",
    [
        asked(tier=Tier.RESULTS),
        asked(fields=(AskedField("handicap", Level.VERY_SENSITIVE, "Because."),)),
    ],
)
def test_what_the_rules_require_is_an_opinion_on_this_revision(changed: Any) -> None:
    terms = Terms(max_tier=Tier.RESULTS, highest_level=Level.VERY_SENSITIVE)
    case = facts(datasets=(changed,), terms=terms)

    assert approving(case) == {"opinion-missing"}
    given = (GivenOpinion(Adviser.DPO, favourable=True),)
    assert approving(facts(datasets=(changed,), terms=terms, opinions=given)) == set()


def test_an_unfavourable_opinion_asks_for_an_override_in_writing() -> None:
    case = facts(opinions=(GivenOpinion(Adviser.DPO, favourable=False),))

    assert approving(case) == {"opinion-unfavourable"}
    assert approving(case, override="For these reasons.") == set()


def test_an_opinion_is_given_once_in_a_role_that_one_holds() -> None:
    given = facts(opinions=(GivenOpinion(Adviser.STEWARD, favourable=True),))

    assert advising(given) == {"opinion-given"}
    assert advising(SOUND, adviser=None) == {"not-your-role"}
    assert advising(SOUND, Part.COMMITTEE, adviser=Adviser.DPO) == {"not-your-role"}
    assert advising(SOUND, Part.DPO, Part.AUDITOR, adviser=Adviser.DPO) == set()
    assert advising(SOUND, favourable=None) == {"opinion-undecided"}


def test_a_draft_does_not_lapse_before_its_time() -> None:
    lapsing = taking(Step.LAPSE, Part.TIME)
    young = facts(state=State.DRAFT, idle=IDLE - timedelta(seconds=1))

    assert [refusal.code for refusal in refusals(young, lapsing)] == ["not-idle"]


@pytest.mark.parametrize(
    ("actor", "email", "theirs"),
    [
        (Actor(user_id=ADA, organisation_id=OFFICE), "", True),
        (Actor(user_id=ALAN, organisation_id=OFFICE), "", True),
        (Actor(user_id=GRACE, organisation_id=LAB), "", True),
        (Actor(user_id=GRACE, organisation_id=OFFICE), "Invited@Example.org", True),
        (Actor(user_id=GRACE, organisation_id=OFFICE), "grace@example.org", False),
        (Actor(user_id=GRACE), "", False),
    ],
)
def test_the_side_of_the_applicant(actor: Actor, email: str, theirs: bool) -> None:
    assert on_the_side_of(SOUND.team, actor, email) is theirs


@pytest.mark.parametrize(
    ("step", "part"),
    [
        (Step.START_REVIEW, Part.STEWARD),
        (Step.REQUEST_CHANGES, Part.STEWARD),
        (Step.REJECT, Part.SIGNATORY),
        (Step.GIVE_OPINION, Part.DPO),
        (Step.GIVE_OPINION, Part.COMMITTEE),
        (Step.APPROVE, Part.SIGNATORY),
    ],
)
def test_nobody_acts_on_a_request_of_their_own_side(step: Step, part: Part) -> None:
    state = State.SUBMITTED if step == Step.START_REVIEW else State.IN_REVIEW
    adviser = Adviser.DPO if part == Part.DPO else Adviser.COMMITTEE
    for actor in (
        Actor(user_id=ADA, organisation_id=OFFICE),
        Actor(user_id=UUID(int=99), organisation_id=LAB),
    ):
        found = refusals(facts(state=state), taking(step, part, actor=actor, adviser=adviser))

        assert [refusal.code for refusal in found] == ["own-side"]


def test_approvals_missing_are_counted_by_dataset() -> None:
    assert SOUND.approvals_missing(BASE) == 1
    assert SOUND.approvals_missing(OTHER) == 0
    assert facts(approvals=(GivenApproval(BASE, GRACE),)).approvals_missing(BASE) == 0
