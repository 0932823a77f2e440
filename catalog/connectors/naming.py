"""What the names of columns must be, whatever they were read from."""

import re
from collections.abc import Iterable, Sequence

from catalog.connectors.errors import ConnectorError
from hub.kernel.identifiers import is_uai, looks_like_ine

MOST_COLUMNS = 250
_LONGEST_SHOWN = 100
_CELL = re.compile(
    r"[^@\s]+@[^@\s]+\.[a-z]{2,}|[0-9]{4}-[0-9]{2}-[0-9]{2}.*|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[+-]?[0-9][0-9 .,%-]*")
_YEAR = re.compile(r"(?:19|20)[0-9]{2}(?:-(?:20)?[0-9]{2})?")


def require_names(names: Sequence[str], *, at_most: int = MOST_COLUMNS) -> None:
    """
    Accept the names of the columns of a file.

    :raises ConnectorError: too many, data in their place, one that is missing or there twice
    """
    _refuse_width(len(names), at_most)
    _refuse_data(names)
    _refuse_names(names)


def require_columns(asked: Sequence[str], known: Iterable[str]) -> None:
    """
    Accept the columns that somebody wants to read of a file.

    :raises ConnectorError: when the file lacks some
    """
    missing = set(asked) - set(known)
    if missing:
        raise ConnectorError(
            "missing_columns",
            "The file lacks %(count)s of the expected columns.",
            values={"count": len(missing)},
            remedy="Compare the file with the described fields.",
        )


def shown(name: str) -> str:
    """Return a name good to show: one that looks like data is not."""
    return "…" if len(name) > _LONGEST_SHOWN or _looks_like_data(name) else name


def no_rows() -> ConnectorError:
    """Say that a file has no rows."""
    return ConnectorError(
        "no_rows",
        "The file has column names and no rows.",
        remedy="Check the export: it should hold at least one row.",
    )


def _refuse_width(width: int, limit: int) -> None:
    if width > limit:
        raise ConnectorError(
            "too_many_columns",
            "The file has %(columns)s columns; the limit is %(limit)s.",
            values={"columns": width, "limit": limit},
            remedy="Split the table in two, or turn repeated columns into rows.",
        )


def _refuse_data(names: Sequence[str]) -> None:
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


def _refuse_names(names: Sequence[str]) -> None:
    broken = [n for n, name in enumerate(names, start=1) if name and not name.isprintable()]
    if broken:
        raise ConnectorError(
            "column_name_broken",
            "The names of these columns hold signs that cannot be shown: %(positions)s.",
            values={"positions": _listed(broken)},
            remedy="Write the names with letters, digits and ordinary signs, on one line.",
        )
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
