"""Invented releases of any size, as the vault keeps them: p0 in the place of identifiers."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.plans.terms import FieldSpec
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from hub.crypto.files import parquet_writer
from hub.crypto.keys import Secret
from hub.crypto.prf import WIDTH, AesCmac, Bytes, column_of

STEP = 1 << 20
ROW_GROUP = 1 << 17
SCHOOLS = 60_000
OPPOSED = 20
"""One person in so many has opposed."""
HUB = AesCmac(b"h" * 32)
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
LEVELS = ("CP", "CE1", "CE2", "CM1", "CM2", "6EME", "5EME", "4EME", "3EME", "2NDE", "1ERE", "TERM")
DEPARTEMENTS = [*(n for n in range(1, 96) if n != 20), 620, 720, 971, 972, 973, 974, 976]

Numbers = npt.NDArray[np.uint64]

FIELDS = (
    FieldSpec("ine", PlainType.TEXT, SemanticType.INE, Level.IDENTIFIER),
    FieldSpec(
        "date_naissance", PlainType.DATE, SemanticType.DATE_OF_BIRTH, Level.QUASI_IDENTIFIER
    ),
    FieldSpec("sexe", PlainType.TEXT, SemanticType.SEX, Level.QUASI_IDENTIFIER),
    FieldSpec("uai", PlainType.TEXT, SemanticType.UAI, Level.QUASI_IDENTIFIER),
    FieldSpec("niveau", PlainType.TEXT, SemanticType.CATEGORY, Level.QUASI_IDENTIFIER),
    FieldSpec("annee", PlainType.INTEGER, SemanticType.NUMBER, Level.OPEN),
    FieldSpec("note_francais", PlainType.NUMBER, SemanticType.MARK, Level.SENSITIVE),
    FieldSpec("note_maths", PlainType.NUMBER, SemanticType.MARK, Level.SENSITIVE),
    FieldSpec("absences", PlainType.INTEGER, SemanticType.NUMBER, Level.SENSITIVE),
    FieldSpec("boursier", PlainType.BOOLEAN, SemanticType.CATEGORY, Level.SENSITIVE),
)


@dataclass(frozen=True, slots=True)
class Shape:
    """How large a release is: rows, and the persons they are about."""

    rows: int
    persons: int


def write_release(path: Path, shape: Shape, *, key: Secret | None = None, salt: int = 0) -> None:
    """Write a release as one file of the vault; the same shape and salt give the same rows."""
    schools = _schools()
    writer = None
    try:
        for start in range(0, shape.rows, STEP):
            rows = np.arange(start, min(start + STEP, shape.rows), dtype=np.uint64)
            table = _table(rows, shape, schools, np.uint64(salt))
            writer = writer or parquet_writer(path, table.schema, key)
            writer.write_table(table, row_group_size=ROW_GROUP)
    finally:
        if writer is not None:
            writer.close()


def opposed(shape: Shape) -> Bytes:
    """Return the subject keys of the persons who opposed, an (n, 16) matrix."""
    return _keys(np.arange(0, shape.persons, OPPOSED, dtype=np.uint64))


def keys(persons: int) -> Bytes:
    """Return the subject keys of so many persons, an (n, 16) matrix."""
    return _keys(np.arange(persons, dtype=np.uint64))


def _table(rows: Numbers, shape: Shape, schools: pa.Array, salt: np.uint64) -> pa.Table:
    person = (rows * np.uint64(7919)) % np.uint64(shape.persons)
    year = rows // np.uint64(shape.persons) % np.uint64(10)
    once, each = _mixed(person, np.uint64(1)), _mixed(rows, np.uint64(2) + salt)
    school = _mixed(person, np.uint64(3)) % np.uint64(SCHOOLS)
    level = (once >> np.uint64(20)) % np.uint64(len(LEVELS))
    return pa.table(
        {
            "ine": column_of(_keys(person)),
            "date_naissance": pa.array(
                (13149 + once % np.uint64(4380)).astype(np.int32), pa.int32()
            ).cast(pa.date32()),
            "sexe": pa.array(["F", "M"]).take(pa.array(once >> np.uint64(63))),
            "uai": schools.take(pa.array(school)),
            "niveau": pa.array(LEVELS).take(pa.array(level)),
            "annee": pa.array((2015 + salt + year).astype(np.int64)),
            "note_francais": _marks(each),
            "note_maths": _marks(each >> np.uint64(24)),
            "absences": pa.array(((each >> np.uint64(48)) % np.uint64(40)).astype(np.int64)),
            "boursier": pa.array((once >> np.uint64(40)) % np.uint64(4) == 0),
        }
    )


def _marks(numbers: Numbers) -> pa.Array:
    """Return marks out of twenty to the cent; one in fifty is missing."""
    missing = (numbers >> np.uint64(12)) % np.uint64(50) == 0
    return pa.array((numbers % np.uint64(2001)).astype(np.float64) / 100, mask=missing)


def _schools() -> pa.Array:
    numbers = [
        DEPARTEMENTS[one * 7919 % len(DEPARTEMENTS)] * 10_000 + one % 9_000
        for one in range(SCHOOLS)
    ]
    return pa.array([f"{number:07d}{LETTERS[number % 23]}" for number in numbers])


def _keys(persons: Numbers) -> Bytes:
    return HUB.matrix(persons.astype(">u8").view(np.uint8).reshape(-1, WIDTH // 2))


def _mixed(numbers: Numbers, salt: np.uint64) -> Numbers:
    """Return numbers that look drawn by chance (splitmix64)."""
    with np.errstate(over="ignore"):
        mixed = numbers * np.uint64(0x9E3779B97F4A7C15) + salt * np.uint64(0xD1B54A32D192ED03)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))
