"""
Special uniques: persons who are alone on few attributes. Pure.

A minimal sample unique is a set of attributes on which a person is alone while they are alone on
none of its proper subsets; the fewer the attributes and the more such sets, the riskier the person
(SUDA: Elliot, Manning and Ford 2002; SUDA2: Manning, Haglin and Keane 2008). DIS-SUDA scales the
scores by the data intrusion simulation of Skinner and Elliot (2002), as sdcMicro does it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations as subsets
from math import factorial

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.pseudonymisation.classes import (
    NOBODY,
    Classes,
    Shares,
    codes_of,
    grouped,
    members,
    persons_of,
)
from access.pseudonymisation.disclosure import Counts, combinations

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class SpecialUniques:
    """
    A row without a subject has 0 everywhere.

    :param score: of each row, the sum over its minimal sample uniques of (attributes - size)!
    :param dis_score: of each row, the probability that a match with it is right, by score
    :param minimal: how many minimal sample uniques each row has of each size, (rows, attributes)
    :param contribution: of each attribute, the share of the sum of the scores that comes from
        minimal sample uniques it is in; these shares may add up to more than 1
    """

    score: Shares
    dis_score: Shares
    minimal: Counts
    contribution: Shares


@dataclass(frozen=True, slots=True)
class _Keys:
    """The distinct keys, (keys, attributes), and who has them."""

    codes: Counts
    classes: Classes
    group: Counts
    person: Counts

    def alone(self, chosen: tuple[int, ...]) -> Flags:
        """Tell, for each key, whether its person is alone on some attributes."""
        _, number = combinations([self.codes[:, place] for place in chosen])
        pairs, _ = combinations([number[self.group], self.person])
        count = np.bincount(number[self.group][pairs], minlength=int(number.max(initial=-1)) + 1)
        alone: Flags = (count[number] == 1) & (self.classes.persons > 0)
        return alone


def special_uniques(
    table: pa.Table,
    quasi: Sequence[str],
    subject: str | None = None,
    *,
    largest: int | None = None,
    sampling_fraction: float = 0.01,
    ignore_missing: bool = False,
) -> SpecialUniques:
    """
    Find the minimal sample uniques of each row and score them.

    :param largest: the largest set of attributes that is looked at, all when None; the number of
        sets doubles with each attribute
    :param sampling_fraction: of the population, above 0 and up to 1, for the DIS score
    :param ignore_missing: that a set never holds a missing value (sdcMicro); else a missing value
        is a value
    :raises KeyError: when the table has no such column
    """
    keys = _keys(table, quasi, subject)
    attributes = keys.codes.shape[1]
    minimal = np.zeros(keys.codes.shape, np.int64)
    parts = np.zeros(keys.codes.shape)
    score = np.zeros(len(keys.classes))
    for chosen, fresh in _minimal(keys, min(largest or attributes, attributes)):
        if ignore_missing:
            fresh = fresh & (keys.codes[:, chosen] > 0).all(axis=1)  # noqa: PLW2901  # narrowed
        gain = fresh * float(factorial(attributes - len(chosen)))
        score += gain
        minimal[:, len(chosen) - 1] += fresh
        parts[:, chosen] += gain[:, None]
    of_row, counted = keys.classes.of_row, keys.classes.person != NOBODY
    dis = _dis_scores(score, keys.classes, attributes, sampling_fraction)
    return SpecialUniques(
        score=np.where(counted, score[of_row], 0.0),
        dis_score=np.where(counted, dis[of_row], 0.0),
        minimal=np.where(counted[:, None], minimal[of_row], 0),
        contribution=parts.sum(axis=0) / (score.sum() or 1.0),
    )


def _keys(table: pa.Table, quasi: Sequence[str], subject: str | None) -> _Keys:
    codes, person = codes_of(table, quasi), persons_of(table, subject)
    classes = grouped(codes, person)
    first, _ = combinations([classes.of_row])
    member = members(classes.of_row, person)
    return _Keys(
        codes=np.stack(codes, axis=1)[first],
        classes=classes,
        group=classes.of_row[member],
        person=person[member],
    )


def _minimal(keys: _Keys, largest: int) -> Iterator[tuple[tuple[int, ...], Flags]]:
    """
    Go through the sets by size, and tell the keys for which each is a minimal sample unique.

    Being alone is kept by adding attributes: a set is minimal when it is so for none of the sets
    that lack one of its attributes.
    """
    nobody = np.zeros(len(keys.classes), np.bool_)
    smaller: dict[tuple[int, ...], Flags] = {(): nobody}
    for size in range(1, largest + 1):
        found: dict[tuple[int, ...], Flags] = {}
        for chosen in subsets(range(keys.codes.shape[1]), size):
            before = np.logical_or.reduce([smaller[part] for part in subsets(chosen, size - 1)])
            found[chosen] = before if before.all() else keys.alone(chosen)
            yield chosen, found[chosen] & ~before
        smaller = found


def _dis_scores(score: Shares, classes: Classes, attributes: int, fraction: float) -> Shares:
    """
    Turn scores into probabilities whose mean follows the data intrusion simulation.

    With U persons alone on their key, P in pairs and f sampled, the probability that a unique match
    is right is U f / (U f + P (1 - f)).
    """
    held = score > 0
    if not held.any():
        return np.zeros(len(score))
    alone = float((classes.persons == 1).sum())
    paired = 2.0 * float((classes.persons == 2).sum())
    right = alone * fraction / (alone * fraction + paired * (1 - fraction))
    power = 1 + (8 - attributes) / 20
    scaled = np.where(held, score, 1.0) ** power
    adjustment = float((1 / scaled[held]).sum())
    return np.where(held, 1 / (1 + (alone / right - alone) / (scaled * adjustment)), 0.0)
