"""
Ladders of generalisation: from a value to coarser and coarser ones. Pure.

A ladder is applied to an Arrow array of distinct values, the dictionary of a column. Null stays null; what the ladder does not know becomes null, never a
guess. Steps are ordered, finest first, and each loses something more: what is equal on one step is
equal on the next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from catalog.vocabularies import territories
from catalog.vocabularies.semantic_types import Hierarchy

EXACT = "exact"
CUSTOM = "custom"
TERM_STARTS = (9, 1, 4)
"""Months in which the three terms of a French school year begin."""

Apply = Callable[[pa.Array], pa.Array]


@dataclass(frozen=True, slots=True)
class Step:
    """One rung: its name in plans, its message for people ("the year"), and how to climb to it."""

    name: str
    label: str
    apply: Apply
    values: Mapping[str, object] = field(default_factory=dict)
    """What fills the places of the label."""


@dataclass(frozen=True, slots=True)
class Ladder:
    """A hierarchy, finest step first. The exact value is not a step."""

    name: str
    steps: tuple[Step, ...]

    def step(self, name: str) -> Step:
        """
        Return a step by name.

        :raises KeyError: when the ladder has no such step
        """
        for step in self.steps:
            if step.name == name:
                return step
        raise KeyError(name)

    def coarser(self, name: str) -> Step | None:
        """Return the step after this one (``exact`` counts as the one before all)."""
        names = [EXACT, *(step.name for step in self.steps)]
        position = names.index(name)
        return self.steps[position] if position < len(self.steps) else None


@dataclass(frozen=True, slots=True)
class LadderSpec:
    """What a plan writes to name a ladder, so that two runs climb the same one."""

    name: str
    widths: tuple[int, ...] = ()
    """Of bands, or of prefixes in characters; the ladder's own when empty."""
    as_of: date | None = None
    """For ages: the day on which they are counted."""
    table: tuple[tuple[str, ...], ...] = ()
    """For a custom ladder: value, level 1, level 2 …; the last one is the coarsest."""
    names: tuple[str, ...] = ()
    """For a custom ladder: what its producer calls each level, empty where nothing."""


def ladder(spec: LadderSpec) -> Ladder:
    """
    Build the ladder that a plan names.

    :raises KeyError: when the name is unknown
    :raises ValueError: when a parameter is missing
    """
    return _BUILDERS[spec.name](spec)


# Dates ---------------------------------------------------------------------------------------


def _days(values: pa.Array) -> pa.Array:
    """Return dates; a text must be ISO (another form is refused by the cast, never guessed)."""
    if pa.types.is_timestamp(values.type) and values.type.tz is not None:
        values = pc.local_timestamp(values)
    return values.cast(pa.date32(), safe=False)


def _parts(values: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], pa.Array]:
    """Return years and months (1-12) of dates, and where they are missing."""
    days = _days(values)
    months = days.cast(pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    count = months.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return count // 12, count % 12 + 1, days.is_null()


def _written(pieces: Sequence[object], missing: pa.Array) -> pa.Array:
    """Join columns of numbers and texts into one text, null where missing."""
    texts = [
        piece if isinstance(piece, str) else pa.array(piece).cast(pa.string()) for piece in pieces
    ]
    return _holes(pc.binary_join_element_wise(*texts, ""), missing)


def _holes(array: pa.Array, missing: pa.Array) -> pa.Array:
    return pc.if_else(missing, pa.scalar(None, array.type), array)


def _two(numbers: npt.NDArray[np.int64]) -> pa.Array:
    return pc.utf8_lpad(pa.array(numbers).cast(pa.string()), 2, "0")


def _hour(values: pa.Array) -> pa.Array:
    if pa.types.is_timestamp(values.type):
        return pc.floor_temporal(values, unit="hour")
    return values


def _month(values: pa.Array) -> pa.Array:
    years, months, missing = _parts(values)
    return _written((years, "-", _two(months)), missing)


def _quarter(values: pa.Array) -> pa.Array:
    years, months, missing = _parts(values)
    return _written((years, "-Q", (months + 2) // 3), missing)


def _year(values: pa.Array) -> pa.Array:
    years, _, missing = _parts(values)
    return _holes(pa.array(years.astype(np.int32)), missing)


def _years(values: pa.Array, width: int) -> pa.Array:
    years, _, missing = _parts(values)
    first = years // width * width
    return _written((first, "-", first + width - 1), missing)


def _school_year(values: pa.Array) -> pa.Array:
    years, months, missing = _parts(values)
    first = years - (months < TERM_STARTS[0])
    return _written((first, "-", first + 1), missing)


def _term(values: pa.Array) -> pa.Array:
    years, months, missing = _parts(values)
    first = years - (months < TERM_STARTS[0])
    term = np.select([months >= TERM_STARTS[0], months < TERM_STARTS[2]], [1, 2], 3)
    return _written((first, "-", first + 1, "/", term), missing)


def _age(values: pa.Array, as_of: date) -> pa.Array:
    days = _days(values)
    years, months, missing = _parts(days)
    day_of_month = pc.day(days).fill_null(1).to_numpy(zero_copy_only=False)
    later = (months > as_of.month) | ((months == as_of.month) & (day_of_month > as_of.day))
    return _holes(pa.array((as_of.year - years - later).astype(np.int32)), missing)


def _age_band(values: pa.Array, as_of: date, width: int) -> pa.Array:
    return _band(_age(values, as_of), width)


# Numbers and texts ---------------------------------------------------------------------------


def _band(values: pa.Array, width: int) -> pa.Array:
    """Write the band of a number: 12 → "10-14" (from 10 up to, not including, 15)."""
    numbers = values.cast(pa.float64())
    missing = pc.invert(pc.fill_null(pc.is_finite(numbers), fill_value=False))
    whole = pc.if_else(missing, 0.0, numbers).to_numpy(zero_copy_only=False)
    first = (np.floor(whole / width) * width).astype(np.int64)
    return _written((first, "-", first + width - 1), missing)


def _each(
    values: pa.Array, change: Callable[[str], str | None], width: int | None = None
) -> pa.Array:
    """Change each text of a dictionary; only its first characters count when ``width`` is given."""
    texts = values.cast(pa.string())
    if width:
        texts = pc.utf8_slice_codeunits(pc.utf8_trim_whitespace(texts), 0, width)
    distinct = texts.dictionary_encode()
    changed = [change(text) for text in distinct.dictionary.to_pylist()]
    return pa.array(changed, pa.string()).take(distinct.indices)


def _prefix(text: str, width: int) -> str:
    return text[:width]


def _departement_of_school(digits: str) -> str | None:
    """Return the département of the first three digits of a UAI (620 and 720 are Corsica's)."""
    corsica = {"620": "2A", "720": "2B"}
    return corsica.get(digits) or (
        territories.normal_departement(digits) if len(digits) == 3 else None
    )


def _departement_of_postcode(postcode: str) -> str | None:
    """Return the département of a postcode, None in Corsica before 1976's split is not guessed."""
    text = postcode.strip()
    if text.startswith("20"):
        return {"200": "2A", "201": "2A", "202": "2B", "206": "2B"}.get(text[:3])
    return territories.normal_departement(text[:3] if text.startswith("97") else text[:2])


def _academie(departement: str | None) -> str | None:
    return territories.academie_of(departement) if departement else None


def _region(departement: str | None) -> str | None:
    academie = _academie(departement)
    return territories.region_academique_of(academie) if academie else None


def _mapped(change: Callable[[str], str | None], width: int | None = None) -> Apply:
    return partial(_each, change=change, width=width)


# The ladders ---------------------------------------------------------------------------------


def _territorial(
    name: str, to_departement: Callable[[str], str | None], width: int | None = None
) -> Ladder:
    def academie(text: str) -> str | None:
        return _academie(to_departement(text))

    def region(text: str) -> str | None:
        return _region(to_departement(text))

    steps = (
        Step("departement", "the département", _mapped(to_departement, width)),
        Step("academie", "the académie", _mapped(academie, width)),
        Step("region_academique", "the région académique", _mapped(region, width)),
    )
    # A département that is written in several ways is one step finer than itself written well.
    return Ladder(name, steps[1:] if name == Hierarchy.DEPARTEMENT else steps)


def _dates(_: LadderSpec) -> Ladder:
    return Ladder(
        Hierarchy.DATE,
        (
            Step("hour", "the date and the hour", _hour),
            Step("day", "the day", _days),
            Step("month", "the month", _month),
            Step("quarter", "the quarter", _quarter),
            Step("year", "the year", _year),
            Step("five_years", "a span of five years", partial(_years, width=5)),
            Step("ten_years", "a span of ten years", partial(_years, width=10)),
        ),
    )


def _school_dates(_: LadderSpec) -> Ladder:
    return Ladder(
        "school_date",
        (
            Step("term", "the school term", _term),
            Step("school_year", "the school year", _school_year),
        ),
    )


def _ages(spec: LadderSpec) -> Ladder:
    if spec.as_of is None:
        raise ValueError("An age needs the day on which it is counted.")
    widths = spec.widths or (2, 5, 10)
    bands = tuple(
        Step(
            f"age_by_{width}",
            "an age band of %(width)s years",
            partial(_age_band, as_of=spec.as_of, width=width),
            {"width": width},
        )
        for width in widths
    )
    return Ladder(
        "age", (Step("age", "the age in years", partial(_age, as_of=spec.as_of)), *bands)
    )


def _bands(spec: LadderSpec) -> Ladder:
    return Ladder(
        Hierarchy.NUMBER,
        tuple(
            Step(
                f"by_{width}", "a band of %(width)s", partial(_band, width=width), {"width": width}
            )
            for width in spec.widths or (5, 10, 50, 100)
        ),
    )


def _prefixes(spec: LadderSpec) -> Ladder:
    default = (8, 4, 3) if spec.name == Hierarchy.CLASS_CODE else (3, 2, 1)
    return Ladder(
        spec.name,
        tuple(
            Step(
                f"first_{width}",
                "the first %(width)s characters",
                _mapped(partial(_prefix, width=width)),
                {"width": width},
            )
            for width in sorted(spec.widths or default, reverse=True)
        ),
    )


def _custom(spec: LadderSpec) -> Ladder:
    if not spec.table:
        raise ValueError("A custom hierarchy needs its table.")
    return Ladder(
        CUSTOM,
        tuple(
            _custom_step(spec, level, name)
            for level, name in enumerate(spec.names or ("",) * (len(spec.table[0]) - 1), 1)
        ),
    )


def _custom_step(spec: LadderSpec, level: int, name: str) -> Step:
    climb = partial(_of_table, table=spec.table, level=level)
    if not name:
        return Step(f"level_{level}", "level %(level)s of the hierarchy", climb, {"level": level})
    return Step(f"level_{level}", "the producer's level “%(name)s”", climb, {"name": name})


def _of_table(values: pa.Array, table: Sequence[Sequence[str]], level: int) -> pa.Array:
    known = {row[0]: row[level] for row in table}
    return _each(values, known.get)


def _categories(_: LadderSpec) -> Ladder:
    return Ladder(Hierarchy.CATEGORY, ())


_BUILDERS: Mapping[str, Callable[[LadderSpec], Ladder]] = MappingProxyType(
    {
        Hierarchy.DATE: _dates,
        "school_date": _school_dates,
        "age": _ages,
        Hierarchy.COMMUNE: lambda _: _territorial(Hierarchy.COMMUNE, territories.departement_of),
        Hierarchy.POSTCODE: lambda _: _territorial(Hierarchy.POSTCODE, _departement_of_postcode),
        Hierarchy.UAI: lambda _: _territorial(Hierarchy.UAI, _departement_of_school, 3),
        Hierarchy.DEPARTEMENT: lambda _: _territorial(
            Hierarchy.DEPARTEMENT, territories.normal_departement
        ),
        Hierarchy.CLASS_CODE: _prefixes,
        "prefix": _prefixes,
        Hierarchy.NUMBER: _bands,
        Hierarchy.CATEGORY: _categories,
        CUSTOM: _custom,
    }
)
