"""
Look at rows that were written elsewhere: are they what is said of them, and what was granted?

Everything is opened with the key of the extract and read to its end; nothing that a node says is
believed. Pure but for reading the files.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, cast

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from access.extracts.datapackage import FileEntry
from access.extracts.outcomes import Measured, Outcome, TableOutcome
from access.extracts.short_names import short_names
from access.extracts.statistical import MOST_BYTES, look
from access.plans.offered import writes_statistical
from access.plans.plan import Plan
from access.plans.terms import STATISTICAL, Format
from hub.crypto.files import SealedReader, Unreadable
from hub.crypto.keys import Secret
from hub.crypto.prf import WIDTH
from hub.kernel.refusals import Refusal

CELLS = "suppressed.cells"
"""The sealed list of the groups that were left out: 16 bytes each."""
PIECE = 1 << 20
Beat = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a node says that it made; the names of the groups left out come in a file."""

    outcome: Outcome
    entries: tuple[FileEntry, ...]


def names_of(plan: Plan) -> tuple[str, ...]:
    """Return the names of the files that a plan makes, in order; nothing else may be sent."""
    return (*_files(plan, plan.formats), CELLS)


def _files(plan: Plan, formats: Sequence[Format]) -> tuple[str, ...]:
    """Return the names of the files of rows, or of tables, in some formats."""
    stems = [spec.name for spec in plan.tables] or ["data"]
    return tuple(f"{stem}.{each.ending}" for stem in stems for each in formats)


def written(said: Delivery, plan: Plan) -> list[Format]:
    """Return the formats of a plan that were made: those of SPSS and Stata only where they fit."""
    names = {entry.name for entry in said.entries}
    return [each for each in plan.formats if each not in STATISTICAL or each.file_name in names]


def differences(
    folder: Path, said: Delivery, plan: Plan, *, key: Secret, consent: str, beat: Beat
) -> list[Refusal]:
    """
    List what is not as it was said, or not as it was granted; empty when all is.

    :param consent: digest of the list of persons that the node was given
    :param beat: told the clear bytes read of each piece; what it raises stops the work
    """
    files = _files(plan, written(said, plan))
    named = tuple(entry.name for entry in said.entries)
    if named != (*files, CELLS) or said.outcome.files != files:
        return [_lie("files", "What was delivered are not the files of the plan.")]
    found = [*_about_counts(said.outcome, plan, consent)]
    for entry in said.entries:
        found += _about_bytes(folder, entry, key, beat)
    if not found:
        found += _about_rows(folder, said, plan, key)
    return found


def cells_of(folder: Path, key: Secret) -> tuple[bytes, ...]:
    """Return the names of the groups that were left out."""
    with _opened(folder, CELLS, key) as reader:
        content = reader.readall()
    return tuple(content[at : at + WIDTH] for at in range(0, len(content), WIDTH))


def _opened(folder: Path, name: str, key: Secret) -> SealedReader:
    return SealedReader(folder / name, key, name.encode())


def _about_counts(outcome: Outcome, plan: Plan, consent: str) -> list[Refusal]:
    left_out = (
        outcome.rows_filtered,
        outcome.rows_opposed,
        outcome.rows_unidentified,
        outcome.rows_suppressed,
    )
    found = []
    whole = sum(left_out) + outcome.rows_delivered
    # Of tables no row is delivered: how many there are behind them is not told.
    adds_up = whole <= outcome.rows_read if plan.tables else whole == outcome.rows_read
    if min(left_out) < 0 or not adds_up or outcome.rows_read != plan.source.rows:
        found.append(_lie("rows", "The numbers of rows do not add up to those of the release."))
    if outcome.consent_digest != consent:
        found.append(_lie("consents", "The list of persons that was applied is another."))
    if _is_unchecked(outcome, plan) or _is_unmeasured(outcome, plan):
        found.append(_lie("disclosure", "Small groups were not checked as the plan says."))
    return found


def _is_unchecked(outcome: Outcome, plan: Plan) -> bool:
    if plan.tables:
        return bool(outcome.rows_delivered or outcome.rows_suppressed or outcome.persons)
    if not plan.subject or not plan.quasi_identifiers:
        return outcome.rows_suppressed != 0
    verdict = outcome.verdict
    return (
        verdict is None
        or verdict.k != plan.disclosure.k
        or verdict.share > plan.disclosure.cap
        or verdict.suppressed != outcome.rows_suppressed
    )


def _is_unmeasured(outcome: Outcome, plan: Plan) -> bool:
    """Tell whether what the plan demands of values was not measured, or was not met."""
    wanted, found = plan.disclosure, outcome.measured or Measured()
    if not plan.subject or plan.tables:
        return False
    sensitive = any(each.sensitive for each in plan.delivered)
    grouped, known = bool(plan.quasi_identifiers), bool(plan.quasi_identifiers) or sensitive
    least = wanted.l if grouped and sensitive else None
    furthest = wanted.t if grouped and sensitive else None
    most = wanted.unique if known else None
    return (
        (least is not None and (found.l is None or found.l < least))
        or (furthest is not None and (found.t is None or found.t > furthest))
        or (most is not None and (found.unique is None or found.unique > most))
    )


def _about_bytes(folder: Path, entry: FileEntry, key: Secret, beat: Beat) -> list[Refusal]:
    total, size = hashlib.sha256(), 0
    try:
        with _opened(folder, entry.name, key) as reader:
            while piece := reader.read(PIECE):
                total.update(piece)
                size += len(piece)
                beat(len(piece))
    except (Unreadable, FileNotFoundError):
        return [_lie("sealed", "The file %(file)s does not open to its end.", file=entry.name)]
    if size != entry.size:
        return [_lie("size", "The file %(file)s has another size than was said.", file=entry.name)]
    if total.hexdigest() != entry.sha256:
        return [
            _lie("digest", "The file %(file)s has another sum than was said.", file=entry.name)
        ]
    return []


def _about_rows(folder: Path, said: Delivery, plan: Plan, key: Secret) -> list[Refusal]:
    told = _told(said.outcome, plan)
    if [(one.name, [name for name, _kind in one.columns]) for one in told] != _wanted(plan):
        return [_lie("columns", "The columns are not those of the plan.")]
    if said.entries[-1].size % WIDTH:
        return [_lie("cells", "The list of the groups left out is not one.")]
    found = []
    for one in told:
        for each in written(said, plan):
            if each in STATISTICAL and not _can_look(said, each):
                found.append(_lie("format", "%(file)s cannot be looked at by the hub.", file=each))
                continue
            found += _about_file(folder, one, each, key)
    return found


def _told(outcome: Outcome, plan: Plan) -> Sequence[TableOutcome]:
    """Return what was said of each kind of file: rows, or every table."""
    if plan.tables:
        return outcome.tables
    return [TableOutcome("data", outcome.columns, outcome.rows_delivered, 0)]


def _wanted(plan: Plan) -> list[tuple[str, list[str]]]:
    if plan.tables:
        return [(spec.name, list(spec.columns)) for spec in plan.tables]
    return [("data", [each.output for each in plan.delivered])]


def _about_file(folder: Path, told: TableOutcome, kind: Format, key: Secret) -> list[Refusal]:
    with _opened(folder, f"{told.name}.{kind.ending}", key) as reader:
        columns, rows = READERS[kind](cast("IO[bytes]", reader))
    if columns != COLUMNS[kind](told.columns):
        return [_lie("columns", "The columns of %(file)s are not those of the plan.", file=kind)]
    if rows != told.lines:
        return [_lie("rows", "%(file)s has another number of rows than was said.", file=kind)]
    return []


Columns = Sequence[tuple[str, str]]


def _parquet(file: IO[bytes]) -> tuple[Columns, int]:
    try:
        found = pq.ParquetFile(file)
    except (OSError, pa.ArrowInvalid):
        return (), 0
    named = [(field.name, _plain(field.type)) for field in found.schema_arrow]
    return named, found.metadata.num_rows


def _plain(kind: pa.DataType) -> str:
    if isinstance(kind, pa.BaseExtensionType):
        kind = kind.storage_type
    return str(kind.value_type if pa.types.is_dictionary(kind) else kind)


def _csv(file: IO[bytes]) -> tuple[Columns, int]:
    try:
        parse = pyarrow.csv.ParseOptions(newlines_in_values=True)
        names = pyarrow.csv.open_csv(file, parse_options=parse).schema.names
        file.seek(0)
        texts = pyarrow.csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string()))
        batches = pyarrow.csv.open_csv(file, parse_options=parse, convert_options=texts)
        return [(name, "") for name in names], sum(batch.num_rows for batch in batches)
    except (OSError, pa.ArrowInvalid):
        return (), 0


def _typed(columns: Columns) -> Columns:
    return list(columns)


def _named(columns: Columns) -> Columns:
    return [(name, "") for name, _kind in columns]


def _can_look(said: Delivery, kind: Format) -> bool:
    """Tell whether a file of SPSS or Stata is small enough, and its reader there."""
    [size] = [entry.size for entry in said.entries if entry.name == kind.file_name]
    return writes_statistical() and size <= 2 * MOST_BYTES


def _statistical(kind: Format, file: IO[bytes]) -> tuple[Columns, int]:
    names, rows = look(kind, file)
    return [(name, "") for name in names], rows


def _short(columns: Columns) -> Columns:
    return [(name, "") for name in short_names(name for name, _kind in columns).values()]


READERS: Mapping[Format, Callable[[IO[bytes]], tuple[Columns, int]]] = {
    Format.PARQUET: _parquet,
    Format.CSV: _csv,
    Format.SPSS: partial(_statistical, Format.SPSS),
    Format.STATA: partial(_statistical, Format.STATA),
}
COLUMNS: Mapping[Format, Callable[[Columns], Columns]] = {
    Format.PARQUET: _typed,
    Format.CSV: _named,
    Format.SPSS: _short,
    Format.STATA: _short,
}


def _lie(code: str, explanation: str, **values: object) -> Refusal:
    return Refusal(
        f"delivery-{code}",
        explanation,
        "Tell the producer's contact: their node must be looked at.",
        values=values,
    )
