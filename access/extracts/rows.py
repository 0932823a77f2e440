"""One batch of rows: choose, pseudonymise, make coarser. Pure; nothing here knows of files."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.extracts.ports import EngineError, ExtractKeys, SubjectSet
from access.plans import filters
from access.plans.plan import Plan
from access.plans.terms import BasisRule
from access.plans.treatments import Action, Treatment
from access.pseudonymisation.cells import Cells, Ids
from access.pseudonymisation.transforms import generalise, is_text, rounded
from catalog.vocabularies.plain_types import PlainType
from hub.crypto.prf import PSEUDONYM, WIDTH, Prf, column_of, matrix_of, prf, pseudonyms

Order = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]


@dataclass(slots=True)
class Tally:
    """How many rows were read, and left out for which reason."""

    read: int = 0
    filtered: int = 0
    opposed: int = 0
    unidentified: int = 0

    @property
    def kept(self) -> int:
        """Return how many rows stay."""
        return self.read - self.filtered - self.opposed - self.unidentified

    def add(self, other: "Tally") -> None:
        """Add the rows of another batch."""
        self.read += other.read
        self.filtered += other.filtered
        self.opposed += other.opposed
        self.unidentified += other.unidentified


def total(tallies: Sequence[Tally]) -> Tally:
    """Add up the tallies of several sources."""
    found = Tally()
    for each in tallies:
        found.add(each)
    return found


@dataclass(frozen=True, slots=True)
class Prepared:
    """
    A batch, treated; the rows that do not stay are still in the columns.

    :param rows: where the rows that stay are
    :param tie: a keyed number for each of them: the order of one person's rows, or of all rows
        without persons
    :param subjects: stage-2 pseudonyms (16 bytes), null where nobody is named; None when the rows
        are not about persons
    :param columns: treated columns, by output name
    :param cells: number of the cell of each row of the columns, None when nothing is checked
    """

    rows: Rows
    tie: Order
    subjects: pa.Array | None
    columns: dict[str, pa.Array]
    cells: Ids | None


class Preparation:
    """
    The steps of a plan, ready for any number of batches and threads.

    :param cells: watches the quasi-identifiers; None when they are not checked
    """

    def __init__(
        self, plan: Plan, keys: ExtractKeys, consent: SubjectSet | None, cells: Cells | None
    ) -> None:
        self._plan = plan
        self._consent = consent
        self._cells = cells
        self._types = dict(plan.types)
        self._order = prf(keys.order, plan.algorithm)
        self._functions: dict[str, Prf] = {}
        for domain in plan.domains:
            if domain.attribute not in keys.pseudonyms:
                raise EngineError("no_key", permanent=True)
            self._functions[domain.attribute] = prf(
                keys.pseudonyms[domain.attribute], plan.algorithm
            )
        if plan.basis is not BasisRule.NONE and consent is None:
            raise EngineError("no_consent_list", permanent=True)

    @property
    def columns(self) -> list[str]:
        """Return the columns of the source that are needed."""
        return list(self._types)

    @property
    def texts(self) -> list[str]:
        """Return those that are texts, to be read as dictionaries."""
        texts = (name for name, kind in self._types.items() if kind is PlainType.TEXT)
        return [name for name in texts if not self._is_key(name)]

    def prepare(self, batch: pa.RecordBatch, first: int, tally: Tally) -> Prepared:
        """
        Treat one batch.

        :param first: number of its first row in the release
        :param tally: rows read and left out are added to it
        :raises EngineError: naming the field, never a value
        """
        rows = self._chosen(batch, tally)
        numbers = rows + first
        if 2 * len(rows) < batch.num_rows:
            batch, rows = batch.take(pa.array(rows)), np.arange(len(rows))
        subjects = self._subjects(batch)
        columns = {
            each.output: self._treated(each, batch.column(each.field), subjects)
            for each in self._plan.delivered
        }
        tie = self._keyed(numbers)
        cells = None
        if self._cells is not None:
            quasi = [columns[each.output] for each in self._plan.delivered if each.quasi]
            cells = self._cells.number(quasi)
        return Prepared(rows, tie, subjects, columns, cells)

    def _is_key(self, name: str) -> bool:
        keyed = {each.field for each in self._plan.treatments if each.action is Action.PSEUDONYM}
        return name == self._plan.subject or name in keyed

    def _chosen(self, batch: pa.RecordBatch, tally: Tally) -> Rows:
        """Return where the rows are that the filters and the persons allow."""
        tally.read += batch.num_rows
        keep = np.ones(batch.num_rows, bool)
        for row_filter in self._plan.filters:
            with _naming(row_filter.field):
                kind = self._types[row_filter.field]
                kept = filters.keeps(row_filter, kind, batch.column(row_filter.field))
                keep &= kept.to_numpy(zero_copy_only=False)
        tally.filtered += batch.num_rows - int(keep.sum())
        if self._consent is not None:
            keys = self._keys(batch)
            named = keys.is_valid().to_numpy(zero_copy_only=False)
            # Nobody can tell whether a person without an identifier opposed: the row stays out.
            tally.unidentified += int((keep & ~named).sum())
            keep &= named
            held = self._consent.holds(matrix_of(keys))
            allowed = held if self._plan.basis is BasisRule.OPT_IN else ~held
            tally.opposed += int((keep & ~allowed).sum())
            keep &= allowed
        return np.flatnonzero(keep)

    def _keys(self, batch: pa.RecordBatch) -> pa.Array:
        column = batch.column(self._plan.subject)
        if column.type != PSEUDONYM:
            raise EngineError("not_keyed", permanent=True, field=self._plan.subject)
        return column

    def _subjects(self, batch: pa.RecordBatch) -> pa.Array | None:
        if not self._plan.subject:
            return None
        return pseudonyms(self._keys(batch), self._functions[self._plan.attribute])

    def _treated(
        self, treatment: Treatment, column: pa.Array, subjects: pa.Array | None
    ) -> pa.Array:
        if treatment.action is Action.PSEUDONYM:
            if treatment.field == self._plan.subject:
                return subjects
            if column.type != PSEUDONYM:
                raise EngineError("not_keyed", permanent=True, field=treatment.field)
            return pseudonyms(column, self._functions[treatment.attribute])
        with _naming(treatment.field):
            if treatment.action is Action.GENERALISE and treatment.ladder:
                return generalise(column, treatment.ladder, treatment.step)
            if treatment.action is Action.ROUND:
                return rounded(column, treatment.step)
        # A key that no treatment asks for must not slip out as it is.
        if column.type == PSEUDONYM:
            raise EngineError("bad_value", permanent=True, field=treatment.field)
        return column.dictionary_encode() if is_text(column.type) else column

    def _keyed(self, numbers: npt.NDArray[np.int64]) -> Order:
        """Return a number that tells nothing of the row's own."""
        message = np.zeros((len(numbers), WIDTH), np.uint8)
        message[:, 8:] = numbers.astype(">u8").view(np.uint8).reshape(-1, 8)
        return heads(column_of(self._order.matrix(message)))


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Turn an error of a column into one that names the field, and quotes no value."""
    try:
        yield
    except (pa.ArrowException, ArithmeticError, LookupError, TypeError, ValueError):
        raise EngineError("bad_value", permanent=True, field=field) from None


def heads(subjects: pa.Array) -> Order:
    """Return the first half of 16-byte values as numbers that sort as the bytes do."""
    return _halves(subjects)[::2].astype(np.uint64)


def tails(subjects: pa.Array) -> Order:
    """Return the other half; the place of a row that names nobody says enough."""
    found = _halves(subjects)[1::2].astype(np.uint64)
    if subjects.null_count:
        found[subjects.is_null().to_numpy(zero_copy_only=False)] = 0
    return found


def _halves(subjects: pa.Array) -> npt.NDArray[np.uint64]:
    return matrix_of(subjects).reshape(-1).view(">u8")


def placed(tie: Order, subjects: pa.Array) -> Order:
    """Place rows by pseudonym; those that name nobody, anywhere."""
    place = heads(subjects)
    if not subjects.null_count:
        return place
    return np.where(subjects.is_valid().to_numpy(zero_copy_only=False), place, tie)
