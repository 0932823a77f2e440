"""
Join the rows of several sources, one bucket after the other.

The pseudonyms of a crossing are of one key: a person's rows of every source are in the same
bucket. What goes out of a bucket is what SQL calls an inner join, each row of one source with each
of the other about the same person.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from access.extracts.passes import Gathered, Scatter, nothing, taken
from access.extracts.ports import EngineError, Limits
from access.extracts.rows import Order, Rows
from access.pseudonymisation.cells import Ids, JoinedCells
from access.pseudonymisation.census import numbered

MOST_FOR_ONE = 32
"""A bucket may grow so many times by a join: beyond, the rows of one person are too many."""


class Crossing:
    """
    The sources of a crossing, each scattered to the same buckets.

    :param cells: numbers the cells of all the sources together; None when nothing is checked
    """

    def __init__(
        self, scatters: Sequence[Scatter], cells: JoinedCells | None, limits: Limits
    ) -> None:
        self._scatters = scatters
        self._cells = cells
        self._most = MOST_FOR_ONE * 4 * limits.batch_rows

    def gather(self, bucket: int, *, whole: bool = True) -> Gathered:
        """
        Return the joined rows of a bucket.

        :raises EngineError: when one person's rows multiply beyond measure
        """
        parts = [scatter.gather(bucket, whole=whole) for scatter in self._scatters]
        there = sum(part.rows for part in parts)
        if not all(part.rows for part in parts):
            return nothing(there)
        rows = self._matched(_persons(parts))
        alone = there - sum(_reached(mine, part) for mine, part in zip(rows, parts, strict=True))
        if not len(rows[0]):
            return nothing(alone)
        tie = np.zeros(len(rows[0]), np.uint64)
        for part, mine in zip(parts, rows, strict=True):
            tie = _stirred(tie) + part.tie[mine]
        subjects = taken(parts[0].subjects, pa.array(rows[0]))
        pieces = [
            (columns, mine)
            for part, mine in zip(parts, rows, strict=True)
            for columns, _every in part.pieces
        ]
        return Gathered(pieces, subjects, tie, self._numbered(parts, rows), alone)

    def restored(self, name: str, column: pa.Array) -> pa.Array:
        """Return a column of a bucket with its texts."""
        for scatter in self._scatters:
            column = scatter.restored(name, column)
        return column

    def _matched(self, persons: Sequence[Rows]) -> list[Rows]:
        """Return, for each source, the rows that are joined: the n-th of each go together."""
        joined = [np.flatnonzero(persons[0] >= 0)]
        size = 1 + max(int(each.max(initial=-1)) for each in persons)
        for each in persons[1:]:
            named = np.flatnonzero(each >= 0)
            rows_of = np.bincount(each[named], minlength=size)
            first_of = np.cumsum(rows_of) - rows_of
            by_person = named[np.argsort(each[named])]
            mine = persons[0][joined[0]]
            counts = rows_of[mine]
            total = int(counts.sum())
            if total > self._most:
                raise EngineError("crossing_wide", permanent=True)
            again = np.repeat(np.arange(len(mine)), counts)
            within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
            joined = [rows[again] for rows in joined]
            joined.append(by_person[np.repeat(first_of[mine], counts) + within])
        return joined

    def _numbered(self, parts: Sequence[Gathered], rows: Sequence[Rows]) -> Ids | None:
        if self._cells is None:
            return None
        return self._cells.number(
            [
                part.cells[mine]
                for part, mine in zip(parts, rows, strict=True)
                if part.cells is not None
            ]
        )


def _persons(parts: Sequence[Gathered]) -> list[Rows]:
    """Return, for each source, a number for the person of each row (-1: nobody)."""
    numbers = numbered(pa.concat_arrays([part.subjects for part in parts]))
    ends = np.cumsum([part.rows for part in parts])
    return np.split(numbers, ends[:-1])


def _reached(rows: Rows, part: Gathered) -> int:
    """Count the rows of a source that are joined with another."""
    met = np.zeros(part.rows, bool)
    met[rows] = True
    return int(met.sum())


def _stirred(tie: Order) -> Order:
    """Tell (a, b) from (b, a) when ties are added up."""
    return tie << np.uint64(1) | tie >> np.uint64(63)
