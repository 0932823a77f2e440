"""
Everything that a dataset demands of an extract, measured on what would leave. Pure.

The demands are the dataset's, never constants: a measure that is not demanded is not taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa

from access.pseudonymisation.closeness import Closeness, closeness
from access.pseudonymisation.diversity import Anonymity, Diversity, anonymity, diversity
from access.pseudonymisation.uniqueness import Uniqueness, uniqueness


class Measure(StrEnum):
    """What may fall short."""

    K = "k-anonymity"
    L = "l-diversity"
    T = "t-closeness"
    UNIQUE = "uniqueness"


@dataclass(frozen=True, slots=True)
class Demands:
    """
    :param k: least persons in a class
    :param l: least values of each sensitive attribute in a class, not measured when None
    :param t: largest distance of a class from the table, 0 to 1, not measured when None
    :param unique: largest share of persons whom ``known`` attributes may single out on average, not
        measured when None
    """

    k: int
    l: int | None = None  # noqa: E741  # the field's own letter
    t: float | None = None
    unique: float | None = None
    known: int = 3


@dataclass(frozen=True, slots=True)
class Shortfall:
    """
    A demand that is not met.

    :param attribute: the sensitive attribute, when the measure has one
    """

    measure: Measure
    attribute: str | None
    found: float
    wanted: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """
    :param diversity: for each sensitive attribute, empty when it was not demanded
    :param closeness: likewise
    :param uniqueness: over quasi-identifiers and sensitive attributes, None when not demanded
    :param shortfalls: why the extract may not leave, empty when it may
    """

    anonymity: Anonymity
    diversity: tuple[tuple[str, Diversity], ...]
    closeness: tuple[tuple[str, Closeness], ...]
    uniqueness: Uniqueness | None
    shortfalls: tuple[Shortfall, ...]


def assess(
    table: pa.Table,
    quasi: Sequence[str],
    sensitive: Sequence[str],
    subject: str | None,
    *,
    demands: Demands,
    seed: int,
) -> Assessment:
    """
    Measure an extract against the demands of its dataset.

    A table without a row meets every demand: it tells of nobody.

    :param seed: of the sampled knowledge; kept with the account so that it can be measured again
    :raises KeyError: when the table has no such column
    """
    attributes = [*quasi, *sensitive]
    hidden = anonymity(table, quasi, subject)
    diverse = () if demands.l is None else sensitive
    close = () if demands.t is None else sensitive
    diversities = tuple((name, diversity(table, quasi, name, subject)) for name in diverse)
    distances = tuple((name, closeness(table, quasi, name, subject)) for name in close)
    unique = None
    if demands.unique is not None and attributes:
        known = min(demands.known, len(attributes))
        unique = uniqueness(table, attributes, subject, known=known, seed=seed)
    measured = Assessment(hidden, diversities, distances, unique, ())
    found = tuple(_shortfalls(measured, demands)) if table.num_rows else ()
    return Assessment(hidden, diversities, distances, unique, found)


def _shortfalls(measured: Assessment, demands: Demands) -> Iterator[Shortfall]:
    if measured.anonymity.k < demands.k:
        yield Shortfall(Measure.K, None, measured.anonymity.k, demands.k)
    for name, diverse in measured.diversity:
        if demands.l is not None and diverse.distinct < demands.l:
            yield Shortfall(Measure.L, name, diverse.distinct, demands.l)
    for name, close in measured.closeness:
        if demands.t is not None and close.t > demands.t:
            yield Shortfall(Measure.T, name, close.t, demands.t)
    if measured.uniqueness is not None and demands.unique is not None:
        share = measured.uniqueness.share
        if share > demands.unique:
            yield Shortfall(Measure.UNIQUE, None, share, demands.unique)
