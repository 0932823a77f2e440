"""
What is measured. Each case is a function of the folder of data, run alone in a process of its own.

A case prepares what a worker has at hand before the clock starts (plan, keys, list of persons),
and returns the work to be timed.
"""

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa

from access.extracts import engine
from access.extracts.passes import SUBJECT, taken
from access.extracts.ports import ExtractKeys, Limits, SourceFile, SubjectSet, keys_of
from access.extracts.rows import Preparation, Tally
from access.extracts.writers import ParquetRows
from access.plans.crossing import Recipe, cross
from access.plans.plan import Plan, compile_plan
from access.plans.terms import (
    BasisRule,
    Disclosure,
    FieldGrant,
    Format,
    GrantTerms,
    SourceSpec,
)
from access.pseudonymisation.cells import Cells
from access.pseudonymisation.census import Saturation
from catalog.vocabularies.levels import Unit
from hub.crypto.files import SealedWriter, open_parquet
from hub.crypto.keys import Secret
from hub.crypto.prf import AesCmac, column_of, prf, pseudonyms
from tests.bench.data import FIELDS, Shape, keys, opposed

GRANT, VAULT, BUNDLE = Secret(b"g" * 32), Secret(b"v" * 32), Secret(b"b" * 32)
THREADS = 2
NAMES = tuple(field.name for field in FIELDS)
CLEAR, SEALED = "clear.parquet", "sealed.parquet"
LEFT, RIGHT, YEARS = "left.parquet", "right.parquet", "year-*.parquet"
REPEATED, SINGLE = 10, 1
"""Rows of one person: in the release of the first cases, in each of those that are crossed."""
IDENTIFIERS = 5_000_000
Work = Callable[[], object]


def plan_of(dataset: str = "bench", *, crossing: bool = False) -> Plan:
    """Return a plan of everything: pseudonyms, oppositions, generalisation, groups of five."""
    wanted = {"date_naissance": "year"}
    return compile_plan(
        terms=GrantTerms(
            "grant",
            tuple(FieldGrant(name, wanted.get(name, ""), "bench") for name in NAMES),
            end=date(2099, 8, 31),
            formats=(Format.PARQUET,),
            crossing=crossing,
        ),
        source=SourceSpec(dataset, "release", Unit.PUPIL, NAMES),
        fields=FIELDS,
        basis=BasisRule.OPT_OUT,
        disclosure=Disclosure(5, 0.2),
    )


class Files:
    """Files that are written as they are, or sealed."""

    def __init__(self, folder: Path, key: Secret | None = None) -> None:
        self._folder = folder
        self._key = key

    def create(self, name: str) -> IO[bytes]:
        """Open a new file."""
        file = (self._folder / name).open("wb")
        if self._key is None:
            return file
        return SealedWriter(file, self._key)  # type: ignore[return-value]  # it is one in all but name


def copy(data: Path, out: Path) -> Work:
    """DuckDB's COPY of the same columns: what an ungoverned extract costs."""
    return lambda: _duck(f"SELECT * FROM '{data / CLEAR}'", out)


def governed(data: Path, out: Path) -> Work:
    """Everything, with a global order by pseudonym."""
    shape = _shape(data / CLEAR, REPEATED)
    return _extract(plan_of(), [SourceFile(data / CLEAR, None)], [shape], Files(out), out)


def at_rest(data: Path, out: Path) -> Work:
    """The same, from an encrypted release to a sealed file."""
    shape = _shape(data / SEALED, REPEATED, VAULT)
    source = SourceFile(data / SEALED, VAULT)
    return _extract(plan_of(), [source], [shape], Files(out, BUNDLE), out)


def unordered(data: Path, out: Path) -> Work:
    """The same without a global order: parts in the order of the source. For measuring only."""
    plan = plan_of()
    consent = SubjectSet(opposed(_shape(data / CLEAR, REPEATED)))
    return lambda: _in_parts(plan, keys_of(plan, GRANT), consent, data / CLEAR, out)


def join(data: Path, out: Path) -> Work:
    """DuckDB's COPY of a join of two sources on the identifier."""
    others = ", ".join(f"b.{name} AS {name}_2" for name in NAMES[1:])
    query = f"SELECT a.*, {others} FROM '{data / LEFT}' a JOIN '{data / RIGHT}' b USING (ine)"
    return lambda: _duck(query, out)


def crossed(data: Path, out: Path) -> Work:
    """Two sources crossed, with everything."""
    plan = cross([plan_of(name, crossing=True) for name in ("left", "right")])
    sources = [SourceFile(data / LEFT, None, 0), SourceFile(data / RIGHT, None, 1)]
    shapes = [_shape(one.path, SINGLE) for one in sources]
    return _extract(plan, sources, shapes, Files(out), out)


def large(data: Path, out: Path) -> Work:
    """Everything, over every year: what matters is the memory."""
    sources = [SourceFile(path, None) for path in sorted(data.glob(YEARS))]
    return _extract(plan_of(), sources, [_shape(sources[0].path, SINGLE)], Files(out), out)


def cmac(data: Path, _out: Path) -> Work:
    """The pseudonym stage alone, on one thread."""
    column, function = column_of(keys(IDENTIFIERS)), AesCmac(b"k" * 32)
    return lambda: pseudonyms(column, function)


CASES: Mapping[str, Callable[[Path, Path], Work]] = {
    one.__name__: one for one in (copy, governed, at_rest, unordered, join, crossed, large, cmac)
}


def _duck(query: str, out: Path) -> None:
    with duckdb.connect() as db:
        db.execute(f"SET threads={THREADS}; SET preserve_insertion_order=false")
        db.execute(
            f"COPY ({query}) TO '{out / 'copy.parquet'}'"
            " (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)"
        )


def _shape(path: Path, rows_of_one: int, key: Secret | None = None) -> Shape:
    with open_parquet(path, key) as file:
        rows = file.metadata.num_rows
    return Shape(rows, max(rows // rows_of_one, 1))


def _extract(
    plan: Recipe, sources: list[SourceFile], shapes: list[Shape], output: Files, out: Path
) -> Work:
    words = [SubjectSet(opposed(shape)) for shape in shapes]
    return lambda: engine.run(
        plan=plan,
        sources=sources,
        keys=keys_of(plan, GRANT),
        consent=words,
        output=output,
        workdir=out,
        limits=Limits(threads=THREADS),
    )


def _in_parts(plan: Plan, keys: ExtractKeys, consent: SubjectSet, path: Path, out: Path) -> None:
    """Treat the rows on two threads, each writing a file of its own, and count the persons."""
    cells, counts = Cells(prf(keys.cells)), Saturation(plan.disclosure.k)
    preparation = Preparation(plan, keys, consent, cells)
    with open_parquet(path, None) as file:
        groups, lock = iter(range(file.num_row_groups)), threading.Lock()

    def work(number: int) -> None:
        writer = None
        with (
            open_parquet(path, None, read_dictionary=preparation.texts) as file,
            (out / f"part-{number}.parquet").open("wb") as stream,
        ):
            while True:
                with lock:
                    group = next(groups, None)
                if group is None:
                    break
                table = file.read_row_group(group, preparation.columns, use_threads=False)
                for batch in table.combine_chunks().to_batches():
                    made = preparation.prepare(batch, 0, Tally())
                    chosen = pa.array(made.rows)
                    subjects = taken(made.subjects, chosen)
                    counts.add(made.cells[made.rows], subjects)  # type: ignore[index]  # watched
                    columns = {SUBJECT: subjects} | {
                        name: taken(column, chosen)
                        for name, column in made.columns.items()
                        if column is not made.subjects
                    }
                    rows = pa.table(columns)
                    writer = writer or ParquetRows(stream, rows.schema)
                    writer.write(rows)
            if writer is not None:
                writer.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(THREADS)))
