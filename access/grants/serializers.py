"""Grants, as the API speaks of them."""

from typing import Any

from rest_framework import serializers

from access.grants.models import Grant
from access.grants.queries import Opening, Seen, tables_of
from hub.web.wording import say, say_all


class ReasonsSerializer(serializers.Serializer[Any]):
    """Why not, and what can be done about it."""

    code = serializers.CharField()
    explanation = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
    about = serializers.CharField(allow_blank=True)


class GrantedFieldSerializer(serializers.Serializer[Any]):
    """One granted field, and the detail granted."""

    name = serializers.CharField()
    detail = serializers.CharField(allow_blank=True)


class GrantedTableSerializer(serializers.Serializer[Any]):
    """One granted table of results: with any, no row is delivered."""

    name = serializers.CharField()
    dimensions = serializers.ListField(child=serializers.CharField())
    sum_of = serializers.CharField(allow_blank=True)


class GrantedDatasetSerializer(serializers.Serializer[Any]):
    """One dataset of a grant, and whether it opens to the caller now."""

    id = serializers.UUIDField()
    dataset = serializers.SlugField()
    title = serializers.CharField()
    release = serializers.CharField()
    release_id = serializers.UUIDField()
    fields_granted = GrantedFieldSerializer(many=True)
    row_filters = serializers.ListField(child=serializers.DictField())
    tables = GrantedTableSerializer(many=True)
    plan_digest = serializers.CharField()
    effective = serializers.BooleanField()
    refusals = ReasonsSerializer(many=True)
    ends_at = serializers.DateTimeField()
    ended_by = serializers.CharField()


class GrantSerializer(serializers.Serializer[Any]):
    """A grant in the eyes of the caller now."""

    id = serializers.UUIDField()
    project = serializers.CharField()
    organisation = serializers.CharField()
    purpose = serializers.CharField()
    legal_basis = serializers.CharField()
    conditions = serializers.CharField(allow_blank=True)
    state = serializers.CharField()
    ending = serializers.CharField(allow_blank=True)
    reason = serializers.CharField(allow_blank=True)
    issued_at = serializers.DateTimeField()
    starts_at = serializers.DateTimeField()
    ends_on = serializers.DateField()
    ends_at = serializers.DateTimeField()
    crossing = serializers.BooleanField()
    effective = serializers.BooleanField()
    datasets = GrantedDatasetSerializer(many=True)


class GrantStepSerializer(serializers.Serializer[Any]):
    """Why a step is taken."""

    reason = serializers.CharField(default="", allow_blank=True)


class RegisterEntrySerializer(serializers.Serializer[Any]):
    """A grant that runs, as anyone may know it: no person's name."""

    project = serializers.CharField()
    organisation = serializers.CharField()
    purpose = serializers.CharField()
    legal_basis = serializers.CharField()
    datasets = serializers.ListField(child=serializers.CharField())
    crossing = serializers.BooleanField()
    since = serializers.DateField()
    until = serializers.DateField()
    override = serializers.CharField(allow_blank=True)


def grant_body(seen: Seen) -> dict[str, Any]:
    """Return a grant as the API shows it."""
    grant = seen.grant
    return {
        "id": grant.pk,
        "project": grant.project,
        "organisation": grant.organisation.name,
        **{
            name: getattr(grant, name)
            for name in (
                "purpose",
                "legal_basis",
                "conditions",
                "state",
                "ending",
                "reason",
                "issued_at",
                "starts_at",
                "ends_on",
                "ends_at",
                "crossing",
            )
        },
        "effective": seen.opens,
        "datasets": [_dataset(opening) for opening in seen.openings],
    }


def _dataset(opening: Opening) -> dict[str, Any]:
    row = opening.granted
    return {
        "id": row.pk,
        "dataset": row.dataset.slug,
        "title": row.dataset.title,
        "release": row.release.label,
        "release_id": row.release_id,
        "fields_granted": row.fields,
        "row_filters": row.row_filters,
        "tables": tables_of(row.plan),
        "plan_digest": row.plan_digest,
        "effective": not opening.refusals,
        "refusals": say_all(opening.refusals),
        "ends_at": opening.end.at,
        "ended_by": say(opening.end.refusal)["code"],
    }


def register_entry(grant: Grant) -> dict[str, Any]:
    """Return a grant as the public register shows it."""
    return {
        "project": grant.project,
        "organisation": grant.organisation.name,
        "purpose": grant.purpose,
        "legal_basis": grant.legal_basis,
        "datasets": [row.dataset.title for row in grant.datasets.all()],
        "crossing": grant.crossing,
        "since": grant.starts_at.date(),
        "until": grant.ends_on,
        "override": grant.override,
    }
