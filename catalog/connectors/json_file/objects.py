"""
The objects of a JSON file, one after the other: a line each, or the items of one array.

Numbers come as they are written, so that nothing is rounded. Memory holds one object and one
piece of the file.
"""

import codecs
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from catalog.connectors.errors import ConnectorError
from catalog.connectors.streams import Bytes

LONGEST_OBJECT = 1_000_000
_PIECE = 1 << 20
_BLANK = b" \t\r\n"
_MARK = codecs.BOM_UTF8
_SIGN = re.compile(r"[^ \t\r\n]")


class Whole(str):
    """A whole number, as it is written."""

    __slots__ = ()


class Number(str):
    """Another number, as it is written."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Found:
    """One object, and where it is."""

    number: int
    line: int
    value: dict[str, Any] = field(repr=False)

    @property
    def place(self) -> dict[str, object]:
        """Return where it is, for a sentence."""
        return {"number": self.number, "line": self.line}


def objects(source: Bytes) -> Iterator[Found]:
    """
    Yield the objects of a file.

    :raises ConnectorError: what is not an object, or not JSON, by its number and line
    """
    with source.open() as stream:
        head = _first_line(stream)
        if head.strip(_BLANK).startswith(b"["):
            yield from _items(head, stream)
        else:
            yield from _lines(head, stream)


def _first_line(stream: BinaryIO) -> bytes:
    line = stream.readline(LONGEST_OBJECT + 1)
    return line[len(_MARK) :] if line.startswith(_MARK) else line


def _lines(line: bytes, stream: BinaryIO) -> Iterator[Found]:
    at, number = 1, 0
    while line:
        if line.strip(_BLANK):
            number += 1
            if len(line) > LONGEST_OBJECT:
                raise _too_long(number, at)
            yield _found(_parsed(_text(line, at), number, at), number, at)
        line = stream.readline(LONGEST_OBJECT + 1)
        at += 1


def _text(line: bytes, at: int) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise _not_utf8(at) from None


def _parsed(text: str, number: int, at: int) -> Any:
    try:
        return DECODER.decode(text.strip())
    except (ValueError, RecursionError) as error:
        raise _explained(error, number, at) from None


def _found(value: Any, number: int, at: int) -> Found:
    if not isinstance(value, dict):
        raise ConnectorError(
            "not_an_object",
            "Object %(number)s, line %(line)s, is not a JSON object.",
            values={"number": number, "line": at},
            remedy="Write each row as an object: names of columns and their values.",
        )
    return Found(number, at, value)


class _Items:
    """A piece of an array, and how far it is understood."""

    def __init__(self, head: bytes, stream: BinaryIO) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.text, self.at = "", 0
        self.number, self.line = 0, 1
        self.is_over = False
        self._add(head)

    def more(self) -> None:
        """Read the next piece, and forget what was understood."""
        self.text, self.at = self.text[self.at :], 0
        self._add(self._stream.read(_PIECE))

    def _add(self, piece: bytes) -> None:
        self.is_over = not piece
        try:
            self.text += self._decoder.decode(piece, final=self.is_over)
        except UnicodeDecodeError as error:
            before = self.text.count("\n", self.at) + piece[: error.start].count(b"\n")
            raise _not_utf8(self.line + before) from None

    def pass_to(self, end: int) -> None:
        """Go on to a place of the piece."""
        self.line += self.text.count("\n", self.at, end)
        self.at = end

    def next_sign(self) -> str:
        """Return the next sign that is not blank, without passing it; empty at the end."""
        while True:
            sign = _SIGN.search(self.text, self.at)
            if sign:
                self.pass_to(sign.start())
                return sign.group()
            self.pass_to(len(self.text))
            if self.is_over:
                return ""
            self.more()

    def take(self, sign: str) -> bool:
        """Pass the next sign if it is this one."""
        taken = self.next_sign() == sign
        if taken:
            self.pass_to(self.at + 1)
        return taken


def _items(head: bytes, stream: BinaryIO) -> Iterator[Found]:
    rest = _Items(head, stream)
    rest.take("[")
    is_over = rest.take("]")
    while not is_over:
        rest.number += 1
        rest.next_sign()
        line = rest.line
        yield _found(_next_value(rest), rest.number, line)
        is_over = not rest.take(",")
        if is_over and not rest.take("]"):
            raise _explained(ValueError(), rest.number, rest.line)
    if rest.next_sign():
        raise _explained(ValueError(), rest.number + 1, rest.line)


def _next_value(rest: _Items) -> Any:
    """Read one value, asking for more as long as it does not end."""
    while True:
        try:
            value, end = DECODER.raw_decode(rest.text, rest.at)
        except (ValueError, RecursionError) as error:
            _go_on_after(error, rest)
        else:
            if end - rest.at > LONGEST_OBJECT:
                raise _too_long(rest.number, rest.line)
            rest.pass_to(end)
            return value


def _go_on_after(error: Exception, rest: _Items) -> None:
    """Read more, when that may complete the value."""
    if not isinstance(error, json.JSONDecodeError) or rest.is_over:
        raise _explained(error, rest.number, rest.line) from None
    if len(rest.text) - rest.at > LONGEST_OBJECT:
        raise _too_long(rest.number, rest.line) from None
    rest.more()


class _Twice(ValueError):
    """An object says two things of one name."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _Twice
    return value


def _no_constant(word: str) -> Any:
    """Refuse NaN and Infinity, which are not JSON."""
    raise ValueError(word)


DECODER = json.JSONDecoder(
    object_pairs_hook=_once, parse_int=Whole, parse_float=Number, parse_constant=_no_constant
)


def _explained(error: Exception, number: int, at: int) -> ConnectorError:
    if isinstance(error, _Twice):
        return ConnectorError(
            "duplicate_keys",
            "Object %(number)s, line %(line)s, has the same name twice.",
            values={"number": number, "line": at},
            remedy="Give each value its own name.",
        )
    return ConnectorError(
        "bad_json",
        "Object %(number)s, line %(line)s, is not valid JSON.",
        values={"number": number, "line": at},
        remedy="Write one object a line, or one array of objects; check that the file is whole.",
    )


def _not_utf8(at: int) -> ConnectorError:
    return ConnectorError(
        "not_utf8",
        "Line %(line)s is not written in UTF-8.",
        values={"line": at},
        remedy="Export the file again in UTF-8, as JSON asks.",
    )


def _too_long(number: int, at: int) -> ConnectorError:
    return ConnectorError(
        "object_too_long",
        "Object %(number)s, line %(line)s, is longer than %(limit)s characters.",
        values={"number": number, "line": at, "limit": LONGEST_OBJECT},
        remedy="Write each row as its own object; a table holds no whole documents.",
    )
