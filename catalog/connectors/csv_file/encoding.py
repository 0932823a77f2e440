"""
In which encoding a whole text file is written, found in one pass of bounded memory.

UTF-8 and Windows-1252 (or Latin-1) in one file are refused with the line: to guess would turn
names into others.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from catalog.connectors.csv_file.limits import CsvLimits
from catalog.connectors.csv_file.signatures import signature_of
from catalog.connectors.errors import ConnectorError
from catalog.connectors.streams import Bytes

CHUNK = 4_000_000
HEAD = 8_192
_UNDEFINED_IN_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True, slots=True)
class Survey:
    """What one pass over the bytes tells."""

    encoding: str
    lines: int
    """Lines that hold something."""
    quotes: int
    """How many quotation marks there are."""
    has_old_ends: bool = False
    """Whether some lines end as on old machines, with a carriage return alone."""

    @property
    def is_countable(self) -> bool:
        """Tell whether each line is one row."""
        return not self.has_quotes and not self.has_old_ends

    @property
    def has_quotes(self) -> bool:
        """Tell whether a cell may hold separators and ends of lines."""
        return self.quotes > 0


def survey(source: Bytes, limits: CsvLimits) -> Survey:
    """
    Read a file once and tell its encoding.

    :raises ConnectorError: empty, too large, not a text, in two encodings, with an endless line
    """
    with source.open() as stream:
        head = stream.read(HEAD)
    _refuse_what_is_not_text(head, source.size() or 0, limits)
    with source.open() as stream:
        wide = _wide_encoding(head)
        found = _survey_wide(stream, wide, limits) if wide else _Pass(limits).over(stream)
    if found.quotes % 2:
        raise ConnectorError(
            "open_quote",
            "The file has an odd number of quotation marks: one of them stays open.",
            remedy="Close it, or double a quotation mark that is part of a cell's text.",
        )
    return found


def _refuse_what_is_not_text(head: bytes, size: int, limits: CsvLimits) -> None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \r\n\t\x00"):
        raise ConnectorError(
            "empty_file",
            "The file is empty.",
            remedy="Check the export, then give a file that has a line of column names and rows.",
        )
    if size > limits.file_bytes:
        raise ConnectorError(
            "file_too_large",
            "The file has %(size)s MB; the limit is %(limit)s MB.",
            values={"size": size // 1_000_000, "limit": limits.file_bytes // 1_000_000},
            remedy="Split the file, or give it as Parquet.",
        )
    betrayed = signature_of(head)
    if betrayed:
        raise not_text(betrayed)


DAMAGED = "This is not a CSV file but a damaged text."


def not_text(explanation: str) -> ConnectorError:
    """Say what the file is instead of a CSV."""
    return ConnectorError(
        "not_csv",
        explanation,
        remedy="Export the table as CSV (or Parquet) instead of renaming the file.",
    )


def _wide_encoding(head: bytes) -> str | None:
    """Recognise UTF-16, with its mark or by its zeros in every second place."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for first, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        zeros = head[first::2].count(0)
        if zeros > len(head) * 0.3 and not head[1 - first :: 2].count(0):
            return encoding
    return None


def _survey_wide(stream: BinaryIO, encoding: str, limits: CsvLimits) -> Survey:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, filled, quotes, rest = 0, 0, 0, ""
    has_old_ends = False
    try:
        for chunk in _chunks(stream):
            *whole, rest = (rest + decoder.decode(chunk)).split("\n")
            lines += len(whole)
            filled += sum(line not in {"", "\r"} for line in whole)
            quotes += sum(line.count('"') for line in whole)
            has_old_ends = has_old_ends or any("\r" in line[:-1] for line in whole)
            refuse_endless(len(rest), lines + 1, limits)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise not_text(DAMAGED) from None
    return Survey(
        encoding,
        filled + bool(rest),
        quotes + rest.count('"'),
        has_old_ends=has_old_ends or "\r" in rest,
    )


def _chunks(stream: BinaryIO) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK):
        yield chunk


def refuse_endless(length: int, line: int, limits: CsvLimits) -> None:
    """
    Accept a line of a length that tables have.

    :raises ConnectorError: above ``limits.line_bytes``
    """
    if length > limits.line_bytes:
        raise ConnectorError(
            "line_too_long",
            "Line %(line)s is longer than %(limit)s bytes.",
            values={"line": line, "limit": limits.line_bytes},
            remedy="Check that the line ends, and that no quotation mark stays open.",
        )


class _Pass:
    """One pass over a file of single bytes, line after line where it must be."""

    def __init__(self, limits: CsvLimits) -> None:
        self._limits = limits
        self._line = 1
        self._blank = 0
        self._first_utf8 = 0
        self._first_other = 0
        self._undefined = False
        self._quotes = 0
        self._has_old_ends = False

    def over(self, stream: BinaryIO) -> Survey:
        rest = b""
        for chunk in _chunks(stream):
            whole, newline, tail = (rest + chunk).rpartition(b"\n")
            self._take(whole + newline)
            rest = tail
            refuse_endless(len(rest), self._line, self._limits)
        self._take(rest)
        lines = self._line - 1 + bool(rest) - self._blank
        return Survey(self._encoding(), lines, self._quotes, has_old_ends=self._has_old_ends)

    def _take(self, block: bytes) -> None:
        """Look at whole lines: at once when they are plain UTF-8, one by one otherwise."""
        self._quotes += block.count(b'"')
        if b"\x00" in block:
            line = self._line + block[: block.index(b"\x00")].count(b"\n")
            raise _binary(line)
        lines = block.split(b"\n")
        self._refuse_long(lines)
        if block.count(b"\r") != block.count(b"\r\n"):
            self._has_old_ends = True
        self._blank += sum(not line or line == b"\r" for line in lines[:-1])
        if not block.isascii():
            self._look_at(lines)
        self._line += len(lines) - 1

    def _refuse_long(self, lines: list[bytes]) -> None:
        longest = max(map(len, lines))
        if longest > self._limits.line_bytes:
            at = next(n for n, line in enumerate(lines) if len(line) == longest)
            refuse_endless(longest, self._line + at, self._limits)

    def _look_at(self, lines: list[bytes]) -> None:
        for number, line in enumerate(lines, start=self._line):
            if line.isascii():
                continue
            if _is_utf8(line):
                self._first_utf8 = self._first_utf8 or number
            else:
                self._first_other = self._first_other or number
                self._undefined = self._undefined or not _UNDEFINED_IN_CP1252.isdisjoint(line)
            if self._first_utf8 and self._first_other:
                raise self._mixed()

    def _mixed(self) -> ConnectorError:
        first, second = sorted([self._first_utf8, self._first_other])
        return ConnectorError(
            "mixed_encodings",
            "Line %(line)s is not written in the same encoding as line %(first)s.",
            values={"line": second, "first": first},
            remedy="Export the file again in UTF-8; do not paste two files together.",
        )

    def _encoding(self) -> str:
        if not self._first_other:
            return "utf-8"
        return "latin-1" if self._undefined else "cp1252"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _binary(line: int) -> ConnectorError:
    return ConnectorError(
        "not_csv",
        "This is not a text file: line %(line)s holds a zero byte.",
        values={"line": line},
        remedy="Export the table as CSV (or Parquet) instead of renaming the file.",
    )
