"""Extracts, as the API speaks of them."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from access.extracts.models import Extract
from access.extracts.queries import Shown
from access.extracts.workflow import WITH_FILES, State
from hub.kernel.refusals import Refusal
from hub.web.wording import Said, fill, say, say_all


class ReasonSerializer(serializers.Serializer[Any]):
    """One reason, in the caller's language."""

    code = serializers.CharField()
    explanation = serializers.CharField()
    remedy = serializers.CharField(allow_blank=True)
    about = serializers.CharField(allow_blank=True)


class NewExtractSerializer(serializers.Serializer[Any]):
    """Which dataset of the grant; may be left out when it holds one."""

    dataset = serializers.UUIDField(required=False)


class SigningKeySerializer(serializers.Serializer[Any]):
    """The public half of the key with which the hub signs (Ed25519)."""

    algorithm = serializers.SerializerMethodField()
    public_key = serializers.CharField(source="public")
    pem = serializers.CharField()

    def get_algorithm(self, _signer: Any) -> str:
        """Name the algorithm."""
        return "Ed25519"


class ProgressSerializer(serializers.Serializer[Any]):
    """
    How far the work is: rows, or bytes while the files are read back; and bytes of the sources,
    0 in all until it is known.
    """

    stage = serializers.CharField(allow_blank=True)
    done = serializers.IntegerField()
    total = serializers.IntegerField()
    percent = serializers.IntegerField()
    bytes_done = serializers.IntegerField()
    bytes_total = serializers.IntegerField()


class MakerSerializer(serializers.Serializer[Any]):
    """The producer's node that makes an extract."""

    name = serializers.CharField()
    silent = serializers.BooleanField()
    seen_at = serializers.DateTimeField(allow_null=True)


class FileSerializer(serializers.Serializer[Any]):
    """One file, with where to fetch it."""

    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    media_type = serializers.CharField()
    href = serializers.CharField()


class RecallSerializer(serializers.Serializer[Any]):
    """Persons who spoke up after an extract was made."""

    upto = serializers.IntegerField()
    persons = serializers.IntegerField()
    noted_at = serializers.DateTimeField()
    attested_at = serializers.DateTimeField(allow_null=True)


class AttestationSerializer(serializers.Serializer[Any]):
    """What was erased, and where."""

    statement = serializers.CharField(max_length=2000, allow_blank=True)


class ExtractSerializer(serializers.Serializer[Any]):
    """One extract, in the eyes of the caller."""

    id = serializers.UUIDField(source="extract.pk")
    grant = serializers.UUIDField(source="extract.granted.grant_id")
    dataset = serializers.UUIDField(source="extract.granted.dataset_id")
    datasets = serializers.SerializerMethodField()
    release = serializers.UUIDField(source="extract.release_id")
    plan_digest = serializers.CharField(source="extract.plan_digest")
    state = serializers.ChoiceField(choices=[(s, s) for s in State], source="extract.state")
    node = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    asked_at = serializers.DateTimeField(source="extract.asked_at")
    finished_at = serializers.DateTimeField(source="extract.finished_at", allow_null=True)
    purge_at = serializers.DateTimeField(source="extract.purge_at", allow_null=True)
    purged_at = serializers.DateTimeField(source="extract.purged_at", allow_null=True)
    outcome = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField()
    refusals = serializers.SerializerMethodField()
    files = serializers.SerializerMethodField()
    recalls = RecallSerializer(many=True, source="extract.recalls.all")

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_datasets(self, shown: Shown) -> list[UUID]:
        """List the datasets whose rows it holds: one, or all of a crossing."""
        return [one.granted.dataset_id for one in shown.openings]

    @extend_schema_field(MakerSerializer(allow_null=True))
    def get_node(self, shown: Shown) -> dict[str, object] | None:
        """Name the producer's node that makes it, and say whether it is silent."""
        node = shown.node
        if node is None:
            return None
        return {"name": node.name, "silent": node.silent, "seen_at": node.seen_at}

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, shown: Shown) -> dict[str, object]:
        """Say how far the work is."""
        extract = shown.extract
        return {
            "stage": extract.stage,
            "done": extract.rows_done,
            "total": extract.rows_total,
            "percent": shown.percent,
            "bytes_done": extract.bytes_done,
            "bytes_total": extract.bytes_total,
        }

    @extend_schema_field(serializers.DictField())
    def get_outcome(self, shown: Shown) -> dict[str, object]:
        """Say how many rows were delivered, to those who may have them."""
        return told(shown)

    @extend_schema_field(ReasonSerializer(many=True))
    def get_failure(self, shown: Shown) -> list[Said]:
        """Say why it failed."""
        return failures(shown.extract)

    @extend_schema_field(ReasonSerializer(many=True))
    def get_refusals(self, shown: Shown) -> list[Said]:
        """Say why the caller may not have the files now."""
        return say_all(shown.refusals)

    @extend_schema_field(FileSerializer(many=True))
    def get_files(self, shown: Shown) -> list[dict[str, object]]:
        """List the files that the caller may fetch now."""
        return files_of(shown, "api_extract_file")


def told(shown: Shown) -> dict[str, object]:
    """Return the numbers of an extract that the caller may have: rows, persons, cells of tables."""
    if shown.refusals or shown.extract.state not in WITH_FILES:
        return {}
    outcome = shown.extract.outcome
    tables = [
        {name: table[name] for name in ("name", "lines", "hidden")}
        for table in outcome.get("tables", ())
    ]
    numbers = {name: outcome.get(name) for name in ("rows_delivered", "persons")}
    return numbers | ({"tables": tables} if tables else {})


def files_of(shown: Shown, view: str) -> list[dict[str, object]]:
    """Return the files that a person may fetch now, with their addresses."""
    if not shown.has_files:
        return []
    return [
        {
            "name": file.name,
            "size": file.size,
            "sha256": file.sha256,
            "media_type": file.media_type,
            "href": reverse(view, args=[shown.extract.pk, file.name]),
        }
        for file in shown.extract.files.all()
    ]


def failures(extract: Extract) -> list[Said]:
    """Say why an extract failed, and which fields could be coarser."""
    reasons = [say(Refusal(**one)) for one in extract.failure]
    return reasons + [
        Said(
            code="coarser",
            explanation=_("%(field)s could be delivered as: %(step)s.")
            % {"field": one["field"], "step": fill(one["label"], one["values"])},
            remedy="",
            about=one["field"],
        )
        for one in extract.suggestions
    ]
