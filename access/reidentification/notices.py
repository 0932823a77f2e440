"""Who is told what about a demand to name persons: never of whom."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from access.grants.mail import Letter, Words, owe_each, send
from access.reidentification import queries
from access.reidentification.models import Reidentification
from access.reidentification.states import Office
from hub.people.permissions import Actor


class Side(StrEnum):
    """To which page a mail leads."""

    OFFICER = "reidentification"
    HOLDER = "grant"


WORDS: Mapping[tuple[str, Side], Words] = {
    ("reidentification.file", Side.OFFICER): Words(
        "A demand to name persons waits for you: “%(project)s”",
        "Somebody asks, for a legal need, who stands behind pseudonyms of an extract. It takes two"
        " people: read the need and the legal reference, then approve or refuse. Without an answer"
        " it lapses in 7 days.",
    ),
    ("reidentification.approve", Side.OFFICER): Words(
        "Your demand to name persons is approved: “%(project)s”",
        "The second person approved your demand. It runs for 48 hours, and takes your key and"
        " theirs.",
    ),
    ("reidentification.refuse", Side.OFFICER): Words(
        "Your demand to name persons is refused: “%(project)s”",
        "The second person refused your demand. The reason is on its page.",
    ),
    ("reidentification.answer", Side.OFFICER): Words(
        "Persons were named: “%(project)s”",
        "The demand on which you act was answered. The answer was shown once, to whoever asked.",
    ),
    ("reidentification.answer", Side.HOLDER): Words(
        "Persons of an extract of “%(project)s” were named for a legal need",
        "The producer of the data and its data protection officer had persons behind pseudonyms of"
        " your extract named, for a legal need. You have nothing to do.",
    ),
    ("reidentification.close", Side.OFFICER): Words(
        "A demand to name persons is closed: “%(project)s”",
        "The demand was closed without an answer. The reason is on its page.",
    ),
    ("reidentification.lock", Side.OFFICER): Words(
        "A demand to name persons is closed after wrong keys: “%(project)s”",
        "Wrong keys were given five times for a demand on which you act: it is closed. If it was"
        " not you, have an auditor look in the trail who tried.",
    ),
    ("reidentification.lapse", Side.OFFICER): Words(
        "A demand to name persons lapsed: “%(project)s”",
        "Its time is over without an answer: what it held is wiped.",
    ),
}


def tell_second(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell those who may answer: the other office than the filer's, off the holder's side."""
    demand = _demand(payload)
    office, grant = Office(demand.filed_as).other, demand.granted.grant
    people = {
        one
        for one in queries.people_of(office, demand.granted, at) - {demand.filed_by_id}
        if not queries.is_own_side(grant, Actor(user_id=one), at)
    }
    _owe(demand, event, Side.OFFICER, people, at)


def tell_both(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell the two people, save the one who just acted."""
    demand = _demand(payload)
    both = {demand.filed_by_id} | ({demand.second_id} if demand.second_id else set())
    by = {UUID(payload["by"])} if payload.get("by") else set()
    _owe(demand, event, Side.OFFICER, both - by, at)


def tell_holder(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell the holder of the grant that persons were named, and not whom."""
    demand = _demand(payload)
    _owe(demand, event, Side.HOLDER, {demand.granted.grant.holder_id}, at)


def deliver(_event: str, payload: Mapping[str, Any], _at: datetime) -> None:
    """Send the mail that is owed to one person."""
    what, _dot, side = payload["what"].partition("@")
    demand = queries.demands().get(pk=payload["about"])
    words, grant = WORDS[what, Side(side)], demand.granted.grant
    letter = Letter(
        subject=words.subject,
        body=words.body,
        page=side,
        page_of=grant.pk if side == Side.HOLDER else demand.pk,
        values={"project": grant.project},
    )
    send(letter, UUID(payload["user"]))


def _demand(payload: Mapping[str, Any]) -> Reidentification:
    return queries.demands().get(pk=payload["demand_id"])


def _owe(
    demand: Reidentification, event: str, side: Side, people: set[UUID], at: datetime
) -> None:
    owe_each(
        event="notice.reidentification",
        about=demand.pk,
        what=f"{event}@{side}",
        people=people,
        at=at,
        once=f"{event}:{side}:{demand.pk}",
    )
