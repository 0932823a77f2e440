"""
Named people, the same in every test.

Ada asks for data, Alan works with her; Grace stewards and signs for the producer, Edsger signs with
her, Noor is its data protection officer; Katherine stewards another producer's data; Barbara sits
in the committee, Hedy audits, Margaret configures the hub; Linus has no business here.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from django.test import Client
from django.utils import timezone

from hub.people.actions import found_organisation, join
from hub.people.models import ApiToken, Membership, Organisation, User
from hub.people.permissions import OFFICERS, Actor, Kind, Profile, Role, Scope
from hub.people.queries import actor_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Person:
    """A user who acts as one membership."""

    user: User
    membership: Membership

    @property
    def actor(self) -> Actor:
        """Return them as they act now."""
        return actor_of(user=self.user, at=timezone.now(), membership_id=self.membership.pk)

    @property
    def organisation(self) -> Organisation:
        """Return where they belong."""
        return self.membership.organisation

    def browser(self, language: str = "") -> Any:
        """
        Return a client that is signed in to the pages, with a second factor for officers.

        :param language: of the switch; the hub's when it was never touched
        """
        if self.actor.roles & OFFICERS:
            Authenticator.objects.get_or_create(
                user=self.user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": "x"}}
            )
        client = Client()
        client.force_login(self.user)
        if language:
            client.cookies["django_language"] = language
        return client

    def api(self, *scopes: Scope) -> "Caller":
        """Return a caller of the API with a token; all scopes unless some are named."""
        _token, text = ApiToken.objects.create(
            user=self.user,
            membership=self.membership,
            label="tests",
            scopes=sorted(scopes or Scope),
        )
        return Caller(text)


class Caller:
    """Calls the API as curl would: JSON in, JSON out."""

    def __init__(self, token: str = "") -> None:
        self._client = Client(raise_request_exception=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str, **headers: str) -> Any:
        return self._client.get(f"/api/v1/{path}", headers={**self._headers, **headers})

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("post", path, body, headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("patch", path, body, headers)

    def put(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._send("put", path, body, headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self._send("delete", path, None, headers)

    def _send(self, method: str, path: str, body: Any, headers: dict[str, str]) -> Any:
        return getattr(self._client, method)(
            f"/api/v1/{path}",
            data=body if body is not None else {},
            content_type="application/json",
            headers={**self._headers, **headers},
        )


def person(
    first_name: str,
    organisation: Organisation,
    profile: Profile,
    roles: Iterable[Role] = (),
) -> Person:
    """Return a named person; the same name is the same person."""
    email = f"{first_name.lower()}@example.org"
    user = User.objects.filter(email=email).first() or User.objects.create_user(
        email, PASSWORD, first_name=first_name, last_name="Example"
    )
    membership = join(
        user=user, organisation=organisation, profile=profile, roles=frozenset(roles), at=LONG_AGO
    )
    return Person(user, membership)


def statistics_office() -> Organisation:
    """Return the producer of most tests: a State service."""
    return found_organisation(slug="statistics", name="Statistics Office", kind=Kind.STATE)


def town() -> Organisation:
    """Return another producer: a local authority."""
    return found_organisation(slug="town", name="Lakeside Town", kind=Kind.AUTHORITY)


def laboratory() -> Organisation:
    """Return the laboratory of those who ask."""
    return found_organisation(slug="laboratory", name="Learning Lab", kind=Kind.RESEARCH)


def ada() -> Person:
    """Ask for data, as a researcher."""
    return person("Ada", laboratory(), Profile.RESEARCHER)


def alan() -> Person:
    """Work with Ada."""
    return person("Alan", laboratory(), Profile.RESEARCHER)


def grace() -> Person:
    """Describe, examine and sign for the statistics office."""
    roles = (Role.EDITOR, Role.STEWARD, Role.SIGNATORY)
    return person("Grace", statistics_office(), Profile.PRODUCER, roles)


def edsger() -> Person:
    """Sign for the statistics office too."""
    return person("Edsger", statistics_office(), Profile.PRODUCER, (Role.SIGNATORY,))


def noor() -> Person:
    """Give opinions as the data protection officer of the statistics office."""
    return person("Noor", statistics_office(), Profile.PRODUCER, (Role.DPO,))


def katherine() -> Person:
    """Describe, examine and sign for another producer."""
    roles = (Role.EDITOR, Role.STEWARD, Role.SIGNATORY)
    return person("Katherine", town(), Profile.PRODUCER, roles)


def _hub_office() -> Organisation:
    return found_organisation(slug="hub-office", name="Hub Office", kind=Kind.STATE)


def barbara() -> Person:
    """Sit in the committee."""
    return person("Barbara", _hub_office(), Profile.AUTHORITY, (Role.COMMITTEE,))


def hedy() -> Person:
    """Read everything, write nothing."""
    return person("Hedy", _hub_office(), Profile.AUTHORITY, (Role.AUDITOR,))


def margaret() -> Person:
    """Configure the hub, decide nothing."""
    return person("Margaret", _hub_office(), Profile.AUTHORITY, (Role.HUB_ADMIN,))


def linus() -> Person:
    """Have no business here."""
    elsewhere = found_organisation(slug="elsewhere", name="Elsewhere", kind=Kind.RESEARCH)
    return person("Linus", elsewhere, Profile.RESEARCHER)
