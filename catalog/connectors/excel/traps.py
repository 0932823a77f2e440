"""What a sheet hides: merged cells, hidden rows and columns, rows that cannot be. One pass."""

from typing import IO
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import sax

from catalog.connectors.errors import ConnectorError

LAST_ROW = 1_048_576
_YES = frozenset(["1", "true"])


def require_plain(sheet: IO[bytes]) -> None:
    """
    Accept a sheet on which every cell is seen and stands for itself.

    Entities and document types, which a sheet never has, stop the reading.

    :raises ConnectorError: merged cells, hidden rows or columns, a row beyond the last one
    :raises defusedxml.DefusedXmlException: a document type
    """
    sax.parse(sheet, _Traps(), forbid_dtd=True)


class _Traps(ContentHandler):
    """Looks at the marks of a sheet and at no cell."""

    def __init__(self) -> None:
        super().__init__()
        self._row = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802 - the parser's
        """Look at one mark."""
        mark = name.rpartition(":")[2]
        if mark == "row":
            self._look_at_row(attrs)
        elif mark == "col" and attrs.get("hidden") in _YES:
            raise ConnectorError(
                "hidden_columns",
                "Column %(position)s of the sheet is hidden.",
                values={"position": attrs.get("min", "")},
                remedy="Show it, or delete it: what is hidden is given too.",
            )
        elif mark == "mergeCell":
            raise ConnectorError(
                "merged_cells",
                "The cells %(range)s are merged: only the first one would have a value.",
                values={"range": attrs.get("ref", "")[:30]},
                remedy="Unmerge the cells and write the value in each.",
            )

    def _look_at_row(self, attrs: AttributesImpl) -> None:
        said = attrs.get("r", "")
        row = int(said) if said.isascii() and said.isdigit() else self._row + 1
        if not self._row < row <= LAST_ROW:
            raise ConnectorError(
                "impossible_row",
                "The rows of the sheet do not follow each other.",
                remedy="Open the workbook, save it again, and give it again.",
            )
        self._row = row
        if attrs.get("hidden") in _YES:
            raise ConnectorError(
                "hidden_rows",
                "Row %(row)s of the sheet is hidden.",
                values={"row": row},
                remedy="Remove the filters, show the row or delete it: what is hidden is given too.",
            )
