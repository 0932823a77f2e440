"""
Read candidate identifiers: from a text, or from a file of one column. Pure, in memory.

A fault names lines, never what they hold.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from access.consents.cells import COLUMNS, LONGEST_IDENTIFIER, folded
from access.reidentification.rules import numbers
from hub.kernel.refusals import Invalid, Refusal

MOST_CANDIDATES = 100_000
MOST_BYTES = 2 * 1024**2
"""Of a text or a file: a server keeps a longer body in a temporary file, this one in memory."""

TOO_LARGE = Refusal(
    "candidates-too-large",
    "The candidates are more than %(most)s MiB: they are read in memory alone.",
    "Send fewer: leave out those who cannot be the persons designated.",
    values={"most": MOST_BYTES // 1024**2},
    about="candidates",
)
NOT_A_TEXT = Refusal(
    "not-a-text",
    "The candidates are not a text.",
    "Give one identifier a line, in UTF-8 or Windows-1252.",
    about="candidates",
)
NONE = Refusal(
    "no-candidate",
    "No candidate is given.",
    "Give the identifiers of those who may be the persons designated, one a line.",
    about="candidates",
)
TOO_MANY = Refusal(
    "too-many-candidates",
    "More than %(most)s candidates are given.",
    "Leave out those who cannot be the persons designated.",
    values={"most": MOST_CANDIDATES},
    about="candidates",
)


def read(content: bytes) -> list[str]:
    """
    Return the identifiers of a text: one a line, with a line of column names or without.

    With column names, the identifiers may stand among other columns: the same names as in files of
    consents are known (``ine``, ``identifiant``).

    :raises Invalid: when it is too large or no text, or a line is not one identifier
    """
    if len(content) > MOST_BYTES:
        raise Invalid([TOO_LARGE])
    lines = _text(content).splitlines()
    separator = max(";,\t", key=(lines[0] if lines else "").count)
    try:
        rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=separator))
    except csv.Error:
        raise Invalid([NOT_A_TEXT]) from None
    place = _place(rows[0]) if rows else None
    if place is None:
        return checked(row[0] if len(row) == 1 else separator.join(row) for row in rows)
    return checked((row[place] if place < len(row) else "" for row in rows[1:]), first=2)


def with_keys(content: bytes) -> tuple[str, str, bytes]:
    """
    Return the two keys that are the first two lines of a text, and the rest.

    :raises Invalid: when it is no text
    """
    first, second, rest = ([*content.split(b"\n", 2), b"", b""])[:3]
    return _text(first).strip(), _text(second).strip(), rest


def checked(candidates: Iterable[str], *, first: int = 1) -> list[str]:
    """
    Return candidates without the empty ones.

    :param first: the number of the first, for what is said of them
    :raises Invalid: when there are none or too many, or one is no identifier
    """
    stripped = [one.strip() for one in candidates]
    found = [one for one in stripped if one]
    if not found:
        raise Invalid([NONE])
    if len(found) > MOST_CANDIDATES:
        raise Invalid([TOO_MANY])
    wrong = [at for at, one in enumerate(stripped, first) if not _is_one(one)]
    if wrong:
        raise Invalid([_not_one(wrong)])
    return found


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise Invalid([NOT_A_TEXT])
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _place(header: Sequence[str]) -> int | None:
    names = [folded(cell) for cell in header]
    return next((at for at, name in enumerate(names) if name in COLUMNS["identifier"]), None)


def _is_one(candidate: str) -> bool:
    return len(candidate) <= LONGEST_IDENTIFIER and not set(candidate) & set(";,\t")


def _not_one(lines: Sequence[int]) -> Refusal:
    return Refusal(
        "not-an-identifier",
        "Lines %(lines)s are not one identifier each: too long, or several columns without names.",
        "Give one identifier a line, or a first line that names the column: identifiant or ine.",
        values={"lines": numbers(lines)},
        about="candidates",
    )
