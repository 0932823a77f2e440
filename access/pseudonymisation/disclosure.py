"""
How few persons stand behind a row: k-anonymity counted on distinct subjects. Pure.

A *cell* is one combination of the values of the quasi-identifiers; a missing value is a value like
another. What counts in a cell is how many different subjects it holds, not how many rows: ten
yearly rows of one pupil are one. A row without an identifier is in its cell and counts for nobody.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from hub.crypto.prf import WIDTH, Bytes, Prf, matrix_of, pseudonyms

Ids = npt.NDArray[np.int32]
Counts = npt.NDArray[np.int64]
_ROOM = 1 << 62


class TooManyCells(Exception):
    """The quasi-identifiers make more cells than may be watched: they are far too fine."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What the check found.

    :param rows: checked, those of small cells included
    :param small_cells: cells with fewer than k subjects
    :param suppressed: rows of small cells
    """

    k: int
    rows: int
    cells: int
    small_cells: int
    suppressed: int

    @property
    def share(self) -> float:
        """Return the share of rows to suppress, 0 when there is no row."""
        return self.suppressed / self.rows if self.rows else 0.0


class Cells:
    """
    Number the cells as they are met; safe to call from several threads.

    :param function: gives each combination of values a name of 16 bytes that is the same from one
        run to the next under the same key, and that tells nothing without it
    :param most: how many cells may be watched (about 200 bytes each)
    """

    def __init__(self, function: Prf, most: int = 2_000_000) -> None:
        self._function = function
        self._most = most
        self._lock = threading.Lock()
        self._ids: dict[bytes, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def number(self, columns: Sequence[pa.Array]) -> Ids:
        """
        Return the number of the cell of each row.

        :param columns: the quasi-identifiers, equally long
        :raises TooManyCells: when there is no room for another
        """
        codes, names = [], []
        for column in columns:
            code, name = self._coded(column)
            codes.append(code)
            names.append(name)
        first, inverse = combinations(codes)
        tuples = np.concatenate(
            [name[code[first]] for code, name in zip(codes, names, strict=True)], axis=1
        )
        digests = self._function.matrix(tuples)
        return self._numbered(digests)[inverse]

    def names(self) -> Bytes:
        """Return the 16-byte names of the cells, by number."""
        with self._lock:
            joined = b"".join(self._ids)
        return np.frombuffer(joined, np.uint8).reshape(-1, WIDTH)

    def _coded(self, column: pa.Array) -> tuple[Counts, Bytes]:
        """Return a code per row (0 is null) and the name of the value of each code."""
        if not isinstance(column, pa.DictionaryArray):
            column = column.dictionary_encode()
        # Dictionaries may hold a value twice, or a null: once is what makes cells equal.
        values = column.dictionary.cast(pa.string()).dictionary_encode()
        indices = values.indices.take(column.indices)
        code = pc.fill_null(pc.add(indices.cast(pa.int64()), 1), 0)
        present = matrix_of(pseudonyms(values.dictionary, self._function))
        name = np.concatenate([np.zeros((1, WIDTH), np.uint8), present])
        return code.to_numpy(zero_copy_only=False), name

    def _numbered(self, digests: Bytes) -> Ids:
        found = np.empty(len(digests), np.int32)
        with self._lock:
            for position, digest in enumerate(digests):
                found[position] = self._ids.setdefault(digest.tobytes(), len(self._ids))
            if len(self._ids) > self._most:
                raise TooManyCells
        return found


class Census:
    """
    Count rows and distinct subjects by cell, one part of the subjects after the other.

    Parts must not share a subject (buckets by pseudonym do not): counts of parts then add up
    exactly, whatever their number, and memory is one part and two numbers a cell.
    """

    def __init__(self) -> None:
        self.subjects: Counts = np.zeros(0, np.int64)
        self.rows: Counts = np.zeros(0, np.int64)
        self.persons = 0

    def add(self, cells: Ids, subjects: pa.Array) -> None:
        """
        Count one part.

        :param cells: number of the cell of each row
        :param subjects: 16 bytes each, null where there is no identifier
        """
        if not len(cells):
            return
        size = max(int(cells.max()) + 1, len(self.rows))
        self.rows = _wider(self.rows, size) + np.bincount(cells, minlength=size)
        valid = subjects.is_valid().to_numpy(zero_copy_only=False)
        encoded = subjects.drop_null().dictionary_encode()
        self.persons += len(encoded.dictionary)
        pair = (
            encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64) * size + cells[valid]
        )
        distinct = pc.unique(pa.array(pair)).to_numpy(zero_copy_only=False)
        self.subjects = _wider(self.subjects, size) + np.bincount(distinct % size, minlength=size)

    def small(self, k: int) -> npt.NDArray[np.bool_]:
        """Tell, for each cell, whether it holds rows but fewer than k subjects."""
        return (self.rows > 0) & (self.subjects < k)

    def verdict(self, k: int, small: npt.NDArray[np.bool_] | None = None) -> Verdict:
        """Sum up, for the cells that are small or for those given."""
        chosen = self.small(k) if small is None else small
        return Verdict(
            k=k,
            rows=int(self.rows.sum()),
            cells=int((self.rows > 0).sum()),
            small_cells=int(chosen.sum()),
            suppressed=int(self.rows[chosen].sum()),
        )


def _wider(counts: Counts, size: int) -> Counts:
    return np.concatenate([counts, np.zeros(size - len(counts), np.int64)])


def combinations(codes: Sequence[Counts]) -> tuple[Counts, Counts]:
    """
    Number the combinations of several codes.

    :returns: a row where each combination stands, and the combination of each row
    """
    combined = codes[0]
    for code in codes[1:]:
        size = int(code.max(initial=0)) + 1
        if int(combined.max(initial=0)) + 1 > _ROOM // size:
            # The product of the categories leaves 62 bits: keep only the combinations that exist.
            combined = pa.array(combined).dictionary_encode().indices.to_numpy().astype(np.int64)
        combined = combined * size + code
    encoded = pa.array(combined).dictionary_encode()
    inverse = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.zeros(len(encoded.dictionary), np.int64)
    first[inverse[::-1]] = np.arange(len(inverse))[::-1]
    return first, inverse
