"""Write a request, part by part. Every part is a save: it raises the version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from access.grants.sides import person
from access.plans.offered import offered, refusals_for
from access.plans.tables import MOST_TABLES
from access.plans.terms import STATISTICAL, in_order
from access.requests import queries, workflow
from access.requests.facts import LONGEST_TEXT, Taking
from access.requests.guards import filter_not_allowed, may_choose_rows
from access.requests.models import AccessRequest, RequestedDataset, RequestedField, TeamMember
from access.requests.planning import wrong_filters, wrong_tables
from access.requests.states import Step
from access.requests.team import resolve
from catalog.datasets.queries import snapshot
from catalog.vocabularies.legal_bases import LegalBasis
from catalog.vocabularies.levels import Tier
from catalog.vocabularies.purposes import Purpose
from hub.audit.actions import record
from hub.kernel.refusals import Invalid, Refusal, Refused, Unknown, require
from hub.people.permissions import Actor
from hub.web.preconditions import require_version

LONG = frozenset({"context", "question", "outputs", "hosting", "security", "crossing_reason"})
SHORT = frozenset({"title", "ethics", "dpia"})
CHOICES: Mapping[str, type[Purpose] | type[LegalBasis]] = {
    "purpose": Purpose,
    "legal_basis": LegalBasis,
}
MOST_FILTERS = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """One field asked for: the detail wanted ("" leaves it to the rules), and why."""

    name: str
    detail: str = ""
    justification: str = ""


@dataclass(frozen=True, slots=True)
class Changes:
    """
    What to change in what a request says of the project; what is absent stays.

    :param formats: of the files, all of them
    :param labelled: those of SPSS and Stata only; the others stay
    """

    texts: Mapping[str, str] = field(default_factory=dict)
    ends_on: date | None = None
    sets_end: bool = False
    crossing: bool | None = None
    formats: Sequence[str] | None = None
    labelled: Sequence[str] | None = None


@transaction.atomic
def start(
    *, by: Actor, at: datetime, title: str = "", dataset: UUID | str | None = None
) -> AccessRequest:
    """
    Start a draft, with a dataset when one is named.

    :raises Refused: when the actor acts as nobody's member
    :raises Unknown: when there is no such published dataset
    """
    if by.membership_id is None or by.organisation_id is None or by.profile is None:
        raise Refused(
            [
                Refusal(
                    "no-membership",
                    "A request is made as the member of an organisation.",
                    "Choose as whom you act in “My account”, or ask to join your organisation.",
                )
            ]
        )
    request = AccessRequest.objects.create(
        applicant_id=person(by),
        membership_id=by.membership_id,
        organisation_id=by.organisation_id,
        profile=by.profile,
        title=title[:300],
        created_at=at,
        changed_at=at,
    )
    record(kind="request.start", by=by, subject=f"request:{request.pk}", at=at)
    if dataset is not None:
        _add_dataset(request, dataset, None)
    return request


@transaction.atomic
def save(
    *, request_id: UUID, changes: Changes, by: Actor, at: datetime, version: int | None = None
) -> AccessRequest:
    """
    Change the texts of a request.

    :param version: that the applicant saw
    :raises Invalid: for a word that no list knows, a text too long or a format that is not offered
    :raises Stale: when it changed meanwhile
    """
    require_valid(_wrong_texts(changes.texts))

    def write(request: AccessRequest) -> None:
        for name, text in changes.texts.items():
            setattr(request, name, text.strip())
        if changes.sets_end:
            request.ends_on = changes.ends_on
        if changes.crossing is not None:
            request.crossing = changes.crossing
        request.formats = _formats(request, changes)
        request.save(update_fields=[*changes.texts, "ends_on", "crossing", "formats"])

    return saved(request_id, write, by=by, at=at, version=version)


@transaction.atomic
def add_dataset(
    *,
    request_id: UUID,
    dataset: UUID | str,
    by: Actor,
    at: datetime,
    release_id: UUID | None = None,
    version: int | None = None,
) -> AccessRequest:
    """
    Ask for one more dataset.

    :raises Unknown: when there is no such published dataset
    :raises Refused: when it is asked for already, or needs no request
    """

    def write(request: AccessRequest) -> None:
        _add_dataset(request, dataset, release_id)

    return saved(request_id, write, by=by, at=at, version=version)


def _add_dataset(request: AccessRequest, dataset: UUID | str, release_id: UUID | None) -> None:
    found = snapshot(dataset, release_id)
    refusals = []
    if found.tier in {Tier.OPEN, Tier.ACCOUNT}:
        refusals.append(
            Refusal(
                "needs-no-request",
                "“%(dataset)s” needs no request: it can be downloaded from its page.",
                values={"dataset": found.title},
                about="dataset",
            )
        )
    if request.datasets.filter(dataset_id=found.id).exists():
        refusals.append(
            Refusal(
                "asked-already",
                "“%(dataset)s” is in the request already.",
                values={"dataset": found.title},
                about="dataset",
            )
        )
    require(refusals)
    RequestedDataset.objects.create(
        request=request, dataset_id=found.id, release_id=found.release.id
    )


@transaction.atomic
def drop_dataset(
    *, request_id: UUID, dataset_id: UUID, by: Actor, at: datetime, version: int | None = None
) -> AccessRequest:
    """Take a dataset out of a request."""

    def write(request: AccessRequest) -> None:
        _row(request, dataset_id).delete()

    return saved(request_id, write, by=by, at=at, version=version)


@transaction.atomic
def choose(
    *,
    request_id: UUID,
    dataset_id: UUID,
    fields: Sequence[Wish],
    filters: Sequence[Mapping[str, Any]],
    tables: Sequence[Mapping[str, Any]] = (),
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> AccessRequest:
    """
    Choose the fields of one dataset, with their justifications, and the rows or the tables.

    What the rules think of them is said at submission: a draft may be unfinished. But a filter by
    a field that may not choose rows is refused now: its values may be identifiers, and a draft is
    kept.

    :param tables: of results, to have instead of rows
    :raises Invalid: for a filter or a table that nobody can read or that may not be, or a text too
        long
    """
    wrong = [*wrong_filters(filters), *wrong_tables(tables)]
    if len(filters) > MOST_FILTERS or len({wish.name for wish in fields}) < len(fields):
        wrong.append(Refusal("too-many", "A field comes twice, or there are too many filters."))
    if len(tables) > MOST_TABLES:
        wrong.append(Refusal("too-many", "There are too many tables.", about="tables"))
    wrong += [_too_long(wish.name) for wish in fields if len(wish.justification) > LONGEST_TEXT]
    require_valid(wrong)

    def write(request: AccessRequest) -> None:
        row = _row(request, dataset_id)
        require_valid(_sensitive_filters(row, filters))
        row.row_filters = [
            {
                "field": one["field"],
                "operator": one["operator"],
                "values": [str(value) for value in one.get("values", [])],
            }
            for one in filters
        ]
        row.tables = [
            {"dimensions": list(one["dimensions"]), "sum_of": one.get("sum_of", "")}
            for one in tables
        ]
        row.save(update_fields=["row_filters", "tables"])
        row.fields.all().delete()
        for wish in fields:
            RequestedField.objects.create(
                requested=row,
                name=wish.name[:200],
                detail=wish.detail[:60],
                justification=wish.justification.strip(),
            )

    return saved(request_id, write, by=by, at=at, version=version)


@transaction.atomic
def invite(
    *,
    request_id: UUID,
    email: str,
    affiliation: str,
    by: Actor,
    at: datetime,
    version: int | None = None,
) -> AccessRequest:
    """
    Invite somebody into the team. Nothing tells whether the address is known here.

    :raises Invalid: when it is not an address
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(
            [Refusal("bad-address", "This is not an e-mail address.", about="email")]
        ) from None

    def write(request: AccessRequest) -> None:
        TeamMember.objects.update_or_create(
            request=request, email=address, defaults={"affiliation": affiliation.strip()[:200]}
        )
        resolve(request, at)

    return saved(request_id, write, by=by, at=at, version=version)


@transaction.atomic
def uninvite(
    *, request_id: UUID, member_id: UUID, by: Actor, at: datetime, version: int | None = None
) -> AccessRequest:
    """Take somebody out of the team."""

    def write(request: AccessRequest) -> None:
        deleted, _rows = request.team.filter(pk=member_id).delete()
        if not deleted:
            raise Unknown

    return saved(request_id, write, by=by, at=at, version=version)


def saved(
    request_id: UUID,
    write: Callable[[AccessRequest], None],
    *,
    by: Actor,
    at: datetime,
    version: int | None,
) -> AccessRequest:
    """
    Write a part of a request under its lock, when the rules let the actor save it.

    :raises Unknown: when the actor may not know it
    :raises Refused: when it is not theirs to write, or not now
    :raises Stale: when it is not the version that the actor saw any more
    """
    queries.one_for(actor=by, request_id=request_id)
    request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request_id)
    taking = Taking(Step.SAVE, by, queries.parts_of(request, by))
    require(workflow.refusals(queries.bare_facts(request, at), taking))
    require_version(expected=version, actual=request.version)
    write(request)
    request.version += 1
    request.changed_at = at
    request.warned_at = None
    request.save(update_fields=["version", "changed_at", "warned_at"])
    details = {"from": request.state, "to": request.state, "version": request.version}
    record(kind="request.save", by=by, subject=f"request:{request.pk}", at=at, details=details)
    return request


def require_valid(wrong: Sequence[Refusal]) -> None:
    """
    Go on only when nothing is wrong with the input.

    :raises Invalid: otherwise
    """
    if wrong:
        raise Invalid(wrong)


def _sensitive_filters(
    row: RequestedDataset, filters: Sequence[Mapping[str, Any]]
) -> list[Refusal]:
    found = queries.published(row)
    levels = {one.name: one.confidentiality for one in found.fields} if found else {}
    return [
        filter_not_allowed(one["field"])
        for one in filters
        if not may_choose_rows(levels.get(one["field"]))
    ]


def _row(request: AccessRequest, dataset_id: UUID) -> RequestedDataset:
    row = request.datasets.filter(dataset_id=dataset_id).first()
    if row is None:
        raise Unknown
    return row


def _formats(request: AccessRequest, changes: Changes) -> list[str]:
    """
    Return the formats of a request once they are changed.

    :raises Invalid: for one that is not offered
    """
    wanted = set(request.formats if changes.formats is None else changes.formats)
    if changes.labelled is not None:
        wanted = wanted - STATISTICAL | set(changes.labelled)
    if wanted == set(request.formats):
        return list(request.formats)
    require_valid(refusals_for(wanted, offered()))
    return [each.value for each in in_order(wanted)]


def _wrong_texts(texts: Mapping[str, str]) -> list[Refusal]:
    wrong = []
    for name, text in texts.items():
        if name in CHOICES:
            if text and text not in set(CHOICES[name]):
                wrong.append(
                    Refusal("unknown-word", "This is not one of the choices.", about=name)
                )
        elif name not in LONG | SHORT:
            wrong.append(Refusal("unknown-field", "There is no such field.", about=name))
        elif len(text) > (300 if name in SHORT else LONGEST_TEXT):
            wrong.append(_too_long(name))
    return wrong


def _too_long(name: str) -> Refusal:
    return Refusal("text-too-long", "The text is too long.", "Make it shorter.", about=name)
