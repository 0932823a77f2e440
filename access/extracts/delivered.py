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
from access.extracts.ports import Outcome
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
    return (*(each.file_name for each in plan.formats), CELLS)


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
    files = tuple(each.file_name for each in written(said, plan))
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
    if min(left_out) < 0 or whole != outcome.rows_read or outcome.rows_read != plan.source.rows:
        found.append(_lie("rows", "The numbers of rows do not add up to those of the release."))
    if outcome.consent_digest != consent:
        found.append(_lie("consents", "The list of persons that was applied is another."))
    if _is_unchecked(outcome, plan):
        found.append(_lie("disclosure", "Small groups were not checked as the plan says."))
    return found


def _is_unchecked(outcome: Outcome, plan: Plan) -> bool:
    if not plan.subject or not plan.quasi_identifiers:
        return outcome.rows_suppressed != 0
    verdict = outcome.verdict
    return (
        verdict is None
        or verdict.k != plan.disclosure.k
        or verdict.share > plan.disclosure.cap
        or verdict.suppressed != outcome.rows_suppressed
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
    wanted = tuple(each.output for each in plan.delivered)
    if tuple(name for name, _kind in said.outcome.columns) != wanted:
        return [_lie("columns", "The columns are not those of the plan.")]
    if said.entries[-1].size % WIDTH:
        return [_lie("cells", "The list of the groups left out is not one.")]
    found = []
    for each in written(said, plan):
        if each in STATISTICAL and not _can_look(said, each):
            found.append(_lie("format", "%(file)s cannot be looked at by the hub.", file=each))
            continue
        with _opened(folder, each.file_name, key) as reader:
            columns, rows = READERS[each](cast("IO[bytes]", reader))
        if columns != COLUMNS[each](said.outcome.columns):
            found.append(
                _lie("columns", "The columns of %(file)s are not those of the plan.", file=each)
            )
        elif rows != said.outcome.rows_delivered:
            found.append(
                _lie("rows", "%(file)s has another number of rows than was said.", file=each)
            )
    return found


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
