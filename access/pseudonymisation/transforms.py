"""What is done to one column: climb a ladder, round, guard a text for spreadsheets. Pure."""

from decimal import Decimal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.pseudonymisation.hierarchies import Apply, LadderSpec, ladder

SIGNIFICANT = "significant:"
FORMULA = r"^[=+\-@\t\r\n]"
"""First characters that a spreadsheet may take for a formula (OWASP, CSV injection)."""


def generalise(column: pa.Array, spec: LadderSpec, step: str) -> pa.Array:
    """
    Climb a column to a step of a ladder.

    Each distinct value is changed once.

    :raises KeyError: when the ladder has no such step
    :raises pyarrow.ArrowInvalid: when a value is not of the kind that the ladder climbs
    """
    return in_dictionary_space(column, ladder(spec).step(step).apply)


def in_dictionary_space(column: pa.Array, apply: Apply) -> pa.Array:
    """
    Apply a function of values to the distinct values of a column.

    :returns: texts as a dictionary array whose values are distinct, anything else plain
    """
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    changed = apply(column.dictionary)
    if not is_text(changed.type):
        return changed.take(column.indices)
    changed = changed.dictionary_encode()
    indices = changed.indices.take(column.indices)
    return pa.DictionaryArray.from_arrays(indices, changed.dictionary)


def rounded(column: pa.Array, step: str) -> pa.Array:
    """
    Round numbers, to a multiple ("0.5") or to digits ("significant:2"); halves go to even.

    :returns: the same type for whole numbers, float64 for others
    """
    if step.startswith(SIGNIFICANT):
        digits = int(step.removeprefix(SIGNIFICANT))
        numbers = column.cast(pa.float64())
        missing = numbers.is_null()
        values = numbers.fill_null(0).to_numpy(zero_copy_only=False)
        size = np.abs(values)
        usable = np.isfinite(size) & (size > 0)
        scale = np.floor(np.log10(np.where(usable, size, 1.0))) - digits + 1
        places = np.where(usable, 10.0**-scale, 1.0)
        found = pa.array(np.where(usable, np.round(values * places) / places, values))
        return _as_before(pc.if_else(missing, pa.scalar(None, pa.float64()), found), column.type)
    multiple = float(Decimal(step))
    return _as_before(
        pc.round_to_multiple(
            column.cast(pa.float64()), multiple=multiple, round_mode="half_to_even"
        ),
        column.type,
    )


def guarded(column: pa.Array) -> pa.Array:
    """
    Write an apostrophe before a text that a spreadsheet would run as a formula.

    :param column: text, plain or dictionary-encoded; any other column comes back as it is
    :returns: plain text
    """
    if pa.types.is_dictionary(column.type):
        if not is_text(column.type.value_type):
            return column.dictionary_decode()
        return _guarded(column.dictionary).take(column.indices)
    return _guarded(column) if is_text(column.type) else column


def is_text(kind: pa.DataType) -> bool:
    """Tell whether an Arrow type is text."""
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _guarded(texts: pa.Array) -> pa.Array:
    texts = texts.cast(pa.string())
    risky = pc.match_substring_regex(texts, pattern=FORMULA)
    return pc.if_else(risky, pc.binary_join_element_wise("'", texts, ""), texts)


def _as_before(numbers: pa.Array, kind: pa.DataType) -> pa.Array:
    return numbers.cast(kind) if pa.types.is_integer(kind) else numbers
