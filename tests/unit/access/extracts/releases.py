"""A release to try the engine on."""

from datetime import date
from typing import Any

import pyarrow as pa

from access.extracts.ports import Limits
from access.plans.terms import (
    FieldSpec,
)
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from catalog.vocabularies.semantic_types import SemanticType
from tests.unit.access.extracts import worlds

FIELDS = tuple(each for each in worlds.FIELDS if each is not worlds.NAME)
SMALL = Limits(batch_rows=50)
UAI = FieldSpec("uai", PlainType.TEXT, SemanticType.UAI, Level.OPEN)
COUNT = FieldSpec("effectif", PlainType.INTEGER, SemanticType.HEAD_COUNT, Level.AGGREGATED)


def release(rows: int = 600, pupils: int = 150, **changed: Any) -> pa.Table:
    columns: dict[str, Any] = {
        "ine": [f"INE{row % pupils:08d}" for row in range(rows)],
        "date_naissance": [date(2010 + row % pupils % 3, 5, 17) for row in range(rows)],
        "sexe": ["FM"[row % pupils % 2] for row in range(rows)],
        "uai": [("0530030V", "0720902P")[row % 2] for row in range(rows)],
        "note": [row / 30 for row in range(rows)],
        "session": [str(2020 + row // pupils) for row in range(rows)],
    }
    return worlds.table_of(FIELDS, columns | changed)
