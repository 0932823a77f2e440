"""An extract is made where the data are, and reaches those who asked for it."""

import pytest
from django.utils import timezone

from access.extracts import receiving
from access.extracts.workflow import State
from tests import people
from tests.factories import nodes, requests
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked, rows

pytestmark = pytest.mark.django_db


def test_it(node: AtWork) -> None:
    dataset = nodes.published(node)
    grant = requests.approved(people.ada(), [dataset]).pk
    extract = asked(grant)
    assert node.step()
    extract.refresh_from_db()
    assert extract.failure == []
    assert extract.state == State.CHECKING
    receiving.receive(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    assert extract.failure == []
    assert extract.state == State.READY
    assert rows(extract).num_rows > 1900
