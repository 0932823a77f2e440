"""Requests, as the API speaks of them."""

from typing import Any

from django.utils.translation import gettext
from rest_framework import serializers

from access.estimates.counting import Level
from access.estimates.queries import NOT_ASKED, Told
from access.grants.serializers import ReasonsSerializer
from access.plans.tables import MOST_DIMENSIONS
from access.plans.terms import Format, Operator
from access.requests.models import AccessRequest
from access.requests.planning import Planned
from access.requests.queries import Case
from access.requests.states import Adviser, Part
from hub.web.wording import fill, say_all

TEXTS = (
    "title",
    "context",
    "question",
    "outputs",
    "purpose",
    "legal_basis",
    "ethics",
    "dpia",
    "hosting",
    "security",
)

_REST = ("ends_on", "profile", "crossing", "crossing_reason", "formats")


_FORMATS = [(each.value, each.value) for each in Format]


def _text() -> serializers.CharField:
    return serializers.CharField(required=False, allow_blank=True, trim_whitespace=True)


class TextsSerializer(serializers.Serializer[Any]):
    """What a request says of the project; what is absent stays."""

    title = serializers.CharField(required=False, allow_blank=True, max_length=300)
    context = _text()  # type: ignore[assignment]
    question = _text()
    outputs = _text()
    purpose = serializers.CharField(required=False, allow_blank=True)
    legal_basis = serializers.CharField(required=False, allow_blank=True)
    ethics = serializers.CharField(required=False, allow_blank=True, max_length=300)
    dpia = serializers.CharField(required=False, allow_blank=True, max_length=300)
    hosting = _text()
    security = _text()
    ends_on = serializers.DateField(required=False, allow_null=True)
    crossing = serializers.BooleanField(required=False)
    crossing_reason = _text()
    formats = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, max_length=10
    )


class WishSerializer(serializers.Serializer[Any]):
    """One field asked for: the detail wanted ("" leaves it to the rules), and why."""

    name = serializers.CharField(max_length=200)
    detail = serializers.CharField(required=False, allow_blank=True, default="", max_length=60)
    justification = serializers.CharField(required=False, allow_blank=True, default="")


class RowFilterSerializer(serializers.Serializer[Any]):
    """Only the rows whose field compares with the values."""

    field = serializers.CharField(max_length=200)
    operator = serializers.ChoiceField(choices=[operator.value for operator in Operator])
    values = serializers.ListField(
        child=serializers.CharField(max_length=200), required=False, default=list, max_length=1000
    )


class ResultTableSerializer(serializers.Serializer[Any]):
    """A table of results: the fields to cross, and what to add up ("": persons are counted)."""

    dimensions = serializers.ListField(
        child=serializers.CharField(max_length=200), min_length=1, max_length=MOST_DIMENSIONS
    )
    sum_of = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)


class WishesSerializer(serializers.Serializer[Any]):
    """What is asked of one dataset."""

    release_id = serializers.UUIDField(required=False, allow_null=True)
    wishes = WishSerializer(many=True, required=False)
    row_filters = RowFilterSerializer(many=True, required=False)
    tables = ResultTableSerializer(many=True, required=False)


class NewRequestSerializer(TextsSerializer):
    """A new request, with its datasets by slug or identifier when they are known already."""

    datasets = serializers.ListField(child=serializers.CharField(), required=False)


class AskedSerializer(serializers.Serializer[Any]):
    """One requested dataset."""

    dataset = serializers.SlugField()
    dataset_id = serializers.UUIDField()
    title = serializers.CharField()
    release_id = serializers.UUIDField()
    release = serializers.CharField()
    published = serializers.BooleanField()
    wishes = WishSerializer(many=True)
    row_filters = RowFilterSerializer(many=True)
    tables = ResultTableSerializer(many=True)
    approvals_missing = serializers.IntegerField()


class InvitationSerializer(serializers.Serializer[Any]):
    """Somebody invited into the team."""

    id = serializers.UUIDField(read_only=True)
    email = serializers.EmailField()
    affiliation = serializers.CharField(required=False, allow_blank=True, max_length=200)


class OpinionSerializer(serializers.Serializer[Any]):
    """An opinion on one revision."""

    role = serializers.CharField()
    revision = serializers.IntegerField()
    favourable = serializers.BooleanField()
    text = serializers.CharField()
    given_at = serializers.DateTimeField()


class DecisionSerializer(serializers.Serializer[Any]):
    """A decision on one revision."""

    verdict = serializers.CharField()
    dataset_id = serializers.UUIDField(allow_null=True)
    revision = serializers.IntegerField()
    plan_digest = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()
    conditions = serializers.CharField(allow_blank=True)
    override = serializers.CharField(allow_blank=True)
    decided_at = serializers.DateTimeField()


class RequestCardSerializer(serializers.Serializer[Any]):
    """A request in a list."""

    id = serializers.UUIDField()
    title = serializers.CharField(allow_blank=True)
    organisation = serializers.CharField()
    state = serializers.CharField()
    revision = serializers.IntegerField()
    version = serializers.IntegerField()
    datasets = serializers.ListField(child=serializers.SlugField())
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    submitted_at = serializers.DateTimeField(allow_null=True)


class RequestSerializer(RequestCardSerializer):
    """A request as a whole, in the eyes of the caller."""

    datasets = AskedSerializer(many=True)  # type: ignore[assignment]
    profile = serializers.CharField()
    context = serializers.CharField(allow_blank=True)  # type: ignore[assignment]
    question = serializers.CharField(allow_blank=True)
    outputs = serializers.CharField(allow_blank=True)
    purpose = serializers.CharField(allow_blank=True)
    legal_basis = serializers.CharField(allow_blank=True)
    ethics = serializers.CharField(allow_blank=True)
    dpia = serializers.CharField(allow_blank=True)
    hosting = serializers.CharField(allow_blank=True)
    security = serializers.CharField(allow_blank=True)
    ends_on = serializers.DateField(allow_null=True)
    crossing = serializers.BooleanField()
    crossing_reason = serializers.CharField(allow_blank=True)
    formats = serializers.ListField(child=serializers.ChoiceField(choices=_FORMATS))
    team = InvitationSerializer(many=True)
    opinions = OpinionSerializer(many=True)
    decisions = DecisionSerializer(many=True)
    my_parts = serializers.ListField(child=serializers.CharField())
    grant_id = serializers.UUIDField(allow_null=True)


class StepSerializer(serializers.Serializer[Any]):
    """What somebody says when they take a step."""

    reason = serializers.CharField(required=False, allow_blank=True, default="")
    dataset = serializers.CharField(required=False, allow_blank=True, default="")
    role = serializers.ChoiceField(
        choices=[adviser.value for adviser in Adviser], required=False, allow_null=True
    )
    favourable = serializers.BooleanField(required=False, allow_null=True, default=None)
    conditions = serializers.CharField(required=False, allow_blank=True, default="")
    override = serializers.CharField(required=False, allow_blank=True, default="")
    plan_digest = serializers.CharField(required=False, allow_blank=True, default="")


class PlannedFieldSerializer(serializers.Serializer[Any]):
    """What would be received of one field, and why."""

    field = serializers.CharField()
    action = serializers.CharField()
    sentence = serializers.CharField()


class PlannedSerializer(serializers.Serializer[Any]):
    """The plan of one dataset, or why there is none yet."""

    dataset_id = serializers.UUIDField()
    digest = serializers.CharField(allow_blank=True)
    treatments = PlannedFieldSerializer(many=True)
    tables = serializers.ListField(child=serializers.CharField())
    warnings = serializers.ListField(child=serializers.CharField())
    refusals = ReasonsSerializer(many=True)


class CountedChoiceSerializer(serializers.Serializer[Any]):
    """One field at one level, with what it would leave out."""

    field = serializers.CharField()
    step = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # a name that DRF has too
    share = serializers.FloatField(required=False)


class EstimateSerializer(serializers.Serializer[Any]):
    """What the plan of one dataset would leave out of the real rows."""

    dataset_id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=["not_asked", "waiting", "done", "failed"])
    reason = serializers.CharField(allow_blank=True)
    rows = serializers.IntegerField()
    share = serializers.FloatField()
    cap = serializers.FloatField()
    k = serializers.IntegerField()
    holds = serializers.BooleanField()
    moved = CountedChoiceSerializer(many=True)
    proposal = CountedChoiceSerializer(many=True)
    proposed_share = serializers.FloatField()


def estimate_body(dataset_id: Any, told: Told | None) -> dict[str, Any]:
    """Return a count as the API shows it."""
    if told is None:
        told = NOT_ASKED
    return {
        "dataset_id": dataset_id,
        "state": told.state,
        "reason": gettext(told.reason) if told.reason else "",
        **{name: getattr(told, name) for name in ("rows", "share", "cap", "k", "holds")},
        "moved": [{"share": one.share, **_level(one.level)} for one in told.moved],
        "proposal": [_level(one) for one in told.proposal],
        "proposed_share": told.proposed_share,
    }


def _level(level: Level) -> dict[str, str]:
    return {"field": level.field, "step": level.step, "label": fill(level.label, level.values)}


def card(request: AccessRequest) -> dict[str, Any]:
    """Return a request as a list shows it."""
    return {
        "id": request.pk,
        "organisation": request.organisation.name,
        "datasets": [row.dataset.slug for row in request.datasets.all()],
        **{
            name: getattr(request, name)
            for name in (
                "title",
                "state",
                "revision",
                "version",
                "created_at",
                "changed_at",
                "submitted_at",
            )
        },
    }


def body(case: Case, parts: frozenset[Part], grant_id: Any) -> dict[str, Any]:
    """Return a request as its page shows it."""
    request = case.request
    return {
        **card(request),
        **{name: getattr(request, name) for name in (*TEXTS, *_REST)},
        "datasets": [
            {
                "dataset": one.row.dataset.slug,
                "dataset_id": one.row.dataset_id,
                "title": one.row.dataset.title,
                "release_id": one.row.release_id,
                "release": one.row.release.label,
                "published": one.snapshot is not None,
                "wishes": one.row.fields.all(),
                "row_filters": one.row.row_filters,
                "tables": one.row.tables,
                "approvals_missing": case.facts.approvals_missing(one.row.dataset_id),
            }
            for one in case.asked
        ],
        "team": request.team.all(),
        "opinions": request.opinions.all(),
        "decisions": request.decisions.all(),
        "my_parts": sorted(part.value for part in parts),
        "grant_id": grant_id,
    }


def planned_body(dataset_id: Any, planned: Planned) -> dict[str, Any]:
    """Return a plan as the API shows it."""
    plan = planned.plan
    sentences = {one.field: one.say(gettext) for one in planned.sentences}
    return {
        "dataset_id": dataset_id,
        "digest": plan.digest if plan else "",
        "treatments": [
            {"field": one.field, "action": one.action.value, "sentence": sentences[one.field]}
            for one in (plan.treatments if plan else ())
        ],
        "tables": [one.say(gettext) for one in planned.tables],
        "warnings": [one.say(gettext) for one in planned.warnings],
        "refusals": say_all(planned.refusals),
    }
