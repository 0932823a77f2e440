"""Demands to name persons, as the API speaks of them."""

from typing import Any
from uuid import UUID

from rest_framework import serializers

from access.consents.cells import LONGEST_IDENTIFIER
from access.reidentification.answering import Answered
from access.reidentification.matching import Match
from access.reidentification.queries import Seen
from access.reidentification.reading import MOST_CANDIDATES
from access.reidentification.rules import Filing


class DemandSerializer(serializers.Serializer[Any]):
    """A demand in the eyes of the caller now; never of whom it is about."""

    id = serializers.UUIDField()
    grant = serializers.UUIDField()
    dataset = serializers.SlugField()
    dataset_id = serializers.UUIDField()
    state = serializers.CharField()
    persons = serializers.IntegerField()
    need = serializers.CharField()
    reference = serializers.CharField()
    recipient = serializers.CharField()
    filed_as = serializers.CharField()
    filed_at = serializers.DateTimeField()
    approved_or_refused_at = serializers.DateTimeField(allow_null=True)
    until = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    tries_left = serializers.IntegerField()
    found = serializers.IntegerField(allow_null=True)
    candidates = serializers.IntegerField(allow_null=True)
    my_parts = serializers.ListField(child=serializers.CharField())
    my_steps = serializers.ListField(child=serializers.CharField())


class DemandOnceSerializer(DemandSerializer):
    """A demand, with the caller's key: in this answer and nowhere else."""

    key = serializers.CharField()


class FilingSerializer(serializers.Serializer[Any]):
    """What somebody asks. ``dataset`` may be left out when the grant holds one."""

    dataset = serializers.UUIDField(required=False)
    pseudonyms = serializers.ListField(
        child=serializers.CharField(max_length=100), write_only=True, max_length=1_000
    )
    need = serializers.CharField(allow_blank=True)
    reference = serializers.CharField(allow_blank=True)
    recipient = serializers.CharField(allow_blank=True)

    def filing(self) -> Filing:
        """Return what is asked; the rules say what is wrong with it."""
        said = self.validated_data
        return Filing(
            pseudonyms=tuple(said["pseudonyms"]),
            need=said["need"],
            reference=said["reference"],
            recipient=said["recipient"],
        )


class DemandReasonSerializer(serializers.Serializer[Any]):
    """Why a demand is refused or closed."""

    reason = serializers.CharField(default="", allow_blank=True, max_length=2_000)


class CandidatesSerializer(serializers.Serializer[Any]):
    """The two keys, and the identifiers of those who may be the persons."""

    filing_key = serializers.CharField(write_only=True, max_length=100)
    approval_key = serializers.CharField(write_only=True, max_length=100)
    candidates = serializers.ListField(
        child=serializers.CharField(
            max_length=LONGEST_IDENTIFIER, trim_whitespace=False, allow_blank=True
        ),
        write_only=True,
        max_length=MOST_CANDIDATES,
    )


class PersonSerializer(serializers.Serializer[Any]):
    """Who stands behind one pseudonym; ``candidate`` is null when no candidate does."""

    pseudonym = serializers.CharField()
    candidate = serializers.CharField(allow_null=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """The answer: in this answer and nowhere else."""

    demand = DemandSerializer()
    persons = PersonSerializer(many=True)


def demand_body(seen: Seen) -> dict[str, Any]:
    """Return a demand as the API shows it."""
    demand = seen.demand
    return {
        "grant": demand.granted.grant_id,
        "dataset": demand.granted.dataset.slug,
        "dataset_id": demand.granted.dataset_id,
        "state": seen.state,
        "approved_or_refused_at": demand.second_at,
        "tries_left": seen.tries_left,
        "my_parts": sorted(seen.parts),
        "my_steps": seen.steps,
        **{
            name: getattr(demand, name)
            for name in (
                "id",
                "persons",
                "need",
                "reference",
                "recipient",
                "filed_as",
                "filed_at",
                "until",
                "ended_at",
                "reason",
                "found",
                "candidates",
            )
        },
    }


def persons_body(answered: Answered) -> list[dict[str, Any]]:
    """Return the persons as they are answered."""
    return [said(one) for one in answered.matches]


def said(match: Match) -> dict[str, Any]:
    """Return one pseudonym with who it is."""
    return {"pseudonym": str(UUID(bytes=match.pid)), "candidate": match.candidate}
