"""From a source's rows to one file of the vault: typed, without identifiers, under a data key."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from catalog.connectors.errors import ConnectorError
from catalog.connectors.port import Connector
from catalog.connectors.typing import ARROW_TYPES, TypedColumn, typed
from catalog.datasets.keeping import Keeping
from catalog.datasets.profiles import ColumnProfiler
from catalog.datasets.proposals import contradictions
from catalog.datasets.snapshots import FieldSnapshot, Intake
from catalog.vault.checking import Declared, count_differences, schema_differences
from catalog.vault.known import Known
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import DateFormat, PlainType
from hub.crypto.files import parquet_writer
from hub.crypto.keys import Secret
from hub.crypto.prf import PSEUDONYM
from hub.crypto.subjects import subject_keys
from hub.kernel.refusals import Refusal

ROW_GROUP = 1 << 17
Progress = Callable[[int], None]


class RowsRefused(Exception):
    """What the rows hold contradicts what was declared; nothing was kept."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__(f"{len(self.refusals)} refusals")


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What was written."""

    rows: int
    examples: dict[str, str] = field(default_factory=dict, repr=False)
    """One value of each field that says nothing about persons."""


@dataclass(slots=True)
class _Columns:
    """The columns that the vault keeps, and how each is read."""

    fields: tuple[FieldSnapshot, ...]
    keys: dict[str, Secret]
    reading: list[TypedColumn]
    schema: pa.Schema


def take_in(
    rows: Connector,
    intake: Intake,
    where: Path,
    key: Secret,
    *,
    identifier_key: Callable[[str], Secret],
    progress: Progress,
) -> TakenIn:
    """
    Read every row of a source once and write what the vault keeps of it.

    Columns that name persons are replaced by stage-1 pseudonyms, or not read at all; the others
    are typed, and looked at whole for identifiers that they should not hold.

    :param progress: told the number of rows after each group; what it raises stops the work
    :raises ConnectorError: when the source cannot be read, or a value is not of its type
    :raises RowsRefused: when the source is not what was described any more, when a column holds
        what its level denies, or a value that its hierarchy lacks
    """
    seen = rows.inspect()
    _refuse(schema_differences(_declared(intake), seen))
    columns = _columns(intake, identifier_key)
    profilers = {
        one.name: ColumnProfiler(one.name)
        for one in columns.fields
        if one.keeping is Keeping.AS_IS
    }
    examples: dict[str, str] = {}
    known = Known(columns.fields)
    count = 0
    with parquet_writer(where, columns.schema, key) as writer:
        for batch in rows.batches([one.name for one in columns.fields], ROW_GROUP):
            for name, profiler in profilers.items():
                profiler.add(batch.column(name))
            kept = _kept(batch, columns, count)
            writer.write_batch(kept, row_group_size=ROW_GROUP)
            known.look(kept, count)
            _collect(examples, kept, columns)
            count += batch.num_rows
            progress(count)
    _require_rows(count)
    _refuse(count_differences(_declared(intake), seen, count))
    _refuse(known.refusals())
    declared = {one.name: one.confidentiality for one in columns.fields}
    _refuse(contradictions(declared, [profiler.profile() for profiler in profilers.values()]))
    return TakenIn(count, examples)


def _declared(intake: Intake) -> Declared:
    return Declared(
        {one.name: intake.natives.get(one.name) for one in intake.fields}, intake.row_count
    )


def _refuse(refusals: Sequence[Refusal]) -> None:
    if refusals:
        raise RowsRefused(refusals)


def _require_rows(count: int) -> None:
    if not count:
        raise ConnectorError(
            "no_rows",
            "The source has no row.",
            remedy="Check the export: it should hold at least one row.",
        )


def _columns(intake: Intake, identifier_key: Callable[[str], Secret]) -> _Columns:
    fields = tuple(one for one in intake.fields if one.keeping is not Keeping.NEVER)
    if not fields:
        raise ConnectorError(
            "nothing-to-keep",
            "Every field names a person and none has a pseudonym: nothing would be kept.",
            remedy="Check the levels of the fields.",
        )
    masked = {one.name: one.attribute for one in fields if one.keeping is Keeping.PSEUDONYM}
    reading = [
        TypedColumn(
            name=one.name,
            plain=PlainType.TEXT if one.name in masked else one.type,
            missing_values=one.missing_values,
            date_format=_date_format(intake, one.name),
        )
        for one in fields
    ]
    schema = pa.schema(
        [(one.name, PSEUDONYM if one.name in masked else ARROW_TYPES[one.type]) for one in fields]
    )
    keys = {name: identifier_key(attribute) for name, attribute in masked.items()}
    return _Columns(fields, keys, reading, schema)


def _date_format(intake: Intake, name: str) -> DateFormat:
    return DateFormat(intake.readings.get(name, {}).get("date_format", DateFormat.ISO))


def _kept(batch: pa.RecordBatch, columns: _Columns, rows_before: int) -> pa.RecordBatch:
    read = typed(batch, columns.reading, rows_before=rows_before)
    arrays = [
        subject_keys(values, columns.keys[one.name]) if one.name in columns.keys else values
        for one, values in zip(columns.fields, read.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=columns.schema)


def _collect(examples: dict[str, str], kept: pa.RecordBatch, columns: _Columns) -> None:
    for one in columns.fields:
        if one.name in examples or one.confidentiality > Level.AGGREGATED:
            continue
        present = pc.drop_null(kept.column(one.name))
        if len(present):
            examples[one.name] = str(present[0].as_py())
