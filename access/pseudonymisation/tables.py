"""
Aggregated tables: which cells tell too much of somebody. Pure.

Rules of the Handbook on Statistical Disclosure Control (Hundepool et al. 2012) and of tau-Argus:
the frequency threshold, the p%-rule and the (n, k)-dominance rule. They are asked of every cell,
margins included. A contributor is a distinct subject: their rows in a cell are added up first.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from access.pseudonymisation.classes import NOBODY, Shares, coded, persons_of, totals
from access.pseudonymisation.disclosure import Counts, combinations

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Tabulated:
    """
    A table with its margins last; (rows + 1, columns + 1), or (rows + 1,) in one dimension.

    :param labels: for each dimension the texts of its values, a missing one None, without margins
    :param values: additive: the sums of the contributions, or of persons of the inner cells
    :param persons: distinct contributors of each cell; in a margin a person counts once, so that
        these need not add up
    :param cell: for each contribution of a person to a cell its cell, by position when flattened
    :param contribution: its amount, descending in each cell; a table summed up part by part holds
        only the largest
    """

    labels: tuple[tuple[str | None, ...], ...]
    values: Shares
    persons: Counts
    cell: Counts
    contribution: Shares

    def largest(self, n: int) -> Shares:
        """Return the sum of the n largest contributions to each cell."""
        starts = np.searchsorted(self.cell, self.cell)
        among = np.arange(len(self.cell)) - starts < n
        found = totals(self.cell[among], self.contribution[among], self.values.size)
        return np.reshape(found, self.values.shape)


@dataclass(frozen=True, slots=True)
class Sensitive:
    """
    :param cells: the cells that a rule forbids to publish
    :param protection: by how much at least an attacker's upper bound must exceed the value of each,
        0 where it is not sensitive
    """

    cells: Mask
    protection: Shares

    def __or__(self, other: "Sensitive") -> "Sensitive":
        """Return the cells of both rules, each with the stronger protection."""
        return Sensitive(self.cells | other.cells, np.maximum(self.protection, other.protection))


def tabulate(
    table: pa.Table,
    rows: str,
    columns: str | None = None,
    *,
    value: str | None,
    subject: str | None,
) -> Tabulated:
    """
    Cross one or two fields.

    :param value: what is added up, missing being nothing; persons are counted when None
    :param subject: of each row, each row being a person when None; a row without one is left out
    :raises KeyError: when the table has no such column
    :raises ValueError: when a value is below 0: the rules have no meaning then
    """
    person = persons_of(table, subject)
    table = table.filter(pa.array(person != NOBODY))
    person = person[person != NOBODY]
    names = [rows] if columns is None else [rows, columns]
    axes = [_axis(table[name]) for name in names]
    amount = _amounts(table, value)
    if value is None:
        inner, _ = combinations([*(code for code, _ in axes), person])
    else:
        inner = np.arange(len(person))
    shape = tuple(len(labels) + 1 for _, labels in axes)
    places = [(code[inner], np.full(len(inner), len(labels))) for code, labels in axes]
    crossings = (
        [(first,) for first in places[0]]
        if columns is None
        else [(first, second) for first in places[0] for second in places[1]]
    )
    found = [
        contributions(np.ravel_multi_index(each, shape), person[inner], amount[inner])
        for each in crossings
    ]
    cell = np.concatenate([each[0] for each in found])
    contribution = np.concatenate([each[1] for each in found])
    order = np.lexsort((-contribution, cell))
    cell, contribution = cell[order], contribution[order]
    size = int(np.prod(shape))
    return Tabulated(
        labels=tuple(labels for _, labels in axes),
        values=totals(cell, contribution, size).reshape(shape),
        persons=np.bincount(cell, minlength=size).reshape(shape),
        cell=cell,
        contribution=contribution,
    )


def threshold_rule(
    tabulated: Tabulated, least: int, *, zeros: bool = False, counted: bool | None = None
) -> Sensitive:
    """
    Forbid the cells with fewer contributors than ``least``: the small cells.

    In a table of persons an attacker's upper bound must reach the threshold, so that arithmetic
    does not tell that the cell is small; in a table of amounts it must exceed the value at all.

    :param zeros: whether an empty cell is sensitive too (it says that nobody is in it)
    :param counted: whether it is a table of persons; None looks whether its amounts are whole
    """
    persons = tabulated.persons
    cells = (persons < least) & ((persons > 0) | zeros)
    if counted is None:
        counted = bool((tabulated.contribution == np.rint(tabulated.contribution)).all())
    need = np.maximum(least - tabulated.values, 1.0) if counted else np.full(cells.shape, 1e-6)
    return Sensitive(cells, np.where(cells, need, 0.0))


def contributors_rule(tabulated: Tabulated, least: int) -> Sensitive:
    """
    Forbid the sums to which fewer than ``least`` contributors bring something.

    Those whose amount is missing or 0 hide nobody's: of two who bring something each knows the
    other's. An attacker's upper bound must exceed the value at all.

    :param tabulated: with the ``least`` largest contributions to each cell at least
    """
    brings = tabulated.cell[tabulated.contribution > 0]
    brought = np.bincount(brings, minlength=tabulated.values.size).reshape(tabulated.values.shape)
    cells = (brought > 0) & (brought < least)
    return Sensitive(cells, np.where(cells, 1e-6, 0.0))


def p_percent_rule(tabulated: Tabulated, p: float) -> Sensitive:
    """
    Forbid the cells whose second contributor can tell the first's amount to within p %.

    With x1 ≥ x2 the largest contributions to T: T - x1 - x2 < p/100 · x1. The protection is
    p/100 · x1 - (T - x1 - x2).
    """
    first, two = tabulated.largest(1), tabulated.largest(2)
    return _short(p / 100 * first - (tabulated.values - two), tabulated)


def dominance_rule(tabulated: Tabulated, n: int, k: float) -> Sensitive:
    """
    Forbid the cells of which the n largest contributors make more than k %.

    The protection is 100/k · (x1 + … + xn) - T.
    """
    return _short(100 / k * tabulated.largest(n) - tabulated.values, tabulated)


def _short(lacking: Shares, tabulated: Tabulated) -> Sensitive:
    # What is exact on paper is not in floating point: a hair's breadth is not a breach.
    cells = (lacking > 1e-9 * np.maximum(tabulated.values, 1.0)) & (tabulated.values > 0)
    return Sensitive(cells, np.where(cells, lacking, 0.0))


def _axis(column: pa.ChunkedArray) -> tuple[Counts, tuple[str | None, ...]]:
    """Return the place of each row on an axis, and the labels in the values' order, missing last."""
    code = coded(column)
    first, _ = combinations([code])
    present = np.unique(code)
    present = np.concatenate([present[present > 0], present[present == 0]])
    place = np.zeros(int(code.max(initial=0)) + 1, np.int64)
    place[present] = np.arange(len(present))
    row_of = dict(zip(code[first].tolist(), first.tolist(), strict=True))
    rows = pa.array([row_of[each] for each in present.tolist()], pa.int64())
    labels = column.take(rows).cast(pa.string()).to_pylist()
    return place[code], tuple(labels)


def _amounts(table: pa.Table, value: str | None) -> Shares:
    return np.ones(table.num_rows) if value is None else amounts_of(table[value])


def amounts_of(column: pa.Array | pa.ChunkedArray) -> Shares:
    """
    Return numbers to add up, a missing one being nothing.

    :raises ValueError: when one is below 0, or is no finite number
    """
    amounts: Shares = pc.fill_null(column.cast(pa.float64()), 0.0).to_numpy(zero_copy_only=False)
    if not ((amounts >= 0) & np.isfinite(amounts)).all():
        raise ValueError("An amount is below 0 or without end.")
    return amounts


def contributions(cell: Counts, person: Counts, amount: Shares) -> tuple[Counts, Shares]:
    """Add up what each person brings to each cell; return the cells and the amounts."""
    first, inverse = combinations([cell, person])
    return cell[first], totals(inverse, amount, len(first))
