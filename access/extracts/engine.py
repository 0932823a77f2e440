"""
Execute a plan: rows of a release in, files of an extract out. No Django, no clock, no network.

Nothing is written to the output before the disclosure verdict is good, and nothing that is
written is seen before the caller publishes it.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from access.extracts.passes import (
    SUBJECT,
    Mask,
    Scatter,
    Sorted,
    Task,
    Watch,
    buckets_for,
    in_order,
    take_census,
)
from access.extracts.ports import (
    DisclosureExceeded,
    EngineError,
    ExtractKeys,
    Limits,
    Outcome,
    Output,
    Progress,
    SourceFile,
    SubjectSet,
    Suggestion,
)
from access.extracts.rows import Preparation
from access.extracts.spill import Spill
from access.extracts.writers import WRITERS, Writer
from access.plans.plan import Plan
from access.pseudonymisation.disclosure import Cells, Census, TooManyCells, Verdict
from access.pseudonymisation.hierarchies import ladder
from hub.crypto.files import Unreadable, open_parquet
from hub.crypto.prf import prf


def silent(_stage: str, _done: int, _total: int) -> None:
    """Tell nobody."""


def never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Job:
    """What :func:`run` was asked, in one piece."""

    plan: Plan
    sources: Sequence[SourceFile]
    keys: ExtractKeys
    consent: SubjectSet | None
    output: Output
    workdir: Path
    watch: Watch
    limits: Limits


def run(  # noqa: PLR0913  # one port each, all by name
    *,
    plan: Plan,
    sources: Sequence[SourceFile],
    keys: ExtractKeys,
    consent: SubjectSet | None,
    output: Output,
    workdir: Path,
    progress: Progress = silent,
    cancelled: Callable[[], bool] = never,
    limits: Limits | None = None,
) -> Outcome:
    """
    Make the files of an extract.

    :param consent: persons opposed (opt-out) or who consented (opt-in), None when neither counts
    :param output: creates the files; publishing them is the caller's, once this returns
    :param workdir: for nameless, encrypted temporary files
    :param progress: called from this thread with a stage, rows done and rows in all
    :param cancelled: asked from this thread, several times a second
    :raises Cancelled: when asked to stop
    :raises DisclosureExceeded: when too many rows stand for too few persons
    :raises EngineError: in every other case; the message holds no value of the data
    """
    watch = Watch(progress, cancelled)
    job = Job(plan, sources, keys, consent, output, workdir, watch, limits or Limits())
    try:
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
    tasks, total = _checked(job.plan, job.sources)
    buckets = buckets_for(total, job.limits)
    cells = None
    if job.plan.subject and job.plan.quasi_identifiers:
        cells = Cells(prf(job.keys.cells, job.plan.algorithm), job.limits.cells)
    with ExitStack() as stack:
        rows, census = (
            stack.enter_context(Spill(job.workdir, buckets, most=job.limits.disk_bytes))
            for _ in range(2)
        )
        preparation = Preparation(job.plan, job.keys, job.consent, cells)
        scatter = Scatter(preparation, rows, census if cells is not None else None, job.limits)
        scatter.read(tasks, total, job.watch)
        tally = scatter.tally
        kept = tally.read - tally.filtered - tally.opposed - tally.unidentified
        if not kept:
            raise EngineError("no_rows", permanent=True)
        small, verdict = None, None
        if cells is not None:
            counted = take_census(census, kept, job.watch)
            small, verdict = _judged(job.plan, counted)
        columns, delivered, persons = _write(
            job, in_order(scatter, rows, small, job.limits.threads), kept
        )
    return Outcome(
        rows_read=tally.read,
        rows_filtered=tally.filtered,
        rows_opposed=tally.opposed,
        rows_unidentified=tally.unidentified,
        rows_suppressed=kept - delivered,
        rows_delivered=delivered,
        persons=persons if job.plan.subject else None,
        verdict=verdict,
        suppressed_cells=_names(cells, small),
        consent_digest=job.consent.digest if job.consent is not None else "",
        columns=columns,
        files=tuple(f"data.{each}" for each in job.plan.formats),
    )


def _checked(plan: Plan, sources: Sequence[SourceFile]) -> tuple[list[Task], int]:
    """
    List the row groups of a release that is the one that was approved.

    :raises EngineError: with the difference named
    """
    tasks, rows = [], 0
    for source in sources:
        with open_parquet(source.path, source.key) as file:
            names = file.schema_arrow.names
            different = set(names) ^ set(plan.source.columns)
            if different:
                listed = ", ".join(sorted(different))
                raise EngineError("columns_changed", permanent=True, fields=listed)
            for group in range(file.num_row_groups):
                tasks.append(Task(source, group, rows))
                rows += file.metadata.row_group(group).num_rows
    if plan.source.rows is not None and rows != plan.source.rows:
        raise EngineError("rows_changed", permanent=True, found=rows, approved=plan.source.rows)
    return tasks, rows


def _judged(plan: Plan, census: Census) -> tuple[Mask, Verdict]:
    """
    Return the cells to leave out, when they are few enough.

    :raises DisclosureExceeded: when they are not
    """
    small = census.small(plan.disclosure.k)
    verdict = census.verdict(plan.disclosure.k)
    if verdict.share > plan.disclosure.cap or verdict.suppressed == verdict.rows:
        raise DisclosureExceeded(verdict, plan.disclosure.cap, suggestions(plan))
    return small, verdict


def suggestions(plan: Plan) -> tuple[Suggestion, ...]:
    """List, for each quasi-identifier, the next coarser form, or none of it at all."""
    found = []
    for treatment in plan.treatments:
        if not treatment.quasi:
            continue
        spec = treatment.ladder
        step = ladder(spec).coarser(treatment.step) if spec else None
        if step is None:
            found.append(Suggestion(treatment.field, "", "nothing of this field"))
        else:
            found.append(Suggestion(treatment.field, step.name, step.label, step.values))
    return tuple(found)


def _names(cells: Cells | None, small: Mask | None) -> tuple[bytes, ...]:
    if cells is None or small is None:
        return ()
    return tuple(sorted(name.tobytes() for name in cells.names()[: len(small)][small]))


def _write(
    job: Job, buckets: Iterator[Sorted], total: int
) -> tuple[tuple[tuple[str, str], ...], int, int]:
    """Write every bucket in every format; return the columns, and how many rows and persons."""
    streams = {each: job.output.create(f"data.{each}") for each in job.plan.formats}
    writers: dict[str, Writer] = {}
    columns: tuple[tuple[str, str], ...] = ()
    rows = persons = done = 0
    for bucket in buckets:
        if bucket.rows:
            table = _table(job.plan, bucket)
            for each, stream in streams.items():
                writer = writers.get(each) or WRITERS[each](stream, table.schema)
                writers[each] = writer
                writer.write(table)
            columns = tuple(
                (name, _type(kind))
                for name, kind in zip(table.schema.names, table.schema.types, strict=True)
            )
            rows, persons = rows + bucket.rows, persons + bucket.persons
        done += bucket.rows
        job.watch.look("writing", done, total)
    for each, stream in streams.items():
        writers[each].close()
        stream.close()
    return columns, rows, persons


def _table(plan: Plan, bucket: Sorted) -> pa.Table:
    """Put the columns in the order of the plan; the person's pseudonym is one of them if granted."""
    arrays = {
        each.output: bucket.columns[SUBJECT if each.field == plan.subject else each.output]
        for each in plan.delivered
    }
    return pa.table(arrays)


def _type(kind: pa.DataType) -> str:
    return str(kind.value_type if pa.types.is_dictionary(kind) else kind)
