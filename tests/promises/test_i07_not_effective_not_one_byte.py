"""
I7: not effective ⇒ not one byte served, by any path; and the list and the detail agree, for all
people, datasets and moments.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from access.extracts.models import Extract
from access.grants import queries as grants
from access.grants.models import Grant, GrantMember
from catalog.datasets.models import Dataset, Release
from hub.kernel.periods import day_of
from hub.people.models import Membership, User
from tests import people
from tests.integration.access.extracts.making import granted, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]

EVERYBODY: list[Callable[[], people.Person]] = [
    people.ada,
    people.alan,
    people.grace,
    people.edsger,
    people.noor,
    people.katherine,
    people.barbara,
    people.hedy,
    people.margaret,
    people.linus,
]


def nothing(_grant: UUID) -> None:
    """The grant as it was issued."""


def over(grant: UUID) -> None:
    """Its last day was yesterday."""
    Grant.objects.filter(pk=grant).update(ends_on=day_of(timezone.now()) - timedelta(days=1))


def not_begun(grant: UUID) -> None:
    """Its first day is tomorrow."""
    Grant.objects.filter(pk=grant).update(starts_at=timezone.now() + timedelta(days=1))


def suspended(grant: UUID) -> None:
    """The producer suspended it."""
    Grant.objects.filter(pk=grant).update(state="suspended", suspended_at=timezone.now())


def revoked(grant: UUID) -> None:
    """The producer revoked it."""
    now = timezone.now()
    Grant.objects.filter(pk=grant).update(state="ended", ended_at=now, ending="revoked")


def left_the_team(_grant: UUID) -> None:
    """Everybody of the team left it."""
    GrantMember.objects.update(until_at=timezone.now())


def left_the_laboratory(_grant: UUID) -> None:
    """Ada's membership ended."""
    now = timezone.now()
    Membership.objects.filter(user=people.ada().user).update(ends_at=now)


def dataset_withdrawn(_grant: UUID) -> None:
    """The producer withdrew the dataset."""
    Dataset.objects.update(state="withdrawn", withdrawn_at=timezone.now())


def release_withdrawn(_grant: UUID) -> None:
    """The producer withdrew the release."""
    Release.objects.update(state="withdrawn")


def retention_over(_grant: UUID) -> None:
    """The producer may not keep the data any longer."""
    Dataset.objects.update(retention_months=1)


def account_closed(_grant: UUID) -> None:
    """Ada's account was closed while her token was still in her hands."""
    User.objects.filter(pk=people.ada().user.pk).update(is_active=False)


MOMENTS = [
    nothing,
    over,
    not_begun,
    suspended,
    revoked,
    left_the_team,
    left_the_laboratory,
    dataset_withdrawn,
    release_withdrawn,
    retention_over,
    account_closed,
]


def is_served(answer: Any) -> bool:
    """Tell whether bytes of a file left."""
    return bool(answer.streaming and b"".join(answer.streaming_content))


@pytest.mark.parametrize("moment", MOMENTS)
def test_bytes_leave_exactly_when_the_grant_is_effective(moment: Callable[[UUID], None]) -> None:
    extract = made(granted())
    grant = extract.granted.grant_id
    asking = {who.__name__: (who(), who().api(), who().browser()) for who in EVERYBODY}

    every_file = [file.name for file in extract.files.all() if file.size]
    some_files = ["data.csv", "plan.json"]
    moment(grant)

    served = set()
    for name, (person, caller, browser) in asking.items():
        refused = grants.refusals_now(
            user_id=person.user.pk, grant_dataset_id=extract.granted_id, at=timezone.now()
        )
        answers = [
            answer
            for file in (every_file if name == "ada" else some_files)
            for answer in (
                caller.get(f"extracts/{extract.pk}/files/{file}"),
                browser.get(f"/extracts/{extract.pk}/files/{file}"),
            )
        ]
        assert {is_served(one) for one in answers} == {not refused}
        if not refused:
            served.add(name)
        detail = caller.get(f"extracts/{extract.pk}")
        listed = caller.get(f"grants/{grant}/extracts")
        assert detail.status_code == listed.status_code
        if detail.status_code == 200:
            assert detail.json() == next(
                one for one in listed.json() if one["id"] == str(extract.pk)
            )
            assert bool(detail.json()["files"]) == (not refused)
    assert served == ({"ada"} if moment is nothing else set())
    assert Extract.objects.get().state in {"ready", "delivered"}
