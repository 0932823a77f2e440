"""
Read a file of words: who (by identifier), what, when. Pure.

Lines are cut by Python's own reader, which keeps their exact numbers, and checked column by
column over distinct values. A fault names lines, never what they hold.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import IO, Any
from uuid import UUID

import pyarrow as pa

from access.consents.cells import (
    COLUMNS,
    DECISIONS,
    FAULTS,
    HOLDERS,
    LONGEST_IDENTIFIER,
    WRONG,
    day,
    folded,
    moment,
    project,
    purpose,
    reference,
)
from access.consents.rules import DecidedBy, Decision
from hub.crypto.subjects import normalise_column
from hub.kernel.refusals import Invalid, Refusal

BATCH = 50_000
LONGEST_LINE = 4_096
SHOWN_LINES = 10


@dataclass(frozen=True, slots=True)
class Defaults:
    """What a line means when the file lacks the column."""

    decided_at: datetime
    decision: Decision | None = None
    by: DecidedBy = DecidedBy.SELF
    purpose: str = ""
    project: UUID | None = None
    notice: str = ""


@dataclass(slots=True)
class Faults:
    """What is wrong, by kind: the first lines and how many."""

    first: dict[str, list[int]] = field(default_factory=dict)
    numbers: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, line: int) -> None:
        """Note one line."""
        self.numbers[kind] += 1
        shown = self.first.setdefault(kind, [])
        if len(shown) < SHOWN_LINES:
            shown.append(line)

    def __bool__(self) -> bool:
        return bool(self.numbers)

    def refusals(self) -> list[Refusal]:
        """Return one refusal a kind of fault."""
        return [
            replace(one, values={"lines": self._lines(one.about), "most": LONGEST_IDENTIFIER})
            for one in FAULTS
            if one.about in self.numbers
        ]

    def _lines(self, kind: str) -> str:
        more = self.numbers[kind] - len(self.first[kind])
        shown = ", ".join(map(str, self.first[kind]))
        return f"{shown} (+{more})" if more else shown


@dataclass(frozen=True, slots=True)
class Lines:
    """
    Lines that are right, as equal lists.

    :param numbers: of the lines in the file
    :param identifiers: as they came
    :param holders: as they came, empty where there is none
    :param words: (decision, by, decided_at, until, project, purpose, notice, evidence)
    """

    numbers: list[int]
    identifiers: list[str] = field(repr=False)
    holders: list[str] = field(repr=False)
    words: list[tuple[Any, ...]] = field(repr=False)


def read(stream: IO[bytes], defaults: Defaults, faults: Faults) -> Iterator[tuple[int, Lines]]:
    """
    Yield the lines of a CSV, some thousands at a time: how many were read, and those that are right.

    :param stream: bytes in UTF-8 or Windows-1252, separated by ``;``, ``,`` or tabulations
    :param faults: the wrong lines are added to it
    :raises Invalid: when it is not a text, or its header does not name what is needed
    """
    text = _text(stream)
    head = text.readline(LONGEST_LINE + 1)
    separator = max(";,\t", key=head.count)
    places = _places(next(csv.reader([head], delimiter=separator), []), defaults)
    reader = csv.reader(_bounded(text), delimiter=separator)
    checks = _Checks(places, defaults, faults)
    rows: list[list[str]] = []
    numbers: list[int] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
                numbers.append(reader.line_num + 1)
            if len(rows) == BATCH:
                yield len(rows), checks.lines(rows, numbers)
                rows, numbers = [], []
    except (csv.Error, UnicodeDecodeError):
        raise Invalid([_unreadable(reader.line_num + 2)]) from None
    if rows:
        yield len(rows), checks.lines(rows, numbers)


def read_one(cells: Mapping[str, str], defaults: Defaults, faults: Faults) -> Lines:
    """Check one word given field by field, as :func:`read` checks a line."""
    places = {name: index for index, name in enumerate(cells)}
    return _Checks(places, defaults, faults).lines([list(cells.values())], [1])


def _text(stream: IO[bytes]) -> io.TextIOWrapper:
    buffered = io.BufferedReader(_Raw(stream), 1 << 20)
    head = buffered.peek(1 << 20)[: 1 << 20]
    if b"\0" in head[:1024] or not head.strip(b"\xef\xbb\xbf \r\n\t"):
        raise Invalid([NOT_A_TEXT])
    try:
        head[: head.rfind(b"\n") + 1].decode("utf-8")
        encoding = "utf-8-sig"
    except UnicodeDecodeError:
        encoding = "cp1252"
    return io.TextIOWrapper(buffered, encoding=encoding, newline="")


class _Raw(io.RawIOBase):
    """Anything with ``read`` as a raw stream."""

    def __init__(self, source: IO[bytes]) -> None:
        super().__init__()
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        piece = self._source.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def _bounded(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise csv.Error
        yield line


def _places(header: list[str], defaults: Defaults) -> dict[str, int]:
    """Find where each thing stands; names that mean nothing here are left aside."""
    meanings = {name: column for column, names in COLUMNS.items() for name in names}
    places: dict[str, int] = {}
    for index, name in enumerate(header):
        column = meanings.get(folded(name))
        if column in places:
            raise Invalid([TWICE])
        if column:
            places[column] = index
    if "identifier" not in places:
        raise Invalid([NO_IDENTIFIER])
    if "decision" not in places and defaults.decision is None:
        raise Invalid([NO_DECISION])
    places["_width"] = len(header)
    return places


class _Checks:
    """Read columns, value by distinct value."""

    def __init__(self, places: dict[str, int], defaults: Defaults, faults: Faults) -> None:
        self._width = places.pop("_width", len(places))
        self._places = places
        self._faults = faults
        tomorrow = defaults.decided_at + timedelta(days=1)
        self._readers: dict[str, tuple[Callable[[str], Any], Any]] = {
            "decision": (lambda cell: DECISIONS.get(folded(cell), WRONG), defaults.decision),
            "by": (lambda cell: HOLDERS.get(folded(cell), WRONG), defaults.by),
            "decided_at": (lambda cell: moment(cell, tomorrow), defaults.decided_at),
            "until": (day, None),
            "project": (project, defaults.project),
            "purpose": (purpose, defaults.purpose),
            "notice": (reference, defaults.notice),
            "evidence": (reference, ""),
        }
        self._known: dict[str, dict[str, Any]] = {name: {} for name in self._readers}

    def lines(self, rows: list[list[str]], numbers: list[int]) -> Lines:
        """Return the lines that are right; the others are faults."""
        if any(len(row) != self._width for row in rows):
            rows, numbers = self._as_wide(rows, numbers)
        columns = list(zip(*rows, strict=True)) if rows else [()] * self._width
        identifiers = list(columns[self._places["identifier"]])
        holders = self._texts(columns, "holder", len(rows))
        words = list(zip(*(self._read(columns, n, len(rows)) for n in self._readers), strict=True))
        wrong = self._wrong(identifiers, holders, words, numbers)
        if not wrong:
            return Lines(numbers, identifiers, holders, words)
        right = [index for index in range(len(rows)) if index not in wrong]
        return Lines(
            [numbers[index] for index in right],
            [identifiers[index] for index in right],
            [holders[index] for index in right],
            [words[index] for index in right],
        )

    def _as_wide(
        self, rows: list[list[str]], numbers: list[int]
    ) -> tuple[list[list[str]], list[int]]:
        kept, kept_numbers = [], []
        for row, number in zip(rows, numbers, strict=True):
            if len(row) == self._width:
                kept.append(row)
                kept_numbers.append(number)
            else:
                self._faults.add("cells", number)
        return kept, kept_numbers

    def _texts(self, columns: list[Any], name: str, count: int) -> list[str]:
        place = self._places.get(name)
        if place is None:
            return [""] * count
        return [cell.strip() for cell in columns[place]]

    def _read(self, columns: list[Any], name: str, count: int) -> list[Any]:
        """Read one column: each distinct text once, an empty cell as the default."""
        reader, default = self._readers[name]
        place = self._places.get(name)
        if place is None:
            return [default] * count
        known = self._known[name]
        if len(known) > BATCH:
            known.clear()
        for cell in set(columns[place]) - known.keys():
            text = cell.strip()
            known[cell] = reader(text) if text else default
        return [known[cell] for cell in columns[place]]

    def _wrong(
        self,
        identifiers: list[str],
        holders: list[str],
        words: list[tuple[Any, ...]],
        numbers: list[int],
    ) -> set[int]:
        found = {
            "identifier": _unkeyable(identifiers, empty=False),
            "holder": _unkeyable(holders, empty=True) if any(holders) else [],
        }
        wrong = set()
        for kind, indexes in found.items():
            for index in indexes:
                self._faults.add(kind, numbers[index])
                wrong.add(index)
        judged = {word: self._judged(word) for word in set(words)}
        if any(judged.values()):
            for index, word in enumerate(words):
                for kind in judged[word]:
                    self._faults.add(kind, numbers[index])
                    wrong.add(index)
        return wrong

    def _judged(self, word: tuple[Any, ...]) -> list[str]:
        kinds = [kind for kind, value in zip(self._readers, word, strict=True) if value is WRONG]
        named = dict(zip(self._readers, word, strict=True))
        if named["decision"] is None:
            kinds.append("decision")
        if not kinds and named["until"] and named["until"] < named["decided_at"].date():
            kinds.append("until")
        return kinds


def _unkeyable(texts: list[str], *, empty: bool) -> list[int]:
    """Return the places of texts from which no key can be made: too long, or nothing is left."""
    written = normalise_column(pa.array(texts, pa.string())).to_pylist()
    return [
        index
        for index, (text, kept) in enumerate(zip(texts, written, strict=True))
        if len(text) > LONGEST_IDENTIFIER or (kept is None and not (empty and not text))
    ]


def _unreadable(line: int) -> Refusal:
    return Refusal(
        "not-csv",
        "The file cannot be read as CSV from line %(line)s on.",
        "Check that lines end, that quotation marks close, and that the file is in one encoding.",
        values={"line": line},
        about="file",
    )


NOT_A_TEXT = Refusal(
    "not-a-text",
    "The file is empty, or is not a text.",
    "Give a CSV file with a line of column names.",
    about="file",
)
NO_IDENTIFIER = Refusal(
    "no-identifier-column",
    "The first line names no column of identifiers.",
    "Name it identifiant or ine.",
    about="file",
)
NO_DECISION = Refusal(
    "no-decision-column",
    "The first line names no column of decisions.",
    "Name it decision, or say which decision the whole file holds.",
    about="file",
)
TWICE = Refusal(
    "column-twice", "Two columns mean the same thing.", "Keep one of them.", about="file"
)
