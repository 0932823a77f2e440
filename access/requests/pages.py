"""What the pages of a request show, put together from the queries and the rules."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext

from access.charters.queries import current_terms
from access.grants.queries import of_request
from access.grants.wording import filters_in_words
from access.plans.tables import NUMBERS
from access.plans.telling import Sentence
from access.plans.terms import OPERATORS
from access.plans.treatments import Choice
from access.requests import queries, workflow
from access.requests.drafting import Wish
from access.requests.facts import Facts, Taking
from access.requests.forms import BLANK_FILTERS, BLANK_TABLES, CrossingForm
from access.requests.guards import may_choose_rows
from access.requests.models import AccessRequest
from access.requests.planning import Offer, offers
from access.requests.queries import Asked, Case
from access.requests.states import EDITABLE, EVENTS, Adviser, State, Step
from access.tiers.rules import LEVELS
from catalog.datasets.queries import published_datasets, snapshot
from catalog.vocabularies.levels import Level, Tier
from hub.audit.queries import events
from hub.kernel.refusals import Refusal, Unknown
from hub.people.permissions import Actor, Profile
from hub.web.wording import say_all

PATH = (
    ("project", "Project"),
    ("data", "Data and fields"),
    ("conditions", "Conditions"),
    ("team", "Team"),
    ("review", "Review and submit"),
)
"""The guided path: the name of each part, and what it is called."""


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field of the table in which an applicant chooses."""

    offer: Offer
    asked: bool
    detail: str
    justification: str
    received: str
    needs_reason: bool

    @property
    def position(self) -> int:
        """Return what names its inputs."""
        return self.offer.field.position

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Return the details that may be asked for, in the reader's language."""
        return [(choice.name, label(choice)) for choice in self.offer.choices]


def label(choice: Choice) -> str:
    """Return the name of a detail in the reader's language."""
    return gettext(choice.label) % dict(choice.values)


def say(sentences: Sequence[Sentence]) -> list[str]:
    """Return sentences of a plan in the reader's language."""
    return [one.say(gettext) for one in sentences]


def new(dataset: str | None) -> dict[str, Any]:
    """Show where a request begins."""
    try:
        return {"dataset": snapshot(dataset) if dataset else None, "named": dataset}
    except Unknown:
        return {"dataset": None, "named": None}


def path(request: AccessRequest, name: str) -> dict[str, Any]:
    """Return what every part of the guided path shows."""
    names = [part for part, _label in PATH]
    position = names.index(name)
    following = PATH[position + 1] if position + 1 < len(PATH) else None
    return {
        "request_": request,
        "part": name,
        "part_label": PATH[position][1],
        "parts": [
            {"name": part, "label": text, "url": f"request_{part}", "here": part == name}
            for part, text in PATH
        ],
        "position": position + 1,
        "following": following,
        "editable": request.state in EDITABLE,
        "changes_asked": changes_asked(request),
    }


def changes_asked(request: AccessRequest) -> str:
    """Return what the steward asked to change, while it waits for the applicant."""
    if request.state != State.CHANGES_REQUESTED:
        return ""
    event = events(subject=f"request:{request.pk}", kind="request.request_changes").first()
    return event.reason if event else ""


def data(request: AccessRequest, crossing: CrossingForm | None = None) -> dict[str, Any]:
    """Show the datasets asked for, those that may be added, and whether they are crossed."""
    asked = {row.dataset_id for row in request.datasets.all()}
    crosses = request.crossing or len(asked) > 1
    return {
        **path(request, "data"),
        "crossing": (crossing or CrossingForm.of(request)) if crosses else None,
        "offered": [
            one
            for one in published_datasets()
            if one.id not in asked and one.tier in {Tier.EXTRACT, Tier.RESULTS}
        ],
    }


def asked(request: AccessRequest, dataset_id: UUID) -> Asked | None:
    """Return a requested dataset with its plan."""
    terms = current_terms(_profile(request), timezone.now())
    row = next((row for row in request.datasets.all() if row.dataset_id == dataset_id), None)
    return queries.asked_of(row, request, terms) if row else None


def _profile(request: AccessRequest) -> Profile:
    return Profile(request.profile)


def fields(
    request: AccessRequest,
    one: Asked,
    wishes: Sequence[Wish] | None,
    filters: Sequence[dict[str, Any]] | None,
    tables: Sequence[dict[str, Any]] | None,
) -> dict[str, Any]:
    """Show every field of a dataset: what is asked, why, what would be received."""
    assert one.snapshot is not None  # noqa: S101 - the view answered 404
    terms = current_terms(_profile(request), timezone.now())
    saved = [Wish(wish.name, wish.detail, wish.justification) for wish in one.row.fields.all()]
    chosen = {wish.name: wish for wish in (saved if wishes is None else wishes)}
    known = {wish.name for wish in saved}
    rows = []
    for offer in offers(one.snapshot, queries.wishes_of(one.row, request, terms)):
        wish = chosen.get(offer.field.name)
        level = offer.field.confidentiality
        rows.append(
            FieldRow(
                offer=offer,
                asked=wish is not None,
                detail=wish.detail if wish else "",
                justification=wish.justification if wish else "",
                received=offer.sentence.say(gettext) if offer.field.name in known else "",
                needs_reason=LEVELS[level].justified,
            )
        )
    shown = list(one.row.row_filters if filters is None else filters)
    return {
        **path(request, "data"),
        "asked": one,
        "rows": rows,
        "filters": shown + [{}] * BLANK_FILTERS,
        **_tables(one, rows, tables),
        "operators": [(code, gettext(text)) for code, text in OPERATORS.items()],
        "filterable": [row for row in rows if may_choose_rows(row.offer.field.confidentiality)],
        "plan_refusals": say_all(one.planned.refusals) if saved else [],
        "warnings": say(one.planned.warnings),
    }


def _tables(
    one: Asked, rows: Sequence[FieldRow], tables: Sequence[dict[str, Any]] | None
) -> dict[str, Any]:
    """Return what the form of tables shows: where only results leave, or some are asked for."""
    shown = list(one.row.tables if tables is None else tables)
    only = one.snapshot is not None and one.snapshot.tier is Tier.RESULTS
    if not only and not shown:
        return {}
    return {
        "only_tables": only,
        "tables": shown + [{}] * BLANK_TABLES,
        "crossable": [row for row in rows if row.offer.field.confidentiality < Level.IDENTIFIER],
        "summable": [row for row in rows if row.offer.field.type in NUMBERS],
        "tables_told": say(one.planned.tables),
    }


def review(request: AccessRequest, actor: Actor) -> dict[str, Any]:
    """Show all that would be submitted, and what is missing."""
    case = queries.case_of(request, timezone.now())
    taking = Taking(Step.SUBMIT, actor, queries.parts_of(request, actor))
    return {
        **path(request, "review"),
        **summary(case),
        "missing": say_all(workflow.refusals(case.facts, taking)),
    }


def summary(case: Case) -> dict[str, Any]:
    """Return what a request asks for, with what would be received of each dataset."""
    return {
        "case": case,
        "plans": [
            {
                "asked": one,
                "sentences": say(_asked_for(one)),
                "tables": say(one.planned.tables),
                "warnings": say(one.planned.warnings),
                "filters": filters_in_words(one.row.row_filters),
                "refusals": say_all(one.planned.refusals),
            }
            for one in case.asked
        ],
    }


def _asked_for(one: Asked) -> list[Sentence]:
    """Return the sentences about what is asked: the rest of a wide table would hide them."""
    names = {wish.name for wish in one.row.fields.all()}
    return [sentence for sentence in one.planned.sentences if sentence.field in names]


def overview(request: AccessRequest, actor: Actor) -> dict[str, Any]:
    """Show where a request stands."""
    case = queries.case_of(request, timezone.now())
    taking = Taking(Step.WITHDRAW, actor, queries.parts_of(request, actor))
    open_steps = workflow.steps_open_to(case.facts, taking)
    return {
        **path(request, "review"),
        **summary(case),
        "is_applicant": request.applicant_id == actor.user_id,
        "can_withdraw": Step.WITHDRAW in open_steps,
        "waits_for": say_all(waits_for(case.facts)),
        "history": history(request),
        "grant": of_request([request.pk]).get(request.pk),
    }


def history(request: AccessRequest) -> list[tuple[str, Any]]:
    """Return what happened to a request, newest first, saves left out."""
    return [
        (EVENTS.get(event.kind, event.kind), event)
        for event in events(subject=f"request:{request.pk}")
        if event.kind != "request.save"
    ]


def waits_for(facts: Facts) -> list[Refusal]:
    """List what a request waits for, in the words of a refusal: what, and from whom."""
    match facts.state:
        case State.DRAFT | State.CHANGES_REQUESTED:
            return [Refusal("waits-applicant", "It waits for you: complete it and submit it.")]
        case State.SUBMITTED:
            return [Refusal("waits-steward", "It waits for a steward to start its examination.")]
        case State.IN_REVIEW:
            return _waits_in_review(facts)
    return []


def _waits_in_review(facts: Facts) -> list[Refusal]:
    waits = []
    if facts.needs_dpo and facts.opinion(Adviser.DPO) is None:
        waits.append(
            Refusal("waits-dpo", "It waits for the opinion of the data protection officer.")
        )
    for one in facts.datasets:
        missing = facts.approvals_missing(one.dataset_id)
        if missing:
            waits.append(
                Refusal(
                    "waits-signatory",
                    "It waits for the decision on “%(dataset)s”: signatories missing: %(count)s.",
                    values={"dataset": one.title, "count": missing},
                )
            )
    return waits


def after_refusal(request: AccessRequest, actor: Actor, step: Step) -> tuple[str, dict[str, Any]]:
    """Return the page on which a refused step is explained."""
    if step == Step.SUBMIT and request.applicant_id == actor.user_id:
        return "requests/review.html", review(request, actor)
    return "requests/request.html", overview(request, actor)
