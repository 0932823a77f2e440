"""
A producer's own hierarchy of the values of a field: each value, then coarser and coarser ones. Pure.

It is written as ARX users keep them: one line a value, ``value;level 1;level 2…``, without a line
of titles, or with one whose first cell is the name of the field.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from hub.kernel.refusals import Invalid, Refusal, require

MOST_LEVELS = 10
MOST_VALUES = 100_000
MOST_BYTES = 8 << 20
LONGEST_CELL = 100
MOST_SAID = 20
"""Refusals about lines that are said at once: the others are likely the same."""
FITTING = frozenset({PlainType.TEXT, PlainType.INTEGER})
SEPARATOR = ";"
_WHOLE = re.compile(r"0|-?[1-9][0-9]{0,18}")
_NOT_TEXT = Refusal(
    "hierarchy-not-text",
    "The file of the hierarchy is not a text in UTF-8.",
    "Export it as CSV in UTF-8, with semicolons.",
)

Line = tuple[int, tuple[str, ...]]
"""Its number in the file, and its cells."""


@dataclass(frozen=True, slots=True)
class OwnHierarchy:
    """
    A hierarchy that was checked.

    :param levels: name of each level, finest first; empty where it has none
    :param rows: value, level 1, level 2 …; none in a list of datasets, where nobody climbs
    """

    levels: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...] = field(default=(), repr=False)

    @property
    def values(self) -> tuple[str, ...]:
        """Return the values that it knows."""
        return tuple(row[0] for row in self.rows)

    @property
    def named(self) -> tuple[tuple[int, str], ...]:
        """Return the levels with their numbers, from 1."""
        return tuple(enumerate(self.levels, 1))


def read(content: bytes, *, name: str, kind: PlainType) -> OwnHierarchy:
    """
    Read and check a hierarchy; cells lose the blanks around them.

    :param name: of the field; it begins the line of titles when there is one
    :param kind: type of the field
    :raises Invalid: with everything that is wrong, line by line; never a cell
    """
    lines = _lines(content)
    titles: tuple[str, ...] = ()
    if lines and lines[0][1][0] == name:
        titles, lines = lines[0][1][1:], lines[1:]
    _require(_of_size(lines, titles))
    _require(islice(_of_cells(lines, kind), MOST_SAID))
    _require(islice(_of_levels(lines), MOST_SAID))
    rows = tuple(cells for _number, cells in lines)
    return OwnHierarchy(titles or ("",) * (len(rows[0]) - 1), rows)


def written(own: OwnHierarchy, name: str = "") -> str:
    """
    Return a hierarchy as lines that :func:`read` reads.

    :param name: of the field, to begin with a line of titles where the levels have names
    """
    file = io.StringIO()
    writer = csv.writer(file, delimiter=SEPARATOR, lineterminator="\n")
    if name and any(own.levels):
        writer.writerow([name, *own.levels])
    writer.writerows(own.rows)
    return file.getvalue()


def kept(levels: Sequence[str], text: str) -> OwnHierarchy:
    """Return the hierarchy that was checked and written before."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATOR)
    return OwnHierarchy(tuple(levels), tuple(tuple(row) for row in rows))


def refusals_for(name: str, kind: PlainType, level: Level) -> list[Refusal]:
    """List why a field cannot have a hierarchy of its own; empty when it can."""
    if level is Level.IDENTIFIER:
        return [
            Refusal(
                "hierarchy-of-a-person",
                "“%(field)s” names a person: nothing of it leaves, so nothing of it is made"
                " coarser.",
                "Give a hierarchy to fields below level 5 only.",
                values={"field": name},
                about=name,
            )
        ]
    if kind not in FITTING:
        return [
            Refusal(
                "hierarchy-of-this-type",
                "“%(field)s” is neither a text nor a whole number: the hub makes its values"
                " coarser by itself.",
                "Declare it as a text if its values are codes.",
                values={"field": name},
                about=name,
            )
        ]
    return []


# Reading ---------------------------------------------------------------------------------------


def _lines(content: bytes) -> list[Line]:
    if len(content) > MOST_BYTES:
        raise Invalid([too_large()])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid([_NOT_TEXT]) from None
    if "\0" in text:
        raise Invalid([_NOT_TEXT])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=SEPARATOR, strict=True)
    found = []
    try:
        for row in reader:
            cells = tuple(cell.strip() for cell in row)
            if any(cells):
                found.append((reader.line_num, cells))
    except csv.Error:
        raise Invalid([_wrong_quotes(reader.line_num)]) from None
    return found


def _require(refusals: Iterator[Refusal]) -> None:
    found = list(refusals)
    if found:
        raise Invalid(found)


def _about(code: str, explanation: str, remedy: str, values: dict[str, int]) -> Refusal:
    return Refusal(code, explanation, remedy, values=values, about="hierarchy")


def too_large() -> Refusal:
    """Return the sentence for a file above the limit."""
    return _about(
        "hierarchy-too-large",
        "The file of a hierarchy has at most %(most)s MB.",
        "Shorten its cells.",
        {"most": MOST_BYTES >> 20},
    )


def _wrong_quotes(line: int) -> Refusal:
    return _about(
        "hierarchy-quotes",
        "A quotation mark of line %(line)s is not closed, or something follows it.",
        "Double the quotation marks inside a cell that is between quotation marks.",
        {"line": line},
    )


def _of_size(lines: Sequence[Line], titles: Sequence[str]) -> Iterator[Refusal]:
    """Find what is wrong before a line is looked at alone."""
    width = len(lines[0][1]) if lines else 0
    if width < 2:
        yield Refusal(
            "hierarchy-without-level",
            "A line of a hierarchy is a value, then its coarser forms, separated by semicolons.",
            "Write for instance: %(line)s",
            values={"line": "54395;54;Grand Est"},
            about="hierarchy",
        )
    elif width - 1 > MOST_LEVELS:
        yield _about(
            "hierarchy-levels",
            "A hierarchy has at most %(most)s levels.",
            "Leave out those that no extract needs.",
            {"most": MOST_LEVELS},
        )
    elif len(lines) > MOST_VALUES:
        yield _about(
            "hierarchy-values",
            "A hierarchy has at most %(most)s values.",
            "A field with more of them is rather an identifier: look at its level.",
            {"most": MOST_VALUES},
        )
    elif titles and (len(titles) != width - 1 or len({*titles, ""}) <= len(titles)):
        yield _about(
            "hierarchy-titles",
            "The line of titles must name the %(expected)s levels, each otherwise.",
            "Complete it, or take it out.",
            {"expected": width - 1},
        )


def _of_cells(lines: Sequence[Line], kind: PlainType) -> Iterator[Refusal]:
    width, seen = len(lines[0][1]), dict[str, int]()
    for number, cells in lines:
        at = {"line": number}
        if len(cells) != width:
            yield _about(
                "hierarchy-line",
                "Line %(line)s has %(found)s cells, the first one has %(expected)s.",
                "Give each value all its levels; put a cell that holds a semicolon between"
                " quotation marks.",
                {**at, "found": len(cells), "expected": width},
            )
        elif not all(cells):
            yield _about(
                "hierarchy-empty-cell",
                "A cell of line %(line)s is empty.",
                "Give each value all its levels; repeat a level that does not change.",
                at,
            )
        elif max(map(len, cells)) > LONGEST_CELL:
            yield _about(
                "hierarchy-long-cell",
                "A cell of line %(line)s has more than %(most)s characters.",
                "Shorten it.",
                {**at, "most": LONGEST_CELL},
            )
        elif kind is PlainType.INTEGER and not _WHOLE.fullmatch(cells[0]):
            yield _about(
                "hierarchy-not-whole",
                "The value of line %(line)s is not a whole number, as the field is.",
                "Write it without zeros before it, blanks or decimals.",
                at,
            )
        elif cells[0] in seen:
            yield _about(
                "hierarchy-value-twice",
                "Lines %(other)s and %(line)s are about the same value.",
                "Keep one of them.",
                {**at, "other": seen[cells[0]]},
            )
        seen.setdefault(cells[0], number)


def _of_levels(lines: Sequence[Line]) -> Iterator[Refusal]:
    """Ask that what is equal on a level is equal on the next, and that the first says less."""
    for level in range(2, len(lines[0][1])):
        above: dict[str, Line] = {}
        for number, cells in lines:
            first, other = above.setdefault(cells[level - 1], (number, cells))
            if other[level] != cells[level]:
                yield _about(
                    "hierarchy-splits",
                    "Lines %(other)s and %(line)s are the same on level %(finer)s and differ on"
                    " level %(coarser)s: a level may only gather what the one before it tells"
                    " apart.",
                    "Correct one of the two lines.",
                    {"line": number, "other": first, "finer": level - 1, "coarser": level},
                )
    if len(lines) > 1 and len({cells[1] for _number, cells in lines}) == len(lines):
        yield Refusal(
            "hierarchy-same",
            "The first level gathers no two values: it says as much as the values themselves.",
            "Begin with a level that is coarser.",
            about="hierarchy",
        )


def require_fitting(name: str, kind: PlainType, level: Level) -> None:
    """
    Go on only for a field that can have a hierarchy.

    :raises Refused: with the reason
    """
    require(refusals_for(name, kind, level))
