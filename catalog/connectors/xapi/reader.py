"""Read a file of xAPI statements as one table, statement after statement."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa

from catalog.connectors.cells import Cell, in_batches, sampled
from catalog.connectors.errors import ConnectorError
from catalog.connectors.json_file.objects import objects
from catalog.connectors.naming import no_rows, require_columns
from catalog.connectors.port import SAMPLE_ROWS, Closing, Inspection
from catalog.connectors.streams import Bytes, as_bytes
from catalog.connectors.xapi.statements import COLUMNS, identifier_in, row_of

StatementRow = dict[str, Cell | None]


class XapiFile(Closing):
    """Statements, one a line or as one array. Actors are all named in the same way."""

    def __init__(self, source: Path | Bytes) -> None:
        self._bytes = as_bytes(source)

    def inspect(self) -> Inspection:
        """Read the first statements; the columns are always the same."""
        first = list(islice(self._rows(), SAMPLE_ROWS + 1))
        if not first:
            raise no_rows()
        return sampled(
            list(COLUMNS),
            [list(row.values()) for row in first[:SAMPLE_ROWS]],
            row_count=None if len(first) > SAMPLE_ROWS else len(first),
            kinds=list(COLUMNS.values()),
        )

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield text columns."""
        require_columns(columns, COLUMNS)
        rows = ([row[name] for name in columns] for row in self._rows())
        yield from in_batches(columns, rows, size)

    def _rows(self) -> Iterator[StatementRow]:
        system: tuple[str, str] | None = None
        for found in objects(self._bytes):
            row = row_of(found)
            if row["actor_id"] is not None:
                home = row["actor_home"]
                here = identifier_in(found.value["actor"]), home.text if home else ""
                if system is not None and here != system:
                    raise ConnectorError(
                        "actors_of_two_systems",
                        "Object %(number)s, line %(line)s, names its actor in another system than"
                        " the statements before: one person could have two names, or two persons"
                        " the same.",
                        values=found.place,
                        remedy="Give one file for each system of accounts (homePage, mbox).",
                    )
                system = here
            yield row
