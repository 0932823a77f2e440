"""
Number the combinations of values that rows stand for, batch by batch, exactly. Pure.

A value has a code in its column; two codes make a pair, a pair and a code make the next: numbers
stay small whatever the product of the categories. A pair is looked up in a table as long as one
is not too large, then by search among those that were met.
"""

import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from access.pseudonymisation.disclosure import Counts
from hub.crypto.prf import WIDTH, Bytes, Prf, pseudonyms

Ids = npt.NDArray[np.int32]
Numbers = npt.NDArray[np.integer[Any]]
_HALF = 32
_LOW = (1 << _HALF) - 1
_UNKNOWN = -1
_LARGEST = 1 << 22
"""Entries of a table of pairs, four bytes each."""


class TooManyCells(Exception):
    """The quasi-identifiers make more cells than may be watched: they are far too fine."""


class Cells:
    """
    Number the cells as they are met; safe to call from several threads.

    :param function: gives each cell a name of 16 bytes that is the same from one run to the next
        under the same key, and that tells nothing without it
    :param most: how many cells may be watched (about 50 bytes each)
    """

    def __init__(self, function: Prf, most: int = 2_000_000) -> None:
        self._function = function
        self._most = most
        self._lock = threading.Lock()
        self._columns: list[_Codes] = []
        self._pairs: list[Pairs] = []

    def __len__(self) -> int:
        with self._lock:
            return self._size()

    def number(self, columns: Sequence[pa.Array]) -> Ids:
        """
        Return the number of the cell of each row.

        :param columns: the quasi-identifiers, equally long
        :raises TooManyCells: when there is no room for another
        """
        coded = [_coded(column) for column in columns]
        with self._lock:
            if not self._columns:
                self._columns = [_Codes() for _ in columns]
                self._pairs = [Pairs() for _ in columns[1:]]
            found = [
                known.of(values)[codes]
                for known, (codes, values) in zip(self._columns, coded, strict=True)
            ]
            numbers = found[0]
            for pairs, codes in zip(self._pairs, found[1:], strict=True):
                numbers = pairs.number(numbers, codes)
            if self._size() > self._most:
                raise TooManyCells
        return numbers

    def names(self, cells: Numbers) -> Bytes:
        """Return the 16-byte names of some cells, one row each."""
        with self._lock:
            codes: list[Numbers] = []
            numbers = cells
            for pairs in reversed(self._pairs):
                numbers, code = pairs.parted(numbers)
                codes.append(code)
            codes.append(numbers)
            parts = [
                known.names(self._function)[code]
                for known, code in zip(self._columns, reversed(codes), strict=True)
            ]
        return self._function.matrix(np.concatenate(parts, axis=1))

    def _size(self) -> int:
        if self._pairs:
            return len(self._pairs[-1])
        return len(self._columns[0]) if self._columns else 0


class JoinedCells:
    """
    Number the cells of joined rows: the combinations of the cells of each source.

    :param each: the cells of the sources that have quasi-identifiers
    """

    def __init__(self, function: Prf, each: Sequence[Cells], most: int = 2_000_000) -> None:
        self._function = function
        self._each = each
        self._most = most
        self._lock = threading.Lock()
        self._pairs = [Pairs() for _ in each[1:]]

    def number(self, cells: Sequence[Ids]) -> Ids:
        """
        Return the number of the joined cell of each row.

        :param cells: of each source, equally long
        :raises TooManyCells: when there is no room for another
        """
        numbers = cells[0]
        with self._lock:
            for pairs, other in zip(self._pairs, cells[1:], strict=True):
                numbers = pairs.number(numbers, other)
                if len(pairs) > self._most:
                    raise TooManyCells
        return numbers

    def names(self, cells: Numbers) -> Bytes:
        """Return the 16-byte names of some joined cells, one row each."""
        codes: list[Numbers] = []
        numbers = cells
        for pairs in reversed(self._pairs):
            numbers, code = pairs.parted(numbers)
            codes.append(code)
        codes.append(numbers)
        parts = [one.names(code) for one, code in zip(self._each, reversed(codes), strict=True)]
        return self._function.matrix(np.concatenate(parts, axis=1))


class _Codes:
    """The values met in one column ↔ their codes."""

    def __init__(self) -> None:
        self._codes: dict[str | None, int] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def of(self, values: Sequence[str | None]) -> Ids:
        """Return the code of each value."""
        codes = self._codes
        found = [codes.setdefault(value, len(codes)) for value in values]
        return np.array(found, np.int32)

    def names(self, function: Prf) -> Bytes:
        """Return the 16-byte name of each value, by code; a missing one is named by zeros."""
        names = pseudonyms(pa.array(list(self._codes), pa.string()), function)
        filled = pc.fill_null(names, pa.scalar(bytes(WIDTH), names.type))
        return np.frombuffer(b"".join(filled.to_pylist()), np.uint8).reshape(-1, WIDTH)


class Pairs:
    """Pairs of numbers ↔ their own numbers, in the order they were met."""

    def __init__(self) -> None:
        self._keys: Counts = np.zeros(0, np.int64)
        self._table: Ids | None = np.full((1, 1), _UNKNOWN, np.int32)
        self._order: Counts = np.zeros(0, np.int64)

    def __len__(self) -> int:
        return len(self._keys)

    def number(self, first: Ids, second: Ids) -> Ids:
        """Return the number of each pair; a new one gets the next."""
        self._widen(int(first.max(initial=0)), int(second.max(initial=0)))
        if self._table is None:
            return self._searched(first, second)
        found: Ids = self._table[first, second]
        unknown = found == _UNKNOWN
        if unknown.any():
            fresh = _unique(_key(first[unknown], second[unknown]))
            self._table[fresh >> _HALF, fresh & _LOW] = self._added(fresh)
            found = self._table[first, second]
        return found

    def parted(self, numbers: Numbers) -> tuple[Counts, Counts]:
        """Return the two numbers of some pairs."""
        keys = self._keys[numbers]
        return keys >> _HALF, keys & _LOW

    def _widen(self, first: int, second: int) -> None:
        """Make room in the table, or give it up when it grows too large."""
        if self._table is None:
            return
        rows, columns = self._table.shape
        wanted = (_room(first, rows), _room(second, columns))
        if wanted == (rows, columns):
            return
        if wanted[0] * wanted[1] > _LARGEST:
            self._table = None
            self._order = np.argsort(self._keys)
            return
        table = np.full(wanted, _UNKNOWN, np.int32)
        table[:rows, :columns] = self._table
        self._table = table

    def _searched(self, first: Ids, second: Ids) -> Ids:
        encoded = pa.array(_key(first, second)).dictionary_encode()
        keys = encoded.dictionary.to_numpy()
        known = np.isin(keys, self._keys)
        if not known.all():
            self._added(keys[~known])
            self._order = np.argsort(self._keys)
        found = self._order[np.searchsorted(self._keys, keys, sorter=self._order)]
        numbers: Ids = found.astype(np.int32)[encoded.indices.to_numpy()]
        return numbers

    def _added(self, fresh: Counts) -> Ids:
        before = len(self._keys)
        self._keys = np.concatenate([self._keys, fresh])
        return np.arange(before, len(self._keys), dtype=np.int32)


def _key(first: Ids, second: Ids) -> Counts:
    return first.astype(np.int64) << _HALF | second


def _unique(keys: Counts) -> Counts:
    """Return the distinct keys, in the order in which they come."""
    found: Counts = pc.unique(pa.array(keys)).to_numpy()
    return found


def _room(needed: int, there: int) -> int:
    return max(there, 1 << (needed + 1).bit_length())


def _coded(column: pa.Array) -> tuple[Ids, list[str | None]]:
    """Return a code per row within this batch, and the value of each code; the last is missing."""
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    # Dictionaries may hold a value twice, or a null: once is what makes cells equal.
    values = column.dictionary.cast(pa.string()).to_pylist()
    codes = column.indices.fill_null(len(values)).cast(pa.int32())
    place = {value: number for number, value in enumerate([*values, None])}
    if len(place) == len(values) + 1:
        return codes.to_numpy(zero_copy_only=False), [*values, None]
    once = {value: number for number, value in enumerate(place)}
    merged = np.array([once[value] for value in [*values, None]], np.int32)
    return merged[codes.to_numpy(zero_copy_only=False)], list(once)
