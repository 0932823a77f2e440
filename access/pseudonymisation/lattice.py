"""
The search for the least coarse generalisation that hides everybody among k. Pure.

Full-domain generalisation (Samarati 2001, Sweeney 2002): each quasi-identifier has a ladder of
levels, and a *node* of the lattice is a choice of one level for each. What is suppressed never
grows when a level gets coarser, for a class then only merges with others; so one test of a node
settles all that is coarser or all that is finer (El Emam et al. 2009, Kohlmayer et al. 2012).
Rows are summed up once in their distinct combinations; nodes are tested on these.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from access.pseudonymisation.classes import coded, members, persons_of
from access.pseudonymisation.disclosure import Counts, combinations
from access.pseudonymisation.hierarchies import EXACT, Ladder

WITHHELD = "withheld"
"""The name of the level that says nothing: the field is left out."""
Node = tuple[int, ...]
_UNKNOWN, _SMALL, _ENOUGH = 0, -1, 1


class NotNested(ValueError):
    """A level separates what a finer level had merged: pruning would be wrong."""


class TooManyNodes(ValueError):
    """The levels make more nodes than may be looked at."""


class Loss(StrEnum):
    """What is lost, to choose between nodes that hide as well."""

    HEIGHT = "height"
    """The sum of the levels (Samarati; ARX's height)."""
    PRECISION = "precision"
    """The mean of level / highest level: 1 - Prec (Sweeney 2002)."""
    DISCERNIBILITY = "discernibility"
    """The sum of squared class sizes, a suppressed row costing all rows (Bayardo, Agrawal 2005)."""


@dataclass(frozen=True, slots=True)
class Rungs:
    """
    A quasi-identifier at every level, from exact to withheld.

    :param name: of the field
    :param levels: their names, finest first
    :param rows: the code of each row on the finest level
    :param codes: for each level, the code that each finest code becomes
    """

    name: str
    levels: tuple[str, ...]
    rows: Counts
    codes: tuple[Counts, ...]

    def __post_init__(self) -> None:
        """
        Check that each level is a coarser form of the one before.

        :raises NotNested: when it is not
        """
        for finer, coarser in zip(self.codes, self.codes[1:], strict=False):
            if not is_nested(finer, coarser):
                raise NotNested(self.name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    What a choice of levels costs.

    :param levels: the name of the level of each quasi-identifier, in the order they were given
    :param rows: all rows
    :param suppressed: rows in classes of fewer than k persons
    :param classes: classes that are left
    :param loss: by the measure of the search
    """

    node: Node
    levels: tuple[str, ...]
    rows: int
    suppressed: int
    classes: int
    loss: float

    @property
    def share(self) -> float:
        """Return the share of rows to suppress, 0 when there is no row."""
        return self.suppressed / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """
    :param proposal: of the minimal nodes the one that loses least; None when even withholding
        every quasi-identifier suppresses too much
    :param minimal: every node that suffices while no finer one does, in order of loss
    :param tested: how many nodes were counted
    :param nodes: how many there are
    """

    proposal: Outcome | None
    minimal: tuple[Outcome, ...]
    tested: int
    nodes: int


def rungs(
    name: str, column: pa.Array | pa.ChunkedArray, ladder: Ladder, *, idle: bool = True
) -> Rungs:
    """
    Climb a column to every step of its ladder, once for each distinct value.

    Steps that would separate what a finer step has merged (bands of 2 then of 5 years) are left
    out.

    :param idle: whether to keep the steps that change nothing here, as ARX does: they count as
        levels in the loss
    :raises pyarrow.ArrowInvalid: when a value is not of the kind that the ladder climbs
    """
    rows = coded(column)
    first, inverse = combinations([rows])
    if isinstance(column, pa.ChunkedArray):
        column = column.combine_chunks()
    values = column.take(pa.array(first))
    if isinstance(values, pa.DictionaryArray):
        values = values.dictionary_decode()
    names, codes = [EXACT], [np.arange(len(first))]
    for step in ladder.steps:
        code = coded(step.apply(values))
        if is_nested(codes[-1], code) and (idle or not is_nested(code, codes[-1])):
            names.append(step.name)
            codes.append(code)
    names.append(WITHHELD)
    codes.append(np.zeros(len(first), np.int64))
    return Rungs(name, tuple(names), inverse, tuple(codes))


def is_nested(finer: Counts, coarser: Counts) -> bool:
    """Tell whether what is equal on one level is equal on the other."""
    return len(combinations([finer, coarser])[0]) == len(combinations([finer])[0])


class Lattice:
    """
    The nodes of a table, counted on its distinct combinations.

    :param ladders: the quasi-identifiers, equally long
    :param person: the person of each row, ``NOBODY`` where there is none
    :param most: how many nodes there may be
    :raises TooManyNodes: when there are more
    """

    def __init__(
        self,
        ladders: Sequence[Rungs],
        person: Counts,
        *,
        k: int,
        loss: Loss = Loss.HEIGHT,
        most: int = 1_000_000,
    ) -> None:
        self.ladders = tuple(ladders)
        self.shape = tuple(len(each.levels) for each in ladders)
        if int(np.prod([float(size) for size in self.shape])) > most:
            raise TooManyNodes
        self.k = k
        self.rows = len(person)
        self.tested = 0
        self._loss = loss
        first, of_row = combinations([each.rows for each in ladders])
        self._codes = [each.rows[first] for each in ladders]
        self._held = np.bincount(of_row, minlength=len(first))
        pairs = members(of_row, person)
        group, who = of_row[pairs], person[pairs]
        # Who is in one combination only is in one class only, at any node: a count is enough.
        several = np.bincount(who)[who] > 1
        self._settled = np.bincount(group[~several], minlength=len(first))
        self._group, self._who = group[several], who[several]
        self._known: dict[Node, Outcome] = {}

    def outcome(self, node: Node) -> Outcome:
        """Count what a node suppresses; each is counted once."""
        if node not in self._known:
            self.tested += 1
            self._known[node] = self._counted(node)
        return self._known[node]

    def _counted(self, node: Node) -> Outcome:
        coarse = [
            each.codes[level][code]
            for each, level, code in zip(self.ladders, node, self._codes, strict=True)
        ]
        first, number = combinations(coarse)
        rows = np.bincount(number, self._held, len(first)).astype(np.int64)
        persons = np.bincount(number, self._settled, len(first)).astype(np.int64)
        pairs, _ = combinations([number[self._group], self._who])
        persons += np.bincount(number[self._group][pairs], minlength=len(first))
        small = persons < self.k
        return Outcome(
            node=node,
            levels=tuple(
                each.levels[level] for each, level in zip(self.ladders, node, strict=True)
            ),
            rows=self.rows,
            suppressed=int(rows[small].sum()),
            classes=int((~small).sum()),
            loss=self._lost(node, rows, small),
        )

    def _lost(self, node: Node, rows: Counts, small: npt.NDArray[np.bool_]) -> float:
        if self._loss is Loss.HEIGHT:
            return float(sum(node))
        if self._loss is Loss.PRECISION:
            parts = [
                level / max(size - 1, 1) for level, size in zip(node, self.shape, strict=True)
            ]
            return sum(parts) / len(parts)
        kept = rows[~small].astype(np.float64)
        return float((kept**2).sum() + rows[small].sum() * float(self.rows))


def search(lattice: Lattice, *, cap: float) -> Found:
    """
    Find every minimal node and propose the one that loses least.

    Ties are settled by precision, then by the rows suppressed, then by the levels in order: the
    same table gives the same proposal.

    :param cap: the largest share of rows that may be suppressed, 0 to 1
    """
    state = np.zeros(lattice.shape, np.int8)
    for node in _by_height(lattice.shape):
        if state[node] == _UNKNOWN:
            _settle(lattice, _path(node, state), state, cap)
    minimal = sorted(
        (lattice.outcome(node) for node in _minimal(state)),
        key=lambda outcome: (
            outcome.loss,
            _imprecision(outcome.node, lattice.shape),
            outcome.suppressed,
            outcome.node,
        ),
    )
    return Found(
        proposal=minimal[0] if minimal else None,
        minimal=tuple(minimal),
        tested=lattice.tested,
        nodes=state.size,
    )


def preview(lattice: Lattice, node: Node) -> tuple[Outcome, tuple[Outcome, ...]]:
    """
    Tell what a choice of levels suppresses, and what it would with one level moved.

    :returns: the choice itself, then for each quasi-identifier in order every other level of it,
        finest first, the others being left where they are
    :raises IndexError: when a level does not exist
    """
    others = (
        (*node[:place], level, *node[place + 1 :])
        for place, size in enumerate(lattice.shape)
        for level in range(size)
        if level != node[place]
    )
    return lattice.outcome(node), tuple(lattice.outcome(other) for other in others)


def lattice_of(
    table: pa.Table,
    ladders: Sequence[tuple[str, Ladder]],
    subject: str | None = None,
    *,
    k: int,
    loss: Loss = Loss.HEIGHT,
    idle: bool = True,
) -> Lattice:
    """
    Prepare the lattice of a table.

    :param ladders: the quasi-identifiers with their ladders
    :param idle: whether steps that change nothing in this table are levels all the same
    :raises KeyError: when the table has no such column
    :raises TooManyNodes: when there are more than a million
    """
    climbed = [rungs(name, table[name], ladder, idle=idle) for name, ladder in ladders]
    return Lattice(climbed, persons_of(table, subject), k=k, loss=loss)


def _by_height(shape: tuple[int, ...]) -> Iterator[Node]:
    """Go through the nodes from the finest, in an order that is always the same."""
    nodes = np.indices(shape).reshape(len(shape), -1).T
    for position in np.argsort(nodes.sum(axis=1), kind="stable"):
        yield tuple(nodes[position].tolist())


def _path(node: Node, state: npt.NDArray[np.int8]) -> list[Node]:
    """Climb from a node one level at a time while nothing is known, as Flash does."""
    path = [node]
    while True:
        above = (
            (*node[:place], level + 1, *node[place + 1 :])
            for place, level in enumerate(node)
            if level + 1 < state.shape[place]
        )
        following = next((each for each in above if state[each] == _UNKNOWN), None)
        if following is None:
            return path
        path.append(following)
        node = following


def _settle(lattice: Lattice, path: list[Node], state: npt.NDArray[np.int8], cap: float) -> None:
    """Find by halves where a path begins to suffice, and mark all that follows from each test."""
    low, high = 0, len(path)
    while low < high:
        middle = (low + high) // 2
        node = path[middle]
        if lattice.outcome(node).share <= cap:
            state[tuple(slice(level, None) for level in node)] = _ENOUGH
            high = middle
        else:
            state[tuple(slice(0, level + 1) for level in node)] = _SMALL
            low = middle + 1


def _minimal(state: npt.NDArray[np.int8]) -> Iterator[Node]:
    for node in zip(*np.nonzero(state == _ENOUGH), strict=True):
        found = tuple(int(level) for level in node)
        below = (
            (*found[:place], level - 1, *found[place + 1 :])
            for place, level in enumerate(found)
            if level
        )
        if all(state[each] == _SMALL for each in below):
            yield found


def _imprecision(node: Node, shape: tuple[int, ...]) -> float:
    return sum(level / max(size - 1, 1) for level, size in zip(node, shape, strict=True))
