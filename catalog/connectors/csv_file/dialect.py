"""How a text table is cut into columns, and what its header says."""

import csv
from collections import Counter
from dataclasses import dataclass

from catalog.connectors.csv_file.limits import CsvLimits
from catalog.connectors.naming import require_names

SEPARATORS = (";", ",", "\t", "|")
_LINES_TO_JUDGE = 50


@dataclass(frozen=True, slots=True)
class Header:
    """Separator, names of columns in order, and the number of lines that the header takes."""

    separator: str
    names: tuple[str, ...]
    lines: int


def header_of(head: str, limits: CsvLimits) -> Header:
    """
    Recognise the separator from the first lines of a text, and read the names of the columns.

    :raises ConnectorError: too many columns, a name missing or twice, no header at all
    """
    separator = _separator(head)
    reader = csv.reader(head.splitlines(keepends=True), delimiter=separator)
    names = tuple(name.strip() for name in next(filter(None, reader), []))
    require_names(names, at_most=limits.columns)
    return Header(separator, names, reader.line_num)


def _separator(head: str) -> str:
    """Choose the separator that cuts the first lines into the most regular and numerous cells."""
    scores = {candidate: _score(head, candidate) for candidate in SEPARATORS}
    return max(SEPARATORS, key=lambda candidate: scores[candidate])


def _score(head: str, separator: str) -> tuple[float, int]:
    lines = head.splitlines(keepends=True)[:_LINES_TO_JUDGE]
    widths = [len(row) for row in csv.reader(lines, delimiter=separator) if row]
    if not widths or widths[0] < 2:
        return 0.0, 0
    return Counter(widths)[widths[0]] / len(widths), widths[0]
