"""I17: purge removes bytes by the deadline unless there is a legal hold; a hold opens nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from access.extracts import actions, places
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.grants.models import Grant
from access.pseudonymisation.queries import has_secret
from hub.audit.queries import events
from hub.kernel.periods import day_of
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import granted, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


def fetched(extract: Extract) -> Any:
    """Ask for the data, as the holder of the grant."""
    return people.ada().api().get(f"extracts/{extract.pk}/files/data.csv")


def end(extract: Extract) -> None:
    """Let the grant end yesterday."""
    yesterday = day_of(timezone.now()) - timedelta(days=1)
    Grant.objects.filter(pk=extract.granted.grant_id).update(ends_on=yesterday)


def test_the_deadline_is_the_delay_of_the_hub_or_the_end_of_the_grant_if_it_comes_first() -> None:
    dataset = vault.dataset_of_pupils()
    long = made(granted(dataset))
    short = made(granted(dataset, people.linus(), days=3), people.linus())

    assert long.finished_at is not None
    assert long.purge_at == long.finished_at + timedelta(days=settings.HUB_EXTRACT_DAYS)
    assert short.purge_at == short.granted.grant.ends_at


def test_at_the_deadline_the_bytes_go_and_the_trail_says_so() -> None:
    extract = made(granted())
    assert extract.purge_at is not None

    actions.purge(at=extract.purge_at - timedelta(seconds=1))
    assert places.bundle_of(extract.pk).exists()
    actions.purge(at=extract.purge_at)

    assert not places.bundle_of(extract.pk).exists()
    assert events(subject=f"extract:{extract.pk}", kind="extract.purge").count() == 1
    assert fetched(extract).status_code == 409


def test_when_the_grant_is_over_its_key_goes_too() -> None:
    extract = made(granted())
    end(extract)

    actions.purge(at=timezone.now())

    assert not places.bundle_of(extract.pk).exists()
    assert not has_secret(extract.granted.grant_id)


def test_a_hold_keeps_the_bytes_and_never_reopens_access() -> None:
    extract = made(granted())
    grace = people.grace().actor
    actions.hold(extract_id=extract.pk, reason="A court asks.", by=grace, at=timezone.now())
    assert extract.purge_at is not None
    Extract.objects.update(purge_at=timezone.now())

    actions.purge(at=timezone.now())
    assert places.bundle_of(extract.pk).exists()
    assert fetched(extract).status_code == 409
    end(extract)
    actions.purge(at=timezone.now())
    assert has_secret(extract.granted.grant_id)
    assert fetched(extract).status_code == 409

    actions.release_hold(extract_id=extract.pk, reason="Over.", by=grace, at=timezone.now())
    actions.purge(at=timezone.now())
    extract.refresh_from_db()
    assert extract.state == State.PURGED
    assert not has_secret(extract.granted.grant_id)
