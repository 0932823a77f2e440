"""Who people are: memberships, tokens, gates, sign-in."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client, override_settings
from django.utils import timezone
from guardian.shortcuts import get_perms

from hub.accounts.actions import create_token, revoke_token
from hub.kernel.refusals import Invalid
from hub.people import actions, queries
from hub.people.models import ApiToken, Membership, Organisation, User
from hub.people.permissions import Actor, Kind, Permission, Profile, Role, Scope

AT = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough secret"

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Organisation:
    return actions.found_organisation(slug="office", name="The Office", kind=Kind.STATE)


@pytest.fixture
def grace(office: Organisation) -> User:
    user = User.objects.create_user(
        "grace@example.org", PASSWORD, first_name="Grace", last_name="Hopper"
    )
    actions.join(
        user=user,
        organisation=office,
        profile=Profile.PRODUCER,
        roles=frozenset({Role.STEWARD}),
        at=AT,
    )
    return user


def token_of(user: User, *scopes: Scope) -> str:
    actor = queries.actor_of(user=user, at=timezone.now())
    _token, text = create_token(
        by=actor, label="tests", scopes=frozenset(scopes), days=1, at=timezone.now()
    )
    return text


def bearer(text: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}"}


def test_join_gives_the_permissions_that_the_role_carries(
    grace: User, office: Organisation
) -> None:
    assert get_perms(grace, office) == ["steward_data_of_organisation"]


def test_leave_takes_them_back(grace: User, office: Organisation) -> None:
    actions.leave(membership=Membership.objects.get(user=grace), at=AT + timedelta(days=1))

    assert get_perms(grace, office) == []
    later = queries.actor_of(user=grace, at=AT + timedelta(days=2))
    assert later.roles == frozenset()


def test_an_actor_acts_as_the_membership_that_they_chose(grace: User) -> None:
    lab = actions.found_organisation(slug="lab", name="The Lab", kind=Kind.RESEARCH)
    other = actions.join(user=grace, organisation=lab, profile=Profile.RESEARCHER, at=AT)

    chosen = queries.actor_of(user=grace, at=AT, membership_id=other.pk)
    stranger = queries.actor_of(user=grace, at=AT, membership_id=uuid4())

    assert chosen.profile == Profile.RESEARCHER
    assert stranger == Actor(user_id=grace.pk)


@pytest.mark.parametrize(
    ("label", "scopes", "days", "about"),
    [
        (" ", {Scope.READ}, 1, "label"),
        ("x", set(), 1, "scopes"),
        ("x", {Scope.READ}, 0, "days"),
        ("x", {Scope.READ}, 366, "days"),
    ],
)
def test_create_token_refuses_what_is_not_right(
    grace: User, label: str, scopes: set[Scope], days: int, about: str
) -> None:
    with pytest.raises(Invalid) as refused:
        create_token(
            by=Actor(user_id=grace.pk), label=label, scopes=frozenset(scopes), days=days, at=AT
        )

    assert [r.about for r in refused.value.refusals] == [about]


def test_a_token_opens_the_api_until_it_is_revoked(grace: User, client: Client) -> None:
    text = token_of(grace, Scope.READ)

    answer = client.get("/api/v1/me", headers=bearer(text))
    assert answer.json()["memberships"][0]["organisation"]["slug"] == "office"
    assert text not in repr(ApiToken.objects.get())

    token = ApiToken.objects.get()
    assert client.delete(f"/api/v1/tokens/{token.id}", headers=bearer(text)).status_code == 403
    revoke_token(by=Actor(user_id=grace.pk), token_id=token.id, at=AT)
    gone = client.get("/api/v1/me", headers=bearer(text))
    assert gone.status_code == 401
    assert gone.json()["type"] == "urn:hub:problem:who"


def test_a_token_that_ended_opens_nothing(grace: User, client: Client) -> None:
    text = token_of(grace, Scope.READ)
    ApiToken.objects.update(expiry=timezone.now() - timedelta(seconds=1))

    assert client.get("/api/v1/me", headers=bearer(text)).status_code == 401


def test_a_token_never_makes_another(grace: User, client: Client) -> None:
    text = token_of(grace, *Scope)
    wanted = {"label": "more", "scopes": ["read"], "days": 1}

    answer = client.post(
        "/api/v1/tokens", wanted, content_type="application/json", headers=bearer(text)
    )

    assert answer.status_code == 403
    assert ApiToken.objects.count() == 1


def test_a_session_makes_a_token_shown_once(grace: User, client: Client) -> None:
    client.force_login(grace)
    wanted = {"label": "R scripts", "scopes": ["read"], "days": 30}

    made = client.post("/api/v1/tokens", wanted, content_type="application/json").json()
    listed = client.get("/api/v1/tokens").json()

    assert client.get("/api/v1/me", headers=bearer(made["token"])).status_code == 200
    assert "token" not in listed[0]


def test_people_sign_in_with_their_address_and_password(grace: User, client: Client) -> None:
    answer = client.post("/accounts/login/", {"login": grace.email, "password": PASSWORD})

    assert answer.status_code == 302
    assert client.get("/account/").status_code == 200


def test_a_wrong_password_says_nothing_of_the_account(grace: User, client: Client) -> None:
    known = client.post("/accounts/login/", {"login": grace.email, "password": "no"})
    unknown = client.post("/accounts/login/", {"login": "who@example.org", "password": "no"})

    def said(body: bytes) -> str:
        return body.decode().split("fr-alert--error", 1)[1].split("</div>", 1)[0]

    assert said(known.content) == said(unknown.content)


@override_settings(HUB_REQUIRE_TOTP=True)
def test_an_officer_without_second_factor_is_led_to_it(grace: User, client: Client) -> None:
    client.force_login(grace)

    assert client.get("/account/").headers["Location"] == "/accounts/2fa/totp/activate/"

    TOTP.activate(grace, generate_totp_secret())
    assert client.get("/account/").status_code == 200


def test_the_secret_of_a_second_factor_is_encrypted_at_rest(grace: User) -> None:
    secret = generate_totp_secret()

    factor = TOTP.activate(grace, secret)

    assert secret not in str(factor.instance.data)
    assert factor.validate_code("000000") in {True, False}


def test_the_administration_opens_by_role_not_by_flag(grace: User, client: Client) -> None:
    stranger = User.objects.create_user(
        "linus@example.org", PASSWORD, is_staff=True, is_superuser=True
    )

    client.force_login(stranger)
    assert client.get("/admin/").status_code == 403
    client.force_login(grace)
    assert client.get("/admin/").status_code == 200


def test_a_person_chooses_as_whom_they_act(grace: User, client: Client) -> None:
    lab = actions.found_organisation(slug="lab", name="The Lab", kind=Kind.RESEARCH)
    other = actions.join(user=grace, organisation=lab, profile=Profile.RESEARCHER, at=AT)
    client.force_login(grace)

    client.post("/account/act-as", {"membership": str(other.pk)})

    assert client.get("/api/v1/me").json()["acting_as"] == str(other.pk)
    assert client.get("/admin/").status_code == 403
    assert client.post("/account/act-as", {"membership": str(uuid4())}).status_code == 404


def test_the_page_of_tokens_shows_a_new_one_once(grace: User, client: Client) -> None:
    client.force_login(grace)

    made = client.post("/account/", {"label": "one", "scopes": ["read"], "days": "3"})
    again = client.get("/account/")

    assert "new-token" in made.content.decode()
    assert "new-token" not in again.content.decode()
    token = ApiToken.objects.get()
    assert client.post(f"/account/tokens/{token.id}/revoke").status_code == 302
    assert client.post(f"/account/tokens/{token.id}/revoke").status_code == 404


def test_a_permission_on_a_producer_counts_for_those_who_act_as_its_members(
    grace: User, office: Organisation
) -> None:
    elsewhere = actions.found_organisation(slug="town", name="The Town", kind=Kind.AUTHORITY)
    actions.join(
        user=grace,
        organisation=elsewhere,
        profile=Profile.PRODUCER,
        roles=frozenset({Role.STEWARD}),
        at=AT,
    )
    held = [
        set(queries.producers_of(queries.actor_of(user=grace, at=AT, membership_id=m.pk), asked))
        for m in Membership.objects.filter(user=grace).order_by("id")
        for asked in [Permission.STEWARD_DATASET]
    ]

    assert held == [{office}, {elsewhere}]


def test_a_membership_with_an_end_to_come_keeps_its_permissions_until_then(
    grace: User, office: Organisation
) -> None:
    membership = Membership.objects.get(user=grace)
    actions.leave(membership=membership, at=AT + timedelta(days=30))
    actions.set_organisation_permissions(user=grace, organisation=office, at=AT)
    assert get_perms(grace, office) == ["steward_data_of_organisation"]

    late = AT + timedelta(days=30)
    actions.set_organisation_permissions(user=grace, organisation=office, at=late)
    assert get_perms(grace, office) == []


def test_the_token_of_an_officer_without_second_factor_opens_nothing(
    grace: User, client: Client
) -> None:
    text = token_of(grace, Scope.READ)
    with override_settings(HUB_REQUIRE_TOTP=True):
        answer = client.get("/api/v1/me", headers=bearer(text))

    assert answer.status_code == 403
    assert answer.json()["refusals"][0]["code"] == "second-factor"


def test_a_token_sent_with_the_session_of_somebody_else_acts_for_its_own_holder(
    grace: User, client: Client
) -> None:
    ada = User.objects.create_user("ada@example.org", PASSWORD, first_name="Ada")
    text = token_of(ada, Scope.READ)
    TOTP.activate(grace, generate_totp_secret())
    client.force_login(grace)
    with override_settings(HUB_REQUIRE_TOTP=True):
        answer = client.get("/api/v1/me", headers=bearer(text))

    assert answer.json()["id"] == str(ada.pk)
    assert answer.json()["memberships"] == []


def test_nobody_takes_an_address_that_somebody_else_may_be_invited_by(
    grace: User, client: Client
) -> None:
    client.force_login(grace)
    for form in (
        {"action_add": "", "email": "invited@example.org"},
        {"action_primary": "", "email": "invited@example.org"},
        {"action_remove": "", "email": "grace@example.org"},
    ):
        assert client.post("/accounts/email/", form).headers["Location"] == "/account/"

    grace.refresh_from_db()
    assert grace.email == "grace@example.org"
    assert not EmailAddress.objects.filter(email="invited@example.org").exists()
