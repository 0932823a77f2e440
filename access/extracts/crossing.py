"""
Join the rows of several sources, one bucket after the other.

The pseudonyms of a crossing are of one key: a person's rows of every source are in the same
bucket. What goes out of a bucket is what SQL calls an inner join, each row of one source with each
of the other about the same person. Who is joined with whom is found once: it waits with the rows,
as they do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.extracts.passes import SUBJECT, Gathered, Scatter, nothing, taken
from access.extracts.ports import EngineError, Limits
from access.extracts.rows import Order, Rows, heads, tails
from access.extracts.spill import Spill
from access.pseudonymisation.cells import Ids, JoinedCells

MOST_FOR_ONE = 8
"""A bucket may grow so many times by a join: beyond, the rows of one person are too many."""
_PERSON, _CELL = "person", "cell"


@dataclass(frozen=True, slots=True)
class _Joined:
    """
    Who is joined with whom in one bucket, in the order of the pseudonyms.

    :param rows: of each source; the n-th of each go together
    :param persons: number of the person of each joined row, growing
    :param cells: number of the cell of each, None when nothing is checked
    :param alone: rows that are joined with nothing
    """

    rows: Sequence[Ids]
    persons: Ids
    cells: Ids | None
    subjects: pa.Array
    alone: int


class Crossing:
    """
    The sources of a crossing, each scattered to the same buckets, with names read apart.

    :param cells: numbers the cells of all the sources together; None when nothing is checked
    :param spill: where who is joined with whom waits
    """

    def __init__(
        self,
        scatters: Sequence[Scatter],
        cells: JoinedCells | None,
        limits: Limits,
        spill: Spill,
    ) -> None:
        self._scatters = scatters
        self._cells = cells
        self._most = MOST_FOR_ONE * 4 * limits.batch_rows
        self._spill = spill
        self._alone: dict[int, int] = {}

    def gather(self, bucket: int, *, whole: bool = True) -> Gathered:
        """
        Return the joined rows of a bucket, in their order.

        :raises EngineError: when one person's rows multiply beyond measure
        """
        joined = self._remembered(bucket) if bucket in self._alone else self._found(bucket)
        if joined is None:
            return nothing(self._alone[bucket])
        pieces = []
        if whole:
            columns = [scatter.columns(bucket) for scatter in self._scatters]
            pieces = list(zip(columns, joined.rows, strict=True))
        tie = np.zeros(len(joined.persons), np.uint64)
        return Gathered(pieces, joined.subjects, tie, joined.cells, joined.alone, joined.persons)

    def restored(self, name: str, column: pa.Array) -> pa.Array:
        """Return a column of a bucket with its texts."""
        for scatter in self._scatters:
            column = scatter.restored(name, column)
        return column

    def _found(self, bucket: int) -> _Joined | None:
        """Find who is joined with whom, and keep it."""
        parts = [scatter.gather(bucket, whole=False) for scatter in self._scatters]
        there = sum(part.rows for part in parts)
        if not all(part.rows for part in parts):
            self._alone[bucket] = there
            return None
        rows, persons = matched(parts, self._most)
        reached = sum(_reached(mine, part) for mine, part in zip(rows, parts, strict=True))
        self._alone[bucket] = there - reached
        if not len(persons):
            return None
        subjects = taken(parts[0].subjects, pa.array(rows[0]))
        found = _Joined(rows, persons, self._numbered(parts, rows), subjects, there - reached)
        columns = {str(number): pa.array(each) for number, each in enumerate(rows)}
        columns |= {_PERSON: pa.array(persons), SUBJECT: subjects}
        if found.cells is not None:
            columns[_CELL] = pa.array(found.cells)
        self._spill.put(bucket, pa.RecordBatch.from_pydict(columns))
        return found

    def _remembered(self, bucket: int) -> _Joined | None:
        for batch in self._spill.read(bucket):
            rows = [batch.column(str(n)).to_numpy() for n in range(len(self._scatters))]
            cells = batch.column(_CELL).to_numpy() if self._cells is not None else None
            persons = batch.column(_PERSON).to_numpy()
            return _Joined(rows, persons, cells, batch.column(SUBJECT), self._alone[bucket])
        return None

    def _numbered(self, parts: Sequence[Gathered], rows: Sequence[Ids]) -> Ids | None:
        if self._cells is None:
            return None
        return self._cells.number(
            [
                part.cells[mine]
                for part, mine in zip(parts, rows, strict=True)
                if part.cells is not None
            ]
        )


def matched(parts: Sequence[Gathered], most: int) -> tuple[list[Ids], Ids]:
    """
    Join rows on who they are about, as SQL does; rows about nobody are joined with none.

    :param most: joined rows, at most
    :returns: for each part the rows that are joined, the n-th of each together, in the order of the
        pseudonyms and for one person of the ties; and a number for the person of each
    :raises EngineError: when there are more
    """
    named = [_named(part.subjects) for part in parts]
    first = [heads(part.subjects)[mine] for part, mine in zip(parts, named, strict=True)]
    second = [tails(part.subjects)[mine] for part, mine in zip(parts, named, strict=True)]
    found = _joined_on(first, most)
    if _collide(found, second):
        # Two persons whose pseudonyms begin alike: all of them is compared.
        found = _joined_on(_ranked(first, second), most)
    rows = [mine[each] for mine, each in zip(named, found.rows, strict=True)]
    if found.several:
        tie = np.zeros(len(found.persons), np.uint64)
        for part, mine in zip(parts, rows, strict=True):
            tie = _stirred(tie) + part.tie[mine]
        order = np.lexsort((tie, found.persons))
        rows = [each[order] for each in rows]
    return [each.astype(np.int32) for each in rows], found.persons.astype(np.int32)


@dataclass(frozen=True, slots=True)
class _Matches:
    """
    :param rows: of each part, in the order of the keys
    :param persons: of each joined row
    :param within: of each part: neighbours in the order of its keys that have one key
    :param several: whether a person has several joined rows
    """

    rows: list[Rows]
    persons: Rows
    within: list[tuple[Rows, Rows]]
    several: bool


def _joined_on(keys: Sequence[Order], most: int) -> _Matches:
    """Join on numbers: sorted once each, then walked side by side."""
    orders = [np.argsort(each) for each in keys]
    ordered = [each[order] for each, order in zip(keys, orders, strict=True)]
    fresh = [_changes(each) for each in ordered]
    starts = [np.flatnonzero(each) for each in fresh]
    within = [
        (order[:-1][~new[1:]], order[1:][~new[1:]])
        for order, new in zip(orders, fresh, strict=True)
    ]
    places = _shared([each[start] for each, start in zip(ordered, starts, strict=True)])
    sizes = [
        np.diff(start, append=len(order))[place]
        for start, order, place in zip(starts, orders, places, strict=True)
    ]
    begins = [start[place] for start, place in zip(starts, places, strict=True)]
    total = _product(sizes)
    wanted = int(total.sum())
    if wanted > most:
        raise EngineError("crossing_wide", permanent=True)
    several = bool((total > 1).any())
    if not several:
        rows = [order[begin] for order, begin in zip(orders, begins, strict=True)]
        return _Matches(rows, np.arange(wanted), within, several)
    persons = np.repeat(np.arange(len(total)), total)
    turn = np.arange(wanted) - np.repeat(np.cumsum(total) - total, total)
    rows = []
    for order, begin, size in zip(orders, begins, sizes, strict=True):
        mine = size[persons]
        rows.append(order[begin[persons] + turn % mine])
        turn //= mine
    return _Matches(rows, persons, within, several)


def _shared(values: Sequence[Order]) -> list[Rows]:
    """Return where the values that all have are, in each; every one is sorted, each value once."""
    places = [np.arange(len(values[0]))]
    for other in values[1:]:
        wanted = values[0][places[0]]
        at = np.searchsorted(other, wanted)
        there = at < len(other)
        there[there] = other[at[there]] == wanted[there]
        places = [*(each[there] for each in places), at[there]]
    return places


def _product(sizes: Sequence[Rows]) -> Rows:
    """Multiply, and stop far beyond what any limit allows rather than go round."""
    total = sizes[0].astype(np.int64)
    for size in sizes[1:]:
        total = np.minimum(total * size, 1 << 31)
    return total


def _collide(found: _Matches, second: Sequence[Order]) -> bool:
    """Tell whether numbers were equal whose other halves are not."""
    inside = any(
        (half[left] != half[right]).any()
        for half, (left, right) in zip(second, found.within, strict=True)
    )
    mine = second[0][found.rows[0]]
    return inside or any(
        (mine != half[rows]).any() for half, rows in zip(second, found.rows, strict=True)
    )


def _ranked(first: Sequence[Order], second: Sequence[Order]) -> list[Order]:
    """Return numbers that are equal, and sort, as the whole pseudonyms do."""
    high, low = np.concatenate(first), np.concatenate(second)
    order = np.lexsort((low, high))
    rank = np.zeros(len(high), np.uint64)
    rank[order] = np.cumsum(_changes(high[order]) | _changes(low[order]), dtype=np.uint64)
    return np.split(rank, np.cumsum([len(each) for each in first])[:-1])


def _named(subjects: pa.Array) -> Rows:
    return np.flatnonzero(subjects.is_valid().to_numpy(zero_copy_only=False))


def _changes(values: Order) -> npt.NDArray[np.bool_]:
    """Tell, for each value, whether it differs from the one before; the first does."""
    fresh = np.ones(len(values), bool)
    fresh[1:] = values[1:] != values[:-1]
    return fresh


def _reached(rows: Ids, part: Gathered) -> int:
    """Count the rows of a source that are joined with another."""
    met = np.zeros(part.rows, bool)
    met[rows] = True
    return int(met.sum())


def _stirred(tie: Order) -> Order:
    """Tell (a, b) from (b, a) when ties are added up."""
    return tie << np.uint64(1) | tie >> np.uint64(63)
