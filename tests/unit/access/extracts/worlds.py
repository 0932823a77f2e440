"""A small world for the engine: fields, a release in Parquet, keys, and somewhere to write."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from access.extracts import engine
from access.extracts.outcomes import Outcome
from access.extracts.ports import Consent, SourceFile, SubjectSet, keys_of
from access.plans.crossing import Recipe
from access.plans.plan import Plan, compile_plan
from access.plans.terms import (
    BasisRule,
    Disclosure,
    FieldGrant,
    FieldSpec,
    GrantTerms,
    RowFilter,
    SourceSpec,
)
from catalog.vocabularies.levels import Level, Unit
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.files import parquet_writer
from hub.crypto.keys import Secret, new_secret
from hub.crypto.prf import PSEUDONYM
from hub.crypto.subjects import subject_keys

HUB = Secret(b"h" * 32)
GRANT = Secret(b"g" * 32)
END = date(2027, 8, 31)

INE = FieldSpec("ine", PlainType.TEXT, SemanticType.INE, Level.IDENTIFIER, "INE")
NAME = FieldSpec("nom", PlainType.TEXT, SemanticType.PERSON_NAME, Level.IDENTIFIER, "Nom")
BIRTH = FieldSpec(
    "date_naissance", PlainType.DATE, SemanticType.DATE_OF_BIRTH, Level.QUASI_IDENTIFIER
)
SEX = FieldSpec("sexe", PlainType.TEXT, SemanticType.SEX, Level.QUASI_IDENTIFIER)
SCHOOL = FieldSpec("uai", PlainType.TEXT, SemanticType.UAI, Level.QUASI_IDENTIFIER)
MARK = FieldSpec("note", PlainType.NUMBER, SemanticType.MARK, Level.SENSITIVE)
SESSION = FieldSpec("session", PlainType.TEXT, SemanticType.SCHOOL_YEAR, Level.OPEN)
FIELDS = (INE, NAME, BIRTH, SEX, SCHOOL, MARK, SESSION)
TYPES = {
    PlainType.TEXT: pa.string(),
    PlainType.INTEGER: pa.int64(),
    PlainType.NUMBER: pa.float64(),
    PlainType.BOOLEAN: pa.bool_(),
    PlainType.DATE: pa.date32(),
    PlainType.DATETIME: pa.timestamp("ms"),
}


def wishes(fields: Sequence[FieldSpec], **wanted: str) -> tuple[FieldGrant, ...]:
    """Ask for every field, justified; some with a fineness."""
    return tuple(FieldGrant(each.name, wanted.get(each.name, ""), "needed") for each in fields)


def plan_for(
    fields: Sequence[FieldSpec] = FIELDS,
    *,
    grant: str = "grant-1",
    basis: BasisRule = BasisRule.OPT_OUT,
    unit: Unit = Unit.PUPIL,
    k: int = 2,
    cap: float = 1.0,
    demands: Mapping[str, Any] = MappingProxyType({}),
    filters: tuple[RowFilter, ...] = (),
    asked: tuple[FieldGrant, ...] | None = None,
    rows: int | None = None,
    dataset: str = "results",
    **terms: Any,
) -> Plan:
    """Compile a plan over these fields."""
    return compile_plan(
        terms=GrantTerms(grant, wishes(fields) if asked is None else asked, filters, END, **terms),
        source=SourceSpec(dataset, "2025", unit, tuple(each.name for each in fields), rows=rows),
        fields=fields,
        basis=basis,
        disclosure=Disclosure(k, cap, **demands),
    )


def keyed(values: Sequence[str | None], attribute: str = "pupil") -> pa.Array:
    """Return p0 of some identifiers, as the vault keeps them."""
    return subject_keys(pa.array(values, pa.string()), HUB)


def persons(*identifiers: str) -> SubjectSet:
    """Return the set of some persons."""
    return SubjectSet([key for key in keyed(identifiers).to_pylist() if key is not None])


def table_of(fields: Sequence[FieldSpec], columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Return rows as the vault keeps them: identifiers of persons are p0, names are gone."""
    arrays = {}
    for each in fields:
        values = columns[each.name]
        if each.level is Level.IDENTIFIER and each.attribute:
            arrays[each.name] = keyed(values)
        else:
            arrays[each.name] = pa.array(values, TYPES[each.type])
    return pa.table(arrays)


def write(
    table: pa.Table,
    folder: Path,
    *,
    row_group: int = 1 << 17,
    key: Secret | None = None,
    part: int = 0,
) -> list[SourceFile]:
    """Write a release as one Parquet file."""
    path = folder / f"release{part or ''}.parquet"
    with parquet_writer(path, table.schema, key) as writer:
        writer.write_table(table, row_group_size=row_group)
    return [SourceFile(path, key, part)]


class Shelf:
    """An output that keeps what was completed."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def create(self, name: str) -> IO[bytes]:
        """Open a file that is kept once closed."""
        shelf = self

        class Kept(io.BytesIO):
            def close(self) -> None:
                if not self.closed:
                    shelf.files[name] = self.getvalue()
                super().close()

        return Kept()

    def table(self) -> pa.Table:
        """Read the Parquet file."""
        return pq.read_table(io.BytesIO(self.files["data.parquet"]))


@dataclass
class Made:
    """An extract that was made."""

    outcome: Outcome
    shelf: Shelf = field(default_factory=Shelf)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the rows of the Parquet file; a pseudonym is 16 bytes."""
        table = self.shelf.table()
        columns = {
            name: column.cast(PSEUDONYM) if column.type == pa.uuid() else column
            for name, column in zip(table.schema.names, table.columns, strict=True)
        }
        found: list[dict[str, Any]] = pa.table(columns).to_pylist()
        return found


def make(
    plan: Plan,
    table: pa.Table,
    folder: Path,
    *,
    consent: SubjectSet | None = None,
    **options: Any,
) -> Made:
    """Write a release, run a plan over it, read the result."""
    if consent is None and plan.basis is not BasisRule.NONE:
        consent = persons()
    return make_of(plan, [table], folder, consent=[consent], **options)


def make_of(
    plan: Recipe,
    tables: Sequence[pa.Table],
    folder: Path,
    *,
    consent: Consent,
    grant: Secret = GRANT,
    row_group: int = 1 << 17,
    **options: Any,
) -> Made:
    """Write the releases of a plan's parts, run it over them, read the result."""
    shelf = options.pop("output", None) or Shelf()
    sources = [
        source
        for part, table in enumerate(tables)
        for source in write(table, folder, row_group=row_group, key=new_secret(), part=part)
    ]
    outcome = engine.run(
        plan=plan,
        sources=sources,
        keys=keys_of(plan, grant),
        consent=consent,
        output=shelf,
        workdir=folder,
        **options,
    )
    return Made(outcome, shelf)
