"""
The second pass: buckets of rows, counted where they must be, and put in the order of the extract.

Each bucket is put in the order of the pseudonyms, small cells are left out, and the rows are handed
over. Memory is a few buckets. Pure.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.extracts.passes import SUBJECT, Bucketed, Gathered, Watch, taken
from access.extracts.rows import Rows, placed, tails
from access.pseudonymisation.cells import Ids
from access.pseudonymisation.census import Census, Mask, numbered
from access.pseudonymisation.disclosure import Counts

_ABOVE_TIE = np.uint64(40)
_TIE = np.uint64((1 << 24) - 1)
Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Sorted:
    """
    The rows of one bucket, in the order of the extract.

    :param columns: by output name
    :param persons: distinct subjects among them
    :param gathered: rows before the small cells were left out
    :param alone: rows of a crossing whose person is not in every source
    """

    columns: dict[str, pa.Array]
    rows: int
    persons: int
    gathered: int
    alone: int


def take_census(
    k: int, source: Bucketed, buckets: int, total: int, threads: int, watch: Watch
) -> Census:
    """Count the persons behind each cell, one bucket after the other."""
    census, done = Census(k), 0

    def gathered(bucket: int) -> tuple[Ids, Counts | Ids] | None:
        rows = source.gather(bucket, whole=False)
        if rows.cells is None or rows.subjects is None:
            return None
        return rows.cells, numbered(rows.subjects) if rows.persons is None else rows.persons

    for found in ahead(gathered, buckets, threads):
        if found is not None:
            census.add(*found)
            done += len(found[0])
        watch.look("checking", min(done, total), total)
    return census


def in_order(
    source: Bucketed, buckets: int, left_out: Mask | None, threads: int
) -> Iterator[Sorted]:
    """
    Yield the buckets one after the other, each in the order of the pseudonyms.

    :param left_out: by number of cell: those whose rows are not delivered
    """
    bits = (buckets - 1).bit_length()
    return ahead(lambda bucket: _sorted(source, bucket, left_out, bits), buckets, threads)


def ahead(work: Callable[[int], Found], buckets: int, threads: int) -> Iterator[Found]:
    """Yield what each bucket gives, in turn, while the next ones are under way."""
    with ThreadPoolExecutor(threads) as pool:
        under_way: deque[Future[Found]] = deque()
        try:
            for bucket in range(buckets):
                under_way.append(pool.submit(work, bucket))
                if len(under_way) > threads:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        finally:
            for future in under_way:
                future.cancel()


def _sorted(source: Bucketed, bucket: int, left_out: Mask | None, bits: int) -> Sorted:
    rows = source.gather(bucket)
    if not rows.rows:
        return Sorted({}, 0, 0, 0, rows.alone)
    persons: Rows | Ids | None = rows.persons
    order: Rows = np.arange(rows.rows)
    if persons is None:
        order, persons = _order(rows, bits)
    if rows.cells is not None and left_out is not None:
        stays = ~left_out[rows.cells[order]]
        order, persons = order[stays], persons[stays]
    columns = {name: source.restored(name, column) for name, column in rows.columns(order)}
    if rows.subjects is not None:
        columns[SUBJECT] = taken(rows.subjects, pa.array(order))
    return Sorted(columns, len(order), _distinct(persons), rows.rows, rows.alone)


def _order(rows: Gathered, bits: int) -> tuple[Rows, Rows]:
    """
    Return the rows by pseudonym, those of one person by their tie, and a number for the person of
    each (-1: nobody).

    One sort is enough where the tie can take the place of the last bits of the pseudonyms: as long
    as two of the bucket do not differ there only.

    :param bits: first bits of the pseudonyms, which all those of the bucket share
    """
    if rows.subjects is None:
        return np.argsort(rows.tie), np.full(rows.rows, -1)
    high, low = placed(rows.tie, rows.subjects), tails(rows.subjects)
    key = (high << np.uint64(bits) & ~_TIE) | (rows.tie >> _ABOVE_TIE)
    order = np.argsort(key)
    if _changes(key[order] & ~_TIE).sum() != _changes(high[order], low[order]).sum():
        order = np.lexsort((rows.tie, low, high))
    persons = np.cumsum(_changes(high[order], low[order]), dtype=np.int64)
    if rows.subjects.null_count:
        named = rows.subjects.is_valid().to_numpy(zero_copy_only=False)
        persons[~named[order]] = -1
    return order, persons


def _changes(*numbers: npt.NDArray[Any]) -> Mask:
    """Tell, for each row, whether it differs from the one before."""
    found = np.zeros(len(numbers[0]), bool)
    for each in numbers:
        found[1:] |= each[1:] != each[:-1]
    return found


def _distinct(persons: Rows | Ids) -> int:
    """Count the persons among rows that are in their order."""
    named = persons[persons >= 0]
    return int(_changes(named).sum()) + bool(len(named))
