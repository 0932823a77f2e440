"""
How far the sensitive values of a class are from those of everybody. Pure.

Definitions: t-closeness (Li, Li and Venkatasubramanian 2007), basic and enhanced beta-likeness
(Cao and Karras 2012), delta-disclosure privacy (Brickell and Shmatikov 2008). P is the share of
each value in the whole table, Q in a class, both over distinct pairs of a person and a value.
A class where nobody has a subject is passed over: it says nothing of anybody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from access.pseudonymisation.classes import Shares, Spread, classes_of, spread, totals
from access.pseudonymisation.disclosure import Counts

_DECIMALS = 12
_ENTRIES = 1 << 20
"""How many values of classes are looked at at a time, unless one class has more."""


class Distance(StrEnum):
    """How far two values are from each other, in the earth mover's distance."""

    EQUAL = "equal"
    """All values are at distance 1: categories."""
    ORDERED = "ordered"
    """Values are as far as their ranks: numbers, dates. A missing value ranks before all."""


@dataclass(frozen=True, slots=True)
class Closeness:
    """
    :param t: the largest earth mover's distance between a class and the table
    :param distance: between values
    :param beta: the largest relative gain (q - p) / p on a value (basic beta-likeness)
    :param enhanced_beta: the largest, over values, of min(beta, -ln p)
    :param delta: the largest |ln(q / p)| over the values that a class holds; values that it lacks
        are left out, as pycanon does: to the letter of the definition delta would be infinite
    """

    t: float
    distance: Distance
    beta: float
    enhanced_beta: float
    delta: float


def closeness(
    table: pa.Table,
    quasi: Sequence[str],
    sensitive: str,
    subject: str | None = None,
    distance: Distance | None = None,
) -> Closeness:
    """
    Measure how close classes are to the table for one sensitive attribute.

    :param distance: by default ordered for numbers and dates, equal for anything else
    :returns: zeros when there is nobody
    :raises KeyError: when the table has no such column
    """
    chosen = distance or natural_distance(table.schema.field(sensitive).type)
    classes = classes_of(table, quasi, subject)
    found = spread(classes, table[sensitive])
    if not len(found.count):
        return Closeness(0.0, chosen, 0.0, 0.0, 0.0)
    overall = found.overall()
    p = overall[found.value]
    q = found.count / found.in_group(len(classes))[found.group]
    beta = float(((q - p) / p).max())
    return Closeness(
        t=float(distances(found, len(classes), chosen).max()),
        distance=chosen,
        beta=beta,
        enhanced_beta=min(beta, float(-np.log(p).min())),
        delta=float(np.abs(np.log(q / p)).max()),
    )


def natural_distance(kind: pa.DataType) -> Distance:
    """Return the distance that suits a type."""
    while pa.types.is_dictionary(kind):
        kind = kind.value_type
    ordered = (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
        or pa.types.is_temporal(kind)
    )
    return Distance.ORDERED if ordered else Distance.EQUAL


def distances(found: Spread, groups: int, distance: Distance) -> Shares:
    """
    Return the earth mover's distance between each class and all of them together.

    :param groups: how many classes there are
    :returns: 0 for a class where nobody is
    """
    moved = _ordered if distance is Distance.ORDERED else _equal
    return moved(found, groups, found.overall())


def _equal(found: Spread, groups: int, overall: Shares) -> Shares:
    """Return half sums of |q - p|: what must move is what is in excess."""
    q = found.count / np.maximum(found.in_group(groups), 1)[found.group]
    excess = np.maximum(q - overall[found.value], 0.0)
    return totals(found.group, excess, groups)


def _ordered(found: Spread, groups: int, overall: Shares) -> Shares:
    """Return sums of |cumulated q - cumulated p| over the m values, by m - 1."""
    present = np.flatnonzero(overall)
    moved = np.zeros(groups)
    if len(present) < 2:
        return moved
    cumulated = np.cumsum(overall[present])
    sums = np.concatenate([[0.0], np.cumsum(cumulated)])
    place, start = np.cumsum(overall > 0) - 1, 0
    while start < len(found.group):
        # A class is not cut: it begins where another number does.
        last = found.group[min(start + _ENTRIES, len(found.group)) - 1]
        stop = int(np.searchsorted(found.group, last, "right"))
        group, mine = found.group[start:stop], place[found.value[start:stop]]
        order = np.lexsort((mine, group))
        count = found.count[start:stop][order]
        _moved(moved, group, mine[order], count, (cumulated, sums))
        start = stop
    # What is exact on paper is not in floating point.
    gone: Shares = np.round(moved / (len(present) - 1), _DECIMALS)
    return gone


def _moved(
    moved: Shares, group: Counts, place: Counts, count: Counts, p: tuple[Shares, Shares]
) -> None:
    """
    Add to each class its sum of |cumulated q - cumulated p| over the values.

    Between two of its values the cumulated q of a class stays as it is: the sum over such a stretch
    comes from sums of p made once, so that the work grows with the values that classes hold.

    :param group: the classes, growing; of each ``place`` grows
    :param p: cumulated over the values, and the sums of that, from 0 on
    """
    cumulated, sums = p
    first = np.flatnonzero(np.diff(group, prepend=-1))
    sizes = np.diff(first, append=len(group))
    counted = np.cumsum(count)
    before = np.repeat((counted - count)[first], sizes)
    level = (counted - before) / np.repeat(np.add.reduceat(count, first), sizes)
    stop = np.append(place[1:], len(cumulated))
    stop[np.append(first[1:], len(group)) - 1] = len(cumulated)
    crossed = np.clip(np.searchsorted(cumulated, level), place, stop)
    below = level * (crossed - place) - (sums[crossed] - sums[place])
    above = (sums[stop] - sums[crossed]) - level * (stop - crossed)
    gone = np.maximum(below, 0.0) + np.maximum(above, 0.0)
    # Before its first value, the cumulated q of a class is 0.
    moved[group[first]] = np.add.reduceat(gone, first) + sums[place[first]]
