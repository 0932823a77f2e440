"""Who is told what about a request."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from access.grants import sides
from access.grants.mail import Letter, Words, owe_each, send
from access.requests import queries
from access.requests.models import AccessRequest
from access.requests.states import Adviser
from hub.people.permissions import Permission


class Side(StrEnum):
    """To which page a mail leads."""

    APPLICANT = "request"
    OFFICER = "examine_request"


WORDS: Mapping[tuple[str, Side], Words] = {
    ("request.submit", Side.OFFICER): Words(
        "A request on your data: “%(title)s”",
        "A request on your data was submitted. It waits for a steward to start its examination.",
    ),
    ("request.withdraw", Side.OFFICER): Words(
        "Withdrawn: “%(title)s”", "The applicant withdrew the request: nothing waits for you."
    ),
    ("request.start_review", Side.APPLICANT): Words(
        "Your request is being examined: “%(title)s”", "A steward started its examination."
    ),
    ("request.start_review", Side.OFFICER): Words(
        "Your opinion is needed: “%(title)s”",
        "The rules ask for the opinion of the data protection officer on this request.",
    ),
    ("request.request_changes", Side.APPLICANT): Words(
        "Changes are asked for: “%(title)s”",
        "The producer asks you to change your request. What to change is said on its page.",
    ),
    ("request.give_opinion", Side.OFFICER): Words(
        "An opinion was given: “%(title)s”",
        "An opinion was given on this request. It may wait for your decision.",
    ),
    ("request.approve", Side.OFFICER): Words(
        "A decision is missing: “%(title)s”",
        "A signatory approved a dataset of this request. It may still wait for your decision.",
    ),
    ("request.approved", Side.APPLICANT): Words(
        "Granted: “%(title)s”",
        "Your request is approved. You can prepare an extract from the page of your grant.",
    ),
    ("request.reject", Side.APPLICANT): Words(
        "Rejected: “%(title)s”",
        "Your request is rejected. The reason, and how to contest it, are on its page.",
    ),
    ("request.lapse", Side.APPLICANT): Words(
        "Lapsed: “%(title)s”", "Your draft was not touched for 90 days: it lapsed."
    ),
    ("request.lapses_soon", Side.APPLICANT): Words(
        "Your draft lapses in 7 days: “%(title)s”",
        "Your draft was not touched for long. Without a change it lapses in 7 days.",
    ),
}
UNTITLED = "Request without a title"


def tell_applicant(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell the applicant."""
    request = _request(payload)
    _owe(request, event, Side.APPLICANT, {request.applicant_id}, at)


def tell_examiners(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell the stewards of the requested datasets."""
    request = _request(payload)
    people = sides.people_with(Permission.STEWARD_DATASET, _datasets(request), at)
    _owe(request, event, Side.OFFICER, people, at)


def tell_signatories(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell those who sign for the requested datasets, save the one who just acted."""
    request = _request(payload)
    people = sides.people_with(Permission.SIGN_DATASET, _datasets(request), at)
    by = {UUID(payload["by"])} if payload.get("by") else set()
    _owe(request, event, Side.OFFICER, people - by, at)


def tell_advisers(event: str, payload: Mapping[str, Any], at: datetime) -> None:
    """Tell the producers' data protection officers, when the rules ask for their opinion."""
    request = _request(payload)
    facts = queries.case_of(request, at).facts
    if facts.needs_dpo and facts.opinion(Adviser.DPO) is None:
        _owe(request, event, Side.OFFICER, sides.dpos_of(_datasets(request), at), at)


def deliver(_event: str, payload: Mapping[str, Any], _at: datetime) -> None:
    """Send the mail that is owed to one person."""
    what, _dot, side = payload["what"].partition("@")
    request = queries.requests().get(pk=payload["about"])
    words = WORDS[what, Side(side)]
    letter = Letter(
        subject=words.subject,
        body=words.body,
        page=side,
        page_of=request.pk,
        values={"title": request.title or UNTITLED},
    )
    send(letter, UUID(payload["user"]))


def _request(payload: Mapping[str, Any]) -> AccessRequest:
    return queries.requests().get(pk=payload["request_id"])


def _datasets(request: AccessRequest) -> list[sides.Produced]:
    return [row.dataset for row in request.datasets.all()]


def _owe(request: AccessRequest, event: str, side: Side, people: set[UUID], at: datetime) -> None:
    owe_each(
        event="notice.request",
        about=request.pk,
        what=f"{event}@{side}",
        people=people,
        at=at,
        once=f"{event}:{side}:{request.pk}:{request.version}:{at.isoformat()}",
    )
