"""Read a CSV file as text columns, in bounded memory, and say where it is broken."""

import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from catalog.connectors.batches import resized
from catalog.connectors.csv_file.dialect import Header, header_of
from catalog.connectors.csv_file.encoding import DAMAGED, Survey, not_text, survey
from catalog.connectors.csv_file.limits import LIMITS, CsvLimits
from catalog.connectors.errors import ConnectorError
from catalog.connectors.naming import no_rows, require_columns
from catalog.connectors.port import SAMPLE_ROWS, Closing, Column, Dialect, Inspection
from catalog.connectors.streams import Bytes, as_bytes

_HEAD_CHARACTERS = 1_500_000
_BLOCK = 8_000_000


class CsvFile(Closing):
    """
    A CSV file in UTF-8, UTF-16, Windows-1252 or Latin-1, separated by ``;``, ``,``, tab or ``|``.

    Every cell is read as text; nothing is guessed here.
    """

    def __init__(self, source: Path | Bytes, limits: CsvLimits = LIMITS) -> None:
        self._bytes = as_bytes(source)
        self._limits = limits
        self._known: tuple[Survey, Header] | None = None

    def inspect(self) -> Inspection:
        """Read the whole file once for its encoding, then its first rows."""
        known, header = self._layout()
        rows = next(self.batches(header.names, SAMPLE_ROWS), None)
        if rows is None:
            raise no_rows()
        return Inspection(
            columns=tuple(
                Column(name, position) for position, name in enumerate(header.names, start=1)
            ),
            sample=pa.Table.from_batches([rows]),
            row_count=known.lines - 1 if known.is_countable else None,
            dialect=Dialect(self._shown_encoding(known), header.separator, header.lines),
        )

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield text columns; an empty cell is the empty text."""
        known, header = self._layout()
        require_columns(columns, header.names)
        yield from resized(self._blocks(known, header, columns), size)

    def _layout(self) -> tuple[Survey, Header]:
        if self._known is None:
            known = survey(self._bytes, self._limits)
            with (
                self._bytes.open() as stream,
                io.TextIOWrapper(stream, _with_mark(known.encoding), newline="") as text,
            ):
                head = text.read(_HEAD_CHARACTERS)
            if len(head) == _HEAD_CHARACTERS:
                head = head[: head.rfind("\n") + 1] or head
            self._known = known, header_of(head, self._limits)
        return self._known

    def _shown_encoding(self, known: Survey) -> str:
        with self._bytes.open() as stream:
            marked = stream.read(3) == b"\xef\xbb\xbf"
        return "utf-8-sig" if marked else known.encoding

    def _blocks(
        self, known: Survey, header: Header, columns: Sequence[str]
    ) -> Iterator[pa.RecordBatch]:
        broken: list[arrow_csv.InvalidRow] = []

        def remember(row: arrow_csv.InvalidRow) -> str:
            broken.append(row)
            return "error"

        rows_before = 0
        try:
            with (
                self._bytes.open() as file,
                self._open(file, known, header, columns, remember) as stream,
            ):
                for batch in stream:
                    self._refuse_large_cells(batch, rows_before)
                    rows_before += batch.num_rows
                    yield batch
        except pa.ArrowInvalid as error:
            raise self._explained(str(error), broken, rows_before) from None
        except (UnicodeDecodeError, OSError):
            raise not_text(DAMAGED) from None

    def _open(
        self,
        file: BinaryIO,
        known: Survey,
        header: Header,
        columns: Sequence[str],
        remember: object,
    ) -> arrow_csv.CSVStreamingReader:
        return arrow_csv.open_csv(
            file,
            read_options=arrow_csv.ReadOptions(
                # One thread: a broken row is then told with its number.
                use_threads=False,
                block_size=_BLOCK,
                skip_rows=header.lines,
                column_names=list(header.names),
                encoding="utf8" if known.encoding == "utf-8" else known.encoding,
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=header.separator,
                newlines_in_values=known.has_quotes,
                invalid_row_handler=remember,
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(header.names, pa.string()),
                include_columns=list(columns),
                strings_can_be_null=False,
            ),
        )

    def _refuse_large_cells(self, batch: pa.RecordBatch, rows_before: int) -> None:
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            sizes = pc.binary_length(values)
            longest = pc.max(sizes).as_py() or 0
            if longest > self._limits.cell_bytes:
                row = rows_before + pc.index(sizes, longest).as_py() + 1
                raise ConnectorError(
                    "cell_too_long",
                    "A cell of the column “%(field)s”, row %(row)s, has %(size)s bytes; the limit"
                    " is %(limit)s.",
                    values={
                        "field": name,
                        "row": row,
                        "size": longest,
                        "limit": self._limits.cell_bytes,
                    },
                    remedy="Check that no quotation mark stays open on an earlier row.",
                )

    def _explained(
        self, message: str, broken: list[arrow_csv.InvalidRow], rows_before: int
    ) -> ConnectorError:
        """Turn Arrow's answer, which quotes the row, into a sentence that does not."""
        if broken:
            row = broken[0]
            few = row.actual_columns < row.expected_columns
            return ConnectorError(
                "ragged_row",
                "Line %(line)s has %(actual)s cells where the header has %(expected)s."
                if row.number
                else "A line has %(actual)s cells where the header has %(expected)s.",
                values={
                    "line": row.number,
                    "actual": row.actual_columns,
                    "expected": row.expected_columns,
                },
                remedy="Check for a line break inside a cell without quotation marks."
                if few
                else "Check for a separator inside a cell without quotation marks.",
            )
        if "straddling" in message or "block" in message:
            return ConnectorError(
                "line_too_long",
                "After row %(row)s a row does not end.",
                values={"row": rows_before},
                remedy="Check that no quotation mark stays open.",
            )
        return ConnectorError(
            "unreadable_csv",
            "The file cannot be read as CSV after row %(row)s.",
            values={"row": rows_before},
            remedy="Open the file in a text editor around this row, or export it again.",
        )


def _with_mark(encoding: str) -> str:
    """Name the encoding that also swallows a byte order mark."""
    return "utf-8-sig" if encoding == "utf-8" else encoding
