"""
The equivalence classes of a table, counted in distinct persons. Pure.

A class is one combination of the values of the quasi-identifiers; a missing value is a value like
another. When a column names the subject of each row, persons are counted, not rows: ten yearly rows
of one pupil are one person, and a row without a subject is in its class and counts for nobody.
Without such a column each row is a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from access.pseudonymisation.disclosure import Counts, combinations

NOBODY = -1
Shares = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Classes:
    """
    Rows numbered by class, and what each class holds.

    :param of_row: the class of each row, numbered in order of first appearance
    :param person: the person of each row, ``NOBODY`` where there is none
    :param rows: how many rows each class holds
    :param persons: how many distinct persons each class holds, 0 when all its rows lack a subject
    """

    of_row: Counts
    person: Counts
    rows: Counts
    persons: Counts

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def total(self) -> int:
        """Return how many pairs of a class and a person there are: a person in two is two."""
        return int(self.persons.sum())


@dataclass(frozen=True, slots=True)
class Spread:
    """
    How the values of one attribute are spread over the persons of each class.

    One entry for each value that a class holds; parallel arrays.

    :param group: the class, growing
    :param value: the code of the value, in natural order, 0 when it is missing
    :param count: persons of that class who have that value
    :param values: how many codes there are, 0 included
    """

    group: Counts
    value: Counts
    count: Counts
    values: int

    def in_group(self, groups: int) -> Counts:
        """Return the sum of the counts of each class: a person with two values counts twice."""
        return totals(self.group, self.count, groups).astype(np.int64)

    def overall(self) -> Shares:
        """Return the share of each value in the whole table, by code; 0 where it is absent."""
        found = totals(self.value, self.count, self.values)
        return np.divide(found, max(float(found.sum()), 1.0))


def totals(group: Counts, amounts: Counts | Shares, groups: int) -> Shares:
    """Add up amounts by group."""
    return np.bincount(group, amounts, groups).astype(np.float64)


def coded(column: pa.Array | pa.ChunkedArray) -> Counts:
    """
    Return a code per row: 0 where the value is missing, else 1 and up in the values' natural order.

    :param column: of any type that has an order, or an extension of one such as a UUID;
        dictionaries may hold a value twice, or a null
    :raises pyarrow.ArrowNotImplementedError: when the type has no order (lists, structures)
    """
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    if isinstance(column, pa.ExtensionArray):
        column = column.storage
    if not isinstance(column, pa.DictionaryArray):
        column = column.dictionary_encode()
    values = column.dictionary
    if pa.types.is_string_view(values.type):
        values = values.cast(pa.string())
    values = values.dictionary_encode()
    order = pc.array_sort_indices(values.dictionary).to_numpy(zero_copy_only=False)
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(1, len(order) + 1)
    indices = values.indices.take(column.indices)
    missing = indices.is_null().to_numpy(zero_copy_only=False)
    codes = np.zeros(len(indices), np.int64)
    codes[~missing] = rank[indices.drop_null().to_numpy(zero_copy_only=False)]
    return codes


def persons_of(table: pa.Table, subject: str | None) -> Counts:
    """Return the number of the person of each row; the row's own when no column tells."""
    if subject is None:
        return np.arange(table.num_rows)
    return coded(table[subject]) - 1


def codes_of(table: pa.Table, names: Sequence[str]) -> list[Counts]:
    """
    Return the codes of several columns; with no column, one that is the same everywhere.

    :raises KeyError: when the table has no such column
    """
    return [coded(table[name]) for name in names] or [np.zeros(table.num_rows, np.int64)]


def members(group: Counts, person: Counts) -> Counts:
    """Return one row for each pair of a group and a person, the first that has both."""
    rows = np.flatnonzero(person != NOBODY)
    first, _ = combinations([group[rows], person[rows]])
    return rows[first]


def grouped(codes: Sequence[Counts], person: Counts) -> Classes:
    """Group rows by the combination of their codes."""
    first, of_row = combinations(codes)
    return Classes(
        of_row=of_row,
        person=person,
        rows=np.bincount(of_row, minlength=len(first)),
        persons=np.bincount(of_row[members(of_row, person)], minlength=len(first)),
    )


def classes_of(table: pa.Table, quasi: Sequence[str], subject: str | None = None) -> Classes:
    """
    Group the rows of a table by their quasi-identifiers.

    :param quasi: names of the quasi-identifiers; none makes one class of everybody
    :param subject: name of the column of subjects; each row is a person when None
    :raises KeyError: when the table has no such column
    """
    return grouped(codes_of(table, quasi), persons_of(table, subject))


def spread(classes: Classes, column: pa.Array | pa.ChunkedArray) -> Spread:
    """
    Count, for each class and each value of an attribute, the persons who have it.

    :param column: the attribute, as long as the table; a missing value is a value
    """
    code = coded(column)
    somebody = classes.person != NOBODY
    group, value = classes.of_row[somebody], code[somebody]
    triples, _ = combinations([group, value, classes.person[somebody]])
    group, value = group[triples], value[triples]
    first, inverse = combinations([group, value])
    counted = np.bincount(inverse, minlength=len(first))
    order = np.argsort(group[first], kind="stable")
    first = first[order]
    return Spread(
        group=group[first],
        value=value[first],
        count=counted[order],
        values=int(code.max(initial=0)) + 1,
    )
