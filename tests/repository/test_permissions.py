"""Every permission that the code names exists in the database."""

import pytest
from django.contrib.auth.models import Permission as Stored

from hub.people.permissions import DATASET_SIDE, GRANTED_WITH_ROLE, Permission

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("permission", list(Permission))
def test_every_permission_exists(permission: Permission) -> None:
    app, codename = permission.split(".")

    assert Stored.objects.filter(content_type__app_label=app, codename=codename).count() == 1


def test_every_permission_is_given_with_a_role_or_on_a_dataset() -> None:
    on_organisations = set(GRANTED_WITH_ROLE.values())

    assert set(DATASET_SIDE) | on_organisations == set(Permission)
    assert {above for _role, above in DATASET_SIDE.values()} == on_organisations


def test_a_permission_on_a_dataset_asks_for_the_role_that_gives_it_on_its_producer() -> None:
    for role, above in DATASET_SIDE.values():
        assert GRANTED_WITH_ROLE[role] == above
