"""
Tables of results: rows in buckets in, tables out, with the cells hidden that tell too much. Pure.

A person is in one bucket: what each bucket counts adds up. Memory is a bucket and the tables. Of a
table nothing is written before all of them are protected.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.extracts.optimising import Chooser
from access.extracts.ordering import ahead
from access.extracts.outcomes import Outcome, TableOutcome
from access.extracts.passes import Bucketed, Scatter, Watch
from access.extracts.ports import EngineError, Output
from access.extracts.rows import Tally
from access.extracts.writers import WRITERS
from access.plans.plan import Plan
from access.plans.tables import TOTAL, TableSpec
from access.pseudonymisation.cells import TooManyCells
from access.pseudonymisation.census import numbered
from access.pseudonymisation.classes import NOBODY
from access.pseudonymisation.disclosure import Counts
from access.pseudonymisation.suppression import suppress
from access.pseudonymisation.tables import (
    Mask,
    Sensitive,
    Tabulated,
    contributors_rule,
    dominance_rule,
    threshold_rule,
)
from access.pseudonymisation.tabulation import Tabulation
from hub.crypto.prf import Bytes, Prf, matrix_of, pseudonyms

MOST_CELLS = 2048
"""Of one table, totals included: working out what to hide takes minutes beyond."""
_HAIR = 1e-6
_DECIMALS = 6
_ESCAPED = r"^(_+T)$"


@dataclass(frozen=True, slots=True)
class Tables:
    """
    The tables of a plan, written.

    :param hidden: 16-byte names of the cells that are hidden, in order
    :param nobody: rows that name nobody, and are in no table
    """

    outcomes: tuple[TableOutcome, ...]
    hidden: tuple[bytes, ...]
    nobody: int

    def outcome(self, plan: Plan, tally: Tally, consent_digest: str) -> Outcome:
        """Return what was done: no row is delivered, and none is suppressed."""
        return Outcome(
            rows_read=tally.read,
            rows_filtered=tally.filtered,
            rows_opposed=tally.opposed,
            rows_unidentified=tally.unidentified + self.nobody,
            rows_suppressed=0,
            rows_delivered=0,
            persons=None,
            verdict=None,
            suppressed_cells=self.hidden,
            consent_digest=consent_digest,
            columns=(),
            files=tuple(f"{one.name}.{kind}" for one in self.outcomes for kind in plan.formats),
            tables=self.outcomes,
        )


@dataclass(frozen=True, slots=True)
class _Part:
    columns: dict[str, pa.Array]
    person: Counts


def make_tables(  # noqa: PLR0913  # one port each, all by name
    plan: Plan,
    source: Scatter,
    others: Scatter | None,
    *,
    threads: int,
    names: Prf,
    frozen: frozenset[bytes],
    output: Output,
    watch: Watch,
    chooser: Chooser | None = None,
) -> Tables:
    """
    Make the tables of a plan.

    :param others: the rows of the persons in whom these tables differ from earlier ones; a cell in
        which they are too few stays hidden, so that the difference does not tell of them
    :param names: names the cells, the same from one run to the next
    :param frozen: names of the cells that an earlier extract of the grant hid: they stay hidden
    :param chooser: says what else to hide before the rules are asked; None: they choose alone
    :raises EngineError: when a table is too large, an amount is below 0, or a table tells too much
        whatever is hidden
    """
    tabulated, nobody = _tabulated(plan, source, threads, watch)
    differences = (
        _tabulated(plan, others, threads, watch)[0] if others else [None] * len(tabulated)
    )
    hidden: dict[tuple[str, ...], Mask] = {}
    listed = zip(plan.tables, tabulated, differences, strict=True)
    for number, (spec, table, other) in enumerate(listed, 1):
        met = _met(spec, table, names, frozen)
        met = met if other is None else met | _few(spec, table, other)
        mine = _hidden(spec, table, met, chooser)
        # What is hidden of a count is hidden of the sums by the same fields, and the reverse.
        hidden[spec.dimensions] = hidden.get(spec.dimensions, mine) | mine
        watch.look("checking", number, len(plan.tables))
    outcomes, left_out = [], set()
    for spec, table in zip(plan.tables, tabulated, strict=True):
        mask = hidden[spec.dimensions]
        outcomes.append(_written(plan, spec, table, mask, output))
        left_out |= {bytes(name) for name in _names(spec, table, names)[mask.ravel()]}
        watch.look("writing", len(outcomes), len(plan.tables))
    return Tables(tuple(outcomes), tuple(sorted(left_out)), nobody)


def _tabulated(
    plan: Plan, source: Scatter, threads: int, watch: Watch
) -> tuple[list[Tabulated], int]:
    tabulations = [
        Tabulation(
            len(spec.dimensions),
            summed=bool(spec.sum_of),
            largest=max(spec.dominance_n, spec.least, 2) if spec.sum_of else 1,
            most=MOST_CELLS,
        )
        for spec in plan.tables
    ]
    nobody, buckets = 0, source.spill.buckets
    for done, part in enumerate(ahead(lambda one: _gathered(source, one), buckets, threads), 1):
        nobody += int((part.person == NOBODY).sum())
        if part.columns:
            for spec, tabulation in zip(plan.tables, tabulations, strict=True):
                _add(spec, tabulation, part)
        watch.look("checking", done, buckets)
    return [each.tabulated() for each in tabulations], nobody


def _gathered(source: Bucketed, bucket: int) -> _Part:
    rows = source.gather(bucket)
    every = np.arange(rows.rows)
    columns = {name: source.restored(name, column) for name, column in rows.columns(every)}
    # Rows that are about nobody count each for itself.
    return _Part(columns, every if rows.subjects is None else numbered(rows.subjects))


def _add(spec: TableSpec, tabulation: Tabulation, part: _Part) -> None:
    amounts = None
    if spec.sum_of:
        amounts = part.columns[spec.sum_of].cast(pa.float64())
        amounts = pc.if_else(pc.is_nan(amounts), pa.scalar(None, pa.float64()), amounts)
    try:
        tabulation.add([part.columns[name] for name in spec.dimensions], amounts, part.person)
    except TooManyCells:
        raise EngineError(
            "table_wide", permanent=True, fields=" × ".join(spec.dimensions), most=MOST_CELLS
        ) from None
    except ValueError:
        raise EngineError("table_below_nought", permanent=True, field=spec.sum_of) from None


def _hidden(spec: TableSpec, table: Tabulated, met: Mask, chooser: Chooser | None = None) -> Mask:
    """
    Return the cells of a table that are hidden; never the grand total.

    :param met: those that were hidden before
    :param chooser: what it hides is where the rules begin: they hide more where they must
    :raises EngineError: when that does not protect it
    """
    if not table.persons.size or not table.persons.flat[-1]:
        raise EngineError("no_rows", permanent=True)
    counted = not spec.sum_of
    sensitive = _sensitive(spec, table) | Sensitive(
        met, np.where(met, 1.0 if counted else _HAIR, 0.0)
    )
    total = np.zeros(table.values.shape, bool)
    total.flat[-1] = True
    if chooser is not None and sensitive.cells.any():
        chosen = chooser(table.values, sensitive, total) & ~total & (table.values > 0)
        sensitive |= Sensitive(chosen, np.zeros(table.values.shape))
    found = suppress(
        table.values,
        sensitive,
        _alone(spec, table),
        shown=total,
        floor=1.0 if counted else 0.0,
    )
    if found.unprotected or found.hidden.flat[-1]:
        by = " × ".join(spec.dimensions)
        raise EngineError("table_unprotected", permanent=True, fields=by, k=spec.least)
    return found.hidden


def _sensitive(spec: TableSpec, table: Tabulated) -> Sensitive:
    found = threshold_rule(table, spec.least, counted=not spec.sum_of)
    if spec.sum_of:
        found |= contributors_rule(table, spec.least)
        found |= dominance_rule(table, spec.dominance_n, spec.dominance_k)
    return found


def _alone(spec: TableSpec, table: Tabulated) -> Mask:
    """Return the cells that somebody knows, being alone in it or alone to bring something."""
    alone: Mask = table.persons == 1
    return alone | contributors_rule(table, 2).cells if spec.sum_of else alone


def _few(spec: TableSpec, table: Tabulated, other: Tabulated) -> Mask:
    """
    Return the cells of a table that differ from an earlier one's by too few persons.

    :param other: made of these persons alone
    :raises EngineError: when the grand total does
    """
    few = _sensitive(spec, other).cells
    if few.flat[-1]:
        by = " × ".join(spec.dimensions)
        raise EngineError("table_few_changed", permanent=True, fields=by)
    found = np.zeros(table.values.shape, bool)
    places = [
        {label: place for place, label in enumerate([*labels, 0])} for labels in table.labels
    ]
    for cell, is_few in zip(_cells(other.labels), few.ravel(), strict=True):
        known = [place.get(label) for place, label in zip(places, cell, strict=True)]
        if is_few and None not in known:
            found[tuple(known)] = True
    return found


def _met(spec: TableSpec, table: Tabulated, names: Prf, frozen: frozenset[bytes]) -> Mask:
    found = np.zeros(table.values.size, bool)
    if frozen:
        found[:] = [bytes(name) in frozen for name in _names(spec, table, names)]
    return found.reshape(table.values.shape)


def _names(spec: TableSpec, table: Tabulated, function: Prf) -> Bytes:
    """Return a name for each cell, row by row, that tells nothing without the key."""
    texts = [
        json.dumps([spec.dimensions, spec.sum_of, cell], ensure_ascii=False)
        for cell in _cells(table.labels)
    ]
    return matrix_of(pseudonyms(pa.array(texts, pa.string()), function))


def _cells(labels: Sequence[Sequence[str | None]]) -> Iterator[tuple[str | int | None, ...]]:
    """Yield the labels of each cell, row by row; 0 for a total."""
    return product(*([*each, 0] for each in labels))


def _written(
    plan: Plan, spec: TableSpec, table: Tabulated, hidden: Mask, output: Output
) -> TableOutcome:
    rows = _rows(spec, table, hidden)
    for kind in plan.formats:
        with output.create(f"{spec.name}.{kind}") as stream:
            writer = WRITERS[kind](stream, rows.schema)
            writer.write(rows)
            writer.close()
    kinds = tuple((field.name, str(field.type)) for field in rows.schema)
    return TableOutcome(spec.name, kinds, rows.num_rows, int(hidden.sum()))


def _rows(spec: TableSpec, table: Tabulated, hidden: Mask) -> pa.Table:
    """Return a table in long form: a row for each cell, its value missing where it is hidden."""
    columns = []
    for axis in range(len(spec.dimensions)):
        texts = [labels[axis] for labels in _cells(table.labels)]
        columns.append(_labelled(texts))
    mask = hidden.ravel()
    values = table.values.ravel()
    shown = values.round(_DECIMALS) if spec.sum_of else np.rint(values).astype(np.int64)
    columns += [pa.array(shown, mask=mask), pa.array(mask)]
    return pa.table(dict(zip(spec.columns, columns, strict=True)))


def _labelled(texts: Sequence[str | int | None]) -> pa.Array:
    """Write totals as ``_T``, and a value that could be taken for one with one more underscore."""
    plain = pa.array([None if text == 0 else text for text in texts], pa.string())
    escaped = pc.replace_substring_regex(plain, pattern=_ESCAPED, replacement=r"_\1")
    return pc.if_else(pa.array([text == 0 for text in texts]), pa.scalar(TOTAL), escaped)
