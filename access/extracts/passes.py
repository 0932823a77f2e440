"""
The passes of the engine over the rows.

Pass 1 reads the row groups on several threads, chooses and treats the rows, and scatters them to
buckets by the head of their pseudonym. Since a person's rows are all in one bucket, the persons
behind each cell are then counted bucket by bucket and added up, exactly. Pass 2 puts each bucket
in the order of the pseudonyms, leaves the small cells out and hands the rows over. Memory is a few
batches and buckets, whatever the size of the release.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.extracts.domains import Domain
from access.extracts.ports import Cancelled, Limits, Progress, SourceFile
from access.extracts.rows import Order, Preparation, Prepared, Tally, placed
from access.extracts.spill import Spill
from access.pseudonymisation.disclosure import Census
from hub.crypto.files import open_parquet

TIE, SUBJECT, CELL = "\0tie", "\0subject", "\0cell"
"""Names of the columns that travel with the rows; no field's name begins like them."""
MOST_BUCKETS = 256
BATCHES_PER_BUCKET = 4
POLL_SECONDS = 0.2

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Task:
    """One row group, and the number of its first row in the release."""

    file: SourceFile
    row_group: int
    first: int


@dataclass(frozen=True, slots=True)
class Sorted:
    """
    The rows of one bucket, in the order of the extract.

    :param columns: by output name
    :param persons: distinct subjects among them
    """

    columns: dict[str, pa.Array]
    rows: int
    persons: int


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
    """Pass 1: from row groups to buckets."""

    def __init__(
        self,
        preparation: Preparation,
        rows: Spill,
        census: Spill | None,
        limits: Limits,
    ) -> None:
        self.tally = Tally()
        self.domains: dict[str, Domain] = {}
        self._preparation = preparation
        self._rows = rows
        self._census = census
        self._limits = limits
        self._lock = threading.Lock()
        self._stop = threading.Event()

    def read(self, tasks: Sequence[Task], total: int, watch: Watch) -> None:
        """
        Read every task.

        :raises Cancelled: within a batch of being asked
        """
        waiting = iter(tasks)
        with ThreadPoolExecutor(self._limits.threads) as pool:
            workers = [pool.submit(self._work, waiting) for _ in range(self._limits.threads)]
            try:
                self._attend(workers, total, watch)
            finally:
                self._stop.set()
        for worker in workers:
            worker.result()

    def _attend(self, workers: Sequence[Future[None]], total: int, watch: Watch) -> None:
        pending = set(workers)
        while pending:
            done, pending = wait(pending, POLL_SECONDS, FIRST_EXCEPTION)
            watch.look("reading", self.tally.read, total)
            if any(worker.exception() for worker in done):
                return

    def _work(self, waiting: Iterator[Task]) -> None:
        while not self._stop.is_set():
            with self._lock:
                task = next(waiting, None)
            if task is None:
                return
            self._read(task)

    def _read(self, task: Task) -> None:
        file = open_parquet(task.file.path, task.file.key, read_dictionary=self._preparation.texts)
        first = task.first
        with file:
            for batch in file.iter_batches(
                self._limits.batch_rows,
                row_groups=[task.row_group],
                columns=self._preparation.columns,
                use_threads=False,
            ):
                if self._stop.is_set():
                    return
                self._scatter(batch, first)
                first += batch.num_rows

    def _scatter(self, batch: pa.RecordBatch, first: int) -> None:
        tally = Tally()
        prepared = self._preparation.prepare(batch, first, tally)
        buckets = self._buckets(placed(prepared.tie, prepared.subjects))
        self._rows.scatter(pa.RecordBatch.from_pydict(self._carried(prepared)), buckets)
        if self._census is not None:
            counted = {CELL: pa.array(prepared.cells), SUBJECT: prepared.subjects}
            self._census.scatter(pa.RecordBatch.from_pydict(counted), buckets)
        with self._lock:
            self.tally.add(tally)

    def _carried(self, prepared: Prepared) -> dict[str, pa.Array]:
        """Return the columns that go to the buckets, texts as small numbers."""
        carried = {TIE: pa.array(prepared.tie)}
        if prepared.subjects is not None:
            carried[SUBJECT] = prepared.subjects
        if prepared.cells is not None:
            carried[CELL] = pa.array(prepared.cells)
        for name, column in prepared.columns.items():
            if isinstance(column, pa.DictionaryArray):
                carried[name] = self._domain(name).coded(column)
            elif column is not prepared.subjects:
                carried[name] = column
        return carried

    def _domain(self, name: str) -> Domain:
        with self._lock:
            return self.domains.setdefault(name, Domain())

    def _buckets(self, order: Order) -> npt.NDArray[np.int64]:
        bits = (self._rows.buckets - 1).bit_length()
        if not bits:
            return np.zeros(len(order), np.int64)
        return (order >> np.uint64(64 - bits)).astype(np.int64)


def take_census(spill: Spill, total: int, watch: Watch) -> Census:
    """Count the persons behind each cell, one bucket after the other."""
    census, done = Census(), 0
    for bucket in range(spill.buckets):
        batches = list(spill.read(bucket))
        if batches:
            rows = pa.Table.from_batches(batches)
            cells = rows.column(CELL).to_numpy()
            census.add(cells, rows.column(SUBJECT).combine_chunks())
            done += len(cells)
        watch.look("checking", done, total)
    return census


def in_order(scatter: Scatter, spill: Spill, small: Mask | None, threads: int) -> Iterator[Sorted]:
    """
    Yield the buckets one after the other, each in the order of the pseudonyms.

    :param small: by number of cell: those whose rows are left out
    """
    with ThreadPoolExecutor(threads) as pool:
        ahead: deque[Future[Sorted]] = deque()
        try:
            for bucket in range(spill.buckets):
                ahead.append(pool.submit(_sorted, scatter, spill, bucket, small))
                if len(ahead) > threads:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            for future in ahead:
                future.cancel()


def _sorted(scatter: Scatter, spill: Spill, bucket: int, small: Mask | None) -> Sorted:
    batches = list(spill.read(bucket))
    if not batches:
        return Sorted({}, 0, 0)
    carried = {
        name: _joined([batch.column(name) for batch in batches], scatter.domains.get(name))
        for name in batches[0].schema.names
    }
    tie, subjects = carried.pop(TIE).to_numpy(), carried.get(SUBJECT)
    order = _order(placed(tie, subjects), tie)
    cells = carried.pop(CELL, None)
    if cells is not None and small is not None:
        order = order[~small[cells.to_numpy()[order]]]
    chosen = pa.array(order)
    columns = {name: column.take(chosen) for name, column in carried.items()}
    for name, domain in scatter.domains.items():
        columns[name] = domain.restored(columns[name])
    persons = 0 if subjects is None else len(columns[SUBJECT].drop_null().unique())
    return Sorted(columns, len(order), persons)


def _joined(pieces: Sequence[pa.Array], domain: Domain | None) -> pa.Array:
    """Join the pieces of a column; a domain that got full on the way turns all into texts."""
    if domain is not None and domain.full:
        pieces = [domain.restored(piece) for piece in pieces]
    return pa.concat_arrays(pieces)


def _order(place: Order, tie: Order) -> npt.NDArray[np.int64]:
    """
    Return the rows by place, those of one place by tie.

    Two sorts of one number each are several times faster than one of two: the second number is
    the rank of the place, then the head of the tie.
    """
    first = np.argsort(place)
    place, tie = place[first], tie[first]
    rank = np.zeros(len(place), np.uint64)
    rank[1:] = np.cumsum(place[1:] != place[:-1])
    bits = np.uint64(max(int(rank[-1]).bit_length(), 1))
    return first[np.argsort((rank << (np.uint64(64) - bits)) | (tie >> bits))]
