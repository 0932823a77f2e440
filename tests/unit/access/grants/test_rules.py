"""``effective``: one answer to whether a grant opens a dataset, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, strategies as st

from access.charters.rules import RESTS, Signed, Standing, Version
from access.grants.rules import (
    ACCOUNT_CLOSED,
    NOT_A_MEMBER,
    NOT_GRANTED,
    DatasetFacts,
    GrantFacts,
    MemberFacts,
    effective,
    effective_end,
    of_the_grant,
    of_the_person,
)

DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
ADA, ALAN = UUID(int=1), UUID(int=2)
BASE, OTHER = UUID(int=11), UUID(int=12)
SIGNED = Standing((Version(1, START - DAY, material=True),), (Signed(1, START - DAY),))
MEMBER = MemberFacts(from_at=START, standing=SIGNED)
GRANT = GrantFacts(
    starts_at=START,
    ends_at=START + 100 * DAY,
    members={ADA: MEMBER},
    datasets={BASE: DatasetFacts()},
)


def codes(grant: GrantFacts, at: datetime, person: UUID = ADA, dataset: UUID = BASE) -> list[str]:
    return [refusal.code for refusal in effective(grant, person, dataset, at)]


def test_a_running_grant_opens_to_a_member_who_signed() -> None:
    assert codes(GRANT, START) == []
    assert effective_end(GRANT, ADA, BASE, START).at == START + 100 * DAY


def test_the_end_is_honoured_to_the_second() -> None:
    assert codes(GRANT, GRANT.ends_at - SECOND) == []
    assert codes(GRANT, GRANT.ends_at) == ["expired"]


def test_nothing_opens_before_the_start() -> None:
    assert "not-started" in codes(GRANT, START - SECOND)


def test_a_colleague_who_is_not_a_member_gets_nothing() -> None:
    assert effective(GRANT, ALAN, BASE, START) == [NOT_A_MEMBER]
    assert effective_end(GRANT, ALAN, BASE, START).at == GRANT.ends_at


def test_a_member_who_has_not_signed_gets_nothing() -> None:
    unsigned = replace(MEMBER, standing=replace(SIGNED, signatures=()))

    assert codes(replace(GRANT, members={ADA: unsigned}), START) == ["charter-not-signed"]


def test_rows_stay_in_once_only_results_may_leave() -> None:
    tightened = replace(GRANT, datasets={BASE: DatasetFacts(rows_kept_in=True)})

    assert codes(tightened, START) == ["rows-never-leave"]


def test_no_row_of_a_crossing_leaves_once_only_results_may_leave_of_one_dataset() -> None:
    datasets = {BASE: DatasetFacts(), OTHER: DatasetFacts(rows_kept_in=True)}
    apart = replace(GRANT, datasets=datasets)
    crossed = replace(apart, crossing=True)

    assert codes(apart, START) == []
    assert codes(crossed, START) == ["rows-never-leave"]
    assert codes(crossed, START, dataset=OTHER) == ["rows-never-leave"]


def test_another_dataset_is_not_granted() -> None:
    assert of_the_grant(GRANT, OTHER, START) == [NOT_GRANTED]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"suspended_at": START + DAY, "reason": "A doubt."}, "suspended"),
        ({"ended_at": START + DAY, "ending": "revoked", "reason": "A breach."}, "ended"),
        ({"datasets": {BASE: DatasetFacts(withdrawn_at=START + DAY)}}, "dataset-withdrawn"),
        ({"datasets": {BASE: DatasetFacts(kept_until=START + DAY)}}, "retention-over"),
        ({"members": {ADA: replace(MEMBER, until_at=START + DAY)}}, "left-the-team"),
        ({"members": {ADA: replace(MEMBER, vouched_until=START + DAY)}}, "membership-over"),
    ],
)
def test_each_cap_ends_it_at_its_moment(changed: dict[str, object], code: str) -> None:
    capped = replace(GRANT, **changed)  # type: ignore[arg-type]

    assert codes(capped, START + DAY - SECOND) == []
    assert codes(capped, START + DAY) == [code]
    end = effective_end(capped, ADA, BASE, START)
    assert (end.at, end.refusal.code) == (START + DAY, code)
    assert str(end.refusal)


def test_what_ends_one_dataset_of_a_crossing_ends_them_all() -> None:
    datasets = {
        BASE: DatasetFacts(kept_until=START + 2 * DAY),
        OTHER: DatasetFacts(withdrawn_at=START + DAY, kept_until=START + 3 * DAY),
    }
    apart = replace(GRANT, datasets=datasets)
    crossed = replace(apart, crossing=True)

    assert codes(apart, START + DAY) == []
    assert codes(crossed, START + DAY - SECOND) == []
    assert codes(crossed, START + DAY) == ["dataset-withdrawn"]
    assert codes(crossed, START + 2 * DAY) == ["dataset-withdrawn", "retention-over"]
    assert effective_end(crossed, ADA, BASE, START).at == START + DAY
    assert of_the_grant(crossed, UUID(int=13), START) == [NOT_GRANTED]


def test_a_new_charter_that_is_not_signed_ends_it_after_its_grace() -> None:
    second = Version(2, START, material=True, grace=10 * DAY)
    bound = replace(MEMBER, standing=Standing((*SIGNED.versions, second), SIGNED.signatures))
    grant = replace(GRANT, members={ADA: bound})

    assert codes(grant, START + 10 * DAY - SECOND) == []
    assert effective(grant, ADA, BASE, START + 10 * DAY) == [RESTS]
    assert effective_end(grant, ADA, BASE, START).at == START + 10 * DAY


def test_a_closed_account_and_a_member_to_come_get_nothing() -> None:
    closed = replace(GRANT, members={ADA: replace(MEMBER, account_closed=True)})
    later = replace(GRANT, members={ADA: replace(MEMBER, from_at=START + DAY)})

    assert of_the_person(closed, ADA, START) == [ACCOUNT_CLOSED]
    assert codes(later, START) == ["not-yet-a-member"]


moments = st.integers(-5, 120).map(lambda days: START + days * DAY)
maybe = st.none() | moments
members = st.builds(
    MemberFacts,
    from_at=moments,
    until_at=maybe,
    vouched_until=maybe,
    standing=st.builds(
        Standing,
        versions=st.lists(
            st.builds(
                Version,
                number=st.integers(1, 4),
                published_at=moments,
                material=st.booleans(),
                grace=st.integers(0, 30).map(lambda days: days * DAY),
            ),
            max_size=4,
            unique_by=lambda version: version.number,
        ).map(tuple),
        signatures=st.lists(
            st.builds(Signed, number=st.integers(1, 4), at=moments), max_size=3
        ).map(tuple),
    ),
    account_closed=st.booleans(),
)
grants = st.builds(
    GrantFacts,
    starts_at=moments,
    ends_at=moments,
    suspended_at=maybe,
    ended_at=maybe,
    members=st.dictionaries(st.sampled_from([ADA, ALAN]), members),
    datasets=st.dictionaries(
        st.sampled_from([BASE, OTHER]),
        st.builds(DatasetFacts, withdrawn_at=maybe, kept_until=maybe),
    ),
    crossing=st.booleans(),
)


@given(grant=grants, at=moments, later=moments)
def test_what_opens_now_stays_open_until_its_end_and_not_at_it(
    grant: GrantFacts, at: datetime, later: datetime
) -> None:
    if effective(grant, ADA, BASE, at):
        return
    end = effective_end(grant, ADA, BASE, at).at

    assert at < end
    if at <= later < end:
        signed_since = [
            s for m in (grant.members[ADA],) for s in m.standing.signatures if at < s.at <= later
        ]
        published_since = [
            v for v in grant.members[ADA].standing.versions if at < v.published_at <= later
        ]
        if not signed_since and not published_since:
            assert effective(grant, ADA, BASE, later) == []
    if not [s for s in grant.members[ADA].standing.signatures if at < s.at <= end]:
        assert effective(grant, ADA, BASE, end) != []


@given(grant=grants, at=moments, when=moments)
def test_suspending_revoking_leaving_and_withdrawing_never_widen_anything(
    grant: GrantFacts, at: datetime, when: datetime
) -> None:
    narrower = [
        replace(grant, suspended_at=when) if grant.suspended_at is None else grant,
        replace(grant, ended_at=when) if grant.ended_at is None else grant,
        replace(grant, ends_at=min(grant.ends_at, when)),
        replace(grant, datasets={key: replace(one, withdrawn_at=one.withdrawn_at or when)
                                 for key, one in grant.datasets.items()}),
        replace(grant, members={key: one for key, one in grant.members.items() if key != ADA}),
    ]  # fmt: skip
    for person in (ADA, ALAN):
        for dataset in (BASE, OTHER):
            if effective(grant, person, dataset, at):
                for less in narrower:
                    assert effective(less, person, dataset, at) != []


@given(grant=grants, at=moments)
def test_it_opens_exactly_when_neither_the_grant_nor_the_person_is_refused(
    grant: GrantFacts, at: datetime
) -> None:
    for person in (ADA, ALAN):
        for dataset in (BASE, OTHER):
            apart = [*of_the_grant(grant, dataset, at), *of_the_person(grant, person, at)]
            assert effective(grant, person, dataset, at) == apart


def test_what_a_grant_does_not_hold_ends_with_the_grant_at_the_latest() -> None:
    crossed = replace(GRANT, crossing=True)
    assert effective_end(crossed, ADA, OTHER, START).at <= GRANT.ends_at
    assert effective(crossed, ADA, OTHER, START) == [NOT_GRANTED]
