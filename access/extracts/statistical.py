"""
Write rows for SPSS and Stata, with labels; and look at such files that were written elsewhere.

Their writer wants all the rows at once and a file with a path: the rows wait in memory, up to a
limit, and the file is one of memory, that no disk sees. No Django.
"""

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.extracts.ports import EngineError, Limits, Output
from access.extracts.short_names import short_names
from access.plans.crossing import Recipe
from access.plans.offered import writes_statistical
from access.plans.plan import Described
from access.plans.terms import STATISTICAL, Format
from access.plans.treatments import Action
from access.pseudonymisation.transforms import is_text
from hub.crypto.prf import PSEUDONYM, matrix_of, uuid_texts

PIECE = 1 << 20
MOST_BYTES = 1 << 30
"""Of one file, which is whole in memory."""
LONGEST_TEXT = 32_767
"""Bytes of a text of SPSS."""
LONGEST_LABEL = 80
"""Characters of the label of a variable, and of a value: Stata takes no more, SPSS does."""
EXACT = 1 << 53
"""Whole numbers are written as double floats, exact up to here; a column that goes beyond, as text."""
_WHOLE = re.compile(r"-?[0-9]{1,15}\Z")
SPSS_WHOLE, STATA_WHOLE = "F16.0", "%16.0f"


class Statistical:
    """
    The rows of an extract that also go to SPSS or Stata files.

    Beyond the limits it forgets them: those files are left out, the others hold everything.
    """

    def __init__(self, plan: Recipe, limits: Limits) -> None:
        self._wanted = [each for each in plan.formats if each in STATISTICAL]
        if self._wanted and not writes_statistical():
            names = ", ".join(self._wanted)
            raise EngineError("no_writer", permanent=True, formats=names)
        self._described = described_by_column(plan)
        self._most = limits.statistical_rows
        self._rows = 0
        self._tables: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        """Keep some rows, in their order."""
        self._rows += table.num_rows
        if not self._wanted or self._rows > self._most:
            self._tables.clear()
            return
        self._tables.append(table)

    def write(self, output: Output) -> tuple[str, ...]:
        """Write the files that can be; return their names."""
        if not self._tables:
            return ()
        columns = _columns(pa.concat_tables(self._tables))
        self._tables.clear()
        longest = max((_longest(each) for each in columns.values()), default=0)
        if longest > LONGEST_TEXT or _size(columns) > MOST_BYTES:
            return ()
        return tuple(self._write(each, columns, output) for each in self._wanted)

    def _write(self, kind: Format, columns: Mapping[str, pa.Array], output: Output) -> str:
        with _in_memory() as (path, file):
            _WRITE[kind](path, columns, self._described)
            with output.create(kind.file_name) as stream:
                while piece := file.read(PIECE):
                    stream.write(piece)
        return kind.file_name


def described_by_column(plan: Recipe) -> dict[str, Described]:
    """Return what is said of each delivered column; codes only where they were delivered."""
    found = {}
    for part in plan.parts:
        known = {each.field: each for each in part.described}
        for treatment in part.delivered:
            said = known.get(treatment.field, Described(treatment.field))
            codes = said.codes if treatment.action is Action.KEEP else ()
            found[treatment.output] = Described(said.field, said.label, codes)
    return found


def look(kind: Format, stream: IO[bytes]) -> tuple[Sequence[str], int]:
    """
    Return the names of the variables of a file, and how many rows it says it has.

    :returns: nothing and 0 when it is no such file
    """
    import pyreadstat  # noqa: PLC0415 - an optional part of the package

    readers = {Format.SPSS: pyreadstat.read_sav, Format.STATA: pyreadstat.read_dta}
    with _in_memory() as (path, file):
        while piece := stream.read(PIECE):
            file.write(piece)
        file.flush()
        try:
            _rows, told = readers[kind](path, metadataonly=True, output_format="dict")
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError):
            return (), 0
    return tuple(told.column_names), told.number_rows or 0


@contextmanager
def _in_memory() -> Iterator[tuple[str, IO[bytes]]]:
    """Yield a file that is nowhere but in memory: its path for this process, and the file."""
    descriptor = os.memfd_create("extract")
    with os.fdopen(descriptor, "rb+") as file:
        yield f"/proc/self/fd/{descriptor}", file


# -- the columns ------------------------------------------------------------------------------------


def _columns(table: pa.Table) -> dict[str, pa.Array]:
    """Return the columns as numbers, texts without null, dates and moments without a zone."""
    names = short_names(table.schema.names)
    plain = {}
    for name, column in zip(table.schema.names, table.columns, strict=True):
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)  # noqa: PLW2901 - the same, written out
        plain[names[name]] = _plain(column.combine_chunks())
    return plain


def _plain(column: pa.Array) -> pa.Array:
    if column.type == PSEUDONYM:
        texts = uuid_texts(matrix_of(column))
        return pc.if_else(column.is_valid(), texts, "")
    if is_text(column.type):
        return pc.fill_null(column.cast(pa.string()), "")
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8())
    return _number_or_moment(column)


def _number_or_moment(column: pa.Array) -> pa.Array:
    if pa.types.is_integer(column.type):
        return _whole(column)
    if pa.types.is_floating(column.type):
        missing = pa.scalar(None, pa.float64())
        return pc.if_else(pc.is_finite(column), column.cast(pa.float64()), missing)
    if pa.types.is_timestamp(column.type) and column.type.tz is not None:
        return pc.local_timestamp(column)
    return column


def _whole(column: pa.Array) -> pa.Array:
    bounds = pc.min_max(column).as_py()
    if any(abs(bound or 0) > EXACT for bound in bounds.values()):
        return pc.fill_null(column.cast(pa.string()), "")
    # SPSS knows no other number, and the whole numbers of Stata stop before those of Arrow.
    return column.cast(pa.int64()).cast(pa.float64())


def _longest(column: pa.Array) -> int:
    """Return how many bytes the longest text of a column has, 0 when it holds none."""
    return pc.max(pc.binary_length(column)).as_py() or 0 if is_text(column.type) else 0


def _size(columns: Mapping[str, pa.Array]) -> int:
    """Return about how many bytes of a file these columns take: a text takes those of the longest."""
    rows = len(next(iter(columns.values()), ()))
    return rows * sum(8 * -(-max(_longest(each), 8) // 8) for each in columns.values())


# -- the files --------------------------------------------------------------------------------------


def _frame(columns: Mapping[str, pa.Array]) -> Any:
    import polars  # noqa: PLC0415 - an optional part of the package

    return polars.from_arrow(pa.table(dict(columns)))


def _labels(
    columns: Mapping[str, pa.Array], described: Mapping[str, Described]
) -> dict[str, str | None]:
    """Return the label of each variable: that of its field, else its name."""
    said = zip(columns, described.values(), strict=True)
    return {name: _cut(each.label or each.field) for name, each in said}


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= LONGEST_LABEL else f"{text[: LONGEST_LABEL - 1]}…"


def _codes(
    columns: Mapping[str, pa.Array], described: Mapping[str, Described]
) -> dict[str, dict[Any, str]]:
    """Return what the values of each variable mean, where its field has a list of codes."""
    found: dict[str, dict[Any, str]] = {}
    for (name, column), each in zip(columns.items(), described.values(), strict=True):
        if pa.types.is_int8(column.type):
            found[name] = {0: "false", 1: "true"}
        elif each.codes and is_text(column.type):
            found[name] = {code: _cut(label) for code, label in each.codes if label}
        elif each.codes and pa.types.is_floating(column.type):
            whole = ((code, label) for code, label in each.codes if label and _WHOLE.match(code))
            found[name] = {int(code): _cut(label) for code, label in whole}
    return {name: codes for name, codes in found.items() if codes}


def _numbers(columns: Mapping[str, pa.Array], written: str) -> dict[str, str]:
    """Return how the whole numbers are shown: the others keep the format of the program."""
    return {
        name: written
        for name, column in columns.items()
        if pa.types.is_floating(column.type) and _is_whole(column)
    }


def _is_whole(column: pa.Array) -> bool:
    values = column.drop_null().to_numpy()
    return bool(np.all(values == np.floor(values)))


def _sav(path: str, columns: Mapping[str, pa.Array], described: Mapping[str, Described]) -> None:
    import pyreadstat  # noqa: PLC0415 - an optional part of the package

    pyreadstat.write_sav(
        _frame(columns),
        path,
        column_labels=_labels(columns, described),
        variable_value_labels=_codes(columns, described),
        variable_measure={
            name: "nominal" if is_text(each.type) or pa.types.is_int8(each.type) else "scale"
            for name, each in columns.items()
        },
        variable_format=_numbers(columns, SPSS_WHOLE),
    )


def _dta(path: str, columns: Mapping[str, pa.Array], described: Mapping[str, Described]) -> None:
    import pyreadstat  # noqa: PLC0415 - an optional part of the package

    codes = _codes(columns, described)
    pyreadstat.write_dta(
        _frame(columns),
        path,
        column_labels=_labels(columns, described),
        # Stata gives labels to numbers only: a code that is a text stays as it is.
        variable_value_labels={n: c for n, c in codes.items() if not is_text(columns[n].type)},
        variable_format=_numbers(columns, STATA_WHOLE),
    )


_WRITE = {Format.SPSS: _sav, Format.STATA: _dta}
