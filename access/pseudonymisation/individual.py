"""
The risk of each row, as a survey's statistician measures it. Pure.

The sample frequency f of a row is how many persons share its key; the population frequency F is
estimated by the sum of their weights. The individual risk is the expectation of 1 / F given f under
a negative binomial law with p = f / F (Benedetti and Franconi 1998; Franconi and Polettini 2004),
with the closed forms and the approximation of sdcMicro (Templ, Kowarik and Meindl 2015). The global
risks τ1 and τ2 are those of Skinner and Elliot (2002) under the same law.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from access.pseudonymisation.classes import (
    NOBODY,
    Shares,
    codes_of,
    grouped,
    members,
    persons_of,
    totals,
)
from access.pseudonymisation.disclosure import Counts, combinations
from access.pseudonymisation.matching import Pairs, expanded, matching

_NEARLY = 1e-4


class Missing(StrEnum):
    """What a missing value in a key is equal to."""

    VALUE = "value"
    """To another missing value: it is a category of its own."""
    ANY = "any"
    """To every value: who looks for a person cannot rule the row out (sdcMicro)."""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """
    :param sample: f, for each row, the persons of the sample who match it, itself included; 0 for a
        row without a subject, which matches nobody and is nobody's
    :param population: F, for each row, the sum of their weights
    :param persons: one row for each pair of a key and a person: where persons are counted
    """

    sample: Shares
    population: Shares
    persons: Counts

    def violations(self, k: int) -> int:
        """Return how many persons violate k-anonymity."""
        return int((self.sample[self.persons] < k).sum())


@dataclass(frozen=True, slots=True)
class GlobalRisk:
    """
    :param expected: the expected number of persons found again, the sum of individual risks
    :param share: what share of the persons that is
    :param uniques: τ0, persons alone in the sample
    :param population_uniques: τ1, how many of these are expected to be alone in the population
    :param correct_matches: τ2, how many of these are expected to be matched rightly
    """

    expected: float
    share: float
    uniques: int
    population_uniques: float
    correct_matches: float


@dataclass(frozen=True, slots=True)
class _Members:
    """Who is in which class, once each, in the order of classes."""

    row: Counts
    group: Counts
    person: Counts
    weight: Shares


def frequencies(
    table: pa.Table,
    quasi: Sequence[str],
    subject: str | None = None,
    *,
    weights: str | None = None,
    missing: Missing = Missing.VALUE,
    contribution: float = 1.0,
) -> Frequencies:
    """
    Count, for each row, the persons of the sample and of the population who share its key.

    :param weights: name of the column of sampling weights, 1 each when None; a person counts in a
        class for the weight of their first row there
    :param contribution: with ``Missing.ANY``, what a row counts for that matches thanks to its own
        missing values (sdcMicro's alpha)
    :raises KeyError: when the table has no such column
    :raises ValueError: when a weight is missing or below 1
    """
    codes, person = codes_of(table, quasi), persons_of(table, subject)
    classes = grouped(codes, person)
    held = _members(classes.of_row, person, _weights(table, weights))
    if missing is Missing.ANY:
        first, _ = combinations([classes.of_row])
        keys = np.stack([code[first] for code in codes], axis=1)
        pairs = matching(keys)
        factor = _factors(keys, pairs, contribution)
        count = _summed if subject is None else _once
        sample, population = count(held, len(classes), pairs, factor)
    else:
        sample = classes.persons.astype(np.float64)
        population = totals(held.group, held.weight, len(classes))
    counted = person != NOBODY
    return Frequencies(
        sample=np.where(counted, sample[classes.of_row], 0.0),
        population=np.where(counted, population[classes.of_row], 0.0),
        persons=held.row,
    )


def individual_risk(found: Frequencies) -> Shares:
    """
    Estimate, for each row, the probability that its person is found again.

    With p = f / F: p/(1-p) ln(1/p) when f = 1, p/(1-p) - (p/(1-p))² ln(1/p) when f = 2, and
    p / (f - 1 + p) above, the approximation that sdcMicro uses by default. A fractional f below 2
    counts as 1. When F = f the sample is the population and the risk is 1 / f.

    :returns: 0 for a row without a subject
    """
    f, population = found.sample, found.population
    held = f > 0
    p = np.divide(f, population, out=np.ones_like(f), where=held)
    whole = p >= 1
    rest = np.where(whole, 1.0, 1 - p)
    odds = p / rest
    surprise = -np.log(p)
    # Nearly everybody is in the sample: the difference is written out, or nothing is left of it.
    two = np.where(rest < _NEARLY, p - p**2 * (1 / 2 + rest / 3), odds - odds**2 * surprise)
    several = np.divide(p, f - 1 + p, out=np.zeros_like(f), where=held & (f > 1))
    risk = np.select(
        [~held, whole, f < 2, f == 2],
        [0.0, 1 / np.maximum(f, 1.0), odds * surprise, two],
        several,
    )
    clipped: Shares = np.clip(risk, 0.0, 1.0)
    return clipped


def global_risk(found: Frequencies) -> GlobalRisk:
    """Sum up the individual risks over persons; zeros when there is nobody."""
    risk, f = individual_risk(found)[found.persons], found.sample[found.persons]
    population = found.population[found.persons]
    unique = f == 1
    expected = float(risk.sum())
    return GlobalRisk(
        expected=expected,
        share=expected / len(risk) if len(risk) else 0.0,
        uniques=int(unique.sum()),
        population_uniques=float((1 / population[unique]).sum()),
        correct_matches=float(risk[unique].sum()),
    )


def _weights(table: pa.Table, name: str | None) -> Shares:
    if name is None:
        return np.ones(table.num_rows)
    column = table[name].combine_chunks()
    weights: Shares = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
    if not (weights >= 1).all():
        raise ValueError("A sampling weight is missing or below 1.")
    return weights


def _members(of_row: Counts, person: Counts, weight: Shares) -> _Members:
    row = members(of_row, person)
    row = row[np.argsort(of_row[row], kind="stable")]
    return _Members(row=row, group=of_row[row], person=person[row], weight=weight[row])


def _factors(keys: Counts, pairs: Pairs, contribution: float) -> Shares:
    """Tell what b counts for in a: less than 1 only when holes of b were needed."""
    a, b = pairs
    holes = keys == 0
    lent = holes.any(axis=1)[b] & (a != b) & ~holes.all(axis=1)[a]
    return np.where(lent, contribution, 1.0)


def _summed(held: _Members, groups: int, pairs: Pairs, factor: Shares) -> tuple[Shares, Shares]:
    """Add up the matching classes: right when nobody is in two."""
    a, b = pairs
    persons = np.bincount(held.group, minlength=groups)
    weights = totals(held.group, held.weight, groups)
    return totals(a, factor * persons[b], groups), totals(a, factor * weights[b], groups)


def _once(held: _Members, groups: int, pairs: Pairs, factor: Shares) -> tuple[Shares, Shares]:
    """Count each person once in what matches, by the closest of their classes."""
    a, b = pairs
    size = np.bincount(held.group, minlength=groups)
    pair, member = expanded((np.cumsum(size) - size)[b], size[b])
    group, person, share = a[pair], held.person[member], factor[pair]
    order = np.lexsort((-share, person, group))
    group, person, share, member = group[order], person[order], share[order], member[order]
    fresh = np.ones(len(order), np.bool_)
    fresh[1:] = (np.diff(group) != 0) | (np.diff(person) != 0)
    return (
        totals(group[fresh], share[fresh], groups),
        totals(group[fresh], share[fresh] * held.weight[member[fresh]], groups),
    )
