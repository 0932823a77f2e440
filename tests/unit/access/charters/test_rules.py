"""Which signature counts, until when."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies as st

from access.charters.rules import (
    NO_CHARTER,
    NOT_SIGNED,
    RESTS,
    Signed,
    Standing,
    Terms,
    Version,
    current,
    in_force,
    parse_terms,
    rests_at,
    write_terms,
)

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = Version(1, START, material=True)
SECOND = Version(2, START + 10 * DAY, material=True, grace=30 * DAY)
MINOR = Version(3, START + 20 * DAY, material=False)


def test_nobody_is_bound_before_there_is_a_charter() -> None:
    assert in_force(Standing((FIRST,)), START - DAY) == [NO_CHARTER]
    assert current((), START) is None


def test_who_has_not_signed_is_not_bound() -> None:
    assert in_force(Standing((FIRST,)), START) == [NOT_SIGNED]


def test_a_signature_binds_from_its_moment_on() -> None:
    standing = Standing((FIRST,), (Signed(1, START + DAY),))

    assert in_force(standing, START) == [NOT_SIGNED]
    assert in_force(standing, START + DAY) == []
    assert rests_at(standing, START + DAY) is None


def test_a_material_version_rests_access_after_its_grace_to_the_second() -> None:
    standing = Standing((FIRST, SECOND), (Signed(1, START),))
    binding = START + 40 * DAY

    assert rests_at(standing, START) == binding
    assert in_force(standing, binding - timedelta(seconds=1)) == []
    assert in_force(standing, binding) == [RESTS]


def test_signing_the_new_version_brings_access_back() -> None:
    late = START + 50 * DAY
    standing = Standing((FIRST, SECOND), (Signed(1, START), Signed(2, late)))

    assert in_force(standing, late - DAY) == [RESTS]
    assert in_force(standing, late) == []


def test_a_minor_version_only_informs() -> None:
    standing = Standing((FIRST, MINOR), (Signed(1, START),))

    assert in_force(standing, START + 1000 * DAY) == []
    assert current(standing.versions, START + 21 * DAY) == MINOR


def test_terms_are_read_back_as_they_were_written() -> None:
    terms = Terms(duties=("citation", "destruction"), longest_days=365)

    assert parse_terms(write_terms(terms)) == (terms, [])


@pytest.mark.parametrize(
    "raw",
    [
        {"max_tier": "all"},
        {"purposes": ["gossip"]},
        {"highest_level": 9},
        {"highest_level": None},
        {"longest_days": 0},
        {"longest_days": 10_000},
        {"duties": ["dance"]},
        {"colour": "red"},
    ],
)
def test_unreadable_terms_are_named(raw: dict[str, object]) -> None:
    _terms, wrong = parse_terms(raw)

    assert [refusal.about for refusal in wrong] == [f"terms.{next(iter(raw))}"]


moments = st.integers(0, 400).map(lambda days: START + days * DAY)
versions = st.lists(
    st.tuples(moments, st.booleans(), st.integers(0, 60)), min_size=1, max_size=5
).map(
    lambda raw: tuple(
        Version(number, at, material, grace * DAY)
        for number, (at, material, grace) in enumerate(sorted(raw), start=1)
    )
)


@given(versions=versions, signed_at=moments, at=moments)
def test_who_signed_the_newest_text_is_bound_until_another_is_published(
    versions: tuple[Version, ...], signed_at: datetime, at: datetime
) -> None:
    newest = current(versions, signed_at)
    if newest is None or at < signed_at:
        return
    standing = Standing(versions, (Signed(newest.number, signed_at),))
    end = rests_at(standing, at)

    assert (in_force(standing, at) == []) is (end is None or at < end)
