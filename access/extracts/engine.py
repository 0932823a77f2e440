"""
Execute a plan: rows of a release in, files of an extract out. No Django, no clock, no network.

Nothing is written to the output before the disclosure verdict is good, and nothing that is
written is seen before the caller publishes it.
"""

import os
from collections.abc import Callable, Iterator, Sequence, Set
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from access.extracts.crossing import Crossing
from access.extracts.judging import NOTHING_JUDGED, Judge
from access.extracts.optimising import chooser_in
from access.extracts.ordering import Sorted, in_order, take_census
from access.extracts.outcomes import Outcome
from access.extracts.passes import SUBJECT, Bucketed, Scatter, Watch, buckets_for
from access.extracts.ports import (
    Consent,
    EngineError,
    ExtractKeys,
    Limits,
    Meter,
    Output,
    Progress,
    SourceFile,
    SubjectSet,
    Task,
    never,
    silent,
)
from access.extracts.rows import Preparation, total
from access.extracts.spill import Spill
from access.extracts.statistical import Statistical
from access.extracts.tabulating import make_tables
from access.extracts.writers import WRITERS, Writer
from access.plans.crossing import Recipe
from access.plans.plan import Plan
from access.plans.terms import BasisRule, Format
from access.pseudonymisation.cells import Cells, JoinedCells, TooManyCells
from access.pseudonymisation.census import Mask, Saturation, Tallies
from hub.crypto.files import Unreadable, open_parquet
from hub.crypto.prf import prf


@dataclass(frozen=True, slots=True)
class Part:
    """One source: its plan, its row groups, and the words of the persons in it."""

    plan: Plan
    tasks: Sequence[Task]
    rows: int
    consent: SubjectSet | None


@dataclass(frozen=True, slots=True)
class Job:
    """What :func:`run` was asked, in one piece."""

    plan: Recipe
    parts: Sequence[Part]
    keys: ExtractKeys
    output: Output
    workdir: Path
    watch: Watch
    limits: Limits
    frozen: frozenset[bytes]
    changed: SubjectSet | None
    meter: Meter
    statistical: Statistical

    @property
    def rows(self) -> int:
        """Return how many rows there are to read."""
        return sum(part.rows for part in self.parts)


def run(  # noqa: PLR0913  # one port each, all by name
    *,
    plan: Recipe,
    sources: Sequence[SourceFile],
    keys: ExtractKeys,
    consent: Consent,
    output: Output,
    workdir: Path,
    progress: Progress = silent,
    cancelled: Callable[[], bool] = never,
    limits: Limits | None = None,
    frozen: frozenset[bytes] = frozenset(),
    changed: SubjectSet | None = None,
    meter: Meter | None = None,
) -> Outcome:
    """
    Make the files of an extract.

    :param sources: files of the releases; each says which part of a crossing it belongs to
    :param consent: persons opposed (opt-out) or who consented (opt-in), None when neither counts;
        of a crossing, one for each part
    :param output: creates the files; publishing them is the caller's, once this returns
    :param workdir: for nameless, encrypted temporary files
    :param progress: called from this thread with a stage, rows done and rows in all
    :param cancelled: asked from this thread, several times a second
    :param frozen: names of cells that an earlier extract of the grant left out: they stay out, so
        that what differs between two extracts tells of nobody
    :param changed: of tables: persons who are in an earlier one and not in these, or the reverse
    :param meter: counts the bytes that are read, for the progress
    :raises Cancelled: when asked to stop
    :raises DisclosureExceeded: when too many rows stand for too few persons
    :raises EngineError: in every other case; the message holds no value of the data
    """
    watch = Watch(progress, cancelled)
    try:
        parts = _checked(plan, sources, consent)
        meter, limits = meter or Meter(), limits or Limits()
        meter.expect(sum(task.size for part in parts for task in part.tasks))
        job = Job(
            plan=plan,
            parts=parts,
            keys=keys,
            output=output,
            workdir=workdir,
            watch=watch,
            limits=limits,
            frozen=frozen,
            changed=changed,
            meter=meter,
            statistical=Statistical(plan, limits),
        )
        return _run(job)
    except EngineError as error:
        failure = error.with_traceback(None)
        failure.__context__ = None
    except TooManyCells:
        failure = EngineError("too_fine", permanent=True)
    except Unreadable:
        failure = EngineError("unreadable", permanent=True)
    except OSError as error:
        # An error of the system has a number; one of Parquet, which finds altered bytes, has none.
        failure = (
            EngineError("unreadable", permanent=True)
            if error.errno is None
            else EngineError("storage", permanent=False, reason=os.strerror(error.errno))
        )
    except Exception as error:  # noqa: BLE001  # whatever it is, its text may quote a value
        failure = EngineError("internal", permanent=False, kind=type(error).__name__)
    # Raised here and not above: the first error, the value it quotes and the rows that its frames
    # hold are forgotten.
    raise failure


def _run(job: Job) -> Outcome:
    plan = job.plan
    buckets = buckets_for(job.rows, job.limits)
    with ExitStack() as stack:
        cells = [_cells(job, part) for part in job.parts]
        crossed = len(job.parts) > 1
        counts = None
        if cells[0] is not None and not crossed:
            counts = Saturation(plan.disclosure.k, job.limits.watched)
        scatters = _scattered(job, cells, counts, buckets, stack)
        rows: Bucketed = scatters[0]
        together: Cells | JoinedCells | None = cells[0]
        if isinstance(plan, Plan) and plan.tables:
            return _tabled(job, plan, scatters[0], _others(job, plan, buckets, stack))
        if crossed:
            together = _joined(job, cells)
            joined = stack.enter_context(_spill(job, buckets))
            rows = Crossing(scatters, together, job.limits, joined)
        tally = total([one.tally for one in scatters])
        if not tally.kept:
            raise EngineError("no_rows", permanent=True)
        judge = Judge(plan, rows, buckets, job.limits.threads, job.watch, job.frozen)
        judged = NOTHING_JUDGED
        if together is not None:
            counted = _counted(job, rows, counts, buckets, tally.kept)
            judged = judge.judged(together, counted)
        judged = judge.known(judged)
        left_out = judged.left_out
        written = _write(job, in_order(rows, buckets, left_out, job.limits.threads), buckets)
        if not written.checked:
            raise EngineError("no_rows", permanent=True)
    digests = [part.consent.digest for part in job.parts if part.consent is not None]
    return Outcome(
        rows_read=tally.read,
        rows_filtered=tally.filtered,
        rows_opposed=tally.opposed,
        rows_unidentified=tally.unidentified,
        rows_suppressed=written.checked - written.rows,
        rows_delivered=written.rows,
        rows_alone=written.alone,
        persons=written.persons if plan.subject else None,
        verdict=judged.verdict,
        measured=judged.measured,
        suppressed_cells=_names(together, left_out),
        consent_digest=" ".join(digests),
        columns=written.columns,
        files=written.files,
    )


def _scattered(
    job: Job,
    cells: Sequence[Cells | None],
    counts: Saturation | None,
    buckets: int,
    stack: ExitStack,
) -> list[Scatter]:
    """Read every source into buckets, which are there until the stack ends."""
    scatters: list[Scatter] = []
    for part, mine in zip(job.parts, cells, strict=True):
        spill = stack.enter_context(_spill(job, buckets))
        names = stack.enter_context(_spill(job, buckets)) if len(job.parts) > 1 else None
        preparation = Preparation(part.plan, job.keys, part.consent, mine)
        scatters.append(Scatter(preparation, spill, counts, job.limits, job.meter, names))
        before = sum(one.tally.read for one in scatters)
        scatters[-1].read(part.tasks, job.watch, before, job.rows)
    return scatters


def _spill(job: Job, buckets: int) -> Spill:
    """Return room for some of the rows: a crossing needs it twice for each source, and once more."""
    shares = 1 if len(job.parts) == 1 else 2 * len(job.parts) + 1
    return Spill(job.workdir, buckets, most=job.limits.disk_bytes // shares)


def _others(job: Job, plan: Plan, buckets: int, stack: ExitStack) -> Scatter | None:
    """Read the rows of the persons in whom these tables differ from earlier ones, if any."""
    if job.changed is None or not len(job.changed):
        return None
    spill = stack.enter_context(Spill(job.workdir, buckets, most=job.limits.disk_bytes))
    theirs = replace(plan, basis=BasisRule.OPT_IN)
    preparation = Preparation(theirs, job.keys, job.changed, None)
    # The same rows are read again: the meter, which counts each once, is another.
    scatter = Scatter(preparation, spill, None, job.limits, Meter())
    scatter.read(job.parts[0].tasks, job.watch, 0, job.rows)
    return scatter


def _tabled(job: Job, plan: Plan, rows: Scatter, others: Scatter | None) -> Outcome:
    """Make tables of the rows, and deliver none of them."""
    made = make_tables(
        plan,
        rows,
        others,
        threads=job.limits.threads,
        names=prf(job.keys.cells, plan.algorithm),
        frozen=job.frozen,
        output=job.output,
        watch=job.watch,
        chooser=chooser_in(job.workdir) if job.limits.optimal else None,
    )
    consent = job.parts[0].consent
    return made.outcome(plan, rows.tally, consent.digest if consent is not None else "")


def _cells(job: Job, part: Part) -> Cells | None:
    """Return what numbers the cells of a source, None when there is nothing to check in it."""
    if part.plan.tables or not part.plan.subject or not part.plan.quasi_identifiers:
        return None
    return Cells(prf(job.keys.cells, job.plan.algorithm), job.limits.cells)


def _joined(job: Job, each: Sequence[Cells | None]) -> JoinedCells | None:
    watched = [cells for cells in each if cells is not None]
    if not watched:
        return None
    return JoinedCells(prf(job.keys.cells, job.plan.algorithm), watched, job.limits.cells)


def _counted(
    job: Job, rows: Bucketed, counts: Saturation | None, buckets: int, kept: int
) -> Tallies:
    """Return the persons behind each cell: counted on the way, or bucket by bucket."""
    job.watch.look("checking", 0, kept)
    if counts is not None and not counts.given_up:
        job.watch.look("checking", kept, kept)
        return counts
    k, threads = job.plan.disclosure.k, job.limits.threads
    return take_census(k, rows, buckets, kept, threads, job.watch)


def _checked(plan: Recipe, sources: Sequence[SourceFile], consent: Consent) -> list[Part]:
    """
    List the row groups of releases that are those that were approved.

    :raises EngineError: with the difference named
    """
    parts = plan.parts
    words = [consent] if consent is None or isinstance(consent, SubjectSet) else list(consent)
    if len(words) != len(parts):
        raise EngineError("no_consent_list", permanent=True)
    return [
        _part(part, [one for one in sources if one.part == number], word)
        for number, (part, word) in enumerate(zip(parts, words, strict=True))
    ]


def _part(plan: Plan, sources: Sequence[SourceFile], consent: SubjectSet | None) -> Part:
    tasks, rows = [], 0
    for source in sources:
        with open_parquet(source.path, source.key) as file:
            names = file.schema_arrow.names
            different = set(names) ^ set(plan.source.columns)
            if different:
                listed = ", ".join(sorted(different))
                raise EngineError("columns_changed", permanent=True, fields=listed)
            for group in range(file.num_row_groups):
                there = file.metadata.row_group(group)
                size = _size(there, {name for name, _kind in plan.types})
                tasks.append(Task(source, group, rows, there.num_rows, size))
                rows += there.num_rows
    if plan.source.rows is not None and rows != plan.source.rows:
        raise EngineError("rows_changed", permanent=True, found=rows, approved=plan.source.rows)
    return Part(plan, tasks, rows, consent)


def _size(group: pq.RowGroupMetaData, names: Set[str]) -> int:
    """Return the compressed bytes of some columns; a group without rows has none to read."""
    columns = [
        group.column(number) for number in range(group.num_columns if group.num_rows else 0)
    ]
    return sum(one.total_compressed_size for one in columns if one.path_in_schema in names)


def _names(cells: Cells | JoinedCells | None, left_out: Mask | None) -> tuple[bytes, ...]:
    if cells is None or left_out is None:
        return ()
    return tuple(sorted(name.tobytes() for name in cells.names(np.flatnonzero(left_out))))


@dataclass(slots=True)
class Written:
    """
    What was written.

    :param checked: rows before the small cells were left out
    :param alone: rows of a crossing whose person is not in every source
    """

    columns: tuple[tuple[str, str], ...] = ()
    rows: int = 0
    persons: int = 0
    checked: int = 0
    alone: int = 0
    files: tuple[str, ...] = ()


def _write(job: Job, sorted_: Iterator[Sorted], buckets: int) -> Written:
    """Write every bucket in every format; what SPSS and Stata read, at the end."""
    streams = {
        each: job.output.create(each.file_name) for each in job.plan.formats if each in WRITERS
    }
    writers: dict[Format, Writer] = {}
    written = Written()
    for number, bucket in enumerate(sorted_, 1):
        if bucket.rows:
            table = _table(job.plan, bucket)
            for each, stream in streams.items():
                writer = writers.get(each) or WRITERS[each](stream, table.schema)
                writers[each] = writer
                writer.write(table)
            job.statistical.add(table)
            named = zip(table.schema.names, table.schema.types, strict=True)
            written.columns = tuple((name, _type(kind)) for name, kind in named)
        written.rows += bucket.rows
        written.persons += bucket.persons
        written.checked += bucket.gathered
        written.alone += bucket.alone
        job.watch.look("writing", job.rows * number // buckets, job.rows)
    for each, writer in writers.items():
        writer.close()
        streams[each].close()
    names = [each.file_name for each in writers]
    written.files = (*names, *job.statistical.write(job.output))
    return written


def _table(plan: Recipe, bucket: Sorted) -> pa.Table:
    """Put the columns in the order of the plan; the person's pseudonym is one of them if granted."""
    arrays = {
        each.output: bucket.columns[SUBJECT if each.field == part.subject else each.output]
        for part in plan.parts
        for each in part.delivered
    }
    return pa.table(arrays)


def _type(kind: pa.DataType) -> str:
    return str(kind.value_type if pa.types.is_dictionary(kind) else kind)
