"""What can be worked out of a published table, and what is hidden so that it cannot."""

from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from access.pseudonymisation.suppression import Suppression, bounds, suppress
from access.pseudonymisation.tables import Sensitive

Table = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
SHAPES = st.sampled_from([(2, 2), (2, 3), (3, 3), (1, 3), (4,), (1, 1)])


def margined(inner: npt.NDArray[np.int64]) -> Table:
    """Add the sums at the end of each axis."""
    table = inner.astype(np.float64)
    for axis in range(table.ndim):
        table = np.concatenate([table, table.sum(axis, keepdims=True)], axis)
    return table


def sensitive(table: Table, least: float) -> Sensitive:
    """Make the small inner cells sensitive, up to the threshold."""
    cells = (table > 0) & (table < least)
    return Sensitive(cells, np.where(cells, least - table, 0.0))


@st.composite
def tables(draw: st.DrawFn, largest: int) -> Table:
    shape = draw(SHAPES)
    return margined(draw(arrays(np.int64, shape, elements=st.integers(0, largest))))


@given(st.data())
def test_bounds_are_those_of_every_table_that_could_have_been_published(
    data: st.DataObject,
) -> None:
    shape = data.draw(st.sampled_from([(2, 2), (2, 1), (1, 3), (3,), (4,)]))
    table = margined(data.draw(arrays(np.int64, shape, elements=st.integers(0, 1))))
    hidden = data.draw(arrays(np.bool_, table.shape))
    most = int(2 * table.max() + 2)
    inner = tuple(slice(0, size) for size in shape)
    lower, upper = np.full(table.shape, np.inf), np.zeros(table.shape)
    choices = [
        range(most + 1) if free else (int(value),)
        for free, value in zip(hidden[inner].ravel(), table[inner].ravel(), strict=True)
    ]
    for guess in product(*choices):
        other = margined(np.array(guess, np.int64).reshape(shape))
        if (hidden | (other == table)).all():
            lower, upper = np.minimum(lower, other), np.maximum(upper, other)
    found = bounds(table, hidden)
    assert found.lower.tolist() == lower.tolist()
    # A cell that nothing bounds is as large as the guesses go.
    assert found.upper.tolist() == np.where(upper >= most, np.inf, upper).tolist()


def check(table: Table, rule: Sensitive, found: Suppression, singles: Mask | None) -> None:
    """Look at the promise from outside, with the bounds only."""
    assert not (found.secondary & (table == 0)).any()
    failing = np.zeros(table.shape, np.bool_)
    for place in found.unprotected:
        failing[place] = True
    safe = rule.cells & ~failing
    assert (found.bounds.upper - table >= rule.protection - 1e-6)[safe].all()
    down = np.minimum(rule.protection, table)
    assert (table - found.bounds.lower >= down - 1e-6)[safe].all()
    for knower in np.argwhere(found.hidden & singles) if singles is not None else ():
        known = np.zeros(table.shape, np.bool_)
        known[tuple(knower)] = True
        seen = bounds(table, found.hidden, known)
        assert (seen.upper > seen.lower)[safe & ~known].all()


@given(tables(6), st.integers(2, 4))
def test_no_sensitive_cell_can_be_bounded_closer_than_its_protection(
    table: Table, least: int
) -> None:
    rule = sensitive(table, least)
    found = suppress(table, rule)
    check(table, rule, found, None)
    # What is not protected could not be by hiding every cell that is not empty.
    widest = bounds(table, table > 0)
    for place in found.unprotected:
        assert widest.upper[place] - table[place] < rule.protection[place] or table[
            place
        ] - widest.lower[place] < min(rule.protection[place], table[place])


@given(tables(5))
def test_the_only_contributor_of_a_cell_cannot_work_out_another(table: Table) -> None:
    rule, singles = sensitive(table, 3), table == 1
    check(table, rule, suppress(table, rule, singles), singles)


def test_a_small_cell_takes_the_cheapest_rectangle_with_it() -> None:
    table = margined(np.array([[20, 50, 10], [8, 19, 22], [17, 32, 2]]))
    rule = sensitive(table, 5)
    found = suppress(table, rule)
    assert np.argwhere(found.hidden).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]
    assert found.unprotected == ()
    # Column 2 hides 10 + 2 together; row 2 would allow 17 + 2.
    assert (found.bounds.lower[2, 2], found.bounds.upper[2, 2]) == (0, 12)
    assert bounds(table, rule.cells).upper[2, 2] == 2


def test_in_one_dimension_a_small_cell_takes_the_least_other_with_it() -> None:
    table = margined(np.array([3, 40, 12, 25]))
    found = suppress(table, sensitive(table, 5))
    assert found.hidden.tolist() == [True, False, True, False, False]
    assert (found.bounds.lower[0], found.bounds.upper[0]) == (0, 15)


def test_two_single_contributors_are_not_hidden_behind_each_other() -> None:
    table = margined(np.array([1, 1, 30, 12]))
    rule = sensitive(table, 2)
    assert suppress(table, rule).hidden.sum() == 2
    assert suppress(table, rule, table == 1).hidden.tolist() == [True, True, False, True, False]


def test_where_empty_cells_are_shown_hidden_ones_are_not_taken_to_be_empty() -> None:
    table = margined(np.array([1, 1, 1, 40, 50]))
    rule = sensitive(table, 3)
    # Three hidden cells that hold somebody and three persons in all: one in each.
    assert suppress(table, rule).hidden.sum() == 3
    found = suppress(table, rule, floor=1.0)
    assert found.hidden.tolist() == [True, True, True, True, False, False]
    assert (found.bounds.lower[0], found.bounds.upper[0]) == (1, 40)
    tight = bounds(table, rule.cells, floor=1.0)
    assert (tight.lower[0], tight.upper[0]) == (1, 1)


def test_cells_that_are_to_be_shown_are_no_complement() -> None:
    table = margined(np.array([3, 40, 12, 25]))
    shown = np.array([False, False, True, False, True])
    assert suppress(table, sensitive(table, 5), shown=shown).hidden.tolist() == [
        True, False, False, True, False,
    ]  # fmt: skip


@given(tables(6), st.integers(2, 4))
def test_with_a_floor_the_promise_holds_as_well(table: Table, least: int) -> None:
    rule, singles = sensitive(table, least), table == 1
    found = suppress(table, rule, singles, floor=1.0)
    failing = np.zeros(table.shape, np.bool_)
    for place in found.unprotected:
        failing[place] = True
    safe = rule.cells & ~failing
    assert (found.bounds.upper - table >= rule.protection - 1e-6)[safe].all()
    for knower in np.argwhere(found.hidden & singles):
        known = np.zeros(table.shape, np.bool_)
        known[tuple(knower)] = True
        seen = bounds(table, found.hidden, known, floor=1.0)
        assert (seen.upper > seen.lower)[safe & ~known].all()


def test_a_table_that_cannot_be_protected_says_where() -> None:
    found = suppress(margined(np.array([2, 0, 0])), sensitive(margined(np.array([2, 0, 0])), 1.5))
    assert found.unprotected == ()
    table = margined(np.array([[2, 0], [0, 9]]))
    inner = np.zeros(table.shape, np.bool_)
    inner[0, 0] = True
    rule = Sensitive(inner, np.where(inner, 3.0, 0.0))
    found = suppress(table, rule)
    assert found.unprotected == ()
    # The margins had to go: nothing else could hide it.
    assert found.hidden[0, 2]
    assert found.hidden[2, 0]
    alone = margined(np.array([0, 0]))
    empty = np.array([True, False, False])
    stuck = suppress(alone, Sensitive(empty, np.where(empty, 1.0, 0.0)))
    assert stuck.unprotected == ((0,),)


def test_what_was_hidden_without_need_is_published_again() -> None:
    # The dearer complement of the first cell becomes idle once the second has its own.
    table = margined(np.array([[3, 9, 9], [9, 3, 9], [9, 9, 9]]))
    rule = sensitive(table, 5)
    found = suppress(table, rule)
    check(table, rule, found, None)
    for place in np.argwhere(found.secondary):
        fewer = found.hidden.copy()
        fewer[tuple(place)] = False
        seen = bounds(table, fewer)
        assert (seen.upper - table < rule.protection)[rule.cells].any() or (
            table - seen.lower < np.minimum(rule.protection, table)
        )[rule.cells].any()


def test_a_table_whose_margins_are_not_its_sums_is_refused() -> None:
    for table in (np.array([1.0, 2.0, 4.0]), np.array([-1.0, 2.0, 1.0])):
        with pytest.raises(ValueError, match="margins"):
            bounds(table, table > 0)
