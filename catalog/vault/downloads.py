"""Serve the clear copies of open releases: to anyone, resumable, counted."""

from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from catalog.datasets import queries as datasets
from catalog.vault import actions, queries
from catalog.vocabularies.levels import Tier
from hub.kernel.refusals import Forbidden, Refusal, Unknown
from hub.people.permissions import Actor
from hub.web.streaming import download, pieces_of

TYPES = {"csv": "text/csv; charset=utf-8", "parquet": "application/vnd.apache.parquet"}
NOT_OPEN = Refusal(
    "not-open",
    "These data are not open: they are not downloaded without a request.",
    "See on the dataset's page how to ask for them.",
)


def serve(
    request: HttpRequest, *, actor: Actor | None, reference: str, file_format: str, label: str
) -> HttpResponseBase:
    """
    Answer with the file of a release.

    :raises Unknown: when there is no such dataset or release for the reader
    :raises Forbidden: when it is not of the open tier
    """
    dataset = datasets.find(actor, reference)
    release = datasets.published_release(dataset, label)
    if datasets.snapshot(dataset.pk, release.pk).tier is not Tier.OPEN:
        raise Forbidden([NOT_OPEN])
    copy = queries.open_copy(release.pk, file_format)
    if copy is None:
        raise Unknown
    response = download(
        request,
        size=copy.size,
        etag=copy.sha256,
        opener=partial(pieces_of, str(copy.path)),
        content_type=TYPES[file_format],
        file_name=f"{dataset.slug}.{file_format}",
    )
    whole = response.status_code == 200 and request.method == "GET"
    if whole:
        actions.count_download(release_id=release.pk, file_format=file_format, at=timezone.now())
    return response
