"""
How many persons few known attributes single out. Pure.

The unicity of de Montjoye, Hidalgo, Verleysen and Blondel (2013), over attributes: an attacker
knows m attributes of one row of somebody, whichever they are; the person is unique when nobody else
has a row with these values. Quasi-identifiers are a guess of what an attacker knows; this is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations as subsets
from math import comb

import numpy as np
import pyarrow as pa

from access.pseudonymisation.classes import NOBODY, codes_of, members, persons_of
from access.pseudonymisation.disclosure import Counts, combinations

Set = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Uniqueness:
    """
    :param known: how many attributes the attacker knows
    :param share: of the sampled persons, how many are unique on a set, averaged over sets
    :param worst: the same on the set that singles out most
    :param worst_set: the names of that set, the first by columns when several are equal
    :param sets: how many sets were tried
    :param persons: how many persons were tried
    :param exhaustive: whether all sets and all persons were, so that only the choice of one row for
        each person was left to chance
    """

    known: int
    share: float
    worst: float
    worst_set: tuple[str, ...]
    sets: int
    persons: int
    exhaustive: bool


def uniqueness(
    table: pa.Table,
    attributes: Sequence[str],
    subject: str | None = None,
    *,
    known: int,
    seed: int,
    sets: int = 200,
    persons: int = 10_000,
) -> Uniqueness:
    """
    Estimate the share of persons who are unique given ``known`` of the attributes.

    :param known: between 1 and the number of attributes
    :param seed: the same seed gives the same figure on the same table
    :param sets: how many sets of attributes to draw, all of them when there are no more
    :param persons: how many persons to draw, all of them when there are no more
    :returns: zeros when there is nobody
    :raises KeyError: when the table has no such column
    :raises ValueError: when ``known`` is out of range
    """
    if not 1 <= known <= len(attributes):
        raise ValueError("As many attributes are known as there are, or fewer, and one at least.")
    codes, person = codes_of(table, attributes), persons_of(table, subject)
    chance = np.random.default_rng(seed)
    drawn, all_drawn = _rows(person, persons, chance)
    tried = drawn_sets(len(attributes), known, sets, chance)
    if not len(drawn):
        return Uniqueness(known, 0.0, 0.0, (), 0, 0, exhaustive=True)
    shares = [_share([codes[place] for place in chosen], person, drawn) for chosen in tried]
    worst = int(np.argmax(shares))
    return Uniqueness(
        known=known,
        share=float(np.mean(shares)),
        worst=shares[worst],
        worst_set=tuple(attributes[place] for place in tried[worst]),
        sets=len(tried),
        persons=len(drawn),
        exhaustive=all_drawn and len(tried) == comb(len(attributes), known),
    )


def _rows(person: Counts, most: int, chance: np.random.Generator) -> tuple[Counts, bool]:
    """Draw persons, and one row of each."""
    rows = chance.permutation(np.flatnonzero(person != NOBODY))
    first, _ = combinations([person[rows]])
    mine = rows[first]
    return chance.permutation(mine)[:most], len(mine) <= most


def drawn_sets(attributes: int, known: int, most: int, chance: np.random.Generator) -> list[Set]:
    """Draw distinct sets of attributes, in order: all of them when there are no more."""
    if comb(attributes, known) <= most:
        return list(subsets(range(attributes), known))
    found: set[Set] = set()
    while len(found) < most:
        found.add(tuple(sorted(chance.choice(attributes, known, replace=False).tolist())))
    return sorted(found)


def _share(codes: Sequence[Counts], person: Counts, drawn: Counts) -> float:
    """Return the share of the drawn rows that only one person has."""
    first, number = combinations(codes)
    count = np.bincount(number[members(number, person)], minlength=len(first))
    return float((count[number[drawn]] == 1).mean())
