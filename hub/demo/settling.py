"""Settle people, organisations and charters."""

import tomllib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from access.charters.actions import NewText, publish, sign
from hub.people.actions import found_organisation, join
from hub.people.models import User
from hub.people.permissions import HUB, Actor, Kind, Profile, Role
from hub.people.queries import actor_of

HERE = Path(__file__).parent
DOMAIN = "demo.example"
PASSWORD = "demo-hub-education"  # noqa: S105 - printed for everyone to use


def read(name: str) -> dict[str, Any]:
    """Return one of the texts of the demo world."""
    return tomllib.loads((HERE / name).read_text())


def address(name: str) -> str:
    """Return the address with which somebody signs in."""
    return f"{name}@{DOMAIN}"


def settle_people(*, at: datetime) -> Mapping[str, Actor]:
    """Found the organisations, and let everyone into theirs; return them by the name they use."""
    world = read("people.toml")
    organisations = {
        one["slug"]: found_organisation(**{**one, "kind": Kind(one["kind"])})
        for one in world["organisation"]
    }
    for one in world["person"]:
        user = _account(one)
        if "organisation" in one:
            join(
                user=user,
                organisation=organisations[one["organisation"]],
                profile=Profile(one["profile"]),
                roles=frozenset(Role(role) for role in one["roles"]),
                at=at,
            )
    return people(at=at)


def people(*, at: datetime) -> Mapping[str, Actor]:
    """Return the people of the demo world as they act, by the name they use."""
    return {
        one["address"]: actor_of(user=User.objects.get(email=address(one["address"])), at=at)
        for one in read("people.toml")["person"]
    }


def _account(one: Mapping[str, Any]) -> User:
    first, last = one["name"]
    known = User.objects.filter(email=address(one["address"])).first()
    return known or User.objects.create_user(
        address(one["address"]), PASSWORD, first_name=first, last_name=last
    )


def settle_charters(*, everyone: Mapping[str, Actor], at: datetime) -> None:
    """Publish the three charters; those who ask for data or hold them sign theirs."""
    for one in read("charters.toml")["charter"]:
        publish(
            profile=Profile(one.pop("profile")),
            text=NewText(**one, material=True, grace_days=30),
            by=HUB,
            at=at,
        )
    for name in (
        "chercheuse",
        "autre-chercheur",
        "rectorat",
        "producteur",
        "instructeur",
        "editeur",
    ):
        actor = everyone[name]
        assert actor.profile is not None  # noqa: S101 - they all belong somewhere
        sign(profile=actor.profile, number=1, agreed=True, by=actor, at=at)
