"""
The passes of the engine over the rows.

Pass 1 reads the row groups on several threads, chooses and treats the rows, counts the persons
behind each cell, and scatters the rows to buckets by the head of their pseudonym. Pass 2 puts each
bucket in the order of the pseudonyms, leaves the small cells out and hands the rows over. A
person's rows are all in one bucket, of every source that is crossed. Memory is a few batches and
buckets, whatever the size of the release.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from access.extracts.domains import Domain
from access.extracts.ports import Cancelled, Limits, Meter, Progress, Task
from access.extracts.rows import Order, Preparation, Prepared, Rows, Tally, placed
from access.extracts.spill import Spill
from access.pseudonymisation.cells import Ids
from access.pseudonymisation.census import Saturation
from hub.crypto.files import open_parquet

TIE, SUBJECT, CELL = "\0tie", "\0subject", "\0cell"
"""Names of the columns that travel with the rows; no field's name begins like them."""
MOST_BUCKETS = 256
BATCHES_PER_BUCKET = 4
POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Gathered:
    """
    The rows of one bucket, in no order.

    :param pieces: of each source: columns by output name, texts as codes, and where each row of the
        bucket is in them
    :param subjects: 16 bytes each; None when rows are not about persons
    :param tie: what orders the rows of one person
    :param cells: number of the cell of each row, None when nothing is checked
    :param alone: rows of a crossing whose person is not in every source: they are not here
    :param persons: number of the person of each row, when the rows are in their order already
    """

    pieces: Sequence[tuple[Mapping[str, pa.Array], Rows | Ids]]
    subjects: pa.Array | None
    tie: Order
    cells: Ids | None
    alone: int = 0
    persons: Rows | Ids | None = None

    @property
    def rows(self) -> int:
        """Return how many there are."""
        return len(self.tie)

    def columns(self, order: Rows) -> Iterator[tuple[str, pa.Array]]:
        """Yield the columns, with these rows in this order."""
        for columns, rows in self.pieces:
            chosen = pa.array(rows[order])
            yield from ((name, taken(column, chosen)) for name, column in columns.items())


def nothing(alone: int = 0) -> Gathered:
    """Return an empty bucket."""
    return Gathered((), None, np.zeros(0, np.uint64), None, alone)


class Watch:
    """Tell how far the work is, and whether somebody asked to stop. For one thread only."""

    def __init__(self, progress: Progress, cancelled: Callable[[], bool]) -> None:
        self._progress = progress
        self._cancelled = cancelled

    def look(self, stage: str, done: int, total: int) -> None:
        """
        Report, and look whether to go on.

        :raises Cancelled: when asked to stop
        """
        self._progress(stage, done, total)
        if self._cancelled():
            raise Cancelled


def buckets_for(rows: int, limits: Limits) -> int:
    """Return how many buckets, a power of two, so that one holds a few batches."""
    wanted = max(rows // (BATCHES_PER_BUCKET * limits.batch_rows), 1)
    return min(1 << (wanted - 1).bit_length(), MOST_BUCKETS)


class Scatter:
    """
    Pass 1 over one source: from row groups to buckets.

    :param counts: told the cell and the subject of every row that stays
    :param meter: told the bytes that were read
    :param names: where the columns that say who the rows are about go, when they are read apart
        from the others; None: they stay together
    """

    def __init__(
        self,
        preparation: Preparation,
        spill: Spill,
        counts: Saturation | None,
        limits: Limits,
        meter: Meter,
        names: Spill | None = None,
    ) -> None:
        self.tally = Tally()
        self.spill = spill
        self._names = names or spill
        self._domains: dict[str, Domain] = {}
        self._preparation = preparation
        self._counts = counts
        self._limits = limits
        self._meter = meter
        self._lock = threading.Lock()
        self._stop = threading.Event()
        # A bucket is told by the first bits; a small number is sorted several times faster.
        self._shift = np.uint64(64 - (spill.buckets - 1).bit_length())

    def read(self, tasks: Sequence[Task], watch: Watch, before: int, total: int) -> None:
        """
        Read every task.

        :param before: rows read before this source
        :param total: rows of all sources
        :raises Cancelled: within a batch of being asked
        """
        waiting = iter(tasks)
        with ThreadPoolExecutor(self._limits.threads) as pool:
            workers = [pool.submit(self._work, waiting) for _ in range(self._limits.threads)]
            try:
                pending = set(workers)
                while pending:
                    done, pending = wait(pending, POLL_SECONDS, FIRST_EXCEPTION)
                    watch.look("reading", before + self.tally.read, total)
                    if any(worker.exception() for worker in done):
                        break
            finally:
                self._stop.set()
        for worker in workers:
            worker.result()

    def gather(self, bucket: int, *, whole: bool = True) -> Gathered:
        """
        Return the rows of a bucket.

        :param whole: with their columns, not only with who they are about
        """
        found = self._read_back(self._names, bucket)
        if not found:
            return nothing()
        tie, cells = found.pop(TIE).to_numpy(), found.pop(CELL, None)
        subjects = found.pop(SUBJECT, None)
        if self._names is not self.spill:
            found = self.columns(bucket) if whole else {}
        pieces = [(found, np.arange(len(tie)))]
        return Gathered(pieces, subjects, tie, None if cells is None else cells.to_numpy())

    def columns(self, bucket: int) -> dict[str, pa.Array]:
        """Return the columns of a bucket that was read apart, by output name, texts as codes."""
        return self._read_back(self.spill, bucket)

    def restored(self, name: str, column: pa.Array) -> pa.Array:
        """Return a column of a bucket with its texts."""
        domain = self._domains.get(name)
        return column if domain is None else domain.restored(column)

    def _work(self, waiting: Iterator[Task]) -> None:
        with ExitStack() as stack:
            opened: dict[Path, pq.ParquetFile] = {}
            while not self._stop.is_set():
                with self._lock:
                    task = next(waiting, None)
                if task is None:
                    return
                path = task.file.path
                if path not in opened:
                    texts = self._preparation.texts
                    file = open_parquet(path, task.file.key, read_dictionary=texts)
                    opened[path] = stack.enter_context(file)
                self._read(opened[path], task)

    def _read(self, file: pq.ParquetFile, task: Task) -> None:
        first = task.first
        for batch in file.iter_batches(
            self._limits.batch_rows,
            row_groups=[task.row_group],
            columns=self._preparation.columns,
            use_threads=False,
        ):
            if self._stop.is_set():
                return
            self._scatter(batch, first)
            read = task.before(first)
            first += batch.num_rows
            self._meter.add(task.before(first) - read)

    def _scatter(self, batch: pa.RecordBatch, first: int) -> None:
        tally = Tally()
        prepared = self._preparation.prepare(batch, first, tally)
        place = prepared.tie
        if prepared.subjects is not None:
            chosen = prepared.subjects.take(pa.array(prepared.rows))
            place = placed(prepared.tie, chosen)
        order, cuts = self._arranged(place)
        rows = pa.array(prepared.rows[order])
        own, carried = self._carried(prepared)
        own = {name: taken(column, rows) for name, column in own.items()}
        own[TIE] = pa.array(prepared.tie[order])
        carried = {name: taken(column, rows) for name, column in carried.items()}
        if self._names is self.spill:
            self.spill.append(pa.RecordBatch.from_pydict(own | carried), cuts, first)
        else:
            self._names.append(pa.RecordBatch.from_pydict(own), cuts, first)
            self.spill.append(pa.RecordBatch.from_pydict(carried), cuts, first)
        if self._counts is not None:
            self._counts.add(own[CELL].to_numpy(), own[SUBJECT])
        with self._lock:
            self.tally.add(tally)

    def _read_back(self, spill: Spill, bucket: int) -> dict[str, pa.Array]:
        batches = list(spill.read(bucket))
        names = batches[0].schema.names if batches else []
        return {
            name: _joined([batch.column(name) for batch in batches], self._domains.get(name))
            for name in names
        }

    def _carried(self, prepared: Prepared) -> tuple[dict[str, pa.Array], dict[str, pa.Array]]:
        """Return the columns that go to the buckets: who, then what, texts as small numbers."""
        own, carried = {}, {}
        if prepared.subjects is not None:
            own[SUBJECT] = prepared.subjects
        if prepared.cells is not None:
            own[CELL] = pa.array(prepared.cells)
        for name, column in prepared.columns.items():
            if isinstance(column, pa.DictionaryArray):
                carried[name] = self._domain(name).coded(column)
            elif column is not prepared.subjects:
                carried[name] = column
        return own, carried

    def _domain(self, name: str) -> Domain:
        with self._lock:
            return self._domains.setdefault(name, Domain())

    def _arranged(self, place: Order) -> tuple[Rows, list[int]]:
        """Return the rows, bucket by bucket, and where each bucket begins."""
        if self.spill.buckets == 1:
            return np.arange(len(place)), [0, len(place)]
        buckets = (place >> self._shift).astype(np.uint8)
        sizes = np.bincount(buckets, minlength=self.spill.buckets)
        return np.argsort(buckets, kind="stable"), [0, *np.cumsum(sizes).tolist()]


class Bucketed(Protocol):
    """Rows in buckets, of one source or of several that are joined."""

    def gather(self, bucket: int, *, whole: bool = True) -> Gathered:
        """Return the rows of a bucket, with their columns or only with who they are about."""
        ...

    def restored(self, name: str, column: pa.Array) -> pa.Array:
        """Return a column of a bucket with its texts."""
        ...


def _joined(pieces: Sequence[pa.Array], domain: Domain | None) -> pa.Array:
    """Join the pieces of a column: codes grow wider on the way, and a full domain turns to texts."""
    if domain is not None and domain.full:
        pieces = [domain.restored(piece) for piece in pieces]
    elif domain is not None:
        pieces = [piece.cast(pa.int32()) for piece in pieces]
    return pa.concat_arrays(pieces)


def taken(column: pa.Array, rows: pa.Array) -> pa.Array:
    """Return the rows of a column; they are known to be there."""
    return pc.take(column, rows, boundscheck=False)
