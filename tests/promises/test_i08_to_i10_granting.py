"""Promises about what a grant opens (I8 to I10), and who decides nothing (I15)."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from access.grants import queries
from access.grants.actions import take as take_grant
from access.grants.models import Grant
from access.grants.workflow import Step as GrantStep
from access.requests.models import AccessRequest
from hub.audit.models import AuditEvent
from hub.kernel.periods import PARIS, end_of_day
from hub.people.actions import leave
from hub.people.permissions import Profile
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.factories.charters import charter, signed_by
from tests.people import Person

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def codes(grant: Grant, person: Person, at: datetime) -> set[str]:
    """Return why the grant's dataset does not open to a person at a moment."""
    [row] = grant.datasets.all()
    found = queries.refusals_now(user_id=person.user.pk, grant_dataset_id=row.pk, at=at)
    return {refusal.code for refusal in found}


def granted(**about: Any) -> Grant:
    """Return Ada's grant."""
    return Grant.objects.get(pk=requests.approved(**about).pk)


def agree(grant: Grant, person: Person, at: datetime) -> None:
    """The list, the detail and the rule give the same answer."""
    listed = {seen.grant.pk: seen for seen in queries.mine(actor=person.actor, at=at)}
    detail = queries.one_for(actor=person.actor, grant_id=grant.pk, at=at)
    rule = codes(grant, person, at)

    assert listed[grant.pk].opens == detail.opens == (not rule)
    assert {r.code for o in detail.openings for r in o.refusals} == rule


def test_i8_the_end_is_honoured_to_the_second_in_paris_even_if_no_job_ran() -> None:
    grant, ada = granted(days=30), people.ada()
    end = end_of_day(grant.ends_on)

    assert end.astimezone(PARIS).time().isoformat() == "00:00:00"
    assert codes(grant, ada, end - SECOND) == set()
    assert codes(grant, ada, end) == {"expired"}
    assert grant.state == "active"
    agree(grant, ada, end - SECOND)
    agree(grant, ada, end)


def test_i9_suspending_resuming_and_revoking_never_widen_anything() -> None:
    grant, ada, linus, now = granted(), people.ada(), people.linus(), timezone.now()

    for step, opens in ((GrantStep.SUSPEND, False), (GrantStep.RESUME, True)):
        take_grant(
            grant_id=grant.pk, step=step, by=people.grace().actor, at=now, reason="A doubt."
        )
        assert (codes(grant, ada, now) == set()) is opens
        assert "not-a-member" in codes(grant, linus, now)
        agree(grant, ada, now)
    take_grant(
        grant_id=grant.pk,
        step=GrantStep.REVOKE,
        by=people.grace().actor,
        at=now,
        reason="A breach.",
    )
    for later in (now, now + timedelta(days=400)):
        assert "ended" in codes(grant, ada, later)
        agree(grant, ada, later)


def test_i10_a_material_charter_rests_access_after_its_grace_until_signed() -> None:
    grant, ada, now = granted(), people.ada(), timezone.now()
    charter(Profile.RESEARCHER, at=now, grace_days=10)
    after = now + timedelta(days=10)

    assert codes(grant, ada, after - SECOND) == set()
    assert codes(grant, ada, after) == {"charter-rests"}
    agree(grant, ada, after)

    signed_by(ada, at=after + SECOND)
    assert codes(grant, ada, after + SECOND) == set()
    assert ada.user.signatures.count() == 2


def test_a_colleague_who_has_not_signed_or_is_not_named_has_nothing() -> None:
    people.alan()
    grant, now = granted(team=["alan@example.org"]), timezone.now()

    assert codes(grant, people.alan(), now) == {"charter-not-signed"}
    signed_by(people.alan(), at=now)
    assert codes(grant, people.alan(), now) == set()
    assert codes(grant, people.linus(), now) == {"not-a-member"}


def test_who_leaves_the_organisation_leaves_the_grant() -> None:
    grant, ada, now = granted(), people.ada(), timezone.now()

    leave(membership=ada.membership, at=now)

    assert codes(grant, ada, now) == {"membership-over"}


# -- I15 -----------------------------------------------------------------------------------------


def addresses(resolver: URLResolver, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Return every address of the hub with its view."""
    for pattern in resolver.url_patterns:
        path = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern, path)
        else:
            yield path, pattern


DECIDING = [
    path
    for path, _pattern in addresses(get_resolver())
    if "steps" in path and ("requests/" in path or "grants/" in path)
]
BODY = {
    "reason": "Because.",
    "favourable": "yes",
    "adviser": "dpo",
    "role": "dpo",
    "version": "",
}


@pytest.mark.parametrize("who", ["margaret", "hedy"])
@pytest.mark.parametrize("address", DECIDING)
def test_i15_a_hub_administrator_and_an_auditor_can_decide_nothing(who: str, address: str) -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])
    grant = Grant.objects.get(pk=requests.approved(datasets=[base], purpose="evaluation").pk)
    person: Person = getattr(people, who)()
    before = _states()
    trail = AuditEvent.objects.count()

    for step in ("start_review", "request_changes", "give_opinion", "approve", "reject",
                 "withdraw", "suspend", "resume", "revoke", "close"):  # fmt: skip
        for one in (request.pk, grant.pk):
            path = "/" + address.replace("<uuid:request_id>", str(one)).replace(
                "<uuid:grant_id>", str(one)
            ).replace("<slug:step>", step).replace("<str:step>", step)
            body = {**BODY, "dataset_id": str(base.pk), "dataset": base.slug}
            if path.startswith("/api/"):
                body["favourable"] = True  # type: ignore[assignment]
                answer = person.api().post(path.removeprefix("/api/v1/"), body)
            else:
                answer = person.browser().post(path, body)
            assert answer.status_code in {403, 404, 409}, path

    assert _states() == before
    assert AuditEvent.objects.count() == trail


def test_i15_every_deciding_address_is_swept() -> None:
    assert len(DECIDING) == 5


def _states() -> list[Any]:
    return [
        *AccessRequest.objects.order_by("pk").values_list("pk", "state", "version"),
        *Grant.objects.order_by("pk").values_list("pk", "state"),
    ]
