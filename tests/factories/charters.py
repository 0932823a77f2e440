"""Charters, published and signed."""

from datetime import datetime, timedelta
from typing import Any

from access.charters.actions import NewText, publish, sign
from access.charters.models import CharterVersion
from hub.people.permissions import HUB, Profile
from tests.people import LONG_AGO, Person

TERMS = {"max_tier": "results", "highest_level": 4, "longest_days": 730, "duties": ["citation"]}


def charter(
    profile: Profile = Profile.RESEARCHER,
    *,
    at: datetime = LONG_AGO,
    terms: dict[str, Any] | None = None,
    material: bool = True,
    grace_days: int = 30,
) -> CharterVersion:
    """Publish a new version of a profile's charter."""
    text = NewText(
        title_fr="Charte",
        title_en="Charter",
        text_fr=f"Je m'engage ({at:%Y-%m-%d}).",
        text_en=f"I commit ({at:%Y-%m-%d}).",
        terms=TERMS if terms is None else terms,
        material=material,
        grace_days=grace_days,
    )
    return publish(profile=profile, text=text, by=HUB, at=at)


def signed_by(*people: Person, at: datetime = LONG_AGO + timedelta(days=1)) -> None:
    """Let people sign the current charter of their profile; publish one where there is none."""
    for person in people:
        profile = Profile(person.membership.profile)
        latest = (
            CharterVersion.objects.filter(charter__profile=profile, published_at__lte=at)
            .order_by("number")
            .last()
        )
        version = latest or charter(profile)
        sign(profile=profile, number=version.number, agreed=True, by=person.actor, at=at)
