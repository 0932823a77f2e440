"""How a text table is cut into columns, and what its header says."""

import csv
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.connectors.csv_file.limits import CsvLimits
from catalog.connectors.errors import ConnectorError
from hub.kernel.identifiers import is_uai, looks_like_ine

SEPARATORS = (";", ",", "\t", "|")
_LINES_TO_JUDGE = 50
_CELL = re.compile(
    r"[^@\s]+@[^@\s]+\.[a-z]{2,}|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,%-]*")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:20)?[0-9]{2})?")


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
    _refuse_width(len(names), limits)
    _refuse_data(names)
    _refuse_names(names)
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


def _refuse_width(width: int, limits: CsvLimits) -> None:
    if width > limits.columns:
        raise ConnectorError(
            "too_many_columns",
            "The file has %(columns)s columns; the limit is %(limit)s.",
            values={"columns": width, "limit": limits.columns},
            remedy="Split the table in two, or turn repeated columns into rows.",
        )


def _refuse_data(names: tuple[str, ...]) -> None:
    """Refuse a first line that holds data: its cells must not become names shown everywhere."""
    numbers = sum(_is_number(name) for name in names)
    if 2 * numbers >= max(len(names), 2) or any(_looks_like_data(name) for name in names):
        raise ConnectorError(
            "no_header",
            "The first line looks like data, not like names of columns.",
            remedy="Add a first line that names the columns.",
        )


def _looks_like_data(name: str) -> bool:
    return bool(_CELL.fullmatch(name)) or is_uai(name.upper()) or _is_ine(name)


def _is_number(name: str) -> bool:
    """Tell numbers from years, which name the columns of many tables."""
    return bool(_NUMBER.fullmatch(name)) and not _YEAR.fullmatch(name)


def _is_ine(name: str) -> bool:
    return looks_like_ine(name) and sum(sign.isdigit() for sign in name) >= 3


def _refuse_names(names: tuple[str, ...]) -> None:
    missing = [position for position, name in enumerate(names, start=1) if not name]
    if missing:
        raise ConnectorError(
            "column_without_name",
            "These columns have no name: %(positions)s.",
            values={"positions": _listed(missing)},
            remedy="Name every column, or remove the empty ones (often a separator too many).",
        )
    seen: dict[str, list[int]] = {}
    for position, name in enumerate(names, start=1):
        seen.setdefault(name, []).append(position)
    twice = next((positions for positions in seen.values() if len(positions) > 1), None)
    if twice:
        raise ConnectorError(
            "duplicate_columns",
            "These columns have the same name: %(positions)s.",
            values={"positions": _listed(twice)},
            remedy="Give each column its own name.",
        )


def _listed(positions: Iterable[int]) -> str:
    """Write positions for a person, the first ten at most."""
    shown = list(positions)
    return ", ".join(map(str, shown[:10])) + ("…" if len(shown) > 10 else "")
