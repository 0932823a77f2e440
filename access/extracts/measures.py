"""
What a dataset demands of an extract beyond the size of its groups, measured bucket by bucket. Pure.

Values of a group that are too few (distinct l-diversity) or too unlike everybody's (t-closeness)
tell of its persons without naming them: the group is left out, as small ones are. What few facts
known of somebody single out is measured on what would leave.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from access.extracts.passes import Bucketed, Gathered, Watch, ahead
from access.extracts.ports import EngineError
from access.plans.crossing import Recipe
from access.pseudonymisation.cells import TooManyCells
from access.pseudonymisation.census import Mask, numbered
from access.pseudonymisation.classes import NOBODY
from access.pseudonymisation.knowledge import PERSONS, Knowledge
from access.pseudonymisation.spreads import Spreads, TooManyValues


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What was found of what leaves; None where it was not demanded.

    :param l: least distinct values of a sensitive field in a group
    :param t: largest distance of a group from all, 0 to 1
    :param unique: share of drawn persons whom ``known`` facts single out
    :param groups: that were left out because of their values
    """

    l: int | None = None  # noqa: E741  # the field's own letter
    t: float | None = None
    unique: float | None = None
    known: int = 0
    groups: int = 0


@dataclass(frozen=True, slots=True)
class Measuring:
    """The rows of a run, to look at again."""

    plan: Recipe
    rows: Bucketed
    buckets: int
    threads: int
    watch: Watch

    @property
    def sensitive(self) -> list[str]:
        """Return the columns whose values must not be told of a group."""
        return [each.output for each in self.plan.delivered if each.sensitive]

    @property
    def attributes(self) -> list[str]:
        """Return the columns of which somebody may know something."""
        return [each.output for each in self.plan.delivered if each.quasi or each.sensitive]

    def telling(self, left_out: Mask) -> tuple[Mask, Measured]:
        """
        Return the cells to leave out, those of ``left_out`` and those that tell too much.

        :raises EngineError: when a sensitive field has too many values to be measured
        """
        demanded = self.plan.disclosure
        if (demanded.l is None and demanded.t is None) or not self.sensitive:
            return left_out, Measured()
        spreads = Spreads(self.sensitive)
        for part in self._parts(self.sensitive):
            if part.rows.cells is None:
                continue
            for name in self.sensitive:
                try:
                    spreads.add(name, part.columns[name], part.rows.cells, part.persons)
                except TooManyValues as error:
                    raise EngineError("many_values", permanent=True, field=error.name) from None
        found = spreads.telling(left_out, l=demanded.l, t=demanded.t)
        return found, Measured(
            l=None if demanded.l is None else spreads.least_values(found),
            t=None if demanded.t is None else spreads.largest_distance(found),
            groups=int(found.sum()) - int(left_out.sum()),
        )

    def unique(self, left_out: Mask | None) -> tuple[float, int] | None:
        """Return the share of persons whom few facts single out, and how many facts; or nothing."""
        demanded = self.plan.disclosure
        if demanded.unique is None or not self.attributes:
            return None
        seed = int(self.plan.digest[:8], 16)
        sample = self._sample(left_out)
        knowledge = Knowledge(sample, known=demanded.known, seed=seed)
        for part in self._parts(self.attributes):
            stays = _staying(part.rows, left_out)
            columns = {name: column.filter(stays) for name, column in part.columns.items()}
            knowledge.add(columns, part.persons[stays])
        return knowledge.share, knowledge.known

    def _sample(self, left_out: Mask | None) -> dict[str, pa.Array]:
        """Draw persons: the first by pseudonym are as good as any, and a row of each."""
        taken: list[dict[str, pa.Array]] = []
        count = 0
        for part in self._parts(self.attributes):
            stays = np.flatnonzero(_staying(part.rows, left_out) & (part.persons != NOBODY))
            _, first = np.unique(part.persons[stays], return_index=True)
            rows = pa.array(stays[first][: PERSONS - count])
            taken.append({name: pc.take(column, rows) for name, column in part.columns.items()})
            count += len(rows)
            if count >= PERSONS:
                break
        return {
            name: pa.concat_arrays([_plain(each[name]) for each in taken])
            for name in self.attributes
        }

    def _parts(self, names: Sequence[str]) -> Iterator["_Part"]:
        def read(bucket: int) -> _Part | None:
            rows = self.rows.gather(bucket)
            if not rows.rows or rows.subjects is None:
                return None
            every = np.arange(rows.rows)
            columns = {
                name: self.rows.restored(name, column)
                for name, column in rows.columns(every)
                if name in names
            }
            persons = numbered(rows.subjects) if rows.persons is None else rows.persons
            return _Part(rows, columns, np.asarray(persons))

        for done, part in enumerate(ahead(read, self.buckets, self.threads), 1):
            self.watch.look("checking", done, self.buckets)
            if part is not None:
                yield part


@dataclass(frozen=True, slots=True)
class _Part:
    rows: Gathered
    columns: dict[str, pa.Array]
    persons: "np.ndarray[tuple[int], np.dtype[np.integer]]"


def _staying(rows: Gathered, left_out: Mask | None) -> Mask:
    if rows.cells is None or left_out is None:
        return np.ones(rows.rows, bool)
    stays: Mask = ~left_out[rows.cells]
    return stays


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if isinstance(column, pa.DictionaryArray) else column
