"""The tables that administrators of the hub write, and auditors read."""

from typing import Any

import pytest
from django.test import Client

from hub.audit.queries import events
from hub.people.models import Membership, Organisation, User
from tests import people

pytestmark = pytest.mark.django_db


@pytest.fixture
def margaret() -> Any:
    return people.margaret().browser()


def membership_form(person: people.Person, **changes: Any) -> dict[str, Any]:
    membership = person.membership
    return {
        "user": membership.user_id,
        "organisation": membership.organisation_id,
        "profile": membership.profile,
        "roles": list(membership.roles),
        "starts_at": "2020-01-01T00:00",
        "ends_at": "",
        **changes,
    }


def change(client: Client, model: str, key: object, form: dict[str, Any]) -> Any:
    return client.post(f"/admin/hub/{model}/{key}/change/", form)


def test_an_administrator_gives_a_role_with_what_it_opens_and_the_trail_says_so(
    margaret: Client,
) -> None:
    alan = people.alan()
    answer = change(
        margaret, "membership", alan.membership.pk, membership_form(alan, roles=["steward"])
    )

    assert answer.status_code == 302
    assert Membership.objects.get(pk=alan.membership.pk).roles == ["steward"]
    assert alan.user.has_perm("hub.steward_data_of_organisation", alan.organisation)
    event = events(subject=f"membership:{alan.membership.pk}").get()
    assert (event.kind, event.actor) == ("membership.changed", people.margaret().actor.name)


def test_nobody_gives_themselves_a_role(margaret: Client) -> None:
    herself = people.margaret()
    roles = ["hub_admin", "signatory"]
    answer = change(
        margaret, "membership", herself.membership.pk, membership_form(herself, roles=roles)
    )

    assert answer.status_code == 200
    assert Membership.objects.get(pk=herself.membership.pk).roles == ["hub_admin"]
    added = margaret.post(
        "/admin/hub/membership/add/", membership_form(herself, profile="producer", roles=roles)
    )
    assert added.status_code == 200
    assert Membership.objects.filter(user=herself.user).count() == 1


def test_a_membership_is_not_moved_to_oneself(margaret: Client) -> None:
    grace = people.grace()
    form = membership_form(grace, user=people.margaret().user.pk)
    change(margaret, "membership", grace.membership.pk, form)

    assert Membership.objects.get(pk=grace.membership.pk).user_id == grace.user.pk


def test_an_account_is_closed_and_never_moved_to_another_address(margaret: Client) -> None:
    alan = people.alan()
    form = {"email": "somebody@example.org", "first_name": "Alan", "last_name": "Example"}
    answer = change(margaret, "user", alan.user.pk, form)

    alan.user.refresh_from_db()
    assert answer.status_code == 302
    assert (alan.user.email, alan.user.is_active) == ("alan@example.org", False)
    event = events(subject=f"user:{alan.user.pk}").get()
    assert "alan" not in str((event.details, event.reason))


def test_a_new_account_has_no_password_until_its_holder_sets_one(margaret: Client) -> None:
    form = {"email": "new@example.org", "first_name": "N", "last_name": "W", "is_active": "on"}
    margaret.post("/admin/hub/user/add/", form)

    assert not User.objects.get(email="new@example.org").has_usable_password()


def test_an_organisation_is_described_and_the_trail_says_so(margaret: Client) -> None:
    form = {"slug": "school", "name": "A School", "kind": "school", "website": "example.org"}
    answer = margaret.post("/admin/hub/organisation/add/", form)
    school = Organisation.objects.get(slug="school")

    assert answer.status_code == 302
    assert school.website == "https://example.org"
    assert events(subject=f"organisation:{school.pk}").get().kind == "organisation.changed"


@pytest.mark.parametrize("model", ["organisation", "user", "membership"])
def test_an_auditor_reads_and_changes_nothing(model: str) -> None:
    hedy, alan = people.hedy().browser(), people.alan()
    keys = {
        "organisation": alan.organisation.pk,
        "user": alan.user.pk,
        "membership": alan.membership.pk,
    }

    assert hedy.get(f"/admin/hub/{model}/").status_code == 200
    assert hedy.get(f"/admin/hub/{model}/{keys[model]}/change/").status_code == 200
    assert hedy.get(f"/admin/hub/{model}/add/").status_code == 403
    assert change(hedy, model, keys[model], membership_form(alan)).status_code == 403


@pytest.mark.parametrize("model", ["organisation", "user", "membership"])
def test_nothing_is_ever_deleted_here(margaret: Client, model: str) -> None:
    alan = people.alan()
    keys = {
        "organisation": alan.organisation.pk,
        "user": alan.user.pk,
        "membership": alan.membership.pk,
    }
    answer = margaret.post(f"/admin/hub/{model}/{keys[model]}/delete/", {"post": "yes"})

    assert answer.status_code == 403


def test_the_tables_of_libraries_are_administered_by_nobody(margaret: Client) -> None:
    for path in ("auth/group/", "mfa/authenticator/", "account/emailaddress/", "dsfr/dsfrconfig/"):
        assert margaret.get(f"/admin/{path}").status_code == 404


def test_the_administration_has_no_door_of_its_own() -> None:
    visitor = Client().get("/admin/")
    direct = Client().get("/admin/login/?next=/admin/")
    linus = people.linus().browser()

    assert visitor.headers["Location"] == "/accounts/login/?next=/admin/"
    assert direct.headers["Location"] == "/accounts/login/?next=%2Fadmin%2F"
    assert linus.get("/admin/hub/").status_code == 403
    assert linus.get("/admin/login/").headers["Location"] == "/admin/"
    password = people.margaret().browser().get("/admin/password_change/")
    assert password.headers["Location"] == "/accounts/password/change/"
    done = people.margaret().browser().get("/admin/password_change/done/")
    assert done.headers["Location"] == "/account/"
