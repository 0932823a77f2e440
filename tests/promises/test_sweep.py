"""
Every route, by everybody: who has no business there gets nothing, and changes nothing.

The tables (sweep_pages, sweep_api, sweep_libraries) say for each route who gets what. A route
without a line fails here, and so does a line without a route.
"""

import logging
from collections.abc import Iterator
from itertools import product

import pytest

from hub.people.acting import HEADER
from hub.people.permissions import Scope
from tests.factories.world import World, standing
from tests.promises import (
    sweep_api,
    sweep_hierarchies,
    sweep_libraries,
    sweep_pages,
    sweep_reidentifications,
)
from tests.promises.sweeping import (
    SAFE,
    SIGNED_IN,
    Answer,
    Callers,
    Line,
    Who,
    changed,
    fingerprint,
    leaks,
    methods_of,
    routes,
    undone,
)

PAGES = (*sweep_pages.LINES, *sweep_reidentifications.PAGES, *sweep_hierarchies.PAGES)
LINES = (
    *PAGES,
    *sweep_api.LINES,
    *sweep_reidentifications.API,
    *sweep_hierarchies.API,
    *sweep_libraries.LINES,
)
READS = [line for line in LINES if line.method in SAFE]
WRITES = [line for line in LINES if line.method not in SAFE]
CONFIGURES = frozenset({"edit_charter"})
"""What an administrator of the hub writes, beside the tables of the administration."""
OF_SOMEBODY = [
    (line, who)
    for line in LINES
    if line.is_api and Who.VISITOR not in line.may
    for who in [next((one for one, status in line.may.items() if status < 400), None)]
    if who is not None
]
"""What programmes do that is not for anyone, and one of those who may."""
OWN_AFFAIRS = frozenset({"language", "account", "new_request", "api_requests"})
"""What anyone does for themselves."""

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    var = tmp_path_factory.mktemp("var")
    logging.disable()  # thousands of refusals, each with its line
    with django_db_blocker.unblock(), standing(var) as found:  # type: ignore[attr-defined]
        yield found
    logging.disable(logging.NOTSET)


@pytest.fixture(scope="module")
def callers(world: World) -> Callers:
    return Callers(world)


def expected(line: Line, who: Who) -> frozenset[int]:
    """Return the answers that are right for somebody."""
    if who in line.may:
        return frozenset({line.may[who]})
    if who is Who.VISITOR:
        return frozenset({401 if line.is_api else 302})
    return line.others


def wrong(world: World, line: Line, who: Who, answer: Answer) -> list[str]:
    """Return what is wrong with what somebody got."""
    found = [f"{who} reads what is not theirs: {one}" for one in leaks(world, line, who, answer)]
    if answer.status not in expected(line, who):
        found.append(f"{who} gets {answer.status}, not {sorted(expected(line, who))}")
    if who is Who.VISITOR and who not in line.may and not answer.is_refusal:
        found.append(f"{who} is led to {answer.location}, not to sign in")
    return found


def is_page_that_only_reads(line: Line) -> bool:
    """Tell whether no line says what a form does there."""
    ours = line in PAGES
    return ours and not any(one.route == line.route and one.method == "POST" for one in WRITES)


def is_their_own(line: Line, who: Who) -> bool:
    """Tell whether it stays somebody's own after they left: what they wrote, never the data."""
    data = ("extract_file", "api_extract_file")
    applicants = (Who.APPLICANT, Who.COLLEAGUE, Who.OTHER_APPLICANT)
    return who in applicants and line.route not in data


def test_every_route_has_its_line_and_every_line_its_route() -> None:
    known = {line.route for line in LINES}

    assert sorted(routes().keys() - known) == [], (
        "These routes have no line: say in tests/promises/sweep_pages.py (or sweep_api.py) who gets"
        " what there, with which object of tests/factories/world.py, and what the others get."
    )
    assert sorted(known - routes().keys()) == [], (
        "These lines have no route any more: remove them."
    )


def test_every_method_of_the_api_has_its_line() -> None:
    lines = {(line.route, line.method) for line in LINES}
    declared = {(name, method) for name, one in routes().items() for method in methods_of(one)}

    assert sorted(declared - lines) == []


@pytest.mark.parametrize("line", READS, ids=str)
def test_reading_gives_each_their_own_and_nothing_else(
    world: World, callers: Callers, line: Line
) -> None:
    found: list[str] = []
    before = fingerprint()
    with undone():
        for who in line.people:
            found += wrong(world, line, who, callers.ask(line, who))
        if not line.writes:
            found += [f"Reading changed {table}" for table in changed(before)]

    assert not found, "\n".join(found)


def test_what_is_looked_for_in_answers_is_read_by_those_whose_it_is(
    world: World, callers: Callers
) -> None:
    unread = dict(world.secrets)
    readers_of_some = (Who.APPLICANT, Who.EDITOR, Who.HUB_ADMIN, Who.AUDITOR)
    for line, who in product(READS, readers_of_some):
        if any(who in readers for readers in unread.values()):
            with undone():
                text = callers.ask(line, who).text
                unread = {one: readers for one, readers in unread.items() if one not in text}

    assert unread == {}


@pytest.mark.parametrize("line", WRITES, ids=str)
def test_writing_is_for_those_whose_it_is_and_a_refusal_changes_nothing(
    world: World, callers: Callers, line: Line
) -> None:
    found: list[str] = []
    before = fingerprint()
    for who in line.people:
        with undone():
            answer = callers.ask(line, who)
            found += wrong(world, line, who, answer)
            if answer.is_refusal:
                found += [f"{who} changed {table}" for table in changed(before)]

    assert not found, "\n".join(found)


def test_asking_for_headers_or_options_tells_no_more_than_reading(
    world: World, callers: Callers
) -> None:
    found: list[str] = []
    for line, who in product(READS, (Who.VISITOR, Who.OTHER_STEWARD)):
        if line.may.get(who, 403) < 400:
            continue
        with undone():
            head, options = callers.ask(line, who, "HEAD"), callers.ask(line, who, "OPTIONS")
            found += [f"{line}: {who}: {head.status}"] if not head.is_refusal else []
            found += [one for answer in (head, options) for one in leaks(world, line, who, answer)]

    assert not found, "\n".join(found)


def test_a_page_that_only_reads_writes_nothing_when_a_form_is_sent_to_it(
    world: World, callers: Callers
) -> None:
    found: list[str] = []
    before = fingerprint()
    people = (Who.VISITOR, Who.APPLICANT, Who.EDITOR, Who.STEWARD, Who.HUB_ADMIN)
    for line in [one for one in READS if is_page_that_only_reads(one)]:
        with undone():
            for who in people:
                callers.ask(line, who, "POST")
            found += [f"{line} changed {table}" for table in changed(before)]

    assert not found, "\n".join(found)


def test_administrators_and_auditors_decide_nothing() -> None:
    theirs = {
        line.route
        for line, who in product(WRITES, (Who.HUB_ADMIN, Who.AUDITOR))
        if line.may.get(who, 403) < 400
        and not line.route.startswith(("admin:", "account_", "mfa_"))
    }

    assert theirs <= OWN_AFFAIRS | CONFIGURES


def test_a_token_without_the_scope_opens_nothing(world: World, callers: Callers) -> None:
    found: list[str] = []
    before = fingerprint()
    for line, who in OF_SOMEBODY:
        given = frozenset({Scope.READ}) if line.method not in SAFE or line.writes else frozenset()
        with undone():
            bearer = world.people[who].bearer(given)
            written = changed(before)
            answer = callers.ask(line, who, bearer=bearer)
            if answer.status != 403 or changed(before) != written:
                found.append(f"{line}: {who} gets {answer.status}")

    assert not found, "\n".join(found)


def test_a_token_that_is_over_opens_nothing(world: World, callers: Callers) -> None:
    with undone():
        bearers: dict[Who, dict[str, str]] = {
            who: world.people[who].bearer(over=True) for who in SIGNED_IN
        }
        found = [
            str(line)
            for line, who in OF_SOMEBODY
            if callers.ask(line, who, bearer=bearers[who]).status != 401
        ]

    assert not found, "\n".join(found)


def test_naming_the_membership_of_somebody_else_opens_nothing(
    world: World, callers: Callers
) -> None:
    found: list[str] = []
    for line, who in OF_SOMEBODY:
        theirs = world.people[who].membership
        if theirs is None or Who.STRANGER in line.may:
            continue
        bearer = {**callers.programmes[Who.STRANGER], HEADER: str(theirs.pk)}
        with undone():
            answer = callers.ask(line, Who.STRANGER, bearer=bearer)
            found += [] if answer.status in line.others else [f"{line}: {answer.status}"]

    assert not found, "\n".join(found)


def test_a_membership_that_ended_opens_nothing(world: World, callers: Callers) -> None:
    found: list[str] = []
    for line, who in product(LINES, SIGNED_IN):
        if line.may.get(who, 403) >= 400 or Who.STRANGER in line.may or is_their_own(line, who):
            continue
        with undone():
            world.people[who].leave()
            answer = callers.ask(line, who)
            found += [] if answer.is_refusal else [f"{line}: {who} gets {answer.status}"]

    assert not found, "\n".join(found)


def test_an_account_that_was_closed_opens_nothing(world: World, callers: Callers) -> None:
    found: list[str] = []
    for line in LINES:
        who = next((one for one, status in line.may.items() if status < 400), Who.VISITOR)
        if Who.VISITOR in (who, *line.may) or line.route.startswith(("account_", "mfa_")):
            continue
        with undone():
            world.people[who].close_account()
            answer = callers.ask(line, who)
            found += [] if answer.is_refusal else [f"{line}: {who} gets {answer.status}"]
            found += leaks(world, line, Who.VISITOR, answer)

    assert not found, "\n".join(found)
