"""From what is stored of a source to a connector that reads it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from catalog.connectors.errors import ConnectorError
from catalog.connectors.files import Reading, open_file
from catalog.connectors.port import Connector
from catalog.datasets import uploads
from catalog.datasets.models import Source
from catalog.datasets.places import PLACES, connected, place_of
from catalog.datasets.states import SourceKind


@contextmanager
def opened(release_id: UUID) -> Iterator[Connector]:
    """
    Open the source of a release.

    :raises ConnectorError: when there is none any more, or it cannot be reached
    """
    source = Source.objects.filter(release_id=release_id).first()
    if source is not None and source.kind in PLACES:
        with connected(SourceKind(source.kind), place_of(source)) as rows:
            yield rows
        return
    if source is not None and source.kind == SourceKind.NODE:
        raise ConnectorError(
            "at-a-node",
            "The rows of this release stay at the producer's node.",
            remedy="The node takes them in: look at its page.",
        )
    if source is None or not source.path or source.wrapped_key is None:
        raise ConnectorError(
            "no-source",
            "This release has no file and no table to read.",
            remedy="Give a file, or point to a table.",
        )
    with uploads.unsealed(source.path, bytes(source.wrapped_key)) as path:
        _kind, connector = open_file(path, Reading(**source.settings))
        with connector as rows:
            yield rows
