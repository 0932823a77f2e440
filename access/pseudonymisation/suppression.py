"""
Hide further cells so that the hidden ones cannot be worked out from the margins. Pure.

A table with one or two dimensions and its margins is a network: rows and columns are nodes, cells
are edges, and what may change in hidden cells without changing a published one is a circulation.
The bounds that an attacker can put on a hidden cell are therefore maximum flows, exactly, without a
solver (Cox 1980, Kelly, Golden and Assad 1992; Fischetti and Salazar 2001 for the protection
levels). What is hidden is chosen by cheapest paths: always enough, not always the least.

What holds in the end: who knows the published cells, and that no cell is below 0 (or that no hidden
one is below a floor: where empty cells are shown, a hidden one holds somebody), cannot bound a
sensitive cell closer than its protection; and the only contributor of a cell, who knows their own
amount, cannot work out another sensitive cell. What is not looked at: coalitions of several
contributors, other tables on the same persons, what else one may know of a cell.
"""

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

import numpy as np

from access.pseudonymisation.classes import Shares
from access.pseudonymisation.tables import Mask, Sensitive

_HAIR = 1e-9
_NONE: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    What an attacker can tell of each cell; a published one is its own bounds.

    :param lower: the least that each cell may be
    :param upper: the most, infinite when nothing bounds it
    """

    lower: Shares
    upper: Shares


@dataclass(frozen=True, slots=True)
class Suppression:
    """
    :param primary: the sensitive cells
    :param secondary: those hidden to protect them
    :param unprotected: positions of sensitive cells that could not be protected: the table must not
        be published as it is
    """

    values: Shares
    floor: float
    primary: Mask
    secondary: Mask
    unprotected: tuple[tuple[int, ...], ...]

    @property
    def bounds(self) -> Bounds:
        """Work out, anew at each call, what an attacker can tell."""
        return bounds(self.values, self.hidden, floor=self.floor)

    @property
    def hidden(self) -> Mask:
        """Return all that must not be published."""
        return self.primary | self.secondary


@dataclass(slots=True)
class _Network:
    """
    Cells as edges between the equations that they are in.

    A flow along edge e from tail to head changes its cell by ``sign[e]`` times the flow: an inner
    cell grows, its margins follow.

    :param spare: by how much each cell may shrink
    """

    value: list[float]
    spare: list[float]
    ends: list[tuple[int, int]]
    sign: list[int]
    around: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.around = [[] for _ in range(max(max(pair) for pair in self.ends) + 1)]
        for edge, pair in enumerate(self.ends):
            for node in pair:
                self.around[node].append(edge)

    def room(self, edge: int, tail: int, flow: dict[int, float]) -> float:
        """Return how much more may flow through an edge from one of its ends."""
        ahead = 1 if self.ends[edge][0] == tail else -1
        run = ahead * flow.get(edge, 0.0)
        return (np.inf if self.sign[edge] * ahead > 0 else self.spare[edge]) - run

    def other(self, edge: int, node: int) -> int:
        """Return the other end of an edge."""
        tail, head = self.ends[edge]
        return head if node == tail else tail


def bounds(
    values: Shares, hidden: Mask, known: Mask | None = None, *, floor: float = 0.0
) -> Bounds:
    """
    Work out what the published cells tell of the hidden ones.

    :param values: with margins last, in one or two dimensions, none below 0
    :param known: hidden cells that the attacker knows all the same (their own)
    :param floor: what everybody knows a hidden cell to hold at least, where empty ones are shown
    :raises ValueError: when the margins are not the sums of the cells
    """
    network = _network(values, floor)
    free = hidden if known is None else hidden & ~known
    usable = frozenset(np.flatnonzero(free).tolist())
    lower, upper = values.astype(np.float64).ravel(), values.astype(np.float64).ravel()
    for edge in usable:
        lower[edge] -= _most(network, edge, -1, usable)
        upper[edge] += _most(network, edge, 1, usable)
    return Bounds(lower.reshape(values.shape), upper.reshape(values.shape))


def suppress(
    values: Shares,
    sensitive: Sensitive,
    singles: Mask | None = None,
    *,
    shown: Mask | None = None,
    floor: float = 0.0,
) -> Suppression:
    """
    Hide the sensitive cells, and as few others as paths find, dear ones last.

    Empty cells are never hidden as a complement: that they are empty is often known.

    :param values: with margins last, in one or two dimensions, none below 0
    :param singles: the cells that have one contributor, who knows them
    :param shown: cells that are never hidden as a complement
    :param floor: what everybody knows a hidden cell to hold at least, where empty ones are shown
    :raises ValueError: when the margins are not the sums of the cells
    """
    network = _network(values, floor)
    kept = _NONE if shown is None else frozenset(np.flatnonzero(shown).tolist())
    primary = np.flatnonzero(sensitive.cells).tolist()
    need = sensitive.protection.ravel().tolist()
    alone = _NONE if singles is None else frozenset(np.flatnonzero(singles).tolist())
    hidden = set(primary)
    for edge in sorted(primary, key=lambda each: (-need[each], each)):
        for way, amount in _needs(network, edge, need[edge]):
            _provide(network, edge, way, amount, hidden, barred=kept)
    _hidden_from_singles(network, primary, need, alone, hidden, kept=kept)
    _tidied(network, primary, need, alone, hidden)
    failing = [
        edge for edge in primary if _rests_on(network, edge, need[edge], alone, hidden) is None
    ]
    mask: Mask = np.isin(np.arange(values.size), list(hidden)).reshape(values.shape)
    return Suppression(
        values=values,
        floor=floor,
        primary=sensitive.cells,
        secondary=mask & ~sensitive.cells,
        unprotected=tuple(
            tuple(int(place) for place in np.unravel_index(edge, values.shape)) for edge in failing
        ),
    )


def _network(values: Shares, floor: float) -> _Network:
    """
    Build the network of a table.

    In two dimensions a cell is in the equation of its row and in that of its column; in one, every
    cell is in the same one, written from both sides.
    """
    flat = values.astype(np.float64)
    if not _adds_up(flat) or (flat < 0).any():
        raise ValueError("Cells are not below 0, and margins are the sums of the cells.")
    spare = np.maximum(flat - floor, 0.0).ravel().tolist()
    if flat.ndim == 1:
        count = len(flat)
        signs = [1] * (count - 1) + [-1]
        return _Network(flat.tolist(), spare, [(0, 1)] * count, signs)
    rows, columns = flat.shape
    ends = [(row, rows + column) for row in range(rows) for column in range(columns)]
    margin = [(row == rows - 1) != (head - rows == columns - 1) for row, head in ends]
    return _Network(flat.ravel().tolist(), spare, ends, [-1 if each else 1 for each in margin])


def _adds_up(values: Shares) -> bool:
    return all(
        np.allclose(
            np.take(values, range(values.shape[axis] - 1), axis).sum(axis),
            np.take(values, -1, axis),
        )
        for axis in range(values.ndim)
    )


def _needs(network: _Network, edge: int, need: float) -> Iterator[tuple[int, float]]:
    """Say how far a cell must be able to grow and to shrink; nothing shrinks below the floor."""
    yield 1, need
    yield -1, min(need, network.spare[edge])


def _turn(network: _Network, edge: int, way: int) -> tuple[int, int]:
    """Return from where to where the rest must flow for a cell to grow (1) or to shrink (-1)."""
    tail, head = network.ends[edge]
    return (head, tail) if network.sign[edge] * way > 0 else (tail, head)


def _most(network: _Network, edge: int, way: int, usable: Collection[int]) -> float:
    """Return how far a cell may grow or shrink at all when only usable cells may change."""
    return _flow(network, edge, way, network.spare[edge] if way < 0 else np.inf, usable)[0]


def _provide(  # one cell, one way, and what may be used for it
    network: _Network,
    edge: int,
    way: int,
    amount: float,
    hidden: set[int],
    *,
    barred: frozenset[int],
) -> None:
    """Hide what is cheapest for a cell to be able to grow or shrink by an amount."""
    source, sink = _turn(network, edge, way)
    costs = {
        each: 0.0 if each in hidden else value + 1
        for each, value in enumerate(network.value)
        if (value > 0 or each in hidden) and each != edge and each not in barred
    }
    hidden |= _pushed(network, source, sink, amount, costs)[1]


def _pushed(
    network: _Network, source: int, sink: int, most: float, costs: dict[int, float]
) -> tuple[float, set[int]]:
    """
    Push a flow along cheapest paths, then shortest ones.

    :param costs: of the edges that may be used; an edge once used costs nothing more
    :returns: the flow, at most ``most``, and the edges it used
    """
    costs, done = dict(costs), 0.0
    flow: dict[int, float] = {}
    used: set[int] = set()
    while done < most - _HAIR:
        left = most - done
        path = _cheapest(network, source, sink, left, flow, costs) or _cheapest(
            network, source, sink, _HAIR, flow, costs
        )
        if path is None:
            return done, used
        step = min(left, *(network.room(edge, tail, flow) for edge, tail in path))
        if step == np.inf:
            return step, used
        for edge, tail in path:
            flow[edge] = flow.get(edge, 0.0) + (step if network.ends[edge][0] == tail else -step)
            costs[edge] = 0.0
            used.add(edge)
        done += step
    return done, used


def _cheapest(  # a search and its state
    network: _Network,
    source: int,
    sink: int,
    least: float,
    flow: dict[int, float],
    costs: dict[int, float],
) -> list[tuple[int, int]] | None:
    """Return the cheapest path with room for ``least``, as edges with their tails (Dijkstra)."""
    came: dict[int, tuple[int, int]] = {}
    queue = [(0.0, 0, source, -1, -1)]
    while queue:
        cost, hops, node, by, before = heapq.heappop(queue)
        if node in came:
            continue
        came[node] = (by, before)
        if node == sink:
            return _traced(came, sink)
        for edge in network.around[node]:
            if edge in costs and network.room(edge, node, flow) >= least:
                following = network.other(edge, node)
                heapq.heappush(queue, (cost + costs[edge], hops + 1, following, edge, node))
    return None


def _traced(came: dict[int, tuple[int, int]], sink: int) -> list[tuple[int, int]]:
    path = []
    by, before = came[sink]
    while by >= 0:
        path.append((by, before))
        by, before = came[before]
    return path


def _hidden_from_singles(
    network: _Network,
    primary: list[int],
    need: list[float],
    alone: frozenset[int],
    hidden: set[int],
    *,
    kept: frozenset[int],
) -> None:
    """Hide what keeps the only contributor of a hidden cell from working out another."""
    before = -1
    while before < len(hidden):
        before = len(hidden)
        for edge in primary:
            for knower in sorted(_dangerous(network, edge, need[edge], alone, hidden)):
                for way, amount in _needs(network, edge, need[edge]):
                    if _detour(network, edge, hidden - {knower}) is None:
                        _provide(network, edge, way, amount, hidden, barred=kept | {knower})


def _flow(
    network: _Network, edge: int, way: int, amount: float, usable: Collection[int]
) -> tuple[float, set[int]]:
    """Return how far, up to an amount, a cell may grow or shrink, and on which edges that rests."""
    source, sink = _turn(network, edge, way)
    costs = {each: 0.0 for each in usable if each != edge}
    return _pushed(network, source, sink, amount, costs)


def _detour(network: _Network, edge: int, usable: Collection[int]) -> set[int] | None:
    """Return edges thanks to which a cell cannot be worked out exactly, None when it can."""
    costs = {each: 0.0 for each in usable if each != edge}
    for way in (1, -1) if network.spare[edge] > 0 else (1,):
        path = _cheapest(network, *_turn(network, edge, way), _HAIR, {}, costs)
        if path is not None:
            return {each for each, _ in path}
    return None


def _dangerous(
    network: _Network, edge: int, need: float, alone: frozenset[int], hidden: set[int]
) -> frozenset[int]:
    """Return the single contributors without whose cells a cell might be worked out."""
    rests = _flow(network, edge, 1, need, hidden)[1]
    return alone & (rests or hidden) - {edge}


def _rests_on(
    network: _Network, edge: int, need: float, alone: frozenset[int], hidden: set[int]
) -> set[int] | None:
    """
    Return the hidden cells that the protection of a sensitive one rests on, None without it.

    As long as these are hidden it is protected, whatever else is published.
    """
    found: set[int] = set()
    for way, amount in _needs(network, edge, need):
        done, used = _flow(network, edge, way, amount, hidden)
        if done < amount - _HAIR * max(amount, 1.0):
            return None
        found |= used
    for knower in _dangerous(network, edge, need, alone, hidden):
        detour = _detour(network, edge, hidden - {knower})
        if detour is None:
            return None
        found |= detour
    return found


def _tidied(
    network: _Network,
    primary: list[int],
    need: list[float],
    alone: frozenset[int],
    hidden: set[int],
) -> None:
    """Publish again, dearest first, what the protection does not need."""
    found = {edge: _rests_on(network, edge, need[edge], alone, hidden) for edge in primary}
    rests = {edge: cells for edge, cells in found.items() if cells is not None}
    extra = hidden - set(primary)
    for each in sorted(extra, key=lambda one: (-network.value[one], one)):
        anew = {
            edge: _rests_on(network, edge, need[edge], alone, hidden - {each})
            for edge, cells in rests.items()
            if each in cells
        }
        if None not in anew.values():
            hidden.discard(each)
            rests |= {edge: cells for edge, cells in anew.items() if cells is not None}
