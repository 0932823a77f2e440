"""
How sensitive values are spread over the cells of rows that come part by part. Pure.

Parts must not share a person (buckets by pseudonym do not): what each part counts adds up exactly.
Memory is one number for each value that a cell holds.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa

from access.pseudonymisation.cells import Ids
from access.pseudonymisation.census import Mask
from access.pseudonymisation.classes import NOBODY, Spread
from access.pseudonymisation.closeness import Distance, distances, natural_distance
from access.pseudonymisation.disclosure import Counts, combinations

MOST_VALUES = 1 << 16
MOST_PAIRS = 8_000_000
"""Of a cell and a value, of all the attributes together; 16 bytes each."""
_HALF = 32
_LOW = (1 << _HALF) - 1


class TooManyValues(Exception):
    """An attribute has more values than can be told apart: it is not one to measure."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Values:
    """The values of one attribute ↔ their codes, in the order they were met; a missing one too."""

    def __init__(self, name: str, most: int = MOST_VALUES) -> None:
        self._name = name
        self._most = most
        self._codes: dict[Any, int] = {}

    def of(self, column: pa.Array) -> Counts:
        """
        Return the code of each row.

        :raises TooManyValues: when there is no room for another
        """
        encoded = column if isinstance(column, pa.DictionaryArray) else column.dictionary_encode()
        values = [*map(same_value, encoded.dictionary.to_pylist()), None]
        codes = [self._codes.setdefault(value, len(self._codes)) for value in values]
        if len(self._codes) > self._most:
            raise TooManyValues(self._name)
        place = encoded.indices.fill_null(len(values) - 1).to_numpy(zero_copy_only=False)
        found: Counts = np.array(codes, np.int64)[place]
        return found

    def ranks(self) -> Counts:
        """Return the natural rank of each code, 0 for the missing value."""
        named = sorted(value for value in self._codes if value is not None)
        rank = {value: number for number, value in enumerate(named, 1)}
        return np.array([rank.get(value, 0) for value in self._codes], np.int64)


@dataclass(slots=True)
class _Attribute:
    values: Values
    distance: Distance | None = None
    keys: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    """Cell and code, in one number, in order."""
    counts: Counts = field(default_factory=lambda: np.zeros(0, np.int64))
    """Persons of that cell who have that value."""

    def spread(self, left_out: Mask) -> Spread:
        """Return the spread over the cells that stay."""
        cells = self.keys >> _HALF
        stays = ~left_out[cells]
        ranks = self.values.ranks()
        return Spread(
            group=cells[stays],
            value=ranks[self.keys[stays] & _LOW],
            count=self.counts[stays],
            values=len(ranks) + 1,
        )


class Spreads:
    """
    Count, for each cell and each value of each attribute, the persons who have it.

    :param names: of the sensitive attributes
    :param most: pairs of a cell and a value to remember, of all of them together
    """

    def __init__(self, names: Sequence[str], most: int = MOST_PAIRS) -> None:
        self._most = most
        self._attributes = {name: _Attribute(Values(name)) for name in names}

    def add(self, name: str, column: pa.Array, cells: Ids, persons: Counts) -> None:
        """
        Count one attribute of one part.

        :param persons: number of the person of each row, -1 for nobody
        :raises TooManyValues: when the attribute has too many, or there is no room for another pair
            of a cell and a value; it names the attribute that takes the most
        """
        mine = self._attributes[name]
        mine.distance = mine.distance or natural_distance(column.type)
        codes = mine.values.of(column)
        named = np.flatnonzero(persons != NOBODY)
        pairs = cells[named].astype(np.int64) << _HALF | codes[named]
        once, _ = combinations([_dense(pairs), np.asarray(persons)[named]])
        keys, counts = np.unique(pairs[once], return_counts=True)
        mine.keys, mine.counts = _merged(mine.keys, mine.counts, keys, counts)
        if sum(len(each.keys) for each in self._attributes.values()) > self._most:
            raise TooManyValues(max(self._attributes, key=self._held))

    def _held(self, name: str) -> int:
        return len(self._attributes[name].keys)

    def telling(
        self,
        left_out: Mask,
        *,
        l: int | None,  # noqa: E741
        t: float | None,
        look: Callable[[], None] = lambda: None,
    ) -> Mask:
        """
        Return the cells that tell too much of an attribute, those left out already included.

        A cell that is left out changes what all of them together look like: they are looked at
        again until nothing changes.

        :param left_out: by number of cell
        :param l: least values of each attribute in a cell, None when it is not demanded
        :param t: largest distance of a cell from all, likewise
        :param look: called before each round; it raises to stop
        """
        found = left_out.copy()
        while True:
            look()
            before = int(found.sum())
            for mine in self._attributes.values():
                found |= _alike(mine, found, l) if l is not None else False
                found |= _far(mine, found, t) if t is not None else False
            if int(found.sum()) == before:
                return found

    def least_values(self, left_out: Mask) -> int:
        """Return the least number of values of an attribute in a cell that stays."""
        sizes = [_sizes(each, left_out) for each in self._attributes.values()]
        return min((int(size[size > 0].min(initial=_LOW)) for size in sizes), default=0)

    def largest_distance(self, left_out: Mask) -> float:
        """Return the largest distance of a cell that stays from all that stay."""
        return max(
            (float(_moved(each, left_out).max(initial=0.0)) for each in self._attributes.values()),
            default=0.0,
        )


def same_value(value: Any) -> Any:
    """Return a value that equals itself: what is not a number is missing."""
    return None if value != value else value  # noqa: PLR0124  # only a NaN is not itself


def _dense(numbers: Counts) -> Counts:
    """Number values from 0, so that they can be combined with others."""
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)


def _merged(keys: Counts, counts: Counts, more: Counts, counted: Counts) -> tuple[Counts, Counts]:
    """Add sorted keys to others, without sorting again those that are there."""
    at = np.searchsorted(keys, more)
    known = np.zeros(len(more), bool)
    inside = at < len(keys)
    known[inside] = keys[at[inside]] == more[inside]
    counts[at[known]] += counted[known]
    fresh = ~known
    return np.insert(keys, at[fresh], more[fresh]), np.insert(counts, at[fresh], counted[fresh])


def _sizes(mine: _Attribute, left_out: Mask) -> Counts:
    spread = mine.spread(left_out)
    return np.bincount(spread.group, minlength=len(left_out))


def _alike(mine: _Attribute, left_out: Mask, least: int) -> Mask:
    sizes = _sizes(mine, left_out)
    return (sizes > 0) & (sizes < least)


def _moved(mine: _Attribute, left_out: Mask) -> Any:
    chosen = mine.distance or Distance.EQUAL
    return distances(mine.spread(left_out), len(left_out), chosen)


def _far(mine: _Attribute, left_out: Mask, most: float) -> Mask:
    found: Mask = _moved(mine, left_out) > most
    return found
