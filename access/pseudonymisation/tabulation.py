"""
Sum a table up part by part, in memory that does not grow with the rows. Pure.

What comes out is what ``tables.tabulate`` makes of all the parts together, but that only the largest
contributions to each cell are remembered: the rules ask for no others.
"""

import math
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.pseudonymisation.cells import TooManyCells
from access.pseudonymisation.classes import NOBODY, Shares, totals
from access.pseudonymisation.disclosure import Counts, combinations
from access.pseudonymisation.tables import Tabulated, amounts_of, contributions

_SPAN = 1 << 31
_MARGIN = 0


class Tabulation:
    """
    One table on its way; for one thread only.

    :param axes: how many fields are crossed, one or two
    :param summed: whether amounts are added up; persons are counted otherwise
    :param largest: how many contributions to a cell are remembered
    :param most: cells, margins included, that the table may have
    """

    def __init__(self, axes: int, *, summed: bool, largest: int, most: int) -> None:
        self._axes = [_Axis() for _ in range(axes)]
        self._summed = summed
        self._largest = largest
        self._most = most
        self._keys: Counts = np.zeros(0, np.int64)
        self._values: Shares = np.zeros(0)
        self._persons: Shares = np.zeros(0)
        self._key_of: Counts = np.zeros(0, np.int64)
        self._contribution: Shares = np.zeros(0)

    def add(self, columns: Sequence[pa.Array], amounts: pa.Array | None, person: Counts) -> None:
        """
        Add rows about persons of whom no other part has a row.

        :param columns: the fields that are crossed, a missing value being a value
        :param amounts: what is added up, missing being nothing; None when persons are counted
        :param person: of each row, ``NOBODY`` for one that is left out
        :raises TooManyCells: when the table grows too large
        :raises ValueError: when an amount is below 0 or without end
        """
        somebody = person != NOBODY
        kept = pa.array(somebody)
        codes = [
            axis.coded(column.filter(kept))
            for axis, column in zip(self._axes, columns, strict=True)
        ]
        if math.prod(len(axis) + 1 for axis in self._axes) > self._most:
            raise TooManyCells
        person = person[somebody]
        if amounts is None:
            first, _ = combinations([*codes, person])
            codes, person = [code[first] for code in codes], person[first]
            amount = np.ones(len(person))
        else:
            amount = amounts_of(amounts)[somebody]
        found = [
            contributions(_keys(codes, margins), person, amount)
            for margins in product((False, True), repeat=len(codes))
        ]
        self._merge(
            np.concatenate([each[0] for each in found]),
            np.concatenate([each[1] for each in found]),
        )

    def tabulated(self) -> Tabulated:
        """Return the table of all that was added."""
        places = [axis.places() for axis in self._axes]
        shape = tuple(len(axis) + 1 for axis in self._axes)
        cell = _placed(self._keys, places, shape)
        key_of = _placed(self._key_of, places, shape)
        order = np.lexsort((-self._contribution, key_of))
        size = math.prod(shape)
        return Tabulated(
            labels=tuple(axis.labels() for axis in self._axes),
            values=totals(cell, self._values, size).reshape(shape),
            persons=np.rint(totals(cell, self._persons, size)).astype(np.int64).reshape(shape),
            cell=key_of[order],
            contribution=self._contribution[order],
        )

    def _merge(self, key: Counts, contribution: Shares) -> None:
        keys, inverse = np.unique(np.concatenate([self._keys, key]), return_inverse=True)
        self._values = totals(inverse, np.concatenate([self._values, contribution]), len(keys))
        ones = np.ones(len(key))
        self._persons = totals(inverse, np.concatenate([self._persons, ones]), len(keys))
        self._keys = keys
        key_of = np.concatenate([self._key_of, key])
        amounts = np.concatenate([self._contribution, contribution])
        order = np.lexsort((-amounts, key_of))
        key_of, amounts = key_of[order], amounts[order]
        among = np.arange(len(key_of)) - np.searchsorted(key_of, key_of) < self._largest
        self._key_of, self._contribution = key_of[among], amounts[among]


class _Axis:
    """The values met in one field ↔ their codes from 1 on; 0 is the margin."""

    def __init__(self) -> None:
        self._codes: dict[str | None, int] = {}
        self._values: list[Any] = []

    def __len__(self) -> int:
        return len(self._codes)

    def coded(self, column: pa.Array) -> Counts:
        """Return the code of each row."""
        if not isinstance(column, pa.DictionaryArray):
            if pa.types.is_floating(column.type):
                column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
            column = column.dictionary_encode()
        indices = column.indices.to_numpy(zero_copy_only=False)
        missing = column.indices.is_null().to_numpy(zero_copy_only=False)
        met, place = np.unique(indices[~missing].astype(np.int64), return_inverse=True)
        values = column.dictionary.take(pa.array(met))
        texts = values.cast(pa.string()).to_pylist()
        known = [self._code(*each) for each in zip(texts, values.to_pylist(), strict=True)]
        codes = np.empty(len(column), np.int64)
        codes[~missing] = np.array(known, np.int64)[place]
        if missing.any():
            codes[missing] = self._code(None, None)
        return codes

    def _code(self, text: str | None, value: Any) -> int:
        code = self._codes.setdefault(text, len(self._codes) + 1)
        if code > len(self._values):
            self._values.append(value)
        return code

    def labels(self) -> tuple[str | None, ...]:
        """Return the texts of the values, in the values' order, a missing one last."""
        texts = list(self._codes)
        return tuple(texts[place] for place in self._order())

    def places(self) -> Counts:
        """Return where the value of each code stands; the margin is last."""
        found = np.empty(len(self) + 1, np.int64)
        found[_MARGIN] = len(self)
        found[np.array(self._order(), np.int64) + 1] = np.arange(len(self))
        return found

    def _order(self) -> list[int]:
        values = self._values
        missing = [place for place, value in enumerate(values) if value is None]
        there = [place for place, value in enumerate(values) if value is not None]
        return sorted(there, key=values.__getitem__) + missing


def _keys(codes: Sequence[Counts], margins: Sequence[bool]) -> Counts:
    key = np.zeros(len(codes[0]), np.int64)
    for code, margin in zip(codes, margins, strict=True):
        key = key * _SPAN + (_MARGIN if margin else code)
    return key


def _placed(keys: Counts, places: Sequence[Counts], shape: tuple[int, ...]) -> Counts:
    """Return the position of each key in the flattened table."""
    where = []
    for place in reversed(places):
        where.append(place[keys % _SPAN])
        keys = keys // _SPAN
    found: Counts = np.ravel_multi_index(tuple(reversed(where)), shape).astype(np.int64)
    return found
