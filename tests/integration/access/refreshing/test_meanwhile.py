"""What happens to a newer release that is asked for when something else happens meanwhile."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from access.grants.models import GrantDataset
from access.refreshing import queries
from hub.kernel.refusals import Refused
from tests import people
from tests.factories import catalogue, vault
from tests.integration.access.extracts.making import granted, own_place
from tests.integration.access.refreshing.moving import ask, codes, decide, newer
from tests.integration.access.reidentification.asking import leave_at_a_node

__all__ = ["own_place"]
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        ({"state": "ended", "ended_at": timezone.now(), "ending": "revoked"}, "ended"),
        ({"ends_on": timezone.now().date() - timedelta(days=2)}, "expired"),
    ],
)
def test_a_grant_that_ended_meanwhile_follows_nothing(ended: dict[str, Any], code: str) -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    ask(grant, dataset)
    before = GrantDataset.objects.get(grant_id=grant)
    type(before.grant).objects.filter(pk=grant).update(**ended)

    with pytest.raises(Refused) as refused:
        decide(grant, dataset)

    assert codes(refused) == [code]
    assert GrantDataset.objects.get(grant_id=grant).release_id == before.release_id
    assert decide(grant, dataset, follow=False).state == "declined"


def test_of_two_who_ask_at_once_one_is_told_that_it_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    newer(dataset)
    actor, at = people.ada().actor, timezone.now()
    seen = queries.offer(actor=actor, grant_id=grant, dataset_id=dataset.pk, at=at)
    ask(grant, dataset)
    monkeypatch.setattr(queries, "offer", lambda **_said: seen)

    with pytest.raises(Refused) as refused:
        ask(grant, dataset)

    assert codes(refused) == ["waits-already"]


def test_rows_that_are_at_a_node_by_now_are_asked_for_anew() -> None:
    dataset = vault.dataset_of_pupils()
    grant = granted(dataset)
    former = GrantDataset.objects.get(grant_id=grant).release
    assert former.schema is not None
    release = catalogue.release(
        dataset, schema=former.schema, label="2026", published_at=timezone.now()
    )
    leave_at_a_node(release.pk)

    with pytest.raises(Refused) as refused:
        ask(grant, dataset)

    assert codes(refused) == ["kept-elsewhere"]
