"""Tables of results of rows that stay at a producer's node."""

from typing import Any

import pytest
from django.utils import timezone

from access.extracts import receiving
from access.extracts.delivered import names_of
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.grants.models import GrantDataset
from access.plans.plan import Plan
from catalog.vocabularies.levels import Tier
from tests import people
from tests.factories import nodes, requests, vault
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked, content, object_to

pytestmark = pytest.mark.django_db
TABLES = ({"dimensions": ["sexe", "session"]}, {"dimensions": ["sexe"], "sum_of": "note"})


def granted(node: AtWork, **about: Any) -> Extract:
    dataset = nodes.published(node, declared_tier=Tier.RESULTS, **about)
    object_to(dataset, *vault.ines(25))
    return asked(requests.approved(people.ada(), [dataset], tables=TABLES).pk)


def received(extract: Extract) -> Extract:
    receiving.receive(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    return extract


def test_a_node_makes_tables_and_sends_no_row(node: AtWork) -> None:
    extract = granted(node)
    plan = Plan.from_json(GrantDataset.objects.get().plan)

    assert node.step()
    assert received(extract).state == State.READY, extract.failure

    names = {file.name for file in extract.files.all()}
    assert set(names_of(plan)) - names == {"suppressed.cells"}
    assert "data.csv" not in names
    assert b'"_T","_T",1975,false' in content(extract, "table_1.csv")


def test_tables_of_a_node_are_made_once_while_persons_speak_up(node: AtWork) -> None:
    extract = granted(node)
    node.step()
    received(extract)
    object_to(extract.granted.dataset, *vault.ines(400))

    again = asked(extract.granted.grant_id)
    node.step()
    again.refresh_from_db()
    assert again.pk != extract.pk
    assert [one["code"] for one in again.failure] == ["tables-once"]
