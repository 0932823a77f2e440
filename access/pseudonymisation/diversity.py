"""
How many a person hides among, and how little their class tells of them. Pure.

Definitions: k-anonymity (Sweeney 2002), distinct, entropy and recursive (c, l)-diversity
(Machanavajjhala, Kifer, Gehrke and Venkitasubramaniam 2007), (alpha, k)-anonymity (Wong, Li, Fu
and Wang 2006). Everything is counted in distinct persons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import e

import numpy as np
import pyarrow as pa

from access.pseudonymisation.classes import Shares, Spread, classes_of, spread, totals
from access.pseudonymisation.disclosure import Counts


@dataclass(frozen=True, slots=True)
class Anonymity:
    """
    :param k: persons of the smallest class; 0 when a class has rows and nobody, or there is no row
    :param classes: how many classes there are
    :param unique: classes of one person at most
    """

    k: int
    classes: int
    unique: int


@dataclass(frozen=True, slots=True)
class Diversity:
    """
    :param distinct: the smallest number of values in a class (distinct l-diversity)
    :param entropy: the smallest entropy of a class, in nats; entropy l-diversity holds while
        ln l is not above it
    :param c: the c that recursive (c, l)-diversity must exceed at l = ``distinct``, that is the
        largest r1 / (r_l + … + r_m) of a class, counts of values in descending order
    :param c_ascending: the whole number that pycanon gives under this name; it sorts the counts in
        ascending order, hence compares the *rarest* value; None when ``distinct`` is 1 or less
    """

    distinct: int
    entropy: float
    c: float
    c_ascending: int | None

    @property
    def entropy_l(self) -> int:
        """
        Return the largest whole l of entropy l-diversity, 0 when there is nobody.

        Rounded down as floating point has it: a class of two equal halves may give 1 and not 2,
        here as in pycanon; never the other way.
        """
        return int(e**self.entropy) if self.distinct else 0


@dataclass(frozen=True, slots=True)
class AlphaK:
    """
    :param alpha: the largest share of a class that has one and the same value
    :param k: persons of the smallest class
    """

    alpha: float
    k: int


def anonymity(table: pa.Table, quasi: Sequence[str], subject: str | None = None) -> Anonymity:
    """
    Measure k-anonymity.

    :raises KeyError: when the table has no such column
    """
    persons = classes_of(table, quasi, subject).persons
    return Anonymity(
        k=int(persons.min()) if len(persons) else 0,
        classes=len(persons),
        unique=int((persons <= 1).sum()),
    )


def diversity(
    table: pa.Table, quasi: Sequence[str], sensitive: str, subject: str | None = None
) -> Diversity:
    """
    Measure the l-diversities of one sensitive attribute.

    A class that holds rows and nobody has no value: every measure is then 0.

    :raises KeyError: when the table has no such column
    """
    classes = classes_of(table, quasi, subject)
    found = spread(classes, table[sensitive])
    present = np.bincount(found.group, minlength=len(classes))
    if not len(present) or not present.min():
        return Diversity(0, 0.0, 0.0, None)
    distinct = int(present.min())
    return Diversity(
        distinct=distinct,
        entropy=float(_entropies(found, len(classes)).min()),
        c=max(float(counts[0] / counts[distinct - 1 :].sum()) for counts in _sorted(found, -1)),
        c_ascending=_ascending(found, distinct) if distinct > 1 else None,
    )


def alpha_k(
    table: pa.Table, quasi: Sequence[str], sensitive: str, subject: str | None = None
) -> AlphaK:
    """
    Measure (alpha, k)-anonymity for every value of the attribute at once.

    :returns: alpha 0 when there is nobody
    :raises KeyError: when the table has no such column
    """
    classes = classes_of(table, quasi, subject)
    found = spread(classes, table[sensitive])
    shares = found.count / classes.persons[found.group]
    return AlphaK(
        alpha=float(shares.max(initial=0.0)),
        k=int(classes.persons.min()) if len(classes) else 0,
    )


def with_others_known(
    quasi: Sequence[str], sensitive: Sequence[str]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """
    Pair each sensitive attribute with the quasi-identifiers of who knows all the others.

    With several sensitive attributes, one of them may be what the attacker starts from: measure
    each with these, and keep the worst (the stricter of the two readings that pycanon offers).
    """
    return tuple(
        (name, (*quasi, *(other for other in sensitive if other != name))) for name in sensitive
    )


def _entropies(found: Spread, groups: int) -> Shares:
    share = found.count / found.in_group(groups)[found.group]
    return totals(found.group, -share * np.log(share), groups)


def _sorted(found: Spread, sign: int) -> list[Counts]:
    """Return the counts of each class, descending when the sign is -1."""
    order = np.lexsort((sign * found.count, found.group))
    starts = np.flatnonzero(np.diff(found.group[order])) + 1
    return np.split(found.count[order], starts)


def _ascending(found: Spread, distinct: int) -> int:
    return max(int(counts[0] / counts[distinct - 1 :].sum() + 1) for counts in _sorted(found, 1))
