"""
What may leave: small groups are left out, and those whose values tell too much. Pure.

Values of a group that are too few (distinct l-diversity) or too unlike everybody's (t-closeness)
tell of its persons without naming them: the group is left out, as small ones are. What few facts
known of somebody single out is measured on what would leave. A measure that the dataset does not
demand is not taken.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.extracts.ordering import ahead
from access.extracts.outcomes import Measured
from access.extracts.passes import Bucketed, Gathered, Watch, taken
from access.extracts.ports import (
    DisclosureExceeded,
    EngineError,
    Suggestion,
    TellsTooMuch,
    percent,
)
from access.plans.crossing import Recipe
from access.plans.treatments import NOTHING_LABEL
from access.pseudonymisation.cells import Cells, JoinedCells
from access.pseudonymisation.census import Mask, Tallies, numbered
from access.pseudonymisation.classes import NOBODY
from access.pseudonymisation.disclosure import Counts, Verdict
from access.pseudonymisation.hierarchies import ladder
from access.pseudonymisation.knowledge import PERSONS, Knowledge
from access.pseudonymisation.spreads import Spreads, TooManyValues


@dataclass(frozen=True, slots=True)
class Judged:
    """
    What was decided of the cells of a run.

    :param left_out: by number of cell, None when nothing is checked
    """

    left_out: Mask | None = None
    verdict: Verdict | None = None
    measured: Measured | None = None


NOTHING_JUDGED = Judged()


@dataclass(frozen=True, slots=True)
class _Part:
    rows: Gathered
    columns: dict[str, pa.Array]
    persons: Counts


@dataclass(frozen=True, slots=True)
class Judge:
    """
    Decides what may leave.

    :param frozen: names of cells that an earlier extract of the grant left out
    """

    plan: Recipe
    rows: Bucketed
    buckets: int
    threads: int
    watch: Watch
    frozen: frozenset[bytes]

    def judged(self, cells: Cells | JoinedCells, counted: Tallies) -> Judged:
        """
        Return the cells to leave out, when they are few enough: the small ones, those that were
        left out of an earlier extract of the grant, and those whose values tell too much.

        :raises DisclosureExceeded: when they are not
        :raises EngineError: when there is no row, or a field has too many values to be measured
        """
        left_out = counted.small()
        if self.frozen:
            met = np.flatnonzero(counted.rows > 0)
            names = (name.tobytes() for name in cells.names(met))
            left_out[met[[name in self.frozen for name in names]]] = True
        demanded = self.plan.disclosure
        code = "disclosure" if demanded.l is demanded.t is None else "alike"
        self._few_enough(counted.verdict(left_out), code)
        left_out, measured = self._telling(left_out)
        verdict = counted.verdict(left_out)
        self._few_enough(verdict, code)
        return Judged(left_out, verdict, measured)

    def known(self, judged: Judged) -> Judged:
        """
        Measure what few facts single out of what would leave.

        :raises TellsTooMuch: when it is more than the dataset lets be
        """
        demanded, attributes = self.plan.disclosure, self._named(known=True)
        if demanded.unique is None or not attributes or not self.plan.subject:
            return judged
        seed = int(self.plan.digest[:8], 16)
        sample = self._sample(attributes, judged.left_out)
        if not sample:
            return judged
        knowledge = Knowledge(sample, known=demanded.known, seed=seed)
        for part in self._parts(attributes):
            stays = _staying(part.rows, judged.left_out)
            columns = {
                name: column.filter(pa.array(stays)) for name, column in part.columns.items()
            }
            knowledge.add(columns, part.persons[stays])
        if knowledge.share > demanded.unique:
            raise TellsTooMuch(
                "unique",
                suggestions(self.plan),
                known=knowledge.known,
                share=percent(knowledge.share),
                most=percent(demanded.unique),
            )
        found = judged.measured or Measured()
        measured = replace(found, unique=knowledge.share, known=knowledge.known)
        return replace(judged, measured=measured)

    def _few_enough(self, verdict: Verdict, code: str) -> None:
        if not verdict.rows:
            raise EngineError("no_rows", permanent=True)
        cap = self.plan.disclosure.cap
        if verdict.share > cap or verdict.suppressed == verdict.rows:
            raise DisclosureExceeded(verdict, cap, suggestions(self.plan), code)

    def _telling(self, left_out: Mask) -> tuple[Mask, Measured | None]:
        """Return the cells to leave out, those that tell too much of a sensitive field included."""
        demanded, names = self.plan.disclosure, self._named(known=False)
        if demanded.l is demanded.t is None or not names:
            return left_out, None
        spreads = Spreads(names)
        for part in self._parts(names):
            assert part.rows.cells is not None  # noqa: S101  # only rows of cells are judged
            for name, column in part.columns.items():
                try:
                    spreads.add(name, column, part.rows.cells, part.persons)
                except TooManyValues as error:
                    raise EngineError("many_values", permanent=True, field=error.name) from None
        look = partial(self.watch.look, "checking", self.buckets, self.buckets)
        found = spreads.telling(left_out, l=demanded.l, t=demanded.t, look=look)
        return found, Measured(
            l=None if demanded.l is None else spreads.least_values(found),
            t=None if demanded.t is None else spreads.largest_distance(found),
            groups=int(found.sum()) - int(left_out.sum()),
        )

    def _named(self, *, known: bool) -> list[str]:
        """Return the columns that are sensitive, and those that somebody may know."""
        delivered = self.plan.delivered
        return [each.output for each in delivered if each.sensitive or (known and each.quasi)]

    def _sample(self, names: Sequence[str], left_out: Mask | None) -> dict[str, pa.Array]:
        """
        Draw persons, the first by pseudonym, which are as good as any, and a row of each.

        :returns: nothing where no row was found
        """
        found: list[dict[str, pa.Array]] = []
        count = 0
        for part in self._parts(names):
            stays = np.flatnonzero(_staying(part.rows, left_out) & (part.persons != NOBODY))
            _, first = np.unique(part.persons[stays], return_index=True)
            rows = pa.array(stays[first][: PERSONS - count])
            found.append({name: taken(column, rows) for name, column in part.columns.items()})
            count += len(rows)
            if count >= PERSONS:
                break
        if not found:
            return {}
        return {name: pa.concat_arrays([_plain(each[name]) for each in found]) for name in names}

    def _parts(self, names: Sequence[str]) -> Iterator[_Part]:
        """Yield the rows of each bucket, with some of their columns."""

        def read(bucket: int) -> _Part | None:
            rows = self.rows.gather(bucket)
            if not rows.rows or rows.subjects is None:
                return None
            columns = {
                name: self.rows.restored(name, column)
                for name, column in rows.columns(np.arange(rows.rows))
                if name in names
            }
            persons = numbered(rows.subjects) if rows.persons is None else rows.persons
            return _Part(rows, columns, persons.astype(np.int64))

        for done, part in enumerate(ahead(read, self.buckets, self.threads), 1):
            self.watch.look("checking", done, self.buckets)
            if part is not None:
                yield part


def suggestions(plan: Recipe) -> tuple[Suggestion, ...]:
    """List, for each quasi-identifier, the next coarser form, or none of it at all."""
    found = []
    for treatment in plan.treatments:
        if not treatment.quasi:
            continue
        spec = treatment.ladder
        step = ladder(spec).coarser(treatment.step) if spec else None
        if step is None:
            found.append(Suggestion(treatment.field, "", NOTHING_LABEL))
        else:
            found.append(Suggestion(treatment.field, step.name, step.label, step.values))
    return tuple(found)


def _staying(rows: Gathered, left_out: Mask | None) -> Mask:
    if rows.cells is None or left_out is None:
        return np.ones(rows.rows, bool)
    stays: Mask = ~left_out[rows.cells]
    return stays


def _plain(column: pa.Array) -> pa.Array:
    return (
        pc.cast(column, column.type.value_type) if pa.types.is_dictionary(column.type) else column
    )
