"""
Read a dataset of an Explore v2.1 portal: its description, then its export, kept whole while it is
read so that the rows are those of one moment.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

import pyarrow as pa

from catalog.connectors.errors import ConnectorError
from catalog.connectors.files import open_file
from catalog.connectors.naming import shown
from catalog.connectors.port import SAMPLE_ROWS, Closing, Connector, Inspection
from catalog.connectors.portal.description import Description, read_description
from catalog.connectors.portal.settings import FORMATS, PortalSettings
from hub.web.outgoing.errors import FetchFailed
from hub.web.outgoing.fetching import FetchLimits, Rules, fetched

Keeps = Callable[[Iterator[bytes]], AbstractContextManager[Path]]
"""Keeps a stream out of sight as long as it is needed, and gives its path."""

_DESCRIPTION = FetchLimits(size=5_000_000, seconds=20)
_SAMPLE = FetchLimits(size=100_000_000, seconds=60)
_EXPORT_SECONDS = 3_600.0


class PortalDataset(Closing):
    """One dataset of one portal."""

    def __init__(
        self,
        settings: PortalSettings,
        *,
        keeping: Keeps,
        size_limit: int,
        rules: Rules | None = None,
    ) -> None:
        self._settings = settings
        self._keeping = keeping
        self._export = FetchLimits(size=size_limit, seconds=_EXPORT_SECONDS, silence=60)
        self._rules = rules or Rules()
        self._said: Description | None = None
        self._open = ExitStack()
        self._whole: Connector | None = None

    def inspect(self) -> Inspection:
        """Ask for the description and for the first rows; the portal counts the records."""
        said = self._description()
        with ExitStack() as until_looked_at:
            first = self._given(until_looked_at, _SAMPLE, rows=SAMPLE_ROWS)
            seen = first.inspect()
        self._require_fields(seen, said)
        return replace(seen, row_count=said.records)

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Fetch the whole export, then yield its rows."""
        if self._whole is None:
            self._whole = self._given(self._open, self._export, rows=None)
        yield from self._whole.batches(columns, size)

    def close(self) -> None:
        """Forget what was fetched."""
        self._whole = None
        self._open.close()

    def _description(self) -> Description:
        if self._said is None:
            with (
                _explained(),
                fetched(
                    self._settings.description(), limits=_DESCRIPTION, rules=self._rules
                ) as answer,
            ):
                self._said = read_description(answer.read())
        return self._said

    def _given(self, stack: ExitStack, limits: FetchLimits, *, rows: int | None) -> Connector:
        address = self._settings.export(self._form(), rows=rows)
        with _explained(), fetched(address, limits=limits, rules=self._rules) as answer:
            path = stack.enter_context(self._keeping(answer.pieces()))
        _kind, connector = open_file(path)
        return stack.enter_context(connector)

    def _form(self) -> str:
        if self._settings.format in FORMATS:
            return self._settings.format
        return "parquet" if self._description().is_plain else "csv"

    def _require_fields(self, seen: Inspection, said: Description) -> None:
        """Refuse an export that is not the dataset that the portal describes."""
        given = {column.name for column in seen.columns}
        missing = [name for name in said.fields if name not in given]
        # JSON writes no name where the first rows have no value.
        if missing and self._form() != "jsonl":
            raise ConnectorError(
                "export_lacks_fields",
                "The portal describes fields that its export does not give: %(fields)s.",
                values={"fields": ", ".join(map(shown, missing[:10]))},
                remedy="Choose another format, or tell the portal.",
            )


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except FetchFailed as error:
        raise ConnectorError.of(error) from None
