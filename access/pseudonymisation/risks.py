"""
The risk that somebody is found again, by who is looking. Pure.

Definitions: prosecutor, journalist and marketer risk (El Emam and Dankar 2008, El Emam 2013),
as ARX reports them; sample uniques (Dalenius 1986, Skinner and Elliot 2002); distinction and
separation of quasi-identifiers (Motwani and Xu 2007). Everything is counted in distinct persons.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from access.pseudonymisation.classes import classes_of, codes_of, grouped, persons_of
from access.pseudonymisation.disclosure import Counts, combinations


@dataclass(frozen=True, slots=True)
class Risks:
    """
    Shares are between 0 and 1, and 0 when there is nobody.

    :param persons: in the extract; one in two classes is two, a target in each
    :param classes: that hold somebody
    :param highest: the highest prosecutor risk, 1 / the smallest class
    :param average: the average prosecutor risk over persons, which is classes / persons
    :param at_risk: the share of persons whose prosecutor risk is above the threshold
    :param uniques: the share of persons who are alone in their class (sample uniques)
    :param journalist: the highest risk when the attacker does not know who is in the extract,
        1 / the smallest of its classes in the population
    :param marketer: the expected share of persons matched rightly when all are tried at once
    :param expected: the expected number of persons matched rightly, marketer × persons
    """

    persons: int
    classes: int
    highest: float
    average: float
    at_risk: float
    uniques: float
    journalist: float
    marketer: float
    expected: float


@dataclass(frozen=True, slots=True)
class Identifying:
    """
    How well a set of attributes tells persons apart.

    :param distinction: distinct combinations / rows
    :param separation: pairs of rows that differ / all pairs, 0 when there is one row
    """

    attributes: tuple[str, ...]
    distinction: float
    separation: float


def risks(
    table: pa.Table,
    quasi: Sequence[str],
    subject: str | None = None,
    *,
    population: pa.Table | None = None,
    threshold: float = 0.2,
) -> Risks:
    """
    Measure the risks of re-identification of a table.

    :param population: the table that this one was drawn from, with the same quasi-identifiers and
        subjects; without it the extract is its own population, and the three attackers know alike
    :param threshold: above which a person is at risk
    :raises KeyError: when a table has no such column
    :raises ValueError: when the population has fewer persons in a class than the extract
    """
    sample = classes_of(table, quasi, subject)
    held = sample.persons > 0
    size = sample.persons[held]
    if not len(size):
        return Risks(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    whole = (
        size
        if population is None
        else _whole(table, population, quasi, subject)[: len(held)][held]
    )
    if (whole < size).any():
        raise ValueError("The population does not hold the extract.")
    total, expected = int(size.sum()), float((size / whole).sum())
    return Risks(
        persons=total,
        classes=len(size),
        highest=float(1 / size.min()),
        average=len(size) / total,
        at_risk=float(size[1 / size > threshold].sum()) / total,
        uniques=float((size == 1).sum()) / total,
        journalist=float(1 / whole.min()),
        marketer=expected / total,
        expected=expected,
    )


def identifying(
    table: pa.Table, attributes: Sequence[str], subject: str | None = None
) -> Identifying:
    """
    Measure how identifying a set of attributes is, to find which are quasi-identifiers.

    :raises KeyError: when the table has no such column
    """
    size = classes_of(table, attributes, subject).persons
    total = int(size.sum())
    pairs = total * (total - 1)
    alike = int((size * (size - 1)).sum())
    return Identifying(
        attributes=tuple(attributes),
        distinction=float((size > 0).sum()) / total if total else 0.0,
        separation=1 - alike / pairs if pairs else 0.0,
    )


def _whole(
    table: pa.Table, population: pa.Table, quasi: Sequence[str], subject: str | None
) -> Counts:
    """Return the persons of the population in each class, those of the sample coming first."""
    columns = list(dict.fromkeys([*quasi, *([subject] if subject else [])]))
    both = pa.concat_tables(
        [table.select(columns), population.select(columns)], promote_options="permissive"
    )
    codes, person = codes_of(both, quasi), persons_of(both, subject)
    _, group = combinations(codes)
    behind = np.arange(len(group)) >= table.num_rows
    counted = grouped([group[behind]], person[behind])
    found = np.zeros(int(group.max(initial=0)) + 1, np.int64)
    found[group[behind]] = counted.persons[counted.of_row]
    return found
