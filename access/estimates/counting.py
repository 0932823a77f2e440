"""
Count, on the real rows of a release, what a plan suppresses, and propose coarser details. Pure.

Oppositions and consents are not looked at: they change from day to day, and an extract counts them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.plans import filters
from access.plans.plan import Plan
from access.plans.terms import FieldSpec
from access.plans.treatments import EXACT_LABEL, NOTHING_LABEL, Treatment, ladders_of
from access.pseudonymisation.hierarchies import EXACT, Ladder, ladder
from access.pseudonymisation.lattice import (
    WITHHELD,
    Loss,
    Node,
    Outcome,
    TooManyNodes,
    lattice_of,
    preview,
    search,
)
from hub.crypto.prf import PSEUDONYM


class CannotCount(Exception):
    """The rows cannot be counted; ``code`` is a key of ``queries.REASONS``."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Level:
    """
    One field at one level.

    :param label: what it is called, a message whose places ``values`` fill
    """

    field: str
    step: str
    label: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Moved:
    """What it would be with one field at another level."""

    level: Level
    share: float


@dataclass(frozen=True, slots=True)
class Counted:
    """
    What was counted.

    :param rows: that the filters keep
    :param share: of the rows that the plan suppresses, 0 to 1
    :param classes: groups that are left
    :param moved: for each field that counts, what another level of it alone would suppress
    :param proposal: the least coarse choice that holds, field by field; empty when none does
    :param proposed_share: what the proposal suppresses
    """

    rows: int
    share: float
    classes: int
    moved: tuple[Moved, ...]
    proposal: tuple[Level, ...]
    proposed_share: float


def count(plan: Plan, fields: Sequence[FieldSpec], rows: pa.Table) -> Counted:
    """
    Count what a plan suppresses of some rows, and what other levels would.

    :param rows: from :func:`kept`
    :raises CannotCount: when there is no row, or the levels are too many to search
    """
    quasi = [each for each in plan.treatments if each.quasi]
    if not rows.num_rows:
        raise CannotCount("no-rows")
    by_name = {field.name: field for field in fields}
    ladders = [(each.field, ladder_of(each, by_name[each.field])) for each in quasi]
    try:
        lattice = lattice_of(
            rows, ladders, plan.subject, k=plan.disclosure.k, loss=Loss.PRECISION, idle=False
        )
    except TooManyNodes:
        raise CannotCount("too-fine") from None
    asked = tuple(
        _level(rungs.levels, climbed, each.step or EXACT)
        for rungs, (_name, climbed), each in zip(lattice.ladders, ladders, quasi, strict=True)
    )
    now, others = preview(lattice, asked)
    best = search(lattice, cap=plan.disclosure.cap).proposal
    return Counted(
        rows=now.rows,
        share=now.share,
        classes=now.classes,
        moved=tuple(_moved(asked, other, ladders) for other in others),
        proposal=tuple(map(_named, ladders, best.levels)) if best else (),
        proposed_share=best.share if best else 0.0,
    )


def columns_for(plan: Plan) -> list[str]:
    """
    Return the columns that counting reads.

    :raises CannotCount: when nothing of the plan identifies persons by crossing, or it delivers
        tables and no row
    """
    if plan.tables:
        raise CannotCount("tables")
    if not plan.subject or not plan.quasi_identifiers:
        raise CannotCount("nothing")
    filtered = {each.field for each in plan.filters}
    return sorted({plan.subject, *plan.quasi_identifiers, *filtered})


def kept(plan: Plan, batch: pa.RecordBatch) -> pa.Table:
    """
    Return the rows of a batch that the filters keep and that name somebody.

    :raises CannotCount: when the persons are not pseudonyms of the vault
    """
    if batch.column(plan.subject).type != PSEUDONYM:
        raise CannotCount("not-keyed")
    types = dict(plan.types)
    keep = np.ones(batch.num_rows, bool)
    for each in plan.filters:
        found = filters.keeps(each, types[each.field], batch.column(each.field))
        keep &= found.to_numpy(zero_copy_only=False)
    quasi = [each.field for each in plan.treatments if each.quasi]
    table = pa.Table.from_batches([batch]).filter(pa.array(keep)).select([plan.subject, *quasi])
    return table.filter(pc.is_valid(table[plan.subject]))


def ladder_of(treatment: Treatment, field: FieldSpec) -> Ladder:
    """Return the ladder that the plan climbs, or the first that the field could."""
    spec = treatment.ladder or next(iter(ladders_of(field)), None)
    return Ladder("", ()) if spec is None else ladder(spec)


def _level(levels: Sequence[str], climbed: Ladder, wanted: str) -> int:
    """Return the level of a step; one that changes nothing here is that of the one before it."""
    names = [EXACT, *(step.name for step in climbed.steps)]
    until = names[: names.index(wanted) + 1]
    return max(levels.index(step) for step in until if step in levels)


def _moved(asked: Node, other: Outcome, ladders: Sequence[tuple[str, Ladder]]) -> Moved:
    place = next(n for n, (a, b) in enumerate(zip(asked, other.node, strict=True)) if a != b)
    return Moved(_named(ladders[place], other.levels[place]), other.share)


def _named(climbed: tuple[str, Ladder], step: str) -> Level:
    field, its = climbed
    if step == WITHHELD:
        return Level(field, step, NOTHING_LABEL, {})
    if step == EXACT:
        return Level(field, step, EXACT_LABEL, {})
    return Level(field, step, its.step(step).label, its.step(step).values)
