"""
How many rows and persons stand behind each cell, counted in one pass or part by part. Pure.

What counts is how many *different* subjects a cell holds: ten yearly rows of one pupil are one. A
row without an identifier is in its cell and counts for nobody.
"""

import threading
from abc import ABC, abstractmethod

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from access.pseudonymisation.cells import Ids
from access.pseudonymisation.disclosure import Counts, Verdict
from hub.crypto.prf import matrix_of

Mask = npt.NDArray[np.bool_]
WATCHED = 4_000_000
"""Pairs of a cell and a subject that may be remembered at once, 24 bytes each."""
_PAIR = np.dtype([("cell", np.int64), ("high", np.uint64), ("low", np.uint64)])


class Tallies(ABC):
    """
    Rows by cell, and which cells hold enough persons.

    :ivar rows: rows of each cell, by its number
    """

    def __init__(self, k: int) -> None:
        self.k = k
        self.rows: Counts = np.zeros(0, np.int64)

    @abstractmethod
    def enough(self) -> Mask:
        """Tell, for each cell, whether at least k subjects are in it."""
        ...

    def small(self) -> Mask:
        """Tell, for each cell, whether it holds rows but fewer than k subjects."""
        return (self.rows > 0) & ~self.enough()

    def verdict(self, left_out: Mask) -> Verdict:
        """Sum up, when these cells are left out."""
        return Verdict(
            k=self.k,
            rows=int(self.rows.sum()),
            cells=int((self.rows > 0).sum()),
            small_cells=int((left_out & (self.rows > 0)).sum()),
            suppressed=int(self.rows[left_out].sum()),
        )

    def _count(self, cells: Ids) -> int:
        size = max(int(cells.max(initial=-1)) + 1, len(self.rows))
        self.rows = _wider(self.rows, size) + np.bincount(cells, minlength=size)
        return size


class Saturation(Tallies):
    """
    Count while the rows go by, in any order and from several threads.

    A cell is watched until k subjects were seen in it; then nothing of it is remembered. Subjects
    are compared on all their 128 bits.

    :param most: pairs of a cell and a subject to remember
    :ivar given_up: too many cells stay open for this memory: count otherwise (:class:`Census`)
    """

    def __init__(self, k: int, most: int = WATCHED) -> None:
        super().__init__(k)
        self.given_up = False
        self._most = most
        self._lock = threading.Lock()
        self._full: Mask = np.zeros(0, bool)
        self._seen = np.zeros(0, _PAIR)

    def add(self, cells: Ids, subjects: pa.Array) -> None:
        """
        Count some rows.

        :param cells: number of the cell of each row
        :param subjects: 16 bytes each, null where there is no identifier
        """
        fresh = _pairs(cells, subjects, self._full)
        with self._lock:
            size = self._count(cells)
            if size > len(self._full):
                self._full = np.concatenate([self._full, np.zeros(size - len(self._full), bool)])
            if self.given_up or not len(fresh):
                return
            fresh = fresh[~self._full[fresh["cell"]]]
            seen = _distinct(np.concatenate([self._seen, fresh]))
            subjects_of = np.bincount(seen["cell"], minlength=size)
            self._full |= subjects_of >= self.k
            self._seen = seen[~self._full[seen["cell"]]]
            self.given_up = len(self._seen) > self._most
            if self.given_up:
                self._seen = self._seen[:0]

    def enough(self) -> Mask:
        """Tell, for each cell, whether at least k subjects are in it."""
        return self._full


class Census(Tallies):
    """
    Count one part of the subjects after the other.

    Parts must not share a subject (buckets by pseudonym do not): counts of parts then add up
    exactly, whatever their number, and memory is one part and two numbers a cell.
    """

    def __init__(self, k: int) -> None:
        super().__init__(k)
        self.subjects: Counts = np.zeros(0, np.int64)

    def add(self, cells: Ids, persons: Counts | Ids) -> None:
        """
        Count one part.

        :param cells: number of the cell of each row
        :param persons: number of the subject of each row (:func:`numbered`), -1 for nobody
        """
        size = self._count(cells)
        if (persons[1:] > persons[:-1]).all() and (persons[:1] >= 0).all():
            # Nobody comes twice.
            found = cells
        else:
            named = persons >= 0
            pair = persons[named].astype(np.int64) * size + cells[named]
            found = pc.unique(pa.array(pair)).to_numpy(zero_copy_only=False) % max(size, 1)
        self.subjects = _wider(self.subjects, size) + np.bincount(found, minlength=size)

    def enough(self) -> Mask:
        """Tell, for each cell, whether at least k subjects are in it."""
        return self.subjects >= self.k


def numbered(subjects: pa.Array) -> Counts:
    """
    Number the subjects of some rows: equal numbers for equal subjects, -1 for nobody.

    Sorting by the first half is enough as long as equal first halves have equal second halves: they
    are looked at.
    """
    halves = matrix_of(subjects).reshape(-1).view(np.uint64).reshape(-1, 2)
    found = np.full(len(subjects), -1, np.int64)
    named = None
    if subjects.null_count:
        named = np.flatnonzero(subjects.is_valid().to_numpy(zero_copy_only=False))
        halves = halves[named]
    first, second = np.ascontiguousarray(halves[:, 0]), np.ascontiguousarray(halves[:, 1])
    order = np.argsort(first)
    fresh = _differs(first[order])
    same = np.flatnonzero(~fresh)
    if (second[order[same]] != second[order[same - 1]]).any():
        order = np.lexsort((second, first))
        fresh = _differs(first[order]) | _differs(second[order])
    found[order if named is None else named[order]] = np.cumsum(fresh) - 1
    return found


def _differs(values: npt.NDArray[np.uint64]) -> Mask:
    """Tell, for each value, whether it differs from the one before; the first does."""
    fresh = np.ones(len(values), bool)
    fresh[1:] = values[1:] != values[:-1]
    return fresh


def _pairs(cells: Ids, subjects: pa.Array, full: Mask) -> npt.NDArray[np.void]:
    """Return the cell and subject of the rows that still matter, once each."""
    matters = subjects.is_valid().to_numpy(zero_copy_only=False).copy()
    known = cells < len(full)
    matters[known] &= ~full[cells[known]]
    rows = np.flatnonzero(matters)
    found = np.empty(len(rows), _PAIR)
    halves = matrix_of(subjects)[rows].view(np.uint64).reshape(-1, 2)
    found["cell"], found["high"], found["low"] = cells[rows], halves[:, 0], halves[:, 1]
    return _distinct(found)


def _distinct(pairs: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    if not len(pairs):
        return pairs
    pairs = pairs[np.lexsort((pairs["low"], pairs["high"], pairs["cell"]))]
    first = np.ones(len(pairs), bool)
    first[1:] = pairs[1:] != pairs[:-1]
    return pairs[first]


def _wider(counts: Counts, size: int) -> Counts:
    return np.concatenate([counts, np.zeros(size - len(counts), np.int64)])
