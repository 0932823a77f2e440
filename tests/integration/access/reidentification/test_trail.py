"""Of demands to name persons, the trail tells auditors alone."""

import pytest
from django.urls import reverse

from hub.people.permissions import Scope
from tests import people
from tests.integration.access.extracts.making import granted, made
from tests.integration.access.reidentification.asking import filed
from tests.people import Person

pytestmark = pytest.mark.django_db
PID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def test_the_trail_tells_of_demands_to_auditors_alone() -> None:
    grant = granted()
    made(grant)
    issued = filed(grant, PID)
    subject = f"reidentification:{issued.demand.pk}"

    def told(person: Person) -> list[bool]:
        asked = f"?subject={subject}"
        page = person.browser("en").get(reverse("trail") + asked).content.decode()
        found = person.api(Scope.READ).get("trail" + asked).json()
        return ["reidentification.file" in page, bool(found["results"])]

    assert told(people.hedy()) == [True, True]
    assert told(people.noor()) == [False, False]
