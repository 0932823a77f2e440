"""Whether a demand may be filed, and what is said of one that is not right."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, strategies as st

from access.reidentification.rules import (
    YEAR,
    Case,
    Filing,
    faults,
    listed,
    naming,
    numbers,
    office_of,
    pids_of,
    refusals_to_file,
)
from access.reidentification.states import Office

PID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
TODAY = date(2026, 11, 27)
CASE = Case(
    offices=frozenset({Office.SIGNATORY}),
    own_side=False,
    at_node=False,
    has_pseudonym=True,
    has_key=True,
    is_open=False,
    filed_on=(),
    today=TODAY,
    most=5,
)
FILING = Filing((PID,), "A child in danger.", "Article 77-1-1, case 26/00123", "Police")


def codes(case: Case) -> list[str]:
    return [one.code for one in refusals_to_file(case)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"offices": frozenset()}, "not-your-step"),
        ({"own_side": True}, "own-side"),
        ({"at_node": True}, "at-a-node"),
        ({"has_pseudonym": False}, "no-pseudonym"),
        ({"has_key": False}, "key-gone"),
        ({"is_open": True}, "open-already"),
        ({"most": 0}, "quota"),
        ({"filed_on": [TODAY] * 5}, "quota"),
    ],
)
def test_each_thing_refuses_alone(change: dict[str, Any], code: str) -> None:
    assert codes(CASE) == []
    assert codes(replace(CASE, **change)) == [code]


def test_who_may_not_file_learns_nothing_more() -> None:
    wrong = replace(CASE, has_key=False, is_open=True, offices=frozenset())

    assert codes(wrong) == ["not-your-step"]
    assert codes(replace(wrong, offices=CASE.offices, own_side=True)) == ["own-side"]
    assert codes(replace(wrong, offices=CASE.offices)) == ["key-gone", "open-already"]


@given(
    st.lists(st.integers(0, 800), max_size=12),
    st.integers(1, 5),
)
def test_the_day_that_the_quota_names_is_the_first_on_which_it_holds_no_more(
    ago: list[int], most: int
) -> None:
    case = replace(CASE, filed_on=[TODAY - timedelta(days=days) for days in ago], most=most)
    refused = refusals_to_file(case)
    within = [days for days in ago if days < YEAR.days]
    assert bool(refused) is (len(within) >= most)
    if refused:
        day = date.fromisoformat(str(refused[0].values["day"]))
        assert refusals_to_file(replace(case, today=day)) == []
        assert refusals_to_file(replace(case, today=day - timedelta(days=1)))


def test_a_quota_of_none_names_no_day() -> None:
    [refusal] = refusals_to_file(replace(CASE, most=0, filed_on=[TODAY]))

    assert refusal.remedy == "Turn to who runs the hub."
    assert str(refusal) == "A dataset has 0 demands a year at most."


def test_who_holds_both_offices_files_as_a_signatory() -> None:
    assert office_of(frozenset(Office)) is Office.SIGNATORY
    assert office_of(frozenset({Office.DPO})) is Office.DPO


def test_pseudonyms_are_read_however_they_are_separated() -> None:
    other = PID.replace("0a", "1b").upper()

    assert listed(f"\n{PID},\r\n {other};") == (PID, other)
    assert listed(" \n") == ()
    assert [one.hex() for one in pids_of((PID, other))] == [
        PID.replace("-", ""),
        other.lower().replace("-", ""),
    ]


def test_a_right_demand_has_no_fault_and_keeps_no_blanks() -> None:
    assert faults(FILING, most=1) == []
    assert replace(FILING, need="  Why.  ").texts["need"] == "Why."
    assert PID not in repr(FILING)


@pytest.mark.parametrize(
    ("change", "code", "about"),
    [
        ({"need": " "}, "missing-need", "need"),
        ({"reference": ""}, "missing-reference", "reference"),
        ({"recipient": ""}, "missing-recipient", "recipient"),
        ({"need": "x" * 2_001}, "long-need", "need"),
        ({"pseudonyms": ()}, "none-listed", "pseudonyms"),
        ({"pseudonyms": (PID, PID[:-1] + "e", PID[:-1] + "f")}, "too-many", "pseudonyms"),
        ({"pseudonyms": (PID, PID.upper())}, "listed-twice", "pseudonyms"),
        ({"pseudonyms": (PID.replace("-", ""),)}, "not-a-pseudonym", "pseudonyms"),
        ({"need": f"Who is {PID}?"}, "names-a-person", "need"),
        ({"recipient": "For 123456789AA."}, "names-a-person", "recipient"),
    ],
)
def test_each_fault_is_said_alone(change: dict[str, Any], code: str, about: str) -> None:
    [fault] = faults(replace(FILING, **change), most=2)

    assert (fault.code, fault.about) == (code, about)


def test_a_fault_says_where_and_never_what() -> None:
    found = faults(replace(FILING, pseudonyms=(PID, "Jeanne", PID, "Jules")), most=9)

    assert {one.code: one.values["numbers"] for one in found} == {
        "not-a-pseudonym": "2, 4",
        "listed-twice": "3",
    }
    assert "Jeanne" not in " ".join(map(str, found))


@pytest.mark.parametrize("text", ["Case 20260012345", "ORDONNANCE1", "Article L111-1, 26/00123"])
def test_the_reference_of_a_case_names_nobody(text: str) -> None:
    assert list(naming({"reason": text})) == []


def test_many_places_are_cut() -> None:
    assert numbers([1, 2]) == "1, 2"
    assert numbers(range(1, 14)) == "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 (+3)"
