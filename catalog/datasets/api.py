"""Datasets over the API: describe, give the rows, confirm the fields."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.datasets import actions, dictionary, queries, sources, uploads
from catalog.datasets.models import Dataset, Field
from catalog.datasets.places import PLACES
from catalog.datasets.receiving import (
    SealedFile,
    SealingHandler,
    announced_length,
    pieces,
    refuse_too_large,
)
from catalog.datasets.serializers import (
    PLACE_SERIALIZERS,
    DatasetSerializer,
    DescriptionSerializer,
    FieldsChangeSerializer,
    FieldSerializer,
    KindSerializer,
    LabelSerializer,
    OwnFieldSerializer,
    ReasonSerializer,
    ReleaseSerializer,
    SourceShownSerializer,
)
from catalog.datasets.states import SourceKind
from hub.kernel.refusals import Invalid, Refusal, Unknown
from hub.people.acting import acting, actor_in
from hub.people.gates import Open, scoped
from hub.people.permissions import Role, Scope
from hub.web.idempotency import CreatesOnce
from hub.web.preconditions import expected_version, tagged

EDITS = scoped(Scope.CATALOGUE, Role.EDITOR)
LONGEST_SHEET = 31
"""What Excel allows."""
SHEET = OpenApiParameter(
    "sheet", str, description="The sheet to read of an Excel workbook that has several."
)
NO_FILE = Refusal(
    "no-file",
    "There is no file in this call.",
    "Send the bytes as the body, or a form with a part named “file”.",
    about="file",
)


class ReadOrEdit(APIView):
    """A view that anyone may read, and whose writes ask for an editor."""

    def get_permissions(self) -> Sequence[Any]:
        """Return the gate of the method."""
        gates = [Open] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [EDITS]
        return [gate() for gate in gates]

    permission_classes = [Open]


class OneDataset(ReadOrEdit):
    """One dataset, by its slug or identifier."""

    @extend_schema(responses=DatasetSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Return a published dataset, or one of the caller's own."""
        return shown(queries.find(acting(request), reference))

    @extend_schema(request=DescriptionSerializer, responses=DatasetSerializer)
    def patch(self, request: Request, reference: str) -> Response:
        """Change what is said of a dataset; ``If-Match`` protects somebody else's change."""
        form = DescriptionSerializer(data=request.data, partial=True)
        form.is_valid(raise_exception=True)
        by = actor_in(request)
        dataset = actions.describe(
            dataset_id=queries.find_own(by, reference).pk,
            changes=form.validated_data,
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        return shown(dataset)


def shown(dataset: Dataset, status: int = 200) -> Response:
    """Return a dataset with its version as ``ETag``."""
    return tagged(Response(DatasetSerializer(dataset).data, status=status), dataset.version)


class UploadView(APIView):
    """The file of the release being prepared."""

    permission_classes = [EDITS]
    parser_classes = [MultiPartParser]

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Seal the parts of a form while they arrive."""
        request.upload_handlers = [SealingHandler(request)]
        return super().initialize_request(request, *args, **kwargs)

    @extend_schema(
        request={
            "text/csv": OpenApiTypes.BINARY,
            "application/vnd.apache.parquet": OpenApiTypes.BINARY,
            "application/octet-stream": OpenApiTypes.BINARY,
        },
        parameters=[SHEET],
        responses=OwnFieldSerializer(many=True),
    )
    def put(self, request: Request, reference: str) -> Response:
        """Give the file as the body of the call; the fields that it proposes come back."""
        return self._receive(request, reference)

    @extend_schema(
        request={
            "multipart/form-data": {
                "type": "object",
                "properties": {
                    "file": {"type": "string", "format": "binary"},
                    "sheet": {"type": "string", "maxLength": LONGEST_SHEET},
                },
                "required": ["file"],
            }
        },
        responses=OwnFieldSerializer(many=True),
    )
    def post(self, request: Request, reference: str) -> Response:
        """Give the file as the part ``file`` of a form."""
        return self._receive(request, reference)

    def _receive(self, request: Request, reference: str) -> Response:
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        refuse_too_large(announced_length(request._request))  # noqa: SLF001
        is_body = request.method == "PUT"
        upload, name = _body(request) if is_body else _part(request)
        said: Any = request.query_params if is_body else request.data
        sources.attach_upload(
            dataset_id=dataset.pk,
            upload=upload,
            file_name=name,
            sheet=str(said.get("sheet", ""))[:LONGEST_SHEET],
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        dataset.refresh_from_db()
        fields = queries.fields_of(queries.prepared_release(dataset))
        return tagged(Response(OwnFieldSerializer(fields, many=True).data), dataset.version)


def _body(request: Request) -> tuple[uploads.Upload, str]:
    """
    Return the body of a call, sealed; it may come without an announced length.

    :raises Invalid: when it is empty, or above the limit
    """
    return uploads.seal(pieces(request._request)), ""  # noqa: SLF001 - the bytes, not parsed


def _part(request: Request) -> tuple[uploads.Upload, str]:
    """
    Return the file of a form, sealed while it came.

    :raises Invalid: without one, when it is empty, or above the limit
    """
    data: Any = request.data
    file = data.get("file")
    if not isinstance(file, SealedFile):
        raise Invalid([NO_FILE])
    if not file.upload.size:
        uploads.remove(file.upload.name)
        raise Invalid([uploads.EMPTY])
    return file.upload, file.name or ""


class SourceView(APIView):
    """Where the rows of the worked release are."""

    permission_classes = [EDITS]

    @extend_schema(responses=SourceShownSerializer)
    def get(self, request: Request, reference: str) -> Response:
        """Return the source; never its password."""
        dataset = queries.find_own(actor_in(request), reference)
        source = queries.source_of(queries.worked_release(dataset))
        if source is None:
            raise Unknown
        return Response(SourceShownSerializer(source).data)

    @extend_schema(
        request=PolymorphicProxySerializer(
            component_name="Place",
            serializers={str(kind): form for kind, form in PLACE_SERIALIZERS.items()},
            resource_type_field_name="kind",
        ),
        responses=OwnFieldSerializer(many=True),
    )
    def put(self, request: Request, reference: str) -> Response:
        """Point to rows outside the hub; the fields that they propose come back."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        kind, place = _place(request.data)
        sources.point_to(
            dataset_id=dataset.pk,
            kind=kind,
            place=place,
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        dataset.refresh_from_db()
        fields = queries.fields_of(queries.prepared_release(dataset))
        return tagged(Response(OwnFieldSerializer(fields, many=True).data), dataset.version)


def _place(said: Any) -> tuple[SourceKind, Any]:
    """Return the kind of place that a call names, and the place."""
    which = KindSerializer(data=said)
    which.is_valid(raise_exception=True)
    kind = SourceKind(which.validated_data["kind"])
    form = PLACE_SERIALIZERS[kind](data=said)
    form.is_valid(raise_exception=True)
    given = {name: value for name, value in form.validated_data.items() if name != "kind"}
    return kind, PLACES[kind].settings(**given)


class FieldsView(ReadOrEdit):
    """The data dictionary."""

    parser_classes = [JSONParser]

    @extend_schema(responses=OwnFieldSerializer(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """Return the fields: those that readers get, or for an editor those worked on."""
        actor = acting(request)
        dataset = queries.find(actor, reference)
        if queries.may_edit(actor, dataset):
            return _fields(dataset, queries.fields_of(queries.worked_release(dataset)), own=True)
        return _fields(dataset, queries.fields_of(queries.current_release(dataset)), own=False)

    @extend_schema(request=FieldsChangeSerializer, responses=OwnFieldSerializer(many=True))
    def patch(self, request: Request, reference: str) -> Response:
        """Change fields by their names, all or none; ``confirm_all`` confirms what is proposed."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        form = FieldsChangeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted: dict[str, Any] = form.validated_data
        changes = {one["name"]: _change(one) for one in wanted.get("fields", [])}
        fields = dictionary.change_fields(
            dataset_id=dataset.pk,
            changes=changes,
            confirm_all=wanted["confirm_all"],
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        dataset.refresh_from_db()
        return _fields(dataset, fields, own=True)


def _change(one: dict[str, Any]) -> dict[str, Any]:
    change = {key: value for key, value in one.items() if key != "name"}
    if "code_list" in change:
        change["code_list"] = [dict(code) for code in change["code_list"]]
    return change


def _fields(dataset: Dataset, fields: list[Field], *, own: bool) -> Response:
    serializer = OwnFieldSerializer if own else FieldSerializer
    return tagged(Response(serializer(fields, many=True).data), dataset.version)


class Releases(CreatesOnce, ReadOrEdit):
    """The vintages of a dataset."""

    @extend_schema(responses=ReleaseSerializer(many=True))
    def get(self, request: Request, reference: str) -> Response:
        """Return the published releases; for an editor, all of them."""
        actor = acting(request)
        dataset = queries.find(actor, reference)
        releases = queries.releases_seen(actor, dataset)
        return Response(ReleaseSerializer(releases, many=True).data)

    @extend_schema(request=LabelSerializer, responses={201: ReleaseSerializer})
    def post(self, request: Request, reference: str) -> Response:
        """Open a new release; readers keep the former one until it is published."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        form = LabelSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        release = actions.open_release(
            dataset_id=dataset.pk,
            label=form.validated_data["label"],
            expected=expected_version(request),
            by=by,
            at=timezone.now(),
        )
        return Response(ReleaseSerializer(release).data, status=201)


class Withdrawal(APIView):
    """The end of a dataset."""

    permission_classes = [EDITS]

    @extend_schema(request=ReasonSerializer, responses=DatasetSerializer)
    def post(self, request: Request, reference: str) -> Response:
        """Withdraw a dataset from the catalogue, with the reason."""
        by = actor_in(request)
        dataset = queries.find_own(by, reference)
        form = ReasonSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return shown(
            actions.withdraw(
                dataset_id=dataset.pk,
                reason=form.validated_data["reason"],
                expected=expected_version(request),
                by=by,
                at=timezone.now(),
            )
        )
