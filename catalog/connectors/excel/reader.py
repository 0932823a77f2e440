"""Read one sheet of an Excel workbook, row after row; formulas are never computed."""

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO
from xml.etree.ElementTree import ParseError
from xml.sax import SAXException

import openpyxl
import pyarrow as pa
from defusedxml import DefusedXmlException
from openpyxl.utils.exceptions import InvalidFileException

from catalog.connectors.cells import Cell, Row, in_batches, sampled
from catalog.connectors.errors import ConnectorError
from catalog.connectors.excel.cells import read_cell, without_lost_zeros
from catalog.connectors.excel.package import EXCEL_LIMITS, ExcelLimits, require_small
from catalog.connectors.excel.traps import require_plain
from catalog.connectors.naming import no_rows, require_columns, require_names
from catalog.connectors.port import SAMPLE_ROWS, Closing, Inspection
from catalog.connectors.streams import Bytes, as_bytes

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ParseError,
    SAXException,
    InvalidFileException,
    EOFError,
    OSError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    NotImplementedError,
)
"""What openpyxl raises on a workbook that is not as it should be."""


class ExcelFile(Closing):
    """
    One sheet of an ``.xlsx`` workbook.

    Its first row that holds something names the columns. Without ``sheet``, the workbook must have
    one visible sheet that holds something.
    """

    def __init__(
        self, source: Path | Bytes, *, sheet: str = "", limits: ExcelLimits = EXCEL_LIMITS
    ) -> None:
        self._bytes = as_bytes(source)
        self._wanted = sheet
        self._limits = limits
        self._file: BinaryIO | None = None
        self._book: Any = None
        self._chosen: Any = None
        self._names: tuple[str, ...] = ()

    def inspect(self) -> Inspection:
        """Look for traps over the whole sheet, then read the first rows."""
        with _explained():
            self._open()
            first = list(islice(self._rows(), SAMPLE_ROWS + 1))
        if not first:
            raise no_rows()
        return sampled(
            self._names,
            first[:SAMPLE_ROWS],
            row_count=None if len(first) > SAMPLE_ROWS else len(first),
        )

    def batches(self, columns: Sequence[str], size: int) -> Iterator[pa.RecordBatch]:
        """Yield text columns, as the cells show them; null for an empty cell."""
        with _explained():
            self._open()
            require_columns(columns, self._names)
            at = [self._names.index(name) for name in columns]
            picked = ([row[index] for index in at] for row in self._rows())
            yield from in_batches(columns, picked, size)

    def close(self) -> None:
        """Close the workbook."""
        if self._book is not None:
            self._book.close()
            self._book = None
        if self._file is not None:
            self._file.close()
            self._file = None

    def _open(self) -> None:
        if self._book is not None:
            return
        self._file = self._bytes.open()
        with zipfile.ZipFile(self._file) as archive:
            require_small(archive, self._limits)
        with warnings.catch_warnings():
            # openpyxl warns of every ornament that it leaves out.
            warnings.simplefilter("ignore")
            self._book = openpyxl.load_workbook(
                self._file, read_only=True, data_only=True, keep_links=False
            )
        self._chosen = self._choose()
        require_plain(self._chosen._get_source())  # noqa: SLF001 - a sheet's part has no other door
        self._names = next(filter(None, (header_in(row) for row in self._cells())), ())
        if not self._names:
            raise no_rows()
        require_names(self._names)

    def _choose(self) -> Any:
        visible = [one for one in self._book.worksheets if one.sheet_state == "visible"]
        for one in visible:
            # What a sheet says of its size may be wrong, and would cut it.
            one.reset_dimensions()
        if self._wanted:
            found = [one for one in visible if one.title == self._wanted]
        else:
            found = [one for one in visible if any(map(header_in, islice(one.iter_rows(), 100)))]
        if len(found) == 1:
            return found[0]
        if not found and not self._wanted:
            raise no_rows()
        raise ConnectorError(
            "which_sheet",
            "The workbook has no visible sheet of this name. It has: %(sheets)s."
            if self._wanted
            else "The workbook has several sheets: %(sheets)s.",
            values={"sheets": ", ".join(f"“{one.title}”" for one in visible[:20])},
            remedy="Name the sheet to read, or give a workbook with one sheet.",
        )

    def _cells(self) -> Iterator[tuple[Any, ...]]:
        yield from self._chosen.iter_rows()

    def _rows(self) -> Iterator[Row]:
        return without_lost_zeros(self._names, self._numbered())

    def _numbered(self) -> Iterator[tuple[int, Row]]:
        """Yield the rows below the header that hold something, with their numbers in the sheet."""
        is_header_passed = False
        for at, cells in enumerate(self._cells(), start=1):
            if not is_header_passed:
                is_header_passed = bool(header_in(cells))
                continue
            row = self._row(at, cells)
            if any(row):
                yield at, row

    def _row(self, at: int, cells: tuple[Any, ...]) -> list[Cell | None]:
        width = len(self._names)
        if any(cell.value not in {None, ""} for cell in cells[width:]):
            raise ConnectorError(
                "cell_without_column",
                "Row %(row)s of the sheet has a value beyond the last named column.",
                values={"row": at},
                remedy="Name every column in the first row, and remove titles and notes around"
                " the table.",
            )
        row = [
            read_cell(cell, field=name, row=at)
            for name, cell in zip(self._names, cells, strict=False)
        ]
        return row + [None] * (width - len(row))


def header_in(cells: tuple[Any, ...]) -> tuple[str, ...]:
    """Return the names that a row gives, up to the last one; nothing for an empty row."""
    names = ["" if cell.value is None else str(cell.value).strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    return tuple(names)


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what openpyxl raises, which may quote cells, into sentences."""
    try:
        yield
    except _DAMAGE as error:
        raise (_unsafe() if _is_unsafe(error) else _damaged()) from None


def _is_unsafe(error: BaseException | None) -> bool:
    """Look for the reason that openpyxl wraps."""
    while error is not None:
        if isinstance(error, DefusedXmlException):
            return True
        error = error.__cause__
    return False


def _unsafe() -> ConnectorError:
    return ConnectorError(
        "unsafe_workbook",
        "The workbook holds a document type or entities, which no spreadsheet writes.",
        remedy="Open it with a spreadsheet, save it again, and give it again.",
    )


def _damaged() -> ConnectorError:
    return ConnectorError(
        "damaged_workbook",
        "The workbook cannot be read: it is damaged, or not an Excel workbook.",
        remedy="Open it with a spreadsheet, save it again, and give it again.",
    )
