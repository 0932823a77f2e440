"""A request that nothing refuses, to change in one place at a time."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from access.charters.rules import Terms
from access.requests.facts import IDLE, AskedDataset, AskedField, Facts, Taking, Team
from access.requests.guards import MISSING
from access.requests.states import Adviser, Part, State, Step
from catalog.vocabularies.levels import Level
from hub.people.permissions import Actor, Profile

TODAY = date(2026, 5, 4)
LAB, OFFICE = UUID(int=1), UUID(int=2)
ADA, ALAN, GRACE, EDSGER = (UUID(int=number) for number in range(11, 15))
BASE, OTHER = UUID(int=21), UUID(int=22)

ASKED = AskedDataset(
    dataset_id=BASE,
    title="Results",
    fields=(
        AskedField("session", Level.OPEN),
        AskedField("note", Level.SENSITIVE, "It is what we explain."),
    ),
)
SOUND = Facts(
    state=State.IN_REVIEW,
    revision=1,
    today=TODAY,
    profile=Profile.RESEARCHER,
    team=Team(ADA, LAB, frozenset({ALAN}), frozenset({"invited@example.org"})),
    texts=dict.fromkeys(MISSING, "said") | {"purpose": "research"},
    purpose="research",
    ends_on=TODAY + timedelta(days=300),
    datasets=(ASKED,),
    terms=Terms(highest_level=Level.VERY_SENSITIVE),
    idle=IDLE,
)


def facts(**changed: Any) -> Facts:
    """Return the sound request with some facts changed."""
    return replace(SOUND, **changed)


def asked(**changed: Any) -> AskedDataset:
    """Return the requested dataset with some facts changed."""
    return replace(ASKED, **changed)


def taking(step: Step, *parts: Part, **changed: Any) -> Taking:
    """Return a step taken by somebody of the producer, who says all that may be asked."""
    sound = Taking(
        step=step,
        actor=Actor(user_id=GRACE, organisation_id=OFFICE),
        parts=frozenset(parts),
        signs=frozenset({BASE}),
        dataset_id=BASE,
        adviser=Adviser.STEWARD,
        favourable=True,
        reason="Because.",
    )
    return replace(sound, **changed)
