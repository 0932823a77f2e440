"""
The profile of a column: how many of its values have which shape. It never holds a value.

Built batch by batch in bounded memory, on a sample or on the whole column; ``proposals`` and the
rules of publication decide on it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from catalog.connectors.port import native_type
from catalog.datasets.shapes import Shape, shapes_of
from catalog.vocabularies.plain_types import PlainType

DISTINCT_CAP = 10_000
"""Distinct values are counted exactly up to here, then said to be at least this many."""

MISSING_TOKENS = (
    "", "NA", "N/A", "NS", "N.S.", "ND", "N.D.", "NC", "NR", "NULL", "NONE", "NAN", "-", "--", ".",
)  # fmt: skip
"""Ways to write that a value is missing, compared in capitals without surrounding spaces."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """Counts about one column; no cell value, but the words for 'missing' that it uses."""

    name: str
    rows: int = 0
    missing: int = 0
    missing_tokens: tuple[str, ...] = ()
    distinct: int = 0
    longest: int = 0
    native: PlainType | None = None
    shapes: Mapping[Shape, int] = field(default_factory=dict)

    @property
    def present(self) -> int:
        """Return how many cells hold something."""
        return self.rows - self.missing

    @property
    def is_distinct_capped(self) -> bool:
        """Tell whether there may be more distinct values than ``distinct``."""
        return self.distinct >= DISTINCT_CAP

    def count(self, *shapes: Shape) -> int:
        """Return how many values have one of these shapes (shapes that exclude each other)."""
        return sum(self.shapes.get(shape, 0) for shape in shapes)

    def share(self, *shapes: Shape) -> float:
        """Return the share of present values that have one of these shapes, 0 when none is."""
        return min(1.0, self.count(*shapes) / self.present) if self.present else 0.0

    @property
    def distinct_share(self) -> float:
        """Return distinct over present values, as far as distinct values are counted."""
        return self.distinct / min(self.present, DISTINCT_CAP) if self.present else 0.0


def counts_of(profile: ColumnProfile) -> dict[str, Any]:
    """Return a profile as plain values, without the name of its column."""
    return {
        "rows": profile.rows,
        "missing": profile.missing,
        "missing_tokens": list(profile.missing_tokens),
        "distinct": profile.distinct,
        "longest": profile.longest,
        "native": profile.native,
        "shapes": dict(profile.shapes),
    }


def from_counts(name: str, counts: Mapping[str, Any]) -> ColumnProfile:
    """Return the profile that :func:`counts_of` wrote; what is not said is nothing."""
    native = counts.get("native")
    return ColumnProfile(
        name=name,
        rows=counts.get("rows", 0),
        missing=counts.get("missing", 0),
        missing_tokens=tuple(counts.get("missing_tokens", ())),
        distinct=counts.get("distinct", 0),
        longest=counts.get("longest", 0),
        native=PlainType(native) if native else None,
        shapes={Shape(shape): number for shape, number in counts.get("shapes", {}).items()},
    )


class ColumnProfiler:
    """Adds up the profile of one column, batch after batch."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._rows = 0
        self._missing = 0
        self._longest = 0
        self._native: PlainType | None = None
        self._tokens: dict[str, None] = {}
        self._distinct: set[str] = set()
        self._shapes: dict[Shape, int] = {}

    def add(self, values: pa.Array) -> None:
        """Count one batch of values of any plain type."""
        self._rows += len(values)
        if not pa.types.is_string(values.type):
            self._native = native_type(values.type)
            values = pc.cast(values, pa.string())
        counted = pc.value_counts(pc.utf8_trim_whitespace(values))
        present = self._without_missing(counted)
        if not len(present):
            return
        words, counts = present.field("values"), present.field("counts")
        self._longest = max(self._longest, pc.max(pc.utf8_length(words)).as_py())
        if len(self._distinct) < DISTINCT_CAP:
            self._distinct.update(words.slice(0, DISTINCT_CAP).to_pylist())
        for shape, number in shapes_of(words, counts).items():
            self._shapes[shape] = self._shapes.get(shape, 0) + number

    def _without_missing(self, counted: pa.StructArray) -> pa.StructArray:
        words = counted.field("values")
        known = pc.is_in(pc.utf8_upper(words), value_set=pa.array(MISSING_TOKENS, pa.string()))
        absent = pc.or_(pc.is_null(words), pc.fill_null(known, fill_value=False))
        gone = counted.filter(absent)
        self._missing += pc.sum(gone.field("counts")).as_py() or 0
        self._tokens.update(
            dict.fromkeys(word for word in gone.field("values").to_pylist() if word is not None)
        )
        return counted.filter(pc.invert(absent))

    def profile(self) -> ColumnProfile:
        """Return what was counted so far."""
        return ColumnProfile(
            name=self._name,
            rows=self._rows,
            missing=self._missing,
            missing_tokens=tuple(sorted(self._tokens)),
            distinct=min(len(self._distinct), DISTINCT_CAP),
            longest=self._longest,
            native=self._native,
            shapes=dict(self._shapes),
        )


def profile_batches(batches: Iterable[pa.RecordBatch]) -> list[ColumnProfile]:
    """Profile every column of a stream of batches (a table's ``to_batches()`` is one)."""
    profilers: dict[str, ColumnProfiler] = {}
    for batch in batches:
        for name, values in zip(batch.schema.names, batch.columns, strict=True):
            profilers.setdefault(name, ColumnProfiler(name)).add(values)
    return [profiler.profile() for profiler in profilers.values()]


def profile_sample(sample: pa.Table) -> list[ColumnProfile]:
    """Profile the sample of an inspection; a table without rows gives profiles without rows."""
    found = {profile.name: profile for profile in profile_batches(sample.to_batches())}
    return [found.get(name, ColumnProfile(name)) for name in sample.schema.names]
