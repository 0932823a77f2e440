"""Newer releases of granted datasets, as the API speaks of them."""

from typing import Any

from rest_framework import serializers

from access.grants.serializers import ReasonsSerializer
from access.refreshing.models import ReleaseChange
from access.refreshing.queries import Offer
from hub.web.wording import say_all


class AskReleaseSerializer(serializers.Serializer[Any]):
    """Of which dataset of the grant."""

    dataset = serializers.UUIDField()


class ReleaseDecisionSerializer(serializers.Serializer[Any]):
    """Whether the grant follows, and why."""

    follow = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, default="")


class ReleaseChangeSerializer(serializers.Serializer[Any]):
    """One newer release that was asked for."""

    release_id = serializers.UUIDField()
    release = serializers.CharField()
    state = serializers.CharField()
    plan_digest = serializers.CharField()
    asked_at = serializers.DateTimeField()
    decided_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)


class NewerReleaseSerializer(serializers.Serializer[Any]):
    """One granted dataset, and the newer release of it if there is one."""

    dataset_id = serializers.UUIDField()
    dataset = serializers.SlugField()
    release_id = serializers.UUIDField()
    release = serializers.CharField()
    newer_id = serializers.UUIDField(allow_null=True)
    newer = serializers.CharField(allow_blank=True)
    plan_digest = serializers.CharField(allow_blank=True)
    refusals = ReasonsSerializer(many=True)
    changes = ReleaseChangeSerializer(many=True)


def offer_body(offer: Offer) -> dict[str, Any]:
    """Return an offer as the API shows it."""
    row = offer.opening.granted
    waiting = [offer.waiting] if offer.waiting else []
    return {
        "dataset_id": row.dataset_id,
        "dataset": row.dataset.slug,
        "release_id": row.release_id,
        "release": row.release.label,
        "newer_id": offer.newer.release.id if offer.newer else None,
        "newer": offer.newer.release.label if offer.newer else "",
        "plan_digest": offer.plan.digest if offer.plan else "",
        "refusals": say_all(offer.refusals),
        "changes": [_change(one) for one in [*waiting, *offer.past]],
    }


def _change(change: ReleaseChange) -> dict[str, Any]:
    names = ("release_id", "state", "plan_digest", "asked_at", "decided_at", "reason")
    return {"release": change.release.label, **{name: getattr(change, name) for name in names}}
